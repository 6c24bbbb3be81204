/** Small helpers around the document. Text goes in as text: nothing here parses markup. */

/** An element; properties are set as they are, `class` and `aria-…`/`data-…` as attributes. */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class" || name.includes("-")) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

/** A round picture: the initial at once, the image when the homeserver has sent it. */
export function avatar(name, mxc, homeserver) {
  const letter = [...String(name).replace(/^[#!@]+/, "")][0] ?? "?";
  const circle = el("span", { class: "avatar", "aria-hidden": "true" }, letter.toUpperCase());
  circle.style.setProperty("--hue", hue(name));
  if (mxc && homeserver) {
    homeserver.picture(mxc).then((url) => {
      if (url) circle.replaceChildren(el("img", { src: url, alt: "" }));
    });
  }
  return circle;
}

function hue(text) {
  let sum = 0;
  for (const character of String(text)) sum = (sum * 31 + character.codePointAt(0)) % 360;
  return sum;
}

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const LONG_DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "full" });

/** The time if it is today, else the day; empty for 0. */
export function shortDate(milliseconds) {
  if (!milliseconds) return "";
  const date = new Date(milliseconds);
  return date.toDateString() === new Date().toDateString() ? TIME.format(date) : DAY.format(date);
}

export const time = (milliseconds) => TIME.format(new Date(milliseconds));
export const longDay = (milliseconds) => LONG_DAY.format(new Date(milliseconds));
