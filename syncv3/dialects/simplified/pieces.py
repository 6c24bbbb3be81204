"""Pieces of an answer's JSON that both simplified dialects write alike.

Events are spliced in as the bytes they are: nothing here reads them, and one event that many
connections are told is one piece of bytes.
"""

from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

import msgspec
from msgspec import UNSET, Raw, UnsetType

from syncv3.protocol.response import Hero, RoomAnswer, SyncResponse

MAX_STAMP: Final = 2**53 - 1
"""Clients read no larger number, and would throw away the whole answer with it (S-536)."""

T = TypeVar("T")


class HeroJson(msgspec.Struct, frozen=True, omit_defaults=True):
    user_id: str
    displayname: str | None = None
    avatar_url: str | None = None


def heroes(room: RoomAnswer) -> list[HeroJson] | UnsetType:
    """Left out when there are none (S-274)."""
    return [_hero(hero) for hero in room.heroes or ()] or UNSET


def _hero(hero: Hero) -> HeroJson:
    return HeroJson(hero.user_id, hero.displayname, hero.avatar_url)


def events(pieces: Iterable[bytes]) -> list[Raw]:
    """Events as they are put into an answer: JSON already."""
    return [Raw(piece) for piece in pieces]


def given(value: T | None) -> T | UnsetType:
    """The value of a field; what is None is left out."""
    return UNSET if value is None else value


def bump_stamp(room: RoomAnswer) -> int | UnsetType:
    """Never negative, and no larger than a client can read (S-280, S-283)."""
    return UNSET if room.bump_stamp is None else min(max(room.bump_stamp, 0), MAX_STAMP)


def extensions(answer: SyncResponse) -> Mapping[str, Raw]:
    """The objects of the extensions that have something to say, by name."""
    return {name: Raw(body) for name, body in answer.extensions.items()}
