/**
 * One list as the client knows it: a sparse map from index to room ID.
 *
 * Pure: nothing here touches the page or the network. Ranges are the wire's, with both
 * ends included. `applyOperations` is the client's side of list operations: a DELETE
 * leaves a gap, the INSERT behind it shifts the rows between the two into the gap. A
 * DELETE that no INSERT follows shifts everything above it down by one.
 */

export const FIRST_WINDOW = [0, 20];
const MARGIN = 5;
const GROWTH = 100;

/**
 * The rows after `operations`, as a new Map; `rows` stays as it is.
 * `ranges` are the windows: a row that is shifted out of them at their start is lost.
 */
export function applyOperations(rows, ranges, operations) {
  const now = new Map(rows);
  let gap = null;
  for (const operation of operations) {
    if (operation.op === "INSERT") {
      insert(now, gap, operation.index, operation.room_id);
      gap = null;
      continue;
    }
    if (gap !== null) {
      close(now, gap, ranges);
      gap = null;
    }
    if (operation.op === "DELETE") {
      now.delete(operation.index);
      gap = operation.index;
    } else if (operation.op === "SYNC") {
      const [first] = operation.range;
      (operation.room_ids ?? []).forEach((room, offset) => now.set(first + offset, room));
    } else if (operation.op === "INVALIDATE") {
      const [first, last] = operation.range;
      for (const index of [...now.keys()]) {
        if (index >= first && index <= last) now.delete(index);
      }
    }
  }
  if (gap !== null) close(now, gap, ranges);
  return now;
}

function insert(rows, gap, at, room) {
  const from = gap ?? Math.max(-1, ...rows.keys()) + 1;
  const step = from > at ? -1 : 1;
  for (let index = from; index !== at; index += step) move(rows, index + step, index);
  rows.set(at, room);
}

function close(rows, gap, ranges) {
  const above = [...rows.keys()].filter((index) => index > gap).sort((a, b) => a - b);
  for (const index of above) move(rows, index, index - 1);
  const inside = (index) => ranges.some(([first, last]) => index >= first && index <= last);
  for (const [first] of ranges) {
    if (!inside(first - 1)) rows.delete(first - 1);
  }
}

/** Move one row; moving an unknown row makes its target unknown. */
function move(rows, from, to) {
  if (rows.has(from)) rows.set(to, rows.get(from));
  else rows.delete(to);
  rows.delete(from);
}

/** What is wrong with the rows, as sentences for the console. */
export function problems(rows, ranges, count) {
  const found = [];
  const seen = new Map();
  for (const [index, room] of rows) {
    if (seen.has(room)) found.push(`${room} is at ${seen.get(room)} and at ${index}`);
    seen.set(room, index);
    if (!ranges.some(([first, last]) => index >= first && index <= last)) {
      found.push(`row ${index} is outside the ranges ${JSON.stringify(ranges)}`);
    }
    if (index >= count) found.push(`row ${index} is behind the end of ${count} rooms`);
  }
  return found;
}

/**
 * The ranges to ask for when the rows `first` to `last` are on screen: always the top,
 * and a second range around the visible rows unless the top covers them.
 */
export function rangesFor(first, last, count) {
  const top = FIRST_WINDOW[1];
  const end = Math.min(last + MARGIN, Math.max(count - 1, 0));
  const start = Math.max(first - MARGIN, top + 1);
  return end < start ? [[...FIRST_WINDOW]] : [[...FIRST_WINDOW], [start, end]];
}

/**
 * One range from the top that has the rows up to `last`, and never gets smaller: what it once
 * had, `before`, it keeps. It grows by hundreds, so that scrolling asks for little at a time.
 */
export function growingRange(last, count, before) {
  const [, had] = before?.[0] ?? FIRST_WINDOW;
  const needed = Math.min(last + MARGIN, Math.max(count - 1, 0));
  if (needed <= had) return [[0, had]];
  return [[0, Math.ceil((needed + 1) / GROWTH) * GROWTH - 1]];
}
