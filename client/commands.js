/** What was typed into the message box, as something to do. Pure. */

const COMMANDS = {
  me: { argument: "what you do", make: (text) => ({ do: "send", content: { msgtype: "m.emote", body: text } }) },
  invite: { argument: "a user ID", make: (text) => ({ do: "invite", userId: text }) },
  join: { argument: "a room ID or alias", make: (text) => ({ do: "join", room: text }) },
  leave: { argument: null, make: () => ({ do: "leave" }) },
};

/**
 * One of {do: "send", content}, {do: "invite", userId}, {do: "join", room}, {do: "leave"},
 * {do: "complain", text}; null when there is nothing to do. `//x` sends `/x` as it is.
 */
export function parseInput(input) {
  const text = input.trim();
  if (!text) return null;
  if (!text.startsWith("/")) return say(text);
  if (text.startsWith("//")) return say(text.slice(1));
  const [, name, argument] = /^\/(\S*)\s*([^]*)$/.exec(text);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : null;
  if (!command) {
    const known = Object.keys(COMMANDS).map((each) => `/${each}`).join(", ");
    return { do: "complain", text: `Unknown command /${name}. Known are ${known}.` };
  }
  if (command.argument && !argument) {
    return { do: "complain", text: `/${name} needs ${command.argument}.` };
  }
  return command.make(argument);
}

function say(text) {
  return { do: "send", content: { msgtype: "m.text", body: text } };
}
