"""What may be said of invites and knocks (D-26).

Of a room that the user is only invited to, or has knocked on, only the stripped state
speaks: nothing of the real room leaks (X-5). It comes from other servers unchecked, so
anything malformed in it counts as absent.

Stripped state is a handful of events with type, state key, sender and content alone: say the room's
name, the inviter's member event, and the invite itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from syncv3.protocol.required_state import MEMBER
from syncv3.protocol.response import HEROES_MOST, Hero
from syncv3.types import UserID
from syncv3.untrusted import is_id, object_of, raw_object, text

MAX_TIMESTAMP = 2**53 - 1  # the largest integer of canonical JSON


@dataclass(frozen=True, slots=True)
class Invite:
    """Facts of an invite. ``None`` means that the stripped state does not say.

    A dialect makes of these facts what a client is shown as name and avatar. ``timestamp`` is the
    ``origin_server_ts`` of the user's own membership in milliseconds, 0 if it has none that can be
    one (L-35). ``inviter`` is its sender. Without ``has_create`` the stripped state is no full
    picture: what it does not say of encryption and type is not known (S-132, S-134).
    """

    membership: str
    timestamp: int
    is_direct: bool
    heroes: tuple[Hero, ...]
    inviter: UserID | None = None
    name: str | None = None
    alias: str | None = None
    avatar_url: str | None = None
    is_encrypted: bool = False
    has_create: bool = False
    room_type: str | None = None


@dataclass(frozen=True, slots=True)
class _Stripped:
    """A stripped event as far as it could be read; ``content`` may hold anything."""

    sender: str | None
    content: Mapping[str, object]
    timestamp: int

    def text(self, key: str) -> str | None:
        """A non-empty string of the content."""
        return text(self.content.get(key))


UNTOLD = Invite(membership="", timestamp=0, is_direct=False, heroes=())
"""What is said of a room whose user is not in it, and whose stripped state says nothing."""


def invite_room(events: Iterable[bytes], user_id: UserID) -> Invite | None:
    """The facts in a stripped state, or None when it lacks the user's member event (M-2).

    Of several events for one (type, state key) the last one counts.
    """
    state: dict[tuple[str, str], _Stripped] = {}
    for event in events:
        parsed = _parse(event)
        if parsed is not None:
            key, stripped = parsed
            state[key] = stripped
    own = state.get((MEMBER, user_id))
    membership = own.text("membership") if own else None
    if own is None or membership is None:
        return None
    heroes = _heroes(state, user_id)
    name, alias = (
        _text(state, "m.room.name", "name"),
        _text(state, "m.room.canonical_alias", "alias"),
    )
    return Invite(
        membership=membership,
        timestamp=own.timestamp,
        is_direct=own.content.get("is_direct") is True,
        heroes=heroes,
        inviter=UserID(own.sender) if own.sender not in (None, user_id) else None,
        name=name,
        alias=alias,
        avatar_url=_text(state, "m.room.avatar", "url"),
        is_encrypted=("m.room.encryption", "") in state,
        has_create=("m.room.create", "") in state,
        room_type=_text(state, "m.room.create", "type"),
    )


def _heroes(state: Mapping[tuple[str, str], _Stripped], user_id: UserID) -> tuple[Hero, ...]:
    """The senders, but the user, whose own member event is there; in order of appearance."""
    senders = dict.fromkeys(event.sender for event in state.values() if event.sender)
    members = [
        (sender, state[MEMBER, sender])
        for sender in senders
        if sender != user_id and (MEMBER, sender) in state
    ]
    return tuple(
        Hero(UserID(sender), member.text("displayname"), member.text("avatar_url"))
        for sender, member in members[:HEROES_MOST]
    )


def _text(state: Mapping[tuple[str, str], _Stripped], event_type: str, key: str) -> str | None:
    event = state.get((event_type, ""))
    return event.text(key) if event else None


def _parse(event: bytes) -> tuple[tuple[str, str], _Stripped] | None:
    """((type, state key), event), or None for what is no state event."""
    fields = object_of(event)
    event_type, state_key = fields.get("type"), fields.get("state_key")
    if not isinstance(event_type, str) or not isinstance(state_key, str):
        return None
    sender = fields.get("sender")
    stripped = _Stripped(
        sender=sender if is_id(sender) else None,
        content=_content(event, fields),
        timestamp=_timestamp(fields.get("origin_server_ts")),
    )
    return (event_type, state_key), stripped


def _content(event: bytes, fields: Mapping[str, object]) -> Mapping[str, object]:
    """What can be read of the content; its other values may be out of the reader's range."""
    content = fields.get("content")
    if content is None:
        return object_of(raw_object(event).get("content", b""))
    return content if isinstance(content, dict) else {}


def _timestamp(value: object) -> int:
    # ``type``, not ``isinstance``: True is an int to Python.
    if type(value) is int and 0 <= value <= MAX_TIMESTAMP:
        return value
    return 0
