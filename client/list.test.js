import assert from "node:assert/strict";
import test from "node:test";

import { applyOperations, problems, rangesFor } from "./list.js";

/** "-3" is DELETE 3, "+0S" is INSERT 0 S. */
function operations(text) {
  return text.split(" ").filter(Boolean).map((word) =>
    word[0] === "-"
      ? { op: "DELETE", index: Number(word.slice(1)) }
      : { op: "INSERT", index: Number(word.slice(1, -1)), room_id: word.at(-1) });
}

/** The rows that a client with these windows has of a list. */
function shown(order, ranges) {
  const rows = [...order].map((room, index) => [index, room]);
  return new Map(rows.filter(([i]) => ranges.some(([first, last]) => i >= first && i <= last)));
}

const EXAMPLES = [
  ["L-90", [[0, 9]], "PQRS", "-3 +0S", "SPQR"],
  ["L-92", [[0, 2]], "PQRST", "-2 +0T", "TPQRS"],
  ["L-93", [[0, 2]], "PQRST", "-0 +2S", "QRSPT"],
  ["L-94", [[1, 3]], "PQRST", "-3 +1P", "TPQRS"],
  ["L-95", [[1, 3]], "PQRST", "-1 +3T", "QRSTP"],
  ["L-96", [[0, 1], [4, 5]], "PQRSTUV", "-5 +4S -1 +1U", "PUQRSTV"],
  ["L-97", [[0, 1], [4, 5]], "PQRSTUV", "-0 +1R -4 +5P", "QRSTUPV"],
  ["L-98", [[1, 2], [4, 5]], "PQRSTUV", "-2 +1P -5 +4S", "VPQRSTU"],
  ["L-99", [[0, 9]], "PQR", "-3 +1W", "PWQR"],
  ["L-100", [[0, 9]], "PQRS", "-1", "PRS"],
  ["L-101", [[1, 3]], "PQRSTU", "-3 +3T", "PQRTU"],
  ["L-102", [[1, 3]], "PQRSTU", "-1 +3T", "QRSTU"],
  ["L-104", [[0, 9]], "P", "-0", ""],
  ["L-82 (ii)", [[1, 3]], "PQ", "-1", "P"],
  ["L-78, the first room", [[0, 9]], "", "-0 +0P", "P"],
];

for (const [rule, ranges, before, ops, after] of EXAMPLES) {
  test(`${rule}: the client ends up with the server's window`, () => {
    const rows = applyOperations(shown(before, ranges), ranges, operations(ops));
    assert.deepEqual([...rows].sort(), [...shown(after, ranges)].sort());
  });
}

test("any single move inside one window ends in the new order", () => {
  const order = [..."PQRSTUV"];
  for (let from = 0; from < order.length; from += 1) {
    for (let to = 0; to < order.length; to += 1) {
      const moved = order.toSpliced(from, 1).toSpliced(to, 0, order[from]);
      const ops = operations(`-${from} +${to}${order[from]}`);
      const rows = applyOperations(shown(order, [[0, 9]]), [[0, 9]], ops);
      assert.deepEqual([...rows].sort(), [...shown(moved, [[0, 9]])].sort());
    }
  }
});

test("SYNC fills rows and INVALIDATE empties them", () => {
  const rows = applyOperations(new Map([[0, "P"], [1, "Q"], [9, "Z"]]), [[0, 9]], [
    { op: "INVALIDATE", range: [1, 9] },
    { op: "SYNC", range: [4, 5], room_ids: ["R", "S"] },
  ]);
  assert.deepEqual([...rows], [[0, "P"], [4, "R"], [5, "S"]]);
});

test("a row shifted below its window's start is lost", () => {
  const rows = applyOperations(new Map([[21, "P"], [22, "Q"]]), [[0, 20], [22, 30]], operations("-21"));
  assert.deepEqual([...rows], []);
});

test("the rows given are left alone", () => {
  const rows = new Map([[0, "P"]]);
  applyOperations(rows, [[0, 9]], operations("-0 +0Q"));
  assert.deepEqual([...rows], [[0, "P"]]);
});

test("duplicates, rows outside the ranges and behind the end are reported", () => {
  assert.deepEqual(problems(new Map([[0, "P"], [1, "Q"]]), [[0, 20]], 2), []);
  assert.equal(problems(new Map([[0, "P"], [1, "P"]]), [[0, 20]], 2).length, 1);
  assert.equal(problems(new Map([[0, "P"], [30, "Q"]]), [[0, 20]], 40).length, 1);
  assert.equal(problems(new Map([[0, "P"], [5, "Q"]]), [[0, 20]], 2).length, 1);
});

test("the second range follows the visible rows and never touches the first", () => {
  assert.deepEqual(rangesFor(0, 10, 500), [[0, 20]]);
  assert.deepEqual(rangesFor(10, 20, 500), [[0, 20], [21, 25]]);
  assert.deepEqual(rangesFor(100, 110, 500), [[0, 20], [95, 115]]);
  assert.deepEqual(rangesFor(490, 499, 500), [[0, 20], [485, 499]]);
  assert.deepEqual(rangesFor(0, 40, 10), [[0, 20]]);
  assert.deepEqual(rangesFor(0, 0, 0), [[0, 20]]);
});
