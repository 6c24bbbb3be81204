/** A graph of one number per answer, the newest at the right, on a scale of powers of ten. */

import { el } from "./dom.js";

const WIDTH_PX = 360;
const HEIGHT_PX = 64;
const BAR_PX = 3;
const BARS = WIDTH_PX / BAR_PX;

export class Meter {
  /** `write(value)` puts a value into words; `floor` is where the scale begins. */
  constructor(title, { colour, floor, write }) {
    Object.assign(this, { title, colour, floor, write, values: [] });
    this.canvas = el("canvas", { width: WIDTH_PX, height: HEIGHT_PX, role: "img", "aria-label": title });
    this.caption = el("figcaption", { textContent: title });
    this.element = el("figure", { class: "graph meter" }, this.caption, this.canvas);
    this.context = this.canvas.getContext("2d");
  }

  add(value) {
    this.values = [...this.values, value].slice(-BARS);
    const most = this.write(Math.max(...this.values));
    const text = `${this.title}: ${this.write(value)}, at most ${most}`;
    this.caption.textContent = text;
    this.canvas.setAttribute("aria-label", text);
    this.draw();
  }

  draw() {
    const { context, values, floor } = this;
    const decades = Math.max(1, Math.log10(Math.max(...values) / floor));
    context.clearRect(0, 0, WIDTH_PX, HEIGHT_PX);
    context.fillStyle = this.colour;
    values.forEach((value, index) => {
      const height = Math.max(1, (Math.log10(Math.max(value, floor) / floor) / decades) * HEIGHT_PX);
      const left = WIDTH_PX - (values.length - index) * BAR_PX;
      context.fillRect(left, HEIGHT_PX - height, BAR_PX - 1, height);
    });
  }
}
