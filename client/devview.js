/** The developer's view: bytes and time of answers, and a graph of what each list was told. */

import { el } from "./dom.js";
import { Meter } from "./meter.js";

const COLOURS = {
  window: "#3b6fd6",
  SYNC: "#f2c230",
  INSERT: "#37b24d",
  DELETE: "#f03e3e",
  INVALIDATE: "#8c1c13",
  "known room": "#ffffff",
};
const LINE_PX = 8;
const HEIGHT_PX = 160;
const MAX_DOTS = 500;
const LOG_LINES = 60;

export class DeveloperView {
  constructor(element, lists) {
    this.sent = 0;
    this.received = 0;
    this.answers = 0;
    this.begun = 0; // anew, after M_UNKNOWN_POS
    this.bytes = new Meter("Bytes of an answer", { colour: "#84a9ff", floor: 10, write: kilobytes });
    this.times = new Meter("Time to an answer", { colour: "#f2c230", floor: 1, write: milliseconds });
    this.counters = el("dl", { class: "counters" });
    this.graphs = new Map(lists.map(({ key, title }) => [key, new Graph(title)]));
    this.log = el("ol", { class: "log", "aria-label": "Latest operations", tabIndex: 0 });
    const legend = Object.entries(COLOURS).map(([label, colour]) => {
      const swatch = el("i");
      swatch.style.background = colour;
      return el("span", {}, swatch, label);
    });
    element.append(
      el("h2", { textContent: "Developer view" }),
      this.counters,
      this.bytes.element,
      this.times.element,
      el("p", { class: "hint", textContent: "A bar for each answer, the newest at the right; ten times as much is one step higher. The time includes the wait for news." }),
      ...[...this.graphs.values()].map((graph) => graph.element),
      el("p", { class: "legend" }, ...legend),
      el("p", { class: "hint", textContent: "Left to right: the list. Each line is an answer, the newest at the bottom." }),
      el("h3", { textContent: "Latest operations" }),
      this.log,
    );
    this.drawCounters("–");
  }

  traffic(sent, received) {
    this.sent += sent;
    this.received += received;
  }

  /** The server had forgotten the connection. */
  forgotten() {
    this.begun += 1;
    this.line("forgotten", "M_UNKNOWN_POS", " the connection begins anew");
  }

  /** `measured` is {bytes, milliseconds} of this answer. */
  answered(response, views, measured) {
    this.answers += 1;
    this.bytes.add(measured.bytes);
    this.times.add(measured.milliseconds);
    this.drawCounters(milliseconds(measured.milliseconds));
    for (const [key, graph] of this.graphs) {
      const { ops = [] } = response.lists?.[key] ?? {};
      graph.add(views[key], ops);
      for (const operation of ops) this.write(key, operation);
    }
  }

  write(key, operation) {
    const place = operation.range ? `[${operation.range.join(", ")}]` : operation.index;
    this.line(operation.op.toLowerCase(), operation.op, ` list ${key} at ${place} ${operation.room_id ?? ""}`);
  }

  line(kind, word, rest) {
    this.log.prepend(el("li", {}, el("b", { class: kind, textContent: word }), rest));
    while (this.log.childElementCount > LOG_LINES) this.log.lastElementChild.remove();
  }

  drawCounters(latest) {
    const entries = [["Sent", kilobytes(this.sent)], ["Received", kilobytes(this.received)],
      ["Answers", String(this.answers)], ["Begun anew", String(this.begun)], ["Latest took", latest]];
    this.counters.replaceChildren(...entries.map(([name, value]) =>
      el("div", {}, el("dt", { textContent: name }), el("dd", { textContent: value }))));
  }
}

/** A canvas that scrolls up by a line for each answer that said something of its list. */
class Graph {
  constructor(title) {
    const label = `Operations of ${title}`;
    this.canvas = el("canvas", { width: 360, height: HEIGHT_PX, role: "img", "aria-label": label });
    this.element = el("figure", { class: "graph" }, el("figcaption", { textContent: title }), this.canvas);
    this.context = this.canvas.getContext("2d");
    this.latest = "";
  }

  /** `view` is {rows, ranges, count} after the operations. Answers without news draw nothing. */
  add({ rows, ranges, count }, operations) {
    const state = JSON.stringify([ranges, count]);
    if (!operations.length && state === this.latest) return;
    this.latest = state;
    const { context, canvas } = this;
    context.globalCompositeOperation = "copy"; // else old lines show through the gaps of new ones
    context.drawImage(canvas, 0, -LINE_PX);
    context.globalCompositeOperation = "source-over";
    const last = Math.max(count, 1) - 1;
    for (const [from, to] of ranges) this.bar(from, Math.min(to, last), last, COLOURS.window);
    for (const operation of operations) {
      const [from, to] = operation.range ?? [operation.index, operation.index];
      this.bar(from, to, last, COLOURS[operation.op]);
    }
    if (count < MAX_DOTS) this.dots(rows, last);
  }

  bar(from, to, last, colour) {
    if (to < from || from > last + 1) return;
    const unit = this.canvas.width / (last + 1);
    this.context.fillStyle = colour;
    const width = Math.max((to - from + 1) * unit - 1, 2);
    this.context.fillRect(from * unit, HEIGHT_PX - LINE_PX, width, LINE_PX - 1);
  }

  dots(rows, last) {
    const unit = this.canvas.width / (last + 1);
    this.context.fillStyle = COLOURS["known room"];
    for (const index of rows.keys()) {
      this.context.fillRect((index + 0.5) * unit - 1, HEIGHT_PX - LINE_PX + 3, 2, 2);
    }
  }
}

function kilobytes(bytes) {
  return `${(bytes / 1024).toFixed(1)} KB`;
}

function milliseconds(number) {
  return `${Math.round(number)} ms`;
}
