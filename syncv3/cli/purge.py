"""``syncv3 purge``: the copies of one user, device or room are fetched anew.

For when something of them looks wrong, or a user has gone. Without ``--forget`` nothing is lost:
only what the homeserver sends again is deleted. With it go tokens and undelivered to-device
messages, which nobody sends again; so that asks first.
"""

import typer

from syncv3.cli.surroundings import run, stopped
from syncv3.errors import ConfigError
from syncv3.store import emptying

app = typer.Typer(no_args_is_help=True, add_completion=False)
FORGET = typer.Option(
    False, "--forget", help="Also delete tokens, and messages that nobody sends again."
)
YES = typer.Option(False, "--yes", help="Do not ask before --forget.")


@app.callback()
def purge() -> None:
    """Forget what is kept of a user, a device or a room. The service must be stopped."""


@app.command()
def user(user_id: str, forget: bool = FORGET, yes: bool = YES) -> None:
    """Forget a user's rooms, account data and connections; they are fetched anew."""
    _purge(user_id, None, forget=forget, yes=yes)


@app.command()
def device(user_id: str, device_id: str, forget: bool = FORGET, yes: bool = YES) -> None:
    """Forget a device's connections, and fetch its rooms anew."""
    _purge(user_id, device_id, forget=forget, yes=yes)


@app.command()
def room(room_id: str) -> None:
    """Forget a room; whoever is in it fetches it anew."""

    async def work() -> int | None:
        async with stopped() as db:
            return await emptying.purge_room(db, room_id)

    devices = run(work)
    if devices is None:
        raise ConfigError(f"The room {room_id} is not known here.")
    print(f"Done. {devices} devices fetch their rooms anew when the service has started.")


def _purge(user_id: str, device_id: str | None, *, forget: bool, yes: bool) -> None:
    what = user_id if device_id is None else f"{user_id} {device_id}"
    if forget and not yes:
        typer.confirm(f"Delete all that is kept for {what}, for good?", abort=True)

    async def work() -> int:
        async with stopped() as db:
            keys = await emptying.device_keys(db, user_id, device_id)
            if keys and device_id is None:
                await emptying.purge_user(db, user_id, keys)
            if forget:
                await emptying.forget_devices(db, keys)
            else:
                await emptying.purge_devices(db, keys)
            return len(keys)

    if not (devices := run(work)):
        raise ConfigError(f"{what} is not known here.")
    print(f"Done, for {devices} devices.")
