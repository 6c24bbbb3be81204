/** The homeserver's own client API: sending, rooms, pictures. */

const MAX_PICTURES = 300;
const MXC = /^mxc:\/\/([A-Za-z0-9.:[\]-]+)\/([A-Za-z0-9_-]+)$/;

export class Homeserver {
  /** `base` is its URL, or empty when `server.json` gives none that a browser can reach. */
  constructor(base, token) {
    this.base = /^https?:\/\//.test(base) ? base.replace(/\/+$/, "") : "";
    this.token = token;
    this.pictures = new Map(); // mxc URI → promise of an object URL or null
  }

  async userId() {
    return (await this.call("GET", "/_matrix/client/v3/account/whoami")).user_id;
  }

  send(roomId, content) {
    const txn = crypto.randomUUID?.() ?? `${Date.now()}.${Math.random()}`;
    return this.call("PUT", path`/_matrix/client/v3/rooms/${roomId}/send/m.room.message/${txn}`, content);
  }

  invite(roomId, userId) {
    return this.call("POST", path`/_matrix/client/v3/rooms/${roomId}/invite`, { user_id: userId });
  }

  join(room) {
    return this.call("POST", path`/_matrix/client/v3/join/${room}`, {});
  }

  leave(roomId) {
    return this.call("POST", path`/_matrix/client/v3/rooms/${roomId}/leave`, {});
  }

  async call(method, path, body) {
    const response = await this.fetch(path, {
      method,
      headers: body ? { "Content-Type": "application/json" } : {},
      body: body ? JSON.stringify(body) : undefined,
    });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Error(answer.error || `The homeserver answered HTTP ${response.status}`);
    return answer;
  }

  fetch(path, options = {}) {
    if (!this.base) return Promise.reject(new Error("The homeserver's address is not public"));
    const headers = { ...options.headers, "Authorization": `Bearer ${this.token}` };
    return fetch(this.base + path, { ...options, headers, credentials: "omit" });
  }

  /** An object URL of a 64×64 thumbnail, or null. The oldest pictures are let go. */
  picture(mxc) {
    if (!this.pictures.has(mxc)) {
      this.pictures.set(mxc, this.loadPicture(mxc).catch(() => null)); // a missing picture is no error
      for (const old of [...this.pictures.keys()].slice(0, -MAX_PICTURES)) this.release(old);
    }
    return this.pictures.get(mxc);
  }

  async loadPicture(mxc) {
    const found = MXC.exec(mxc);
    if (!found || !this.base) return null;
    const rest = path`/thumbnail/${found[1]}/${found[2]}?width=64&height=64&method=crop`;
    let response = await this.fetch(`/_matrix/client/v1/media${rest}`);
    if (response.status === 404) response = await this.fetch(`/_matrix/media/v3${rest}`);
    if (!response.ok) return null;
    const blob = await response.blob();
    return blob.type.startsWith("image/") ? URL.createObjectURL(blob) : null;
  }

  async release(mxc) {
    const picture = this.pictures.get(mxc);
    this.pictures.delete(mxc);
    const url = await picture;
    if (url) URL.revokeObjectURL(url);
  }

  close() {
    for (const mxc of [...this.pictures.keys()]) this.release(mxc);
  }
}

/** A URL path whose inserted parts are escaped. */
function path(texts, ...parts) {
  return texts.reduce((url, text, index) => url + encodeURIComponent(parts[index - 1]) + text);
}
