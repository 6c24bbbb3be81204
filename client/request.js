/**
 * What to say in the next request of MSC3575. Pure. (`dialects.js` has the other dialects.)
 *
 * Parameters are sticky: the server keeps what it was told, so a request says only what
 * differs. `wanted` is what the page wants to see now; `told` is what the server surely
 * knows. Between a request and its answer nobody knows whether it arrived: until then
 * everything in it counts as untold, and is said again if the answer does not come.
 *
 * wanted: {ranges: {list key: ranges}, filter: string, room: room ID or null}
 */

const SORT = ["by_highlight_count", "by_notification_count", "by_recency"];
export const ROW_STATE = [
  ["m.room.avatar", ""],
  ["m.room.tombstone", ""],
];
export const ROOM_STATE = [
  ...ROW_STATE,
  ["m.room.topic", ""],
  ["m.room.encryption", ""],
  ["m.room.member", "$LAZY"],
];

export const CONN_ID = "stub-client"; // keeps clear of other clients of the same device
export const LISTS = [
  { key: "0", title: "Direct messages", isDirect: true },
  { key: "1", title: "Rooms", isDirect: false },
];

/** What the server knows of a connection that does not exist yet. */
export const NOTHING_TOLD = { lists: null, rooms: [] };

export function bodyFor(wanted, told) {
  const body = { conn_id: CONN_ID };
  const lists = {};
  for (const list of LISTS) {
    const entry = listEntry(list, wanted, told.lists?.[list.key]);
    if (Object.keys(entry).length) lists[list.key] = entry;
  }
  if (Object.keys(lists).length) body.lists = lists;
  if (wanted.room && !told.rooms.some(({ id, sure }) => id === wanted.room && sure)) {
    const subscription = { timeline_limit: 30, required_state: ROOM_STATE };
    body.room_subscriptions = { [wanted.room]: subscription };
  }
  const others = told.rooms.map(({ id }) => id).filter((id) => id !== wanted.room);
  if (others.length) body.unsubscribe_rooms = others;
  return body;
}

function listEntry(list, wanted, told) {
  const entry = told ? {} : { sort: SORT, timeline_limit: 1, required_state: ROW_STATE };
  const ranges = wanted.ranges[list.key];
  if (JSON.stringify(ranges) !== told?.ranges) entry.ranges = ranges;
  if (wanted.filter !== told?.filter) {
    entry.filters = { is_dm: list.isDirect };
    if (wanted.filter) entry.filters.room_name_like = wanted.filter;
  }
  return entry;
}

/** What is sure while a request for `wanted` is on its way. */
export function afterSending(told, wanted) {
  const answered = afterAnswer(wanted);
  const lists = told.lists && mapValues(told.lists, (entry, key) => ({
    ranges: entry.ranges === answered.lists[key].ranges ? entry.ranges : null,
    filter: entry.filter === answered.lists[key].filter ? entry.filter : null,
  }));
  const rooms = told.rooms.map((room) => (room.id === wanted.room ? room : { ...room, sure: false }));
  if (wanted.room && !rooms.some(({ id }) => id === wanted.room)) {
    rooms.push({ id: wanted.room, sure: false });
  }
  return { lists, rooms };
}

/** What is sure when the request for `wanted` was answered. */
export function afterAnswer(wanted) {
  return {
    lists: mapValues(wanted.ranges, (ranges) => ({
      ranges: JSON.stringify(ranges),
      filter: wanted.filter,
    })),
    rooms: wanted.room ? [{ id: wanted.room, sure: true }] : [],
  };
}

function mapValues(object, change) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]));
}
