import assert from "node:assert/strict";
import test from "node:test";

import { afterAnswer, afterSending, bodyFor, NOTHING_TOLD } from "./request.js";

const TOP = [[0, 20]];
const DOWN = [[0, 20], [40, 60]];

function wanted(changes = {}) {
  return { ranges: { 0: TOP, 1: TOP }, filter: "", room: null, ...changes };
}

test("the first request says everything", () => {
  const { lists } = bodyFor(wanted(), NOTHING_TOLD);
  assert.deepEqual(Object.keys(lists), ["0", "1"]);
  assert.deepEqual(Object.keys(lists[0]).sort(),
    ["filters", "ranges", "required_state", "sort", "timeline_limit"]);
  assert.deepEqual(lists[0].filters, { is_dm: true });
  assert.deepEqual(lists[1].filters, { is_dm: false });
});

test("later requests say nothing that was said", () => {
  assert.deepEqual(Object.keys(bodyFor(wanted(), afterAnswer(wanted()))), ["conn_id"]);
});

test("scrolling one list sends its ranges alone", () => {
  const body = bodyFor(wanted({ ranges: { 0: TOP, 1: DOWN } }), afterAnswer(wanted()));
  assert.deepEqual(body.lists, { 1: { ranges: DOWN } });
});

test("the room name filter is sent to all lists with the rest of their filters", () => {
  const body = bodyFor(wanted({ filter: "cats" }), afterAnswer(wanted()));
  assert.deepEqual(body.lists, {
    0: { filters: { is_dm: true, room_name_like: "cats" } },
    1: { filters: { is_dm: false, room_name_like: "cats" } },
  });
});

test("opening a room subscribes to it and unsubscribes from the one before", () => {
  const body = bodyFor(wanted({ room: "!b" }), afterAnswer(wanted({ room: "!a" })));
  assert.deepEqual(Object.keys(body.room_subscriptions), ["!b"]);
  assert.deepEqual(body.unsubscribe_rooms, ["!a"]);
});

test("what was in a request without an answer is said again", () => {
  const before = afterAnswer(wanted({ room: "!a" }));
  const lost = wanted({ ranges: { 0: TOP, 1: DOWN }, room: "!b" });
  const back = bodyFor(wanted({ room: "!a" }), afterSending(before, lost));
  assert.deepEqual(back.lists, { 1: { ranges: TOP } });
  assert.deepEqual(Object.keys(back.room_subscriptions), ["!a"]);
  assert.deepEqual(back.unsubscribe_rooms, ["!b"]);
});

test("a lost first request is sent whole again", () => {
  const told = afterSending(NOTHING_TOLD, wanted());
  assert.deepEqual(bodyFor(wanted(), told), bodyFor(wanted(), NOTHING_TOLD));
});
