/** The sync loop: ask, hand over the answer, ask again. Knows HTTP and `pos`, not the page. */

import { afterAnswer, afterSending, NOTHING_TOLD } from "./request.js";

const LONG_POLL_MS = 30_000;
const RETRY_MS = 3_000;

/**
 * `events` has the functions that the loop calls:
 * - wanted(): what the page wants to see, see request.js
 * - answered(response, wanted, {bytes, milliseconds})
 * - forgotten(): the server does not know this connection any more; all starts anew
 * - status(kind, text): kind is "busy", "ok" or "error"
 * - traffic(sentBytes, receivedBytes)
 */
export class SyncLoop {
  /** `dialect` is one of `dialects.js`. */
  constructor(token, dialect, events) {
    this.token = token;
    this.dialect = dialect;
    this.events = events;
    this.pos = null;
    this.told = NOTHING_TOLD;
    this.running = false;
    this.request = null;
    this.wake = null;
  }

  async run() {
    this.running = true;
    this.events.status("busy", "Connecting …");
    while (this.running) {
      const wanted = structuredClone(this.events.wanted());
      try {
        await this.once(wanted);
      } catch (error) {
        if (this.running && error.name !== "AbortError") await this.recover(error);
      }
    }
  }

  /** End the loop for good; a request under way is dropped. */
  stop() {
    this.running = false;
    this.interrupt();
    this.wake?.();
  }

  /** What is wanted has changed: drop the waiting request and ask again at once. */
  interrupt() {
    this.request?.abort();
  }

  async once(wanted) {
    const { path, body } = this.dialect.request(wanted, this.told, this.pos, LONG_POLL_MS);
    this.told = afterSending(this.told, wanted);
    const started = performance.now();
    const { answer, bytes } = await this.post(path, JSON.stringify(body));
    if (!this.running) return;
    this.pos = answer.pos;
    this.told = afterAnswer(wanted);
    this.events.answered(answer, wanted, { bytes, milliseconds: performance.now() - started });
    this.events.status("ok", "Connected");
  }

  async post(path, body) {
    this.request = new AbortController();
    const response = await fetch(path, {
      method: "POST",
      cache: "no-store",
      signal: this.request.signal,
      headers: { "Authorization": `Bearer ${this.token}`, "Content-Type": "application/json" },
      body,
    });
    const raw = await response.arrayBuffer();
    this.events.traffic(new TextEncoder().encode(body).length, raw.byteLength);
    const answer = parse(raw);
    if (response.ok && answer) return { answer, bytes: raw.byteLength };
    throw new SyncError(response.status, answer?.errcode, answer?.error);
  }

  /** After an unknown `pos` start anew at once; a dead token ends it; else wait and repeat. */
  async recover(error) {
    if (error.errcode === "M_UNKNOWN_POS" && this.pos) {
      this.pos = null;
      this.told = NOTHING_TOLD;
      this.events.forgotten();
      return;
    }
    if (error.status === 401) {
      this.running = false;
      this.events.status("error", `The access token was not accepted. ${error.message}`);
      return;
    }
    this.events.status("error", `${error.message || error} – trying again in ${RETRY_MS / 1000} s`);
    await this.pause(RETRY_MS);
  }

  /** Only stopping cuts it short: a failing server must not be hammered while one scrolls. */
  async pause(milliseconds) {
    await new Promise((resolve) => {
      this.wake = resolve;
      setTimeout(resolve, milliseconds);
    });
    this.wake = null;
  }
}

class SyncError extends Error {
  constructor(status, errcode, text) {
    super(text || `HTTP ${status}`);
    this.status = status;
    this.errcode = errcode;
  }
}

function parse(raw) {
  try {
    return JSON.parse(new TextDecoder().decode(raw));
  } catch {
    return null; // an error page of something in between: the HTTP status says enough
  }
}
