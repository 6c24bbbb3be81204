"""The tables, as Tortoise models: the source of the schema and of cold-path queries.

Hot paths are SQL in ``syncv3/store``. Integer keys (``*_key``) are surrogates; they are
not declared as foreign keys because every writer is one function inside one transaction
(``ss_commit_group``) and the checks would cost as much as the writes. Columns that
are positions say so in their description: see docs/architecture/positions.md.

Tables are prefixed ``ss_``, so that those of the Go proxy, which are called ``syncv3_*``, can sit
beside them when its database is taken over.

aerich knows a model by the name of its class: one that is renamed would be a new table to it, and
the old one would be dropped.
"""

from models.connections import Connection, ConnectionRoom
from models.devices import (
    DeviceKeys,
    DeviceListUpdate,
    KnownDevice,
    Poller,
    ToDeviceMessage,
    Token,
    Worker,
)
from models.extensions import AccountDatum, Piece, Receipt, RoomTyping, SetAside
from models.rooms import Event, Gap, Room, RoomState, SpaceChild
from models.stream import Change, FunctionSet, StreamCommit, StreamEpoch, StreamFence
from models.takeover import Takeover
from models.users import History, Transaction, User, UserRoom

__all__ = [
    "AccountDatum",
    "Change",
    "Connection",
    "ConnectionRoom",
    "DeviceKeys",
    "DeviceListUpdate",
    "Event",
    "FunctionSet",
    "Gap",
    "History",
    "KnownDevice",
    "Piece",
    "Poller",
    "Receipt",
    "Room",
    "RoomState",
    "RoomTyping",
    "SetAside",
    "SpaceChild",
    "StreamCommit",
    "StreamEpoch",
    "StreamFence",
    "Takeover",
    "ToDeviceMessage",
    "Token",
    "Transaction",
    "User",
    "UserRoom",
    "Worker",
]
