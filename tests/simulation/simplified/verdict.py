"""What a client has, once all has come in, against what is true."""

from collections.abc import Mapping

from tests.simulation.reader import Violation
from tests.simulation.simplified.asks import MEMBER, Shape, StateKey
from tests.simulation.simplified.client import Client
from tests.simulation.simplified.copies import Copy
from tests.simulation.simplified.extensions import is_owed, newest_receipts
from tests.simulation.simplified.sight import Sight
from tests.support.room import ENDED, Stored


def check(client: Client, *, exact: bool) -> None:
    """Raises ``Violation``. ``exact``: the server has all that the homeserver has."""
    windows = check_lists(client)
    for room_id in client.has.rooms:
        check_end(client, room_id)
    shown = {
        room for rooms in windows.values() for room in rooms
    } | client.asks.subscriptions.keys()
    for room_id in sorted(shown):
        shapes = client.asks.shapes_of(room_id, windows)
        sight = client.sights.of(client.user, room_id)
        if sight.own is not None and not (sight.is_ended and room_id not in client.has.rooms):
            Room(client, room_id, shapes, exact=exact).check()
    check_extensions(client, windows)


def check_lists(client: Client) -> Mapping[str, list[str]]:
    """Counts, and windows where they were said. The rooms in each window, as they should be."""
    windows = {}
    for name, ask in client.asks.lists.items():
        heard = client.speech.heard(ask)
        order = client.sights.order(client.user, heard, stable=client.speech.stable)
        if (count := client.has.counts[name]) != len(order):
            raise Violation(f"count: {client}: {count} of {name}, true {len(order)}: {order}")
        windows[name] = heard.window(order)
        told = client.has.windows[name]
        if told is not None and list(told) != windows[name]:
            raise Violation(f"window: {client}: {told} of {name}, true {windows[name]}")
    return windows


def check_end(client: Client, room_id: str) -> None:
    """No room stays on the client that its user has left (S-82, S-83, S-242)."""
    copy, sight = client.has.rooms[room_id], client.sights.of(client.user, room_id)
    if not client.asks.wants_rooms or room_id in client.unheard:
        return
    if sight.is_ended and copy.membership not in ENDED:
        raise Violation(f"stuck: {client}: {room_id} is {copy.membership}, true"
                        f" {sight.membership}")  # fmt: skip


