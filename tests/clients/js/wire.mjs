// JSON lines in and out. Import this first: standard output is for those lines alone, so
// what the SDK logs goes to standard error.

import { createInterface } from "node:readline";

for (const level of ["log", "info", "debug", "trace", "warn"]) {
    console[level] = (...said) => console.error(...said);
}

/** Tell the test what was seen. */
export function saw(kind, what = {}) {
    process.stdout.write(`${JSON.stringify({ saw: kind, ...what })}\n`);
}

/** Tell the test that something went wrong which the SDK told nobody. */
export function sawError(error) {
    saw("error", { error: String(error?.stack ?? error) });
}

process.on("uncaughtException", sawError);
process.on("unhandledRejection", sawError);

/** Obey commands until the input ends: each has a name in `commands`, and gets an answer. */
export async function obey(commands) {
    for await (const line of createInterface({ input: process.stdin })) {
        const { id, do: name, ...args } = JSON.parse(line);
        // Not awaited: sending a message may wait for an answer to another command.
        commands[name](args).then(
            (answer) => saw("answer", { id, ...answer }),
            (error) => saw("answer", { id, error: String(error?.stack ?? error) }),
        );
    }
}
