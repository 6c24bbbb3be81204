"""Parts with very much for the device, cut into pieces."""

from collections import Counter
from dataclasses import replace

import pytest

from syncv3.batch import AccountData, DeviceData, JoinedRoom, Lease, Part
from syncv3.ingest import pieces
from syncv3.ingest.pieces import digest_of_message, digests_in, pieces_of, without_taken
from syncv3.types import DeviceID, DeviceKey, RoomID, UserID, UserKey

PART = Part(
    user_id=UserID("@alice:hs"), device_id=DeviceID("PHONE"), user_key=UserKey(1),
    lease=Lease(DeviceKey(2), "w", 1), since="s1", next_since="s2", generated_us=7,
    joined={RoomID("!room:hs"): JoinedRoom(limited=True)},
    account_data=(AccountData("m.x", b"{}"),), presence=(b"{}",),
)  # fmt: skip


def part_of(messages: int, changed: int = 0, left: int = 0) -> Part:
    device = DeviceData(
        to_device=tuple(b'{"n":%d}' % n for n in range(messages)),
        changed=tuple(UserID(f"@c{n}:hs") for n in range(changed)),
        left=tuple(UserID(f"@l{n}:hs") for n in range(left)),
        one_time_keys=b"{}",
        fallback_key_types=b"[]",
    )
    return replace(PART, device=device)


@pytest.mark.parametrize("part", [part_of(0), part_of(500), part_of(300, 100, 100)])
def test_an_ordinary_part_stays_whole(part: Part) -> None:
    assert list(pieces_of(part)) == [part]


@pytest.mark.parametrize(("messages", "changed", "left"), [
    (501, 0, 0), (8_000, 0, 0), (0, 1200, 700), (499, 1, 1), (1200, 700, 3),
])  # fmt: skip
def test_a_large_one_is_cut_and_nothing_is_lost(messages: int, changed: int, left: int) -> None:
    part = part_of(messages, changed, left)
    cut = list(pieces_of(part))
    for name in ("to_device", "changed", "left"):
        joined = [entry for piece in cut for entry in getattr(piece.device, name)]
        assert joined == list(getattr(part.device, name))
    for piece in cut:
        device = piece.device
        assert len(device.to_device) + len(device.changed) + len(device.left) <= 500
    *before, last = cut
    assert all(piece.next_since is None and piece.since == "s1" for piece in before)
    assert last.next_since == "s2" and last.forgets_notes
    assert (last.device.one_time_keys, last.device.fallback_key_types) == (b"{}", b"[]")
    assert all(piece.device.one_time_keys is None for piece in before)
    assert [bool(piece.joined) for piece in cut] == [True] + [False] * len(before)
    assert [len(piece.account_data) for piece in cut] == [1] + [0] * len(before)
    assert [len(piece.presence) for piece in cut] == [0] * len(before) + [1]


def test_large_messages_make_more_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "PIECE_BYTES", 20)
    sizes = [len(piece.device.to_device) for piece in pieces_of(part_of(10))]
    assert sizes == [2, 2, 2, 2, 2]
    huge = replace(PART, device=DeviceData(to_device=(b"x" * 50, b"y")))
    assert [len(piece.device.to_device) for piece in pieces_of(huge)] == [1, 1]


def test_what_was_noted_is_left_out_whatever_its_order() -> None:
    messages = (b"a", b"b", b"a", b"c", b"a")
    noted = [b"".join(map(digest_of_message, piece)) for piece in ((b"c", b"a"), (b"a",))]
    taken = digests_in(noted)
    assert taken == Counter({digest_of_message(b"a"): 2, digest_of_message(b"c"): 1})
    part = replace(PART, device=DeviceData(to_device=messages))
    assert without_taken(part, taken).device.to_device == (b"b", b"a")
    assert taken[digest_of_message(b"a")] == 2  # which is the caller's
