"""A device that another proxy has polled so far: its ``since`` goes on, its rooms come beside it.

The other proxy has stored a ``since`` N, and the messages up to there were taken over. The rooms
were not; they come with an answer to a question without ``since``. But whoever goes on from that
answer's token F acknowledges all messages up to F, and is told no device list change before F. So:

1. *Catch up.* Ask from N without rooms, store what comes and go on from there, until an answer
   has no message. Each question acknowledges what the one before has brought. Now all is stored
   up to a token M, and the homeserver has nothing older left.
2. *Ask for all.* The answer has the rooms, and the messages after M.
3. *Ask from M, without rooms.* Only the device lists of this answer are stored, before the full
   one: it says nothing of them, and this one covers everything from M to behind F.
4. *Store the full answer.* ``since`` becomes F with its last part, in the same transaction in
   which the rooms are no longer due.

Somebody could send messages without end, to keep the rooms away. So the first step has an end;
messages that the last of its answers has brought are then left out of the full one.

If a process ends anywhere in between, the next one begins with the first step, from the ``since``
that is stored: what it acknowledges is stored as well.
"""

from collections.abc import Sequence
from contextlib import closing
from typing import Final, Protocol

from syncv3.ingest.intake import Intake
from syncv3.upstream.body import SyncBody

ROUNDS: Final = 20
"""So many answers with messages are taken in before the rooms."""


class AskAtOnce(Protocol):
    """Asks the homeserver for one answer, which comes at once."""

    async def __call__(self, since: str | None, *, no_rooms: bool) -> SyncBody: ...


async def hand_over(intake: Intake, ask: AskAtOnce) -> None:
    """Does all four steps of the module.

    Raises what ``ask`` and ``Intake.take_in`` raise. The caller then begins again with the first
    step.
    """
    messages: Sequence[bytes] = ()
    for _ in range(ROUNDS):
        messages = await intake.take_in_device(await ask(intake.since, no_rooms=True))
        if not messages:
            break
    whole = await ask(None, no_rooms=False)
    with closing(whole):
        await intake.take_in_lists(await ask(intake.since, no_rooms=True))
        await intake.take_in(whole, anew=True, taken=messages)
