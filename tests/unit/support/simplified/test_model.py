"""What a client takes from answers, and which answers cannot follow each other."""

import pytest

from tests.support.room import JSON
from tests.support.simplified.model import Contradiction, KnownRoom, Model
from tests.support.simplified.wire import Dialect
from tests.unit.support.simplified.making import ME, ROOM, answer, entry, event, own, state

U, S = Dialect.U, Dialect.S
A, B, C, D, E = [event(f"${letter}") for letter in "ABCDE"]


def after(*entries: JSON, dialect: Dialect = U) -> KnownRoom:
    """The room after these entries, of which the first is initial."""
    model = Model(ME)
    for number, one in enumerate(entries):
        first: JSON = {"initial": True, "bump_stamp": 1} if number == 0 else {}
        model.take(answer({ROOM: one | first}, dialect))
    return model.rooms[ROOM]


def holes(room: KnownRoom) -> list[str]:
    return room.timeline.inner_holes


@pytest.mark.rules("S-537", "S-242")
def test_membership_is_what_stripped_state_or_the_own_event_says() -> None:
    stripped = {"invite_state": [{"type": "m.room.member", "state_key": ME,
                                  "content": {"membership": "knock"}}]}  # fmt: skip
    assert after(entry([A])).membership == "join"
    assert after(stripped).membership == "knock"
    assert after(stripped, entry([A])).membership == "join"
    assert after(entry([A]), entry([], [own("ban")])).membership == "ban"


@pytest.mark.rules("S-290")
def test_membership_in_the_stable_form_is_what_it_says() -> None:
    invite = {"is_dm": True, "membership": "invite"}
    assert after(entry([A]), invite, dialect=S).membership == "invite"
    with pytest.raises(Contradiction):
        after(entry([A], [own("join")], membership="leave"), dialect=S)


@pytest.mark.rules("S-537", "S-193")
def test_a_limited_timeline_leaves_a_hole() -> None:
    room = after(entry([A]), entry([B]), entry([D], limited=True), entry([E]))
    assert room.timeline.ids == ["$A", "$B", "$D", "$E"]
    assert holes(room) == ["$D"]
    assert room.timeline.since_last_hole() == ["$D", "$E"]


@pytest.mark.rules("S-200", "S-204")
def test_an_expanded_timeline_takes_the_place_of_what_was_known() -> None:
    longer: JSON = {"unstable_expanded_timeline": True}
    room = after(entry([C, D], limited=True), entry([A, B, C, D], **longer))
    assert (room.timeline.ids, holes(room)) == (["$A", "$B", "$C", "$D"], [])
    filled = after(entry([A]), entry([D], limited=True), entry([B, C, D], limited=True, **longer))
    assert (filled.timeline.ids, holes(filled)) == (["$A", "$B", "$C", "$D"], ["$B"])
    met = after(entry([A, B]), entry([D], limited=True), entry([B, C, D], limited=True, **longer))
    assert (met.timeline.ids, holes(met)) == (["$A", "$B", "$C", "$D"], [])


@pytest.mark.rules("S-192", "S-200", "S-175")
@pytest.mark.parametrize(
    "entries",
    [
        [entry([A, B]), entry([B, C])],
        [entry([A, B]), entry([B, D], unstable_expanded_timeline=True),
         entry([C, D], unstable_expanded_timeline=True)],
        [entry([A, B]), entry([A], unstable_expanded_timeline=True)],
    ],
    ids=["twice", "between", "lost"],
)  # fmt: skip
def test_what_cannot_be_is_refused(entries: list[JSON]) -> None:
    with pytest.raises(Contradiction):
        after(*entries)


@pytest.mark.rules("S-175")
def test_a_room_that_is_new_but_not_initial_is_refused() -> None:
    with pytest.raises(Contradiction):
        Model(ME).take(answer({ROOM: entry([A])}))


@pytest.mark.rules("S-175")
def test_an_initial_entry_replaces_everything() -> None:
    topic = state("$t", "m.room.topic", {})
    room = after(entry([A], [topic], name="Kitchen"), entry([B], initial=True))
    assert (room.timeline.ids, room.state, room.name) == (["$B"], {}, None)


@pytest.mark.rules("S-271", "S-272")
def test_a_name_goes_by_its_event_or_by_null() -> None:
    named = entry([A], name="Kitchen", avatar="mxc://a/b")
    gone = [state("$n", "m.room.name", {}), state("$v", "m.room.avatar", {})]
    for room in (after(named, entry([], gone)),
                 after(named, {"name": None, "avatar": None}, dialect=S)):  # fmt: skip
        assert (room.name, room.avatar) == (None, None)
    again = [state("$n", "m.room.name", {"name": "Kitchen"})]
    assert after(named, entry([], again)).name == "Kitchen"
    assert after(named, entry([B])).name == "Kitchen"


@pytest.mark.rules("S-245")
def test_a_stub_takes_state_away() -> None:
    stub = {"type": "m.room.topic", "state_key": ""}
    room = after(entry([A], [state("$t", "m.room.topic", {})]), entry([], [stub]), dialect=S)
    assert room.state == {}


@pytest.mark.rules("S-277")
def test_a_direct_chat_is_told_with_every_entry_or_when_it_changes() -> None:
    assert not after(entry([A], is_dm=True), entry([B])).is_dm
    assert after(entry([A], is_dm=True), entry([B]), dialect=S).is_dm
    assert not after(entry([A], is_dm=True), {"is_dm": False}, dialect=S).is_dm


@pytest.mark.rules("S-391", "S-377")
def test_extensions_add_up() -> None:
    def receipt(event_id: str) -> JSON:
        content = {event_id: {"m.read": {"@al:hs": {"ts": 1}}}}
        return {"rooms": {ROOM: {"type": "m.receipt", "content": content}}}

    def data(kind: str, number: int) -> JSON:
        events = [{"type": kind, "content": {"n": number}}]
        return {"global": events, "rooms": {ROOM: events}}

    model = Model(ME)
    for number, (event_id, kind) in enumerate((("$A", "a"), ("$B", "a"), ("$B", "b"))):
        extensions = {"receipts": receipt(event_id), "account_data": data(kind, number)}
        model.take(answer({}, extensions=extensions))
    assert model.receipts == {ROOM: {("@al:hs", "m.read", ""): "$B"}}
    assert model.account_data == {"a": {"n": 1}, "b": {"n": 2}}
    assert model.room_data == {ROOM: model.account_data}
