import assert from "node:assert/strict";
import test from "node:test";

import { parseInput } from "./commands.js";

const CASES = [
  ["  ", null],
  ["hello\nyou", { do: "send", content: { msgtype: "m.text", body: "hello\nyou" } }],
  ["/me waves", { do: "send", content: { msgtype: "m.emote", body: "waves" } }],
  ["//etc", { do: "send", content: { msgtype: "m.text", body: "/etc" } }],
  ["/invite @a:hs", { do: "invite", userId: "@a:hs" }],
  ["/join #cats:hs", { do: "join", room: "#cats:hs" }],
  ["/leave", { do: "leave" }],
];

for (const [input, expected] of CASES) {
  test(`typed: ${JSON.stringify(input)}`, () => assert.deepEqual(parseInput(input), expected));
}

test("unknown commands and missing arguments are explained, never sent", () => {
  for (const input of ["/dance", "/invite", "/me  ", "/constructor", "/"]) {
    assert.equal(parseInput(input).do, "complain");
  }
});
