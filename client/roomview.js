/** The opened room: header, timeline, message box. */

import { parseInput } from "./commands.js";
import { describe } from "./describe.js";
import { avatar, el, longDay, time } from "./dom.js";
import { nameOf, replacementOf, stateOf, titleOf } from "./rooms.js";

const NEAR_END_PX = 80;

export class RoomView {
  /**
   * `source`: homeserver(), me() → user ID or null.
   * `events`: opened(roomId) to go to another room, closed().
   */
  constructor(element, source, events) {
    this.source = source;
    this.events = events;
    this.room = undefined; // nothing was drawn yet
    this.header = el("header", { class: "room-header" });
    this.items = el("ol");
    this.timeline = el("div", { class: "timeline", tabIndex: 0, role: "log", "aria-label": "Timeline" }, this.items);
    this.notice = el("p", { class: "notice", role: "status" });
    this.input = el("textarea", { rows: 1, placeholder: "Message or /command", "aria-label": "Message",
      title: "/me does something, /invite @user:server, /join #room:server, /leave" });
    this.button = el("button", { type: "submit", textContent: "Send" });
    this.form = el("form", { class: "composer" }, this.input, this.button);
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.submit();
      }
    });
    this.welcome = el("div", { class: "welcome" },
      el("h2", { textContent: "No room is open" }),
      el("p", { textContent: "Start the sync, then choose a room. It is subscribed to as long as it is open." }));
    element.append(this.welcome, this.header, this.timeline, this.notice, this.form);
    this.show(null);
  }

  /** Show a room (a new value for each change), or none. */
  show(room) {
    if (room === this.room) return;
    const changed = room?.id !== this.room?.id;
    const atEnd = changed || this.isAtEnd();
    this.room = room;
    this.welcome.hidden = room !== null;
    for (const part of [this.header, this.timeline, this.form]) part.hidden = room === null;
    if (changed) this.say("");
    if (room === null) return;
    this.drawHeader(room);
    this.drawTimeline(room);
    if (changed) this.input.value = "";
    if (atEnd) this.timeline.scrollTop = this.timeline.scrollHeight;
  }

  isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.timeline;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }

  drawHeader(room) {
    const topic = stateOf(room, "m.room.topic").topic;
    const count = room.joined_count;
    const members = count ? `${count} ${count === 1 ? "member" : "members"}` : "";
    this.header.replaceChildren(
      avatar(titleOf(room), room.avatar, this.source.homeserver()),
      el("div", { class: "title" },
        el("h2", { textContent: titleOf(room) }),
        el("p", { class: "topic", textContent: [members, text(topic)].filter(Boolean).join(" · ") })),
      ...this.actions(room),
    );
  }

  actions(room) {
    const replacement = replacementOf(room);
    if (room.invite) {
      return [this.action("Accept", () => this.perform({ do: "join", room: room.id })),
        this.action("Decline", () => this.perform({ do: "leave" }))];
    }
    if (typeof replacement === "string") {
      return [this.action("Go to the new room", () => this.perform({ do: "join", room: replacement }))];
    }
    return [];
  }

  action(label, act) {
    const button = el("button", { type: "button", textContent: label });
    button.addEventListener("click", act);
    return button;
  }

  drawTimeline(room) {
    const items = [];
    let previous = null;
    for (const event of room.timeline) {
      const day = new Date(event.origin_server_ts).toDateString();
      if (day !== previous?.day) {
        items.push(el("li", { class: "day" }, el("span", { textContent: longDay(event.origin_server_ts) })));
      }
      const { kind, text } = describe(room, event);
      const follows = kind === "message" && previous?.kind === "message"
        && previous.sender === event.sender && previous.day === day;
      items.push(this.item(room, event, { kind, text, follows }));
      previous = { kind, sender: event.sender, day };
    }
    if (!items.length) items.push(el("li", { class: "note", textContent: "Nothing to show yet." }));
    this.items.replaceChildren(...items);
  }

  item(room, event, { kind, text, follows }) {
    const stamp = el("time", { textContent: time(event.origin_server_ts), title: event.event_id ?? "" });
    if (kind !== "message") return el("li", { class: kind }, el("span", { textContent: text }), stamp);
    const own = event.sender === this.source.me();
    const who = nameOf(room, event.sender);
    const picture = stateOf(room, "m.room.member", event.sender).avatar_url;
    const head = follows ? [] : [
      avatar(who, picture, this.source.homeserver()),
      el("span", { class: "sender", textContent: who, title: event.sender }),
    ];
    return el("li", { class: ["message", own && "own", follows && "follows"].filter(Boolean).join(" ") },
      ...head, el("p", { textContent: text }), stamp);
  }

  say(text, kind = "") {
    this.notice.textContent = text;
    this.notice.className = `notice ${kind}`;
  }

  async submit() {
    const command = parseInput(this.input.value);
    if (command === null) return;
    if (command.do === "send" && stateOf(this.room, "m.room.encryption").algorithm) {
      this.say("This room is encrypted and this page cannot encrypt: nothing was sent.", "error");
      return;
    }
    if (await this.perform(command)) this.input.value = "";
  }

  /** Do what a command says; true when it is done. Errors are shown, the input stays. */
  async perform(command) {
    const { id } = this.room;
    const homeserver = this.source.homeserver();
    this.say("");
    this.button.disabled = true;
    try {
      if (command.do === "complain") throw new Error(command.text);
      if (!homeserver) throw new Error("Start the sync first.");
      if (command.do === "send") await homeserver.send(id, command.content);
      if (command.do === "invite") await homeserver.invite(id, command.userId);
      if (command.do === "leave") await homeserver.leave(id).then(() => this.events.closed(id));
      if (command.do === "join") this.events.opened((await homeserver.join(command.room)).room_id);
      return true;
    } catch (error) {
      this.say(error.message, "error");
      return false;
    } finally {
      this.button.disabled = false;
      this.input.focus();
    }
  }
}

function text(value) {
  return typeof value === "string" ? value : "";
}
