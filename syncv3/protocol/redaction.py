"""Redaction of events by the algorithm of their room's version (RD-1).

What a redacted event keeps is a table of the room version (the specification's room versions 1 to
12, each with a section on redactions). Versions that the table does not name: a higher number gets
the newest rules, as rooms of versions made after this code most likely follow them; all else
(unstable names, nonsense, no version) those of "1".
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from syncv3.types import EventID

NEWEST_VERSION = 12

_EVENT_KEYS = frozenset(
    {
        "auth_events", "content", "depth", "event_id", "hashes", "origin_server_ts",
        "prev_events", "room_id", "sender", "signatures", "state_key", "type",
    }
)  # fmt: skip
_OLD_EVENT_KEYS = _EVENT_KEYS | {"membership", "origin", "prev_state"}

_POWER_LEVELS = frozenset(
    {
        "ban", "events", "events_default", "kick", "redact", "state_default", "users",
        "users_default",
    }
)  # fmt: skip

_CONTENT_KEYS: Mapping[str, frozenset[str]] = {
    "m.room.create": frozenset({"creator"}),
    "m.room.history_visibility": frozenset({"history_visibility"}),
    "m.room.join_rules": frozenset({"join_rule"}),
    "m.room.member": frozenset({"membership"}),
    "m.room.power_levels": _POWER_LEVELS,
}


@dataclass(frozen=True, slots=True)
class _Rules:
    """What a room version keeps: keys of the event, and of the content by event type."""

    event: frozenset[str]
    content: Mapping[str, frozenset[str]]
    updated: bool = False  # version 11: whole create content, signed third party invites


def _rules_of(number: int) -> _Rules:
    """The rules of a version, as the changes that came with each."""
    content = dict(_CONTENT_KEYS)
    if number < 6:
        content["m.room.aliases"] = frozenset({"aliases"})
    if number >= 8:
        content["m.room.join_rules"] |= {"allow"}
    if number >= 9:
        content["m.room.member"] |= {"join_authorised_via_users_server"}
    if number < 11:
        return _Rules(_OLD_EVENT_KEYS, content)
    content["m.room.power_levels"] |= {"invite"}
    content["m.room.redaction"] = frozenset({"redacts"})
    return _Rules(_EVENT_KEYS, content, updated=True)


_RULES = {number: _rules_of(number) for number in range(1, NEWEST_VERSION + 1)}


def _number(room_version: str) -> int:
    """The version whose rules apply."""
    if not (room_version.isascii() and room_version.isdecimal() and len(room_version) <= 32):
        return 1
    return min(int(room_version), NEWEST_VERSION) or 1


_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def redact(event_json: bytes, room_version: str) -> bytes:
    """The redacted form of an event, in the form clients get, without ``unsigned``.

    The order of what remains is kept. Raises ``msgspec.DecodeError`` if the event is no
    JSON object; a content that is none becomes ``{}``.
    """
    rules = _RULES[_number(room_version)]
    event = _decode(event_json)
    kept = {key: value for key, value in event.items() if key in rules.event}
    event_type = _text(event.get("type"))
    kept["content"] = msgspec.Raw(_redact_content(event_type, event.get("content"), rules))
    return msgspec.json.encode(kept)


def _redact_content(event_type: str | None, content: msgspec.Raw | None, rules: _Rules) -> bytes:
    fields = _object(content)
    if rules.updated and event_type == "m.room.create":
        return msgspec.json.encode(fields)
    keys = rules.content.get(event_type or "", frozenset())
    kept = {key: value for key, value in fields.items() if key in keys}
    if rules.updated and event_type == "m.room.member" and "third_party_invite" in fields:
        invite = fields["third_party_invite"]
        if bytes(invite)[:1] == b"{":
            signed = {key: value for key, value in _object(invite).items() if key == "signed"}
            kept["third_party_invite"] = msgspec.Raw(msgspec.json.encode(signed))
    return msgspec.json.encode(kept)


def redaction_target(event_json: bytes, room_version: str | None = None) -> EventID | None:
    """The ID of the event that a redaction redacts; None if the event is no redaction.

    Up to version 10 it is ``redacts`` at top level; from 11 on ``content.redacts``, which
    alone the homeserver checks, else the top-level copy for old clients. Without a room
    version: the former, else the latter. Raises ``msgspec.DecodeError`` as ``redact`` does.
    """
    event = _decode(event_json)
    if _text(event.get("type")) != "m.room.redaction":
        return None
    top = _text(event.get("redacts"))
    # Before version 11 anybody could put another ID into the content: homeservers do not look
    # there.
    if room_version is not None and _number(room_version) < 11:
        inner = None
    else:
        inner = _text(_object(event.get("content")).get("redacts"))
    target = (inner or top) if room_version is not None else (top or inner)
    return EventID(target) if target else None


def _object(raw: msgspec.Raw | None) -> dict[str, msgspec.Raw]:
    """The fields of a JSON object; none for any other value."""
    return _decode(raw) if raw is not None and bytes(raw)[:1] == b"{" else {}


def _text(raw: msgspec.Raw | None) -> str | None:
    """A JSON string's value; None for any other value."""
    return msgspec.json.decode(raw, type=str) if raw and bytes(raw)[:1] == b'"' else None