class Room:
    """One room that the client is shown."""

    def __init__(
        self, client: Client, room_id: str, shapes: list[Shape], *, exact: bool
    ) -> None:  # fmt: skip
        self.client = client
        self.user = client.user
        self.room_id = room_id
        self.shapes = shapes
        self.exact = exact
        self.sights = client.sights
        self.sight: Sight = client.sights.of(client.user, room_id)

    def fail(self, kind: str, what: str) -> Violation:
        return Violation(f"{kind}: {self.client} in {self.room_id}: {what}")

    def check(self) -> None:
        copy = self.client.has.rooms.get(self.room_id)
        if copy is None:
            raise self.fail("lost", "was never sent")
        if copy.membership != self.sight.membership:
            true = self.sight.membership
            raise self.fail("membership", f"is {copy.membership}, true {true}")
        if (copy.invite is not None) != self.sight.is_invited:
            raise self.fail("membership", f"the invite is {copy.invite}")
        if self.sight.is_invited or self.sight.is_stranger or (self.sight.is_ended and copy.open):
            return  # of what the user was only invited to nothing more is owed
        self.check_timeline(copy)
        self.check_state(copy)
        self.check_fields(copy)

    # -- timelines -------------------------------------------------------------------

    def check_timeline(self, copy: Copy) -> None:
        """It ends with the newest event, and with what is fetched it is whole."""
        limit = max(shape.limit for shape in self.shapes)
        events = [stored.event["event_id"] for stored in self.sight.events]
        if not limit:
            return
        if not copy.events or copy.events[-1] != events[-1]:
            raise self.fail("lost", f"ends with {copy.events[-1:]}, true {events[-3:]}")
        if self.sight.is_ended:
            return  # what the user might have fetched when they were back in between is past
        whole = set(copy.events)
        for event_id, token in copy.breaks.items():
            whole.update(self.fetched(copy, event_id, token))
        first = min(self.sight.places[event] for event in whole)
        missing = [event for event in events if event not in whole]
        if missing and not (copy.open and self.sight.places[missing[-1]] < first):
            raise self.fail("lost", f"{missing} cannot be fetched")
        run = self.run(copy)
        if self.exact and run < min(limit, len(events)) and not copy.open:
            raise self.fail("short", f"{run} events are at hand, {limit} wanted (S-200)")

    def fetched(self, copy: Copy, event_id: str, token: str) -> list[str]:
        """What paging back from a hole brings, up to what the client has."""
        place, found = self.sight.places[event_id], []
        for each in self.sights.messages(self.user, self.room_id, token):
            if self.sight.places[each] < place and each in copy.events:
                break
            found.append(each)
        return found

    def run(self, copy: Copy) -> int:
        """How many events there are without a hole, from the newest back."""
        places = [self.sight.places[event] for event in copy.events]
        count = 1
        while count < len(places) and places[-count - 1] == places[-count] - 1:
            count += 1
        return count

    # -- state -----------------------------------------------------------------------

    def check_state(self, copy: Copy) -> None:
        """All that is asked for is there, and is what it is now (S-240 to S-244)."""
        state = self.sights.state(self.user, self.room_id)
        excluding = self.client.speech.stable
        selections = [shape.selection for shape in self.shapes]
        for key, stored in state.items():
            wanted = any(s.selects(key, self.user, excluding=excluding) for s in selections)
            unknown = key[0] == MEMBER and key[1] != self.user and not self.exact
            if wanted and not unknown:
                self.check_entry(copy, key, stored)
        if any(s.is_lazy(excluding=excluding) for s in selections) and self.sight.is_joined:
            for user in sorted(copy.sure):
                if (MEMBER, user) in state:
                    self.check_entry(copy, (MEMBER, user), state[(MEMBER, user)])

    def check_entry(self, copy: Copy, key: StateKey, stored: Stored) -> None:
        event = copy.state.get(key)
        if event is None or event["event_id"] != stored.event["event_id"]:
            has = event and (event["event_id"], event["content"])
            raise self.fail("state", f"{key} is {has}, true {stored.event}")

    # -- fields ----------------------------------------------------------------------

    def check_fields(self, copy: Copy) -> None:
        name = self.sights.name(self.user, self.room_id)
        others = self.sight.is_joined and self.sights.heroes(self.user, self.room_id)
        if copy.name != name and (name or others or self.client.speech.stable):
            raise self.fail("name", f"is {copy.name!r}, true {name!r}")
        avatar = self.sights.avatar(self.user, self.room_id)
        if copy.avatar != avatar and (avatar or self.client.speech.stable):
            raise self.fail("avatar", f"is {copy.avatar!r}, true {avatar!r}")
        if self.sight.is_joined:
            self.check_counts(copy, name)
        if copy.bump is None:
            raise self.fail("bump", "no bump_stamp")
        if self.client.speech.stable and copy.is_dm != self.is_dm():
            raise self.fail("is_dm", f"is {copy.is_dm}, true {self.is_dm()}")

    def is_dm(self) -> bool:
        return self.room_id in self.sights.direct(self.user)

    def check_counts(self, copy: Copy, name: str | None) -> None:
        """S-274, S-276."""
        if copy.counts != (counts := self.sights.counts(self.room_id)):
            raise self.fail("counts", f"are {copy.counts}, true {counts}")
        if name is not None:
            return
        wanted = self.sights.heroes(self.user, self.room_id)
        heroes = [hero["user_id"] for hero in copy.heroes or ()]
        if heroes != wanted[:5] if self.exact else not set(heroes) <= set(wanted):
            raise self.fail("heroes", f"are {heroes}, true {wanted}")
        state = self.sights.state(self.user, self.room_id)
        for hero in copy.heroes or ():
            content = state[(MEMBER, hero["user_id"])].event["content"]
            if hero.get("displayname") != content.get("displayname"):
                raise self.fail("heroes", f"{hero}, true {content}")


