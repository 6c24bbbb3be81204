"""What a client has, at the end, against what is true."""

from tests.simulation.reader import Reader, Violation
from tests.support.room import ENDED


def check(reader: Reader) -> None:
    """What the client has against what is true."""
    for name, asked in reader.lists.items():
        told = reader.has.lists[name]
        order = reader.truth.order(reader.user, asked)
        if told.count != len(order):
            raise Violation(f"{reader.user}: count {told.count} of {name}, true {len(order)}")
        wanted = [order[i] for first, last in asked["ranges"]
                  for i in range(first, last + 1) if i < len(order)]  # fmt: skip
        if (window := reader.window(reader.has.lists, name)) != wanted:
            raise Violation(f"{reader.user}: window {window} of {name}, true {wanted}")
        for room_id in window:
            check_room(reader, room_id)
    for room_id in reader.subscriptions:
        if reader.truth.membership(reader.user, room_id) == "join":
            check_room(reader, room_id)
    for room_id, copy in reader.has.rooms.items():
        over = reader.truth.membership(reader.user, room_id) in ENDED
        if room_id in reader.unheard:
            continue  # joined and left behind a backup's back
        lost = copy.lost and not reader.replaced(room_id)
        if over and not copy.ended and (copy.live or lost):
            raise Violation(f"lost: {reader.user} was never told the end of {room_id}")


def check_room(reader: Reader, room_id: str) -> None:
    copy = reader.has.rooms.get(room_id)
    if copy is None:
        raise Violation(f"lost: {reader.user} was never sent {room_id}")
    where = f"{reader.user} in {room_id}"
    if reader.truth.membership(reader.user, room_id) == "invite":
        if not copy.invite:
            raise Violation(f"{where}: the invite was not told")
        return
    if copy.invite:
        raise Violation(f"{where}: the join was not told")
    seen = reader.truth.seen(reader.user, room_id)
    last = copy.events[-1] if copy.events else None
    if last != seen[-1] and (last is not None or reader.limit_of(room_id) > 0):
        raise Violation(f"lost: {where} ends with {reader.tell(room_id, copy.events[-3:])},"
                        f" true {reader.tell(room_id, seen[-3:])}")  # fmt: skip
    if copy.name != reader.truth.name(room_id):
        raise Violation(f"{where}: name {copy.name}, true {reader.truth.name(room_id)}")
    topic = reader.truth.world.rooms[room_id].current.get(("m.room.topic", ""))
    if topic is not None and copy.topic != topic.event["event_id"]:
        raise Violation(f"{where}: the topic is not {topic.event['content']}")
    if copy.counts != reader.truth.unread(reader.user, room_id):
        raise Violation(
            f"{where}: counts {copy.counts}, true {reader.truth.unread(reader.user, room_id)}"
        )


def check_screenful(reader: Reader) -> None:
    """A connection that begins when all history has been fetched is told as much as it asks for."""
    for room_id, copy in reader.has.rooms.items():
        if reader.truth.membership(reader.user, room_id) != "join" or not copy.events:
            continue
        seen = reader.truth.seen(reader.user, room_id)
        stay = seen[reader.truth.joined_at(reader.user, room_id, seen[-1]) :]
        wanted = stay[-reader.limit_of(room_id) :]
        if list(copy.events) != wanted:
            raise Violation(
                f"lost: {reader.user} was shown {reader.tell(room_id, copy.events)} of {room_id},"
                f" not {reader.tell(room_id, wanted)}"
            )


def check_transactions(reader: Reader) -> None:
    """A connection that begins when everything has come in is told each transaction ID."""
    for room_id, copy in reader.has.rooms.items():
        for event_id in copy.events if room_id not in reader.gapped else ():
            stored = reader.truth.world.rooms[room_id].find(event_id)
            assert stored is not None
            own = stored.owner == (reader.user, reader.device.device_id)
            if own and event_id not in reader.named:
                raise Violation(f"lost: the transaction ID of {reader.tell(room_id, [event_id])}")
