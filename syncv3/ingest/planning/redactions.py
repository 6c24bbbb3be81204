"""Redactions: the target loses its content here too, and so does what it had fed.

Say A names the room, and B redacts A. What is stored of A is rewritten as the homeserver would send
it from now on, with B in its ``unsigned``. A is still the current state of its key, now without
content: so the room has no name, and its column is written anew.
"""

from syncv3.ingest.planning.draft import RoomDraft
from syncv3.ingest.planning.planning import Planning
from syncv3.ingest.planning.room_keys import MEMBER, content_of
from syncv3.ingest.planning.summary import follow_heroes
from syncv3.protocol.redaction import redact
from syncv3.types import Event
from syncv3.untrusted import UNREADABLE


def redact_target(planning: Planning, draft: RoomDraft, event: Event) -> None:
    """If the event is a redaction: replaces its target's bytes, and recomputes what the target fed
    (RD-1, M-32).

    Nothing happens if the target is not stored, or is of another room: nobody can redact there. A
    copy that only somebody's history has is redacted as well.
    """
    named = draft.target_of(event)
    if named is None or event.state_key is not None:
        return
    target = planning.event(named) or planning.known.filled.get(named)
    if target is None or target.json is None or target.room_key != draft.key:
        return
    try:
        json = redact(target.json, draft.row.room_version or "1")
    except UNREADABLE:
        return  # nobody is shown a target that cannot be read
    because = b'"redacted_because":' + event.json
    planning.group.redacted.append((target.event_key, json, because))
    planning.redacted[target.event_key] = json
    if target.state_key is None:
        return
    # Does the room have its name, a hero and so on from this very event?
    entry = planning.entry(draft, target.type, target.state_key)
    if target.current if entry is None else entry.event_key == target.event_key:
        content = content_of(json)
        planning.feed(draft, target.type, target.state_key, content)
        if target.type == MEMBER:
            follow_heroes(draft, {target.state_key: content})
