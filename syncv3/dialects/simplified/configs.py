"""How the config that a room was sent with is stored, so that it outlives a restart.

A client that keeps rooms is owed what its earlier request asked for, and only that. An example: it
was sent a room's name and now asks for name and topic. After a restart only the stored config tells
that the topic is lacking and the name is not.
"""

import msgspec

from syncv3.dialects.simplified.required_state import Selection, Selector
from syncv3.protocol.request import RoomConfig
from syncv3.protocol.required_state import Source
from syncv3.untrusted import UNREADABLE


class SelectionJson(msgspec.Struct, frozen=True, omit_defaults=True):
    include: tuple[Selector, ...] = ()
    exclude: tuple[Selector, ...] = ()
    lazy: bool = False


class ConfigJson(msgspec.Struct, frozen=True, omit_defaults=True):
    limit: int = 0
    state: tuple[SelectionJson, ...] = ()
    heroes: bool = False


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(ConfigJson)


def write_config(config: RoomConfig) -> bytes:
    """See ``syncv3.engine.dialect.Dialect``."""
    state = tuple(map(_written, config.required_state))
    return _encoder.encode(ConfigJson(config.timeline_limit, state, config.heroes))


def _written(source: Source) -> SelectionJson:
    assert isinstance(source, Selection)
    return SelectionJson(source.include, source.exclude, source.lazy)


def read_config(stored: bytes) -> RoomConfig | None:
    """The same config again; None: it was written by a version that nobody knows any more."""
    try:
        read = _decoder.decode(stored)
    except UNREADABLE:
        return None
    state = tuple(Selection(one.include, one.exclude, one.lazy) for one in read.state)
    return RoomConfig(read.limit, state, read.heroes)
