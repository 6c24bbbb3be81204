"""An answer to ``/sync``: what a device is told of (since, upto] under its filter.

Pure but for one thing that real homeservers remember as well: with lazy members and
without ``include_redundant_members`` a device is told of each member event once, also if that
answer gets lost.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from tests.support.room import ENDED, JSON, Room, Stored
from tests.support.world import Device, World

DEFAULT_LIMIT = 10


@dataclass(frozen=True, slots=True)
class Filter:
    """The part of a filter that is heeded. ``rooms`` None: all of them."""

    rooms: frozenset[str] | None = None
    not_rooms: frozenset[str] = frozenset()
    limit: int = DEFAULT_LIMIT
    lazy: bool = False
    redundant: bool = False
    unwanted: Callable[[str, str], bool] = lambda section, kind: False

    def wants(self, room_id: str) -> bool:
        return room_id not in self.not_rooms and (self.rooms is None or room_id in self.rooms)


def parse_filter(value: Mapping[str, Any]) -> Filter:
    """A filter from its JSON object."""
    room = value.get("room", {})
    state = room.get("state", {})
    sections = {name: room.get(name, {}) for name in ("ephemeral", "account_data")}
    sections["global"] = value.get("account_data", {})

    def unwanted(section: str, kind: str) -> bool:
        part = sections[section]
        banned = part.get("not_types", ())
        return "*" in banned or kind in banned or kind not in (part.get("types") or (kind,))

    return Filter(
        rooms=None if room.get("rooms") is None else frozenset(room["rooms"]),
        not_rooms=frozenset(room.get("not_rooms", ())),
        limit=room.get("timeline", {}).get("limit", DEFAULT_LIMIT),
        lazy=state.get("lazy_load_members", False),
        redundant=state.get("include_redundant_members", False),
        unwanted=unwanted,
    )


class Reply(NamedTuple):
    """``news``: whether it ends a long poll."""

    body: JSON
    news: bool


class Syncer:
    """One answer being made."""

    def __init__(
        self, world: World, device: Device, since: int | None, upto: int, wanted: Filter,
        *, state_after: bool = False,
    ) -> None:  # fmt: skip
        self.world = world
        self.device = device
        self.user = device.user_id
        self.since = since
        self.after = since if since is not None else 0
        self.upto = upto
        self.wanted = wanted
        self.state_after = state_after

    def reply(self) -> Reply:
        join: JSON = {}
        leave: JSON = {}
        invite: JSON = {}
        knock: JSON = {}
        for room in self.world.rooms.values():
            if not self.wanted.wants(room.room_id):
                continue
            now = room.membership(self.user, self.upto)
            changed = bool(room.own_changes(self.user, self.after, self.upto))
            if now == "join" and (entry := self._joined(room)):
                join[room.room_id] = entry
            elif now in ("invite", "knock") and (changed or self.since is None):
                section, name = (invite, "invite_state") if now == "invite" else (
                    knock, "knock_state")  # fmt: skip
                if not self._ignored(room):
                    section[room.room_id] = {name: {"events": room.stripped(self.user, self.upto)}}
            elif now in ENDED and changed and self.since is not None:
                leave[room.room_id] = self._left(room)
        rooms = {"join": join, "invite": invite, "leave": leave, "knock": knock}
        body: JSON = {"next_batch": f"s{self.upto}"}
        if filled := {name: value for name, value in rooms.items() if value}:
            body["rooms"] = filled
        body |= self._global(self._came_in(join))
        news = len(body) > 1 or self.after < self.device.keys_position <= self.upto
        return Reply(body | self._keys(), news or self.since is None)

    # Rooms

    def _ignored(self, room: Room) -> bool:
        own = room.state_at(self.upto)[("m.room.member", self.user)]
        return own.sender in self._ignored_users() and not self.world.leaks_invites

    def _ignored_users(self) -> JSON:
        content = self.world.account_datum(self.user, "m.ignored_user_list", upto=self.upto)
        ignored: JSON = content.get("ignored_users", {})
        return ignored

    def _joined(self, room: Room) -> JSON | None:
        fresh = [
            s
            for s in room.own_changes(self.user, self.after, self.upto)
            if (s.replaces or {"content": {}})["content"].get("membership") != "join"
        ]
        full = self.since is None or bool(fresh)
        events = room.between(0 if full else self.after, self.upto)
        ephemeral, account_data = self._ephemeral(room, full), self._room_account_data(room, full)
        counts = self.unread(room, self.upto)
        reset = any(self.after < position <= self.upto for position in room.resets)
        if not (full or events or reset or ephemeral or account_data
                or counts != self.unread(room, self.after)):  # fmt: skip
            return None
        shown = [s for s in events if room.visible(s, self.user, self.upto)]
        timeline = shown[max(0, len(shown) - self.wanted.limit) :] if self.wanted.limit else []
        limited = len(timeline) < len(shown) or bool(fresh and self.since is not None)
        entry: JSON = {
            "timeline": self._chunk(room, timeline, limited),
            "ephemeral": {"events": ephemeral},
            "account_data": {"events": account_data},
            "unread_notifications": dict(
                zip(("notification_count", "highlight_count"), counts, strict=True)),
        }  # fmt: skip
        entry |= self._state_block(room, timeline, full)
        if self.wanted.lazy:
            entry["summary"] = self._summary(room, events) if full or any(
                s.key and s.key[0] == "m.room.member" for s in events) else {}  # fmt: skip
        return entry

    def _left(self, room: Room) -> JSON:
        """Who has come in and left since is told as one who has come in is, up to the end."""
        own = room.own_changes(self.user, self.after, self.upto)
        end, was_in = own[-1].position, room.membership(self.user, self.after) == "join"
        fresh = not was_in and any(s.event["content"].get("membership") == "join" for s in own)
        since = 0 if fresh else self.after
        events = [s for s in room.between(since, end) if room.visible(s, self.user, end)]
        timeline = events[max(0, len(events) - self.wanted.limit) :]
        limited = fresh or len(timeline) < len(events)
        entry: JSON = {"timeline": self._chunk(room, timeline, limited),
                       "account_data": {"events": []}}  # fmt: skip
        if was_in or fresh:
            entry |= self._state_block(room, timeline, full=fresh, end=end)
        else:
            entry["state"] = {"events": []}
        return entry

    def _chunk(self, room: Room, timeline: list[Stored], limited: bool) -> JSON:
        before = timeline[0].position - 1 if timeline else self.upto
        events = [room.shown(s, self.upto, self.device.key) for s in timeline]
        return {"events": events, "limited": limited, "prev_batch": f"t{before}"}

    def _state_block(
        self, room: Room, timeline: list[Stored], full: bool, end: int | None = None
    ) -> JSON:
        """``state`` is that before the timeline's first event, less what ``since`` knew."""
        upto = self.upto if end is None else end
        start = timeline[0].position - 1 if timeline else upto
        edge = upto if self.state_after else start
        after = room.state_at(edge)
        known = {} if full else room.state_at(self.after)
        changed = {key: s for key, s in after.items() if known.get(key) is not s}
        if self.wanted.lazy:
            changed = self._lazily(room, timeline, after, changed, full)
        order = sorted(changed.values(), key=lambda s: s.position)
        name = "state_after" if self.state_after else "state"
        return {name: {"events": [room.shown(s, self.upto, self.device.key) for s in order]}}

    def _lazily(
        self, room: Room, timeline: list[Stored], after: Mapping[tuple[str, str], Stored],
        changed: dict[tuple[str, str], Stored], full: bool,
    ) -> dict[tuple[str, str], Stored]:  # fmt: skip
        """Member events of the timeline's senders, and one's own: all of it on a full answer, and
        what a gap left out of it, as Synapse and Dendrite do. Behind gaps they tell of all others
        who changed, too: this one if it ``tells_of_gaps``."""
        senders = {s.sender for s in timeline}
        if full:
            senders |= {self.user, *self._heroes(room)}
        told = self.device.seen_members
        members = {user: after[("m.room.member", user)] for user in senders
                   if ("m.room.member", user) in after}  # fmt: skip
        wanted = {
            user
            for user, member in members.items()
            if self.wanted.redundant
            or full
            or told.get((room.room_id, user)) != member.event["event_id"]
        }
        in_timeline = {s.key[1]: s for s in timeline if s.key and s.key[0] == "m.room.member"}
        for user, member in ({u: members[u] for u in wanted} | in_timeline).items():
            told[(room.room_id, user)] = member.event["event_id"]
        own = ("m.room.member", self.user)
        everybody = self.world.tells_of_gaps and not full
        kept = {key: s for key, s in changed.items()
                if everybody or key[0] != "m.room.member" or key == own}  # fmt: skip
        if self.state_after:  # MSC4222: member changes in the timeline belong to it, too
            kept |= {s.key: s for s in timeline if s.key and after.get(s.key) is s}
        kept |= {("m.room.member", user): after[("m.room.member", user)]
                 for user in wanted if ("m.room.member", user) in after}  # fmt: skip
        return kept

    def _heroes(self, room: Room) -> list[str]:
        named = [room.content_at(self.upto, "m.room.name").get("name"),
                 room.content_at(self.upto, "m.room.canonical_alias").get("alias")]  # fmt: skip
        if any(named):
            return []
        for group in (("join", "invite"), ("leave", "ban")):
            members = [m.event["state_key"] for m in room.members(self.upto, *group)]
            if others := [m for m in members if m != self.user]:
                return others[:5]
        return []

    def _summary(self, room: Room, events: Iterable[Stored]) -> JSON:
        heroes = self._heroes(room)
        return ({"m.heroes": heroes} if heroes else {}) | {
            "m.joined_member_count": len(room.members(self.upto, "join")),
            "m.invited_member_count": len(room.members(self.upto, "invite")),
        }

    def _ephemeral(self, room: Room, full: bool) -> list[JSON]:
        since = 0 if full else self.after
        hidden = self._ignored_users() if self.world.hides_ignored else {}
        events: list[JSON] = []
        typing = [t for t in self.world.typing
                  if t.room_id == room.room_id and since < t.position <= self.upto]  # fmt: skip
        if typing and (typing[-1].user_ids or not full):
            users = [user for user in typing[-1].user_ids if user not in hidden]
            events.append({"type": "m.typing", "content": {"user_ids": users}})
        content: JSON = {}
        for r in self.world.receipts:
            mine = r.type != "m.read.private" or r.user_id == self.user
            if r.user_id in hidden:
                continue
            if r.room_id == room.room_id and mine and since < r.position <= self.upto:
                kind = "m.read" if self.world.calls_private_read else r.type
                by_user = content.setdefault(r.event_id, {}).setdefault(kind, {})
                thread = {"thread_id": r.thread_id} if r.thread_id else {}
                by_user[r.user_id] = {"ts": r.ts, **thread}
        if content:
            events.append({"type": "m.receipt", "content": content})
        return [e for e in events if not self.wanted.unwanted("ephemeral", e["type"])]

    def _room_account_data(self, room: Room, full: bool) -> list[JSON]:
        events = self._account_data(room.room_id, 0 if full else self.after)
        return [e for e in events if not self.wanted.unwanted("account_data", e["type"])]

    def _account_data(self, room_id: str | None, since: int) -> list[JSON]:
        newest: dict[str, JSON] = {}
        for datum in self.world.account_data:
            if (datum.user_id, datum.room_id) == (self.user, room_id) and (
                since < datum.position <= self.upto
            ):
                newest[datum.type] = {"type": datum.type, "content": datum.content}
        return list(newest.values())

    def unread(self, room: Room, upto: int) -> tuple[int, int]:
        """Messages of others since the user's last receipt, message or join; and mentions."""
        chosen = [c for c in self.world.unread[(self.user, room.room_id)] if c[0] <= upto]
        if chosen:
            return chosen[-1][1:]
        seen = {r.event_id for r in self.world.receipts if r.room_id == room.room_id
                and r.user_id == self.user and r.position <= upto}  # fmt: skip
        count = mentions = 0
        for s in room.latest_first(upto):
            if s.event["event_id"] in seen:
                break
            if s.sender == self.user or s.key == ("m.room.member", self.user):
                break
            if s.event["type"] in ("m.room.message", "m.room.encrypted"):
                count += 1
                mentions += self._mentions(s)
        return count, mentions

    def _mentions(self, stored: Stored) -> bool:
        content = stored.event["content"]
        named = self.user in content.get("m.mentions", {}).get("user_ids", ())
        name = self.world.users[self.user].get("displayname", self.user)
        return named or name in str(content.get("body", "")).split()

    # What belongs to no room

    def _came_in(self, join: JSON) -> set[str]:
        """Whom a member event is told of: real homeservers take each for somebody new here,
        whose keys the device does not know."""
        told = [event for entry in join.values() for name in ("state", "state_after", "timeline")
                for event in entry.get(name, {}).get("events", ())]  # fmt: skip
        return {event["state_key"] for event in told if event["type"] == "m.room.member"
                and event["content"].get("membership") in ("join", "invite", "knock")}  # fmt: skip

    def _global(self, came_in: set[str]) -> JSON:
        body: JSON = {}
        data = [e for e in self._account_data(None, self.after)
                if not self.wanted.unwanted("global", e["type"])]  # fmt: skip
        if data:
            body["account_data"] = {"events": data}
        messages = [e for p, e in self.device.inbox if self.after < p <= self.upto]
        if messages:
            body["to_device"] = {"events": messages}
        changes = {c.target: c.left for c in self.world.device_lists if c.observer == self.user
                   and self.since is not None and self.after < c.position <= self.upto}  # fmt: skip
        if self.since is not None:
            changes |= dict.fromkeys(came_in - {self.user}, False)
        if changes:
            body["device_lists"] = {
                "changed": [u for u, left in changes.items() if not left],
                "left": [u for u, left in changes.items() if left],
            }
        return body

    def _keys(self) -> JSON:
        """A terse homeserver leaves counts out that are 0, or have not changed."""
        counts = self.device.one_time_keys
        new = self.since is None or self.after < self.device.keys_position <= self.upto
        told = {"device_one_time_keys_count": counts} if new and any(counts.values()) else {}
        if not self.world.is_terse:
            told = {"device_one_time_keys_count": counts}
        return told | {"device_unused_fallback_key_types": self.device.fallback_types}


def decode_filter(value: str | None, stored: Mapping[str, Mapping[str, Any]]) -> Filter:
    """A filter as the query has it: nothing, JSON, or the ID of an uploaded one."""
    if not value:
        return Filter()
    return parse_filter(json.loads(value) if value.startswith("{") else stored[value])
