import assert from "node:assert/strict";
import test from "node:test";

import { describe } from "./describe.js";
import { mergeRoom, nameOf, newRoom, replacementOf } from "./rooms.js";

function message(id, body = id) {
  return { event_id: id, type: "m.room.message", sender: "@a:hs", content: { msgtype: "m.text", body } };
}

function member(membership, before, changes = {}) {
  return { type: "m.room.member", sender: "@a:hs", state_key: "@a:hs", event_id: "$m",
    content: { membership, displayname: "Anna", ...changes.content },
    unsigned: { prev_content: before }, ...changes.event };
}

const ids = (room) => room.timeline.map((event) => event.event_id);

test("live events are appended once, initial ones replace", () => {
  let room = mergeRoom(newRoom("!r"), { initial: true, timeline: [message("$1")] });
  room = mergeRoom(room, { timeline: [message("$1"), message("$2")] });
  assert.deepEqual(ids(room), ["$1", "$2"]);
  assert.deepEqual(ids(mergeRoom(room, { initial: true, timeline: [message("$3")] })), ["$3"]);
});

test("a gap in the timeline drops what was before it", () => {
  const room = mergeRoom(newRoom("!r"), { timeline: [message("$1")] });
  assert.deepEqual(ids(mergeRoom(room, { limited: true, timeline: [message("$9")] })), ["$9"]);
});

test("an initial room object without a timeline keeps the one we have", () => {
  const room = mergeRoom(newRoom("!r"), { timeline: [message("$1")] });
  assert.deepEqual(ids(mergeRoom(room, { initial: true, required_state: [] })), ["$1"]);
});

test("fields that are left out keep their values, null is a value", () => {
  const room = mergeRoom(newRoom("!r"), { name: "Cats", avatar: "mxc://a/b" });
  assert.equal(mergeRoom(room, { highlight_count: 2 }).name, "Cats");
  assert.equal(mergeRoom(room, { avatar: null }).avatar, null);
});

test("state comes from the timeline, too", () => {
  const tombstone = { type: "m.room.tombstone", state_key: "", event_id: "$t", content: { replacement_room: "!n" } };
  assert.equal(replacementOf(mergeRoom(newRoom("!r"), { timeline: [tombstone] })), "!n");
  const room = mergeRoom(newRoom("!r"), { required_state: [member("join")] });
  assert.equal(nameOf(room, "@a:hs"), "Anna");
  assert.equal(nameOf(room, "@b:hs"), "b");
});

test("a redaction empties its event", () => {
  let room = mergeRoom(newRoom("!r"), { timeline: [message("$1", "secret")] });
  room = mergeRoom(room, { timeline: [{ type: "m.room.redaction", event_id: "$2", redacts: "$1", sender: "@a:hs" }] });
  assert.equal(describe(room, room.timeline[0]).text, "Message from a was deleted");
});

const SENTENCES = [
  [member("join"), "Anna joined"],
  [member("join", { membership: "join", displayname: "Ann" }), "Ann is now called Anna"],
  [member("join", { membership: "join", displayname: "Anna", avatar_url: "x" }), "Anna changed their picture"],
  [member("leave", { membership: "join" }), "Anna left"],
  [member("leave", { membership: "invite" }), "Anna declined the invitation"],
  [member("leave", { membership: "join" }, { event: { sender: "@b:hs" } }), "b removed Anna"],
  [member("ban", {}, { event: { sender: "@b:hs" } }), "b banned Anna"],
  [message("$1", "hello"), "hello"],
  [{ type: "m.room.message", sender: "@b:hs", content: { msgtype: "m.emote", body: "waves" } }, "b waves"],
  [{ type: "m.room.message", sender: "@b:hs", content: { body: { not: "text" } } }, ""],
  [{ type: "m.room.name", sender: "@b:hs", content: { name: "Cats" } }, "b named the room Cats"],
  [{ type: "org.example", sender: "@b:hs" }, "b sent org.example"],
];

for (const [event, sentence] of SENTENCES) {
  test(`an event reads: ${sentence || "(nothing)"}`, () => {
    assert.equal(describe(newRoom("!r"), event).text, sentence);
  });
}
