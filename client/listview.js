/**
 * A list of rooms on the page. Only the rows in sight exist as elements; the others are
 * empty space, so that ten thousand rooms scroll like ten.
 */

import { describe } from "./describe.js";
import { avatar, el, shortDate } from "./dom.js";
import { nameOf, replacementOf, titleOf } from "./rooms.js";

const ROW_PX = 64; // the height of a row in style.css
const SPARE_ROWS = 4;
const SETTLE_MS = 100;

export class ListView {
  /**
   * `events`: scrolled(first, last) once the visible rows have settled, opened(roomId).
   * `source`: count(), roomAt(index) → room or null, selected() → room ID or null,
   * homeserver().
   */
  constructor(title, source, events) {
    this.source = source;
    this.events = events;
    this.rows = new Map(); // index → element
    this.count = el("span", { class: "count" });
    const heading = el("h2", {}, title, this.count);
    this.space = el("ul", { class: "rows" });
    this.empty = el("p", { class: "empty", textContent: "No rooms here.", hidden: true });
    this.viewport = el("div", { class: "viewport" }, this.space, this.empty);
    this.element = el("section", { class: "list", "aria-label": title }, heading, this.viewport);
    this.viewport.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.space.addEventListener("keydown", (event) => this.walk(event));
    new ResizeObserver(() => this.scrolled()).observe(this.viewport);
  }

  visible() {
    const first = Math.floor(this.viewport.scrollTop / ROW_PX);
    return [first, first + Math.ceil(this.viewport.clientHeight / ROW_PX)];
  }

  scrollToTop() {
    this.viewport.scrollTop = 0;
  }

  scrolled() {
    this.draw();
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.events.scrolled(...this.visible()), SETTLE_MS);
  }

  /** Bring the elements in line with the source; cheap enough to call for every answer. */
  draw() {
    const count = this.source.count();
    const known = count !== null;
    this.count.textContent = known ? String(count) : "";
    this.empty.hidden = count !== 0;
    this.space.style.height = `${(count ?? 0) * ROW_PX}px`;
    this.element.style.setProperty("--rows", known ? count : 0);
    this.element.classList.toggle("short", count === 0);
    const [first, last] = this.visible();
    const from = Math.max(0, first - SPARE_ROWS);
    const to = Math.min((count ?? 0) - 1, last + SPARE_ROWS);
    for (const [index, row] of this.rows) {
      if (index < from || index > to) {
        row.remove();
        this.rows.delete(index);
      }
    }
    for (let index = from; index <= to; index += 1) this.drawRow(index, count);
  }

  drawRow(index, count) {
    const room = this.source.roomAt(index);
    const selected = room !== null && room.id === this.source.selected();
    let row = this.rows.get(index);
    if (row && row.room === room && row.selected === selected && row.total === count) return;
    if (!row) {
      row = el("li");
      row.style.top = `${index * ROW_PX}px`;
      this.rows.set(index, row);
      this.place(index, row);
    }
    Object.assign(row, { room, selected, total: count });
    row.setAttribute("aria-setsize", count);
    row.setAttribute("aria-posinset", index + 1);
    const focused = row.contains(document.activeElement);
    row.replaceChildren(room ? this.button(room, index, selected) : placeholder());
    if (focused) row.querySelector("button")?.focus({ preventScroll: true });
  }

  /** Keep elements in the order of the list: that is what Tab and screen readers follow. */
  place(index, row) {
    let next = null;
    for (const [other, element] of this.rows) {
      if (other > index && (next === null || other < next[0])) next = [other, element];
    }
    this.space.insertBefore(row, next ? next[1] : null);
  }

  button(room, index, selected) {
    const { text, isNote } = preview(room);
    const button = el("button", { type: "button", class: "room", "data-index": index },
      avatar(titleOf(room), room.avatar, this.source.homeserver()),
      el("span", { class: "name", textContent: titleOf(room) }),
      el("span", { class: "date", textContent: shortDate(room.timestamp) }),
      el("span", { class: isNote ? "preview note" : "preview", textContent: text }),
      ...badges(room),
    );
    if (selected) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => this.events.opened(room.id));
    return button;
  }

  /** Arrow keys go from room to room, others by a page or to the ends. */
  walk(event) {
    const index = Number(event.target.closest?.("button.room")?.dataset.index);
    if (Number.isNaN(index)) return;
    const page = Math.max(1, Math.floor(this.viewport.clientHeight / ROW_PX) - 1);
    const last = (this.source.count() ?? 0) - 1;
    const goals = { ArrowDown: index + 1, ArrowUp: index - 1, PageDown: index + page,
      PageUp: index - page, Home: 0, End: last };
    if (!Object.hasOwn(goals, event.key)) return;
    event.preventDefault();
    this.focus(Math.min(Math.max(goals[event.key], 0), last));
  }

  /** Bring a row into sight and go there; if its room is not loaded yet, once it is. */
  focus(goal) {
    const [top, bottom] = [goal * ROW_PX, (goal + 1) * ROW_PX - this.viewport.clientHeight];
    if (this.viewport.scrollTop > top) this.viewport.scrollTop = Math.max(0, top);
    if (this.viewport.scrollTop < bottom) this.viewport.scrollTop = bottom;
    this.draw();
    this.rows.get(goal)?.querySelector("button, .placeholder")?.focus({ preventScroll: true });
  }
}

function placeholder() {
  return el("div", { class: "placeholder", tabIndex: -1, role: "img", "aria-label": "Not loaded yet" },
    el("i"), el("i"), el("i"));
}

function preview(room) {
  if (room.invite) return { text: "You are invited", isNote: true };
  if (replacementOf(room)) return { text: "This room has been replaced", isNote: true };
  const event = room.timeline.at(-1);
  if (!event) return { text: "", isNote: true };
  const { kind, text } = describe(room, event);
  const who = kind === "message" ? `${nameOf(room, event.sender)}: ` : "";
  return { text: who + text, isNote: kind === "note" };
}

function badges(room) {
  const [count, kind] = room.highlight_count
    ? [room.highlight_count, "highlight"]
    : [room.notification_count, "unread"];
  if (!count && !room.invite) return [];
  const label = room.invite ? "invitation" : `${count} ${kind === "highlight" ? "mentions" : "unread"}`;
  return [el("span", { class: `badge ${room.invite ? "highlight" : kind}`, "aria-label": label,
    textContent: room.invite ? "!" : count > 99 ? "99+" : String(count) })];
}
