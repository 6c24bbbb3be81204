"""How the config that a room was sent with is stored, for rooms that a later connection goes on
from: only then it matters what else than the present config asks for the room had.

An example: a client has a room with ten events and all its state, and dies. It comes back with its
delta token, and asks for less: the room need not be sent anew. If it asks for more, it is. Within
one connection the config's number is enough: if it has changed, what is asked for is sent.
"""

import msgspec

from syncv3.dialects.msc3575.required_state import RequiredState
from syncv3.protocol.request import RoomConfig
from syncv3.protocol.required_state import Source, StateKey
from syncv3.untrusted import UNREADABLE


class SelectorsJson(msgspec.Struct, frozen=True, omit_defaults=True):
    entries: tuple[StateKey, ...] = ()
    lazy: bool = False


class ConfigJson(msgspec.Struct, frozen=True, omit_defaults=True):
    limit: int = 0
    state: tuple[SelectorsJson, ...] = ()
    heroes: bool = False
    old_rooms: "ConfigJson | None" = None


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(ConfigJson)


def write_config(config: RoomConfig) -> bytes:
    """See ``syncv3.engine.dialect.Dialect``."""
    return _encoder.encode(_config(config))


def _config(config: RoomConfig) -> ConfigJson:
    state = tuple(map(_selectors, config.required_state))
    old = None if config.old_rooms is None else _config(config.old_rooms)
    return ConfigJson(config.timeline_limit, state, config.heroes, old)


def _selectors(source: Source) -> SelectorsJson:
    assert isinstance(source, RequiredState)
    return SelectorsJson(source.entries, source.lazy_members)


def read_config(stored: bytes) -> RoomConfig | None:
    """The same config again; None: it was written by a version that nobody knows any more."""
    try:
        return _read(_decoder.decode(stored))
    except UNREADABLE:
        return None


def _read(read: ConfigJson) -> RoomConfig:
    state = tuple(RequiredState(one.entries, one.lazy) for one in read.state)
    old = None if read.old_rooms is None else _read(read.old_rooms)
    return RoomConfig(read.limit, state, read.heroes, old)
