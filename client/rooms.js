/**
 * What is known of a room, put together from the room objects of all answers. Pure.
 *
 * A room: {id, name, avatar, counts, timestamp, state: Map, timeline: [event], ...}.
 * State is keyed by type and state key, see `stateOf`.
 */

const MAX_TIMELINE = 500;
const FIELDS = [
  "name", "avatar", "is_dm", "heroes", "joined_count", "invited_count",
  "notification_count", "highlight_count", "timestamp", "prev_batch", "membership",
];

export function newRoom(id) {
  return { id, name: null, avatar: null, heroes: [], state: new Map(), timeline: [], invite: null,
    notification_count: 0, highlight_count: 0, timestamp: 0 };
}

/** The room after one room object; `room` stays as it is. */
export function mergeRoom(room, update) {
  const merged = { ...room, state: new Map(room.state) };
  for (const field of FIELDS) {
    if (update[field] !== undefined) merged[field] = update[field];
  }
  if (update.initial) merged.invite = update.invite_state ?? null;
  const events = update.timeline ?? [];
  const anew = update.initial || update.limited
    || update.unstable_expanded_timeline || update.expanded_timeline;
  const start = update.timeline && anew ? [] : room.timeline;
  merged.timeline = append(start, events);
  for (const event of [...events, ...(update.required_state ?? [])]) {
    if (event.state_key !== undefined) {
      merged.state.set(key(event.type, event.state_key), event);
    }
  }
  return merged;
}

/** Events come once; a redaction empties the event that it is about. */
function append(timeline, events) {
  const known = new Set(timeline.map((event) => event.event_id));
  const fresh = events.filter((event) => !known.has(event.event_id));
  const redacted = new Set(
    fresh.filter((event) => event.type === "m.room.redaction")
      .map((event) => event.redacts ?? event.content?.redacts),
  );
  return [...timeline, ...fresh].slice(-MAX_TIMELINE).map((event) =>
    redacted.has(event.event_id) ? { ...event, content: {}, redacted: true } : event);
}

function key(type, stateKey) {
  return JSON.stringify([type, stateKey]);
}

/** The content of a state event, or an empty object. */
export function stateOf(room, type, stateKey = "") {
  return room.state.get(key(type, stateKey))?.content ?? {};
}

/**
 * What to call a room: its name, else its other members, else its ID. Of an invite some dialects
 * tell the name in the stripped state alone.
 */
export function titleOf(room) {
  const stripped = (Array.isArray(room.invite) ? room.invite : [])
    .find((event) => event?.type === "m.room.name")?.content?.name;
  for (const name of [room.name, stripped]) {
    if (typeof name === "string" && name) return name;
  }
  const names = (Array.isArray(room.heroes) ? room.heroes : [])
    .map((hero) => hero?.name || hero?.displayname || localpart(hero?.user_id));
  return names.length ? names.join(", ") : room.id;
}

/** Whether a room belongs into a list: not if one has left it by oneself. `me` may be null. */
export function isOurs(room, me) {
  const own = room.state.get(key("m.room.member", me));
  const membership = room.membership ?? own?.content?.membership;
  return membership !== "leave" || (own && own.sender !== me);
}

export function replacementOf(room) {
  return stateOf(room, "m.room.tombstone").replacement_room ?? null;
}

/** A user's name in a room: the display name if we were given it, else the local part. */
export function nameOf(room, userId) {
  const name = stateOf(room, "m.room.member", userId).displayname;
  return typeof name === "string" && name ? name : localpart(userId);
}

function localpart(userId) {
  return String(userId ?? "somebody").replace(/^@/, "").split(":")[0];
}