def check_fresh(client: Client) -> None:
    """What only the entries of a connection that just began are held to."""
    for room_id, copy in client.has.rooms.items():
        if copy.is_dm != (room_id in client.sights.direct(client.user)):
            raise Violation(f"is_dm: {client}: of {room_id} is {copy.is_dm}")
        joined = copy.membership == "join" and not client.speech.stable
        unread = client.sights.truth.unread(client.user, room_id) if joined else copy.unread
        if copy.unread != unread:
            raise Violation(f"unread: {client}: {copy.unread} of {room_id}, true {unread}")


def shown_by(client: Client) -> set[str]:
    """The rooms of which the client is shown a timeline. Of others it need not be told that
    they are busy (S-172)."""
    shown = {room for room, shape in client.asks.subscriptions.items() if shape.limit}
    for ask in map(client.speech.heard, client.asks.lists.values()):
        order = client.sights.order(client.user, ask, stable=client.speech.stable)
        shown.update(ask.window(order) if ask.shape.limit else ())
    return shown


def check_stamps(clients: list[Client]) -> None:
    """Connections of one user have the same stamps, and a later one none that is older."""
    stamps: dict[tuple[str, str], tuple[int | None, str]] = {}
    for client in clients:
        for room_id in shown_by(client) & client.has.rooms.keys():
            copy = client.has.rooms[room_id]
            bump, _ = stamps.setdefault((client.user, room_id), (copy.bump, str(client)))
            if bump != copy.bump:
                raise Violation(f"bump: {client}: {room_id} has {copy.bump}, but"
                                f" {stamps[(client.user, room_id)]}")  # fmt: skip


def check_extensions(client: Client, windows: Mapping[str, list[str]]) -> None:
    """Nothing lost: account data, receipts, device lists."""
    asks, extras, world = client.asks, client.has.extras, client.sights.world
    own = [d for d in world.account_data if d.user_id == client.user]
    if "account_data" in asks.extensions:
        scope = asks.scope_of("account_data", windows)
        for datum in own:
            told = (extras.room_data.get((datum.room_id, datum.type)) if datum.room_id
                    else extras.account_data.get(datum.type))  # fmt: skip
            true = world.account_datum(client.user, datum.type, datum.room_id)
            inside = datum.room_id is None or (
                datum.room_id in scope and client.sights.of(client.user, datum.room_id).is_joined
            )
            if inside and told != true:
                raise Violation(f"lost: {client}: {datum.type} of {datum.room_id} is {told},"
                                f" true {true}")  # fmt: skip
    if "receipts" in asks.extensions:
        for room_id in asks.scope_of("receipts", windows) & client.has.rooms.keys():
            check_receipts(client, room_id)
    check_devices(client)


def check_receipts(client: Client, room_id: str) -> None:
    copy, sight = client.has.rooms[room_id], client.sights.of(client.user, room_id)
    for reading, receipt in newest_receipts(client.sights, client.user, room_id).items():
        told = client.has.extras.receipts.get(reading)
        owed = copy.receipts and is_owed(copy, sight, client.user, receipt)
        if owed and told != receipt.event_id:
            raise Violation(f"lost: {client}: {reading} is {told}, true {receipt}")


def check_devices(client: Client) -> None:
    """Whoever's devices have changed since the connection began was named since (S-369)."""
    extras = client.has.extras
    if "e2ee" not in client.asks.extensions or extras.began is None:
        return
    for change in client.sights.world.device_lists:
        if change.observer != client.user or change.position <= extras.began:
            continue
        if extras.devices.get(change.target, 0) < change.position:
            raise Violation(f"lost: {client}: the devices of {change.target} have changed")
