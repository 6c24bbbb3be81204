/**
 * The dialects that the service speaks, as one interface. Pure.
 *
 * A dialect says how a request looks, which windows to ask for, and which room is in which row:
 * - request(wanted, told, pos, timeout) → {path, body}
 * - ranges(first, last, count, before): the windows for these visible rows
 * - update(object): a room object in the words of `rooms.js`
 * - rows(list, answer, ranges, rooms, of): a Map from index to room ID; `of` is {isDirect, filter, me}
 *
 * MSC3575 sorts at the server, which says with operations what moved; its windows are anywhere.
 * In the simplified dialects the client sorts what it knows, so its window begins at the top and
 * grows: a room that the client was not sent would have no place.
 */

import { applyOperations, growingRange, rangesFor } from "./list.js";
import { bodyFor, CONN_ID, LISTS, ROOM_STATE, ROW_STATE } from "./request.js";
import { isOurs, titleOf } from "./rooms.js";

const MEMBERS = "m.room.member";
const UNSTABLE = "/_matrix/client/unstable/org.matrix";

const msc3575 = {
  id: "msc3575",
  title: "MSC3575",
  request: (wanted, told, pos, timeout) => ({
    // Not /v3/sync: on a host shared with the homeserver that path is the homeserver's (O-49).
    path: `${UNSTABLE}.msc3575/sync?${query(pos, timeout)}`,
    body: bodyFor(wanted, told),
  }),
  ranges: rangesFor,
  update: (object) => object,
  rows: (list, answer, ranges) => applyOperations(list.rows, ranges, answer.ops ?? []),
  keepsRooms: true,
};

const simplified = {
  id: "simplified",
  title: "Simplified MSC3575",
  request: (wanted, _told, pos, timeout) => ({
    path: `${UNSTABLE}.simplified_msc3575/sync?${query(pos, timeout)}`,
    body: wholeBody(wanted, (entry, isList) => ({
      ...(isList ? { ranges: entry.ranges, filters: entry.filters } : {}),
      timeline_limit: entry.timeline_limit,
      required_state: [...entry.state, [MEMBERS, "$ME"]],
    })),
  }),
  ranges: growing,
  update: (object) => ({ is_dm: false, ...object, timestamp: object.bump_stamp }),
  rows: sortedRows,
  keepsRooms: false,
};

const msc4186 = {
  id: "msc4186",
  title: "MSC4186",
  request: (wanted, _told, pos, timeout) => ({
    path: "/_matrix/client/v4/sync",
    body: {
      ...(pos ? { pos, timeout } : {}),
      ...wholeBody(wanted, (entry, isList) => ({
        ...(isList ? { range: entry.ranges[0], filters: { is_dm: entry.filters.is_dm } } : {}),
        timeline_limit: entry.timeline_limit,
        required_state: stableState(entry.state),
      })),
    },
  }),
  ranges: growing,
  update: (object) => ({
    ...(object.initial ? { is_dm: false } : {}), ...object,
    timestamp: object.bump_stamp, invite_state: object.stripped_state,
  }),
  rows: sortedRows,
  keepsRooms: false,
};

export const DIALECTS = [msc3575, simplified, msc4186];

/** The dialect of this ID; MSC3575 for anything else. */
export function dialectOf(id) {
  return DIALECTS.find((dialect) => dialect.id === id) ?? msc3575;
}

function query(pos, timeout) {
  return new URLSearchParams(pos ? { pos, timeout } : {});
}

/** A request that says everything, as nothing is sticky; `write` puts one entry into words. */
function wholeBody(wanted, write) {
  const lists = Object.fromEntries(LISTS.map(({ key, isDirect }) => [key, write({
    ranges: wanted.ranges[key], timeline_limit: 1, state: ROW_STATE, filters: {
      is_dm: isDirect, ...(wanted.filter ? { room_name_like: wanted.filter } : {}),
    },
  }, true)]));
  const body = { conn_id: CONN_ID, lists };
  if (wanted.room) {
    body.room_subscriptions = { [wanted.room]: write({ timeline_limit: 30, state: ROOM_STATE }, false) };
  }
  return body;
}

/** `["m.room.member", "$LAZY"]` is a flag there, and there are no other wildcards. */
function stableState(pairs) {
  const plain = pairs.filter(([, key]) => key !== "$LAZY");
  const include = plain.map(([type, key]) => ({ type, state_key: key }));
  return plain.length < pairs.length ? { include, lazy_members: true } : { include };
}

function growing(_first, last, count, before) {
  return growingRange(last, count, before);
}

/** All rooms of the list that we know, the newest first. */
function sortedRows(_list, _answer, _ranges, rooms, { isDirect, filter, me }) {
  const sought = filter.toLowerCase();
  const found = [...rooms.values()].filter((room) =>
    Boolean(room.is_dm) === isDirect && isOurs(room, me)
    && (!sought || titleOf(room).toLowerCase().includes(sought)));
  found.sort((one, other) => other.timestamp - one.timestamp || (one.id < other.id ? -1 : 1));
  return new Map(found.map((room, index) => [index, room.id]));
}
