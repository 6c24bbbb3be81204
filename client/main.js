/** Puts the page together: what is known, what is wanted, and who is told of changes. */

import { DeveloperView } from "./devview.js";
import { dialectOf, DIALECTS } from "./dialects.js";
import { el, time } from "./dom.js";
import { Homeserver } from "./homeserver.js";
import { FIRST_WINDOW, problems } from "./list.js";
import { ListView } from "./listview.js";
import { LISTS } from "./request.js";
import { mergeRoom, newRoom } from "./rooms.js";
import { RoomView } from "./roomview.js";
import { SyncLoop } from "./sync.js";

const TOKEN_KEY = "syncv3.stub-client.token";
const DIALECT_KEY = "syncv3.stub-client.dialect";
const FILTER_SETTLE_MS = 250;
const byId = (id) => document.getElementById(id);

const rooms = new Map(); // room ID → room
const lists = Object.fromEntries(LISTS.map(({ key }) => [key, emptyList()]));
let wanted = { ranges: {}, filter: "", room: null };
let dialect = dialectOf(localStorage.getItem(DIALECT_KEY));
let begunAnew = ""; // when the server had last forgotten the connection
let loop = null;
let homeserver = null;
let me = null;

function emptyList() {
  return { rows: new Map(), ranges: [], count: null, total: null };
}

const roomView = new RoomView(byId("room"), {
  homeserver: () => homeserver,
  me: () => me,
}, { opened: openRoom, closed: (id) => { if (wanted.room === id) openRoom(null); } });
const developerView = new DeveloperView(byId("developer"), LISTS);
const listViews = Object.fromEntries(LISTS.map(({ key, title }) => [key, new ListView(title, {
  count: () => lists[key].count,
  roomAt: (index) => rooms.get(lists[key].rows.get(index)) ?? null,
  selected: () => wanted.room,
  homeserver: () => homeserver,
}, {
  opened: openRoom,
  scrolled: (first, last) => wantRows(key, first, last),
})]));
byId("lists").append(...LISTS.map(({ key }) => listViews[key].element));

function draw() {
  for (const view of Object.values(listViews)) view.draw();
  const opened = wanted.room && (rooms.get(wanted.room) ?? newRoom(wanted.room));
  roomView.show(opened || null);
}

// What is wanted

/** Ask for something else: the request that waits for news of the old is dropped. */
function want(changes) {
  const before = JSON.stringify(wanted);
  wanted = { ...wanted, ...changes };
  if (JSON.stringify(wanted) === before) return;
  if (!dialect.keepsRooms) sortAgain(); // the answer may have nothing to say
  loop?.interrupt();
  draw();
}

function wantRows(key, first, last) {
  const ranges = dialect.ranges(first, last, lists[key].count ?? 0, wanted.ranges[key]);
  want({ ranges: { ...wanted.ranges, [key]: ranges } });
}

function topWindows() {
  return Object.fromEntries(LISTS.map(({ key }) => [key, [[...FIRST_WINDOW]]]));
}

function openRoom(roomId) {
  document.body.classList.toggle("in-room", roomId !== null);
  want({ room: roomId });
}

let filterTimer = null;
byId("filter").addEventListener("input", (event) => {
  clearTimeout(filterTimer);
  filterTimer = setTimeout(() => {
    for (const view of Object.values(listViews)) view.scrollToTop();
    want({ filter: event.target.value.trim(), ranges: topWindows() });
  }, FILTER_SETTLE_MS);
});

// What is answered

function answered(response, asked, measured) {
  for (const [roomId, object] of Object.entries(response.rooms ?? {})) {
    rooms.set(roomId, mergeRoom(rooms.get(roomId) ?? newRoom(roomId), dialect.update(object)));
  }
  for (const list of LISTS) {
    const answer = response.lists?.[list.key];
    if (answer) lists[list.key] = nextList(list, lists[list.key], answer, asked);
  }
  developerView.answered(response, lists, measured);
  draw();
}

