import assert from "node:assert/strict";
import test from "node:test";

import { dialectOf, DIALECTS } from "./dialects.js";
import { NOTHING_TOLD } from "./request.js";
import { mergeRoom, newRoom, titleOf } from "./rooms.js";

const ME = "@me:hs";
const WANTED = { ranges: { 0: [[0, 20]], 1: [[0, 120]] }, filter: "cats", room: "!r" };
const JOINED = { isDirect: false, filter: "", me: ME };

function asked(id, pos = "p1") {
  return dialectOf(id).request(WANTED, NOTHING_TOLD, pos, 30_000);
}

function known(dialect, objects) {
  return new Map(Object.entries(objects).map(([id, object]) =>
    [id, mergeRoom(newRoom(id), dialectOf(dialect).update(object))]));
}

function order(dialect, objects, of = JOINED) {
  return [...dialectOf(dialect).rows(null, {}, [], known(dialect, objects), of).values()];
}

function member(membership, sender = ME) {
  return { type: "m.room.member", state_key: ME, sender, content: { membership } };
}

test("each dialect has its own path, and pos is where it belongs", () => {
  assert.match(asked("msc3575").path, /msc3575\/sync\?pos=p1&timeout=30000$/);
  assert.match(asked("simplified").path, /simplified_msc3575\/sync\?pos=p1&timeout=30000$/);
  const { path, body } = asked("msc4186");
  assert.deepEqual([path, body.pos, body.timeout], ["/_matrix/client/v4/sync", "p1", 30_000]);
  assert.ok(!("pos" in asked("msc4186", null).body));
});

test("an unknown dialect is MSC3575", () => {
  assert.equal(dialectOf("constructor"), DIALECTS[0]);
});

test("the simplified dialects are told everything each time", () => {
  for (const id of ["simplified", "msc4186"]) {
    const { lists, room_subscriptions: rooms } = asked(id).body;
    assert.deepEqual(Object.keys(lists), ["0", "1"]);
    assert.equal(rooms["!r"].timeline_limit, 30);
  }
  assert.deepEqual(asked("simplified").body.lists[1].ranges, [[0, 120]]);
  assert.deepEqual(asked("simplified").body.lists[1].filters, { is_dm: false, room_name_like: "cats" });
  assert.deepEqual(asked("msc4186").body.lists[1].range, [0, 120]);
  assert.deepEqual(asked("msc4186").body.lists[1].filters, { is_dm: false });
});

test("members are loaded lazily by a flag in MSC4186", () => {
  const state = asked("msc4186").body.room_subscriptions["!r"].required_state;
  assert.equal(state.lazy_members, true);
  assert.ok(state.include.every(({ state_key: key }) => key === ""));
});

for (const id of ["simplified", "msc4186"]) {
  test(`${id}: the client sorts what it knows, the newest first`, () => {
    const objects = { "!a": { initial: true, bump_stamp: 1 }, "!b": { initial: true, bump_stamp: 3 },
      "!dm": { initial: true, bump_stamp: 9, is_dm: true }, "!c": { initial: true, bump_stamp: 2 } };
    assert.deepEqual(order(id, objects), ["!b", "!c", "!a"]);
    assert.deepEqual(order(id, objects, { ...JOINED, isDirect: true }), ["!dm"]);
  });

  test(`${id}: rooms are sought by what they are called`, () => {
    const objects = { "!a": { initial: true, name: "All Cats" },
      "!b": { initial: true, heroes: [{ user_id: "@cato:hs", displayname: "Catherine" }] },
      "!c": { initial: true, name: "Dogs" } };
    assert.deepEqual(order(id, objects, { ...JOINED, filter: "CAT" }), ["!a", "!b"]);
  });

  test(`${id}: a room that one has left is gone, one that one was put out of is not`, () => {
    const left = (sender) => ({ initial: true, membership: id === "msc4186" ? "leave" : undefined,
      required_state: [member("leave", sender)] });
    assert.deepEqual(order(id, { "!left": left(ME), "!kicked": left("@b:hs") }), ["!kicked"]);
  });

  test(`${id}: the window grows by hundreds and never shrinks`, () => {
    const { ranges } = dialectOf(id);
    assert.deepEqual(ranges(0, 12, 5000, undefined), [[0, 20]]);
    assert.deepEqual(ranges(30, 42, 5000, [[0, 20]]), [[0, 99]]);
    assert.deepEqual(ranges(0, 12, 5000, [[0, 99]]), [[0, 99]]);
    assert.deepEqual(ranges(4990, 5003, 5000, [[0, 99]]), [[0, 4999]]);
  });
}

const STRIPPED = [null, { type: "m.room.name", content: { name: "Party" } }];

test("an invite of MSC4186 has its stripped state under another name", () => {
  const [room] = known("msc4186", { "!i": { initial: true, membership: "invite", stripped_state: STRIPPED } }).values();
  assert.deepEqual(room.invite, STRIPPED);
  assert.equal(titleOf(room), "Party");
});
