"""Names and avatars of rooms (D-20 to D-24), and what may be said of invites (D-26).

Of a room that the user is only invited to, or has knocked on, only the stripped state
speaks: nothing of the real room leaks (X-5). It comes from other servers unchecked, so
anything malformed in it counts as absent.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from syncv3.protocol.required_state import MEMBER
from syncv3.protocol.response import Hero
from syncv3.types import UserID
from syncv3.untrusted import is_id, object_of, raw_object, text

MAX_SHOWN_HEROES = 5
MAX_TIMESTAMP = 2**53 - 1  # the largest integer of canonical JSON


@dataclass(frozen=True, slots=True)
class Named:
    """A room's calculated name, never empty; ``heroes_used`` if it was made from heroes."""

    name: str
    heroes_used: bool


def room_name(
    name: str | None, alias: str | None, joined: int, invited: int, heroes: Sequence[Hero]
) -> Named:
    """The name by the first rule of D-21 that applies.

    ``name`` and ``alias`` come from the state events, ``joined`` and ``invited`` count all
    members, the user included; ``heroes`` exclude the user.
    """
    if name or alias:
        return Named(name or alias or "", heroes_used=False)
    others = joined + invited - 1
    if not heroes:
        return Named("Empty Room" if others <= 0 else f"{others} others", heroes_used=False)
    names = _distinct_names(heroes)
    if len(names) < others:
        shown = names[:MAX_SHOWN_HEROES]
        text = f"{', '.join(shown)} and {others - len(shown)} others"
    else:
        text = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
        if others <= 0:
            text = f"Empty Room (was {text})"
    return Named(text, heroes_used=True)


def room_avatar(url: str | None, is_dm: bool, heroes: Sequence[Hero]) -> str | None:
    """The avatar's URL or None (D-23); ``url`` is the state event's, heroes lack the user."""
    if url:
        return url
    if is_dm and len(heroes) == 1:
        return heroes[0].avatar_url or None
    return None


def _distinct_names(heroes: Sequence[Hero]) -> list[str]:
    """Display name, else user ID; equal display names are told apart by the user ID."""
    names = [hero.displayname or hero.user_id for hero in heroes]
    times = Counter(names)
    return [
        f"{name} ({hero.user_id})" if times[name] > 1 else name
        for name, hero in zip(names, heroes, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Invite:
    """Facts of an invite. ``None`` means that the stripped state does not say.

    ``avatar_url`` is the room's own; ``room_avatar`` makes the shown one of it.
    ``member_event`` is the user's own membership, verbatim; ``timestamp`` is its
    ``origin_server_ts`` in milliseconds, 0 if it has none that can be one (L-35).
    ``inviter`` is its sender.
    """

    named: Named
    membership: str
    member_event: bytes
    timestamp: int
    is_direct: bool
    heroes: tuple[Hero, ...]
    inviter: UserID | None = None
    name: str | None = None
    alias: str | None = None
    avatar_url: str | None = None
    is_encrypted: bool = False
    room_type: str | None = None


@dataclass(frozen=True, slots=True)
class _Stripped:
    """A stripped event as far as it could be read; ``content`` may hold anything."""

    json: bytes
    sender: str | None
    content: Mapping[str, object]
    timestamp: int

    def text(self, key: str) -> str | None:
        """A non-empty string of the content."""
        return text(self.content.get(key))


UNTOLD = Invite(
    named=room_name(None, None, 1, 1, ()),
    membership="",
    member_event=b"",
    timestamp=0,
    is_direct=False,
    heroes=(),
)
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
        named=room_name(name, alias, 1, 1, heroes),
        membership=membership,
        member_event=own.json,
        timestamp=own.timestamp,
        is_direct=own.content.get("is_direct") is True,
        heroes=heroes,
        inviter=UserID(own.sender) if own.sender not in (None, user_id) else None,
        name=name,
        alias=alias,
        avatar_url=_text(state, "m.room.avatar", "url"),
        is_encrypted=("m.room.encryption", "") in state,
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
        for sender, member in members[:MAX_SHOWN_HEROES]
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
        json=event,
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
    if type(value) is int and 0 <= value <= MAX_TIMESTAMP:
        return value
    return 0