function nextList({ key, isDirect }, list, answer, asked) {
  const ranges = asked.ranges[key];
  const rows = dialect.rows(list, answer, ranges, rooms, { isDirect, filter: asked.filter, me });
  const problem = dialect.keepsRooms ? problems(rows, ranges, answer.count) : [];
  for (const each of problem) console.warn(`list ${key}: ${each}`);
  // A dialect without a filter of names counts all rooms.
  const count = asked.filter && !dialect.keepsRooms ? rows.size : answer.count;
  return { rows, ranges, count, total: answer.count };
}

/** Where the page sorts by itself, what is wanted decides at once which rows there are. */
function sortAgain() {
  for (const list of LISTS) {
    const known = lists[list.key];
    if (known.total !== null) lists[list.key] = nextList(list, known, { count: known.total }, wanted);
  }
}

/** The server has forgotten this connection: rows are unknown until it has sent them again. */
function forgotten() {
  for (const { key } of LISTS) lists[key] = { ...emptyList(), count: lists[key].count };
  if (!dialect.keepsRooms) rooms.clear();
  begunAnew = `; begun anew at ${time(Date.now())} (M_UNKNOWN_POS)`;
  developerView.forgotten();
  showStatus("busy", "The server does not know this connection any more (M_UNKNOWN_POS): starting anew");
  draw();
}

// Starting and stopping

function showStatus(kind, text) {
  const status = byId("status");
  if (status.textContent === text) return;
  status.className = kind;
  status.textContent = text;
}

function stop() {
  loop?.stop();
  loop = null;
  homeserver?.close();
  homeserver = null;
}

async function start(token) {
  stop();
  rooms.clear();
  for (const { key } of LISTS) lists[key] = emptyList();
  wanted = { ranges: topWindows(), filter: byId("filter").value.trim(), room: null };
  me = null;
  begunAnew = "";
  for (const view of Object.values(listViews)) view.scrollToTop();
  const started = new SyncLoop(token, dialect, {
    wanted: () => wanted,
    answered,
    forgotten,
    status: (kind, text) => {
      if (loop === started) showStatus(kind, kind === "ok" ? text + begunAnew : text);
    },
    traffic: (sent, received) => developerView.traffic(sent, received),
  });
  loop = started;
  homeserver = new Homeserver(byId("homeserver").textContent, token);
  openRoom(null);
  draw();
  started.run();
  // Without it own messages just look like those of others.
  me = await homeserver.userId().catch(() => null);
}

byId("start").addEventListener("submit", (event) => {
  event.preventDefault();
  const token = byId("token").value.trim();
  if (!token) {
    showStatus("error", "Paste an access token first.");
    byId("token").focus();
    return;
  }
  localStorage.setItem(TOKEN_KEY, token);
  start(token);
});

byId("dialect").append(...DIALECTS.map(({ id, title }) => el("option", { value: id, textContent: title })));
byId("dialect").value = dialect.id;
byId("dialect").addEventListener("change", (event) => {
  dialect = dialectOf(event.target.value);
  localStorage.setItem(DIALECT_KEY, dialect.id);
  if (loop) start(loop.token);
});

byId("forget").addEventListener("click", () => {
  stop();
  localStorage.removeItem(TOKEN_KEY);
  byId("token").value = "";
  showStatus("", "Stopped; the token is forgotten");
});

byId("toggle-developer").addEventListener("click", (event) => {
  const shown = document.body.classList.toggle("developing");
  event.currentTarget.setAttribute("aria-expanded", String(shown));
});

byId("back").addEventListener("click", () => openRoom(null));

async function readServer() {
  const { server = "", version = "" } = await (await fetch("server.json")).json();
  byId("homeserver").textContent = server;
  byId("version").textContent = version;
}

byId("token").value = localStorage.getItem(TOKEN_KEY) ?? "";
readServer().catch(() => showStatus("error", "server.json could not be read: pictures and sending do not work"));
