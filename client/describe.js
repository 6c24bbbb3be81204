/** Events as sentences. Pure: returns text, never markup. */

import { nameOf } from "./rooms.js";

const FILES = { "m.image": "an image", "m.video": "a video", "m.audio": "a voice message", "m.file": "a file" };

/**
 * `{kind, text}`: kind is "message" (said by the sender), "action" (the text begins with
 * the sender's name) or "note" (something happened).
 */
export function describe(room, event) {
  const who = nameOf(room, event.sender);
  const content = event.content ?? {};
  if (event.redacted || event.unsigned?.redacted_because) return note(`Message from ${who} was deleted`);
  switch (event.type) {
    case "m.room.message":
      return message(who, content);
    case "m.room.encrypted":
      return note(`${who} sent an encrypted message`);
    case "m.sticker":
      return note(`${who} sent a sticker: ${text(content.body)}`);
    case "m.reaction":
      return note(`${who} reacted with ${text(content["m.relates_to"]?.key)}`);
    case "m.room.member":
      return note(membership(room, event));
    case "m.room.redaction":
      return note(`${who} deleted a message`);
    default:
      return note(stateChange(who, event));
  }
}

function note(sentence) {
  return { kind: "note", text: sentence };
}

function message(who, content) {
  const edited = content["m.new_content"];
  const body = text((edited ?? content).body);
  if (content.msgtype === "m.emote") return { kind: "action", text: `${who} ${body}` };
  if (FILES[content.msgtype]) return note(`${who} sent ${FILES[content.msgtype]}: ${body}`);
  return { kind: "message", text: edited ? `${body} (edited)` : body };
}

function membership(room, event) {
  const before = event.unsigned?.prev_content ?? {};
  const now = event.content ?? {};
  const target = text(now.displayname) || nameOf(room, event.state_key);
  const who = nameOf(room, event.sender);
  const own = event.sender === event.state_key;
  switch (now.membership) {
    case "join":
      if (before.membership === "join") return profile(target, before, now);
      return `${target} joined`;
    case "invite":
      return `${who} invited ${target}`;
    case "leave":
      if (own) return before.membership === "invite" ? `${target} declined the invitation` : `${target} left`;
      return before.membership === "ban" ? `${who} unbanned ${target}` : `${who} removed ${target}`;
    case "ban":
      return `${who} banned ${target}`;
    case "knock":
      return `${target} asked to join`;
    default:
      return `${who} changed the membership of ${target}`;
  }
}

function profile(target, before, now) {
  if (before.displayname !== now.displayname) {
    return now.displayname
      ? `${text(before.displayname) || target} is now called ${text(now.displayname)}`
      : `${text(before.displayname)} removed their name`;
  }
  return before.avatar_url !== now.avatar_url ? `${target} changed their picture` : `${target} changed nothing`;
}

function stateChange(who, event) {
  const content = event.content ?? {};
  switch (event.type) {
    case "m.room.create":
      return `${who} created the room`;
    case "m.room.name":
      return content.name ? `${who} named the room ${text(content.name)}` : `${who} removed the room's name`;
    case "m.room.topic":
      return `${who} set the topic: ${text(content.topic)}`;
    case "m.room.avatar":
      return `${who} changed the room's picture`;
    case "m.room.encryption":
      return `${who} switched on encryption`;
    case "m.room.tombstone":
      return `${who} replaced this room: ${text(content.body)}`;
    default:
      return `${who} sent ${event.type}`;
  }
}

/** Content comes from strangers: anything but a string counts as nothing. */
function text(value) {
  return typeof value === "string" ? value : "";
}
