"""What a ``pos`` names, and for whom."""

from typing import Any

import pytest

from syncv3.cache.cache import Cache
from syncv3.engine.positions import NOWHERE, Positions
from syncv3.engine.stored import rewound
from syncv3.engine.view import ListState, Sent, View
from syncv3.errors import UnknownPosition
from syncv3.protocol.pos import Signer, SigningKeys
from syncv3.protocol.request import ListSpec
from syncv3.types import Device, DeviceID, DeviceKey, UserKey
from tests.unit.engine.build import BOB, ME

PHONE = Device(ME, DeviceID("PHONE"), UserKey(1), DeviceKey(1))


def positions() -> Positions:
    nobody: Any = None
    return Positions(nobody, Cache(nobody), nobody, Signer(SigningKeys.of(b"secret")))


@pytest.mark.rules("C-2", "S-501")
def test_a_pos_means_nothing_in_another_dialect() -> None:
    pos = positions().nowhere("m", PHONE, "main")
    assert positions().read(pos, "m", PHONE, "main").connection == NOWHERE
    with pytest.raises(UnknownPosition):
        positions().read(pos, "4", PHONE, "main")


@pytest.mark.rules("S-501")
@pytest.mark.parametrize(
    ("device", "conn_id"),
    [
        (PHONE, "other"),
        (Device(ME, DeviceID("LAPTOP"), UserKey(1), DeviceKey(2)), "main"),
        (Device(BOB, DeviceID("PHONE"), UserKey(2), DeviceKey(3)), "main"),
    ],
)
def test_a_pos_means_nothing_to_anybody_else(device: Device, conn_id: str) -> None:
    pos = positions().nowhere("m", PHONE, "main")
    with pytest.raises(UnknownPosition):
        positions().read(pos, "m", device, conn_id)


def test_who_was_told_more_than_is_left_of_an_epoch_has_no_room_any_more() -> None:
    lists = {"a": ListState(ListSpec(), ((1,),), 1)}
    view = View(1, 1, 95, lists=lists, rooms={1: Sent(7, 1)}, held={1: 93}, visible={})
    back = rewound(view, 90, {1}, keeps=False)
    assert (back.position, back.rooms, back.held, back.unsure) == (90, {}, {}, True)
    assert back.lists == {"a": ListState(ListSpec(), known=False)} and back.visible is None
