// A client on matrix-js-sdk with its Rust crypto: `node client.mjs '{"baseUrl": …}'`.
// tests/support/driven.py says how it is spoken to. Keys live in memory: each start is a new
// device.

import { obey, saw, sawError } from "./wire.mjs";
import {
    ClientEvent,
    createClient,
    MatrixEventEvent,
    RoomEvent,
    RoomMemberEvent,
    RoomStateEvent,
} from "matrix-js-sdk";
import { CryptoEvent } from "matrix-js-sdk/lib/crypto-api/index.js";
import { SlidingSyncEvent } from "matrix-js-sdk/lib/sliding-sync.js";
import { elementWeb, open } from "./lists.mjs";

async function logIn({ baseUrl, user, password, deviceId }) {
    const session = await createClient({ baseUrl }).loginRequest({
        type: "m.login.password",
        identifier: { type: "m.id.user", user },
        password,
        device_id: deviceId,
    });
    const client = createClient({
        baseUrl,
        accessToken: session.access_token,
        userId: session.user_id,
        deviceId: session.device_id,
    });
    saw("login", { user_id: session.user_id, device_id: session.device_id });
    return client;
}

function describe(room) {
    return {
        room_id: room.roomId,
        name: room.name,
        membership: room.getMyMembership(),
        encrypted: room.hasEncryptionStateEvent(),
        joined: room.getJoinedMemberCount(),
        bump_stamp: room.getBumpStamp(),
        events: room.getLiveTimeline().getEvents().map((event) => event.getId()),
    };
}

async function tellOfEvent(event, live) {
    const [room_id, event_id] = [event.getRoomId(), event.getId()];
    const about = { room_id, event_id, sender: event.getSender(), live };
    if (event.isDecryptionFailure()) {
        saw("undecryptable", { ...about, reason: event.decryptionFailureReason });
        return; // told again once it is decrypted
    }
    if (event.isEncrypted() && !event.getClearContent()) return; // told once it is decrypted
    if (event.getType() !== "m.room.message") return;
    saw("message", { ...about, body: event.getContent().body, encrypted: event.isEncrypted() });
}

async function onTimeline(client, event, live) {
    if (event.status) return; // our own, before the server has told us of it
    if (event.isEncrypted()) {
        event.on(MatrixEventEvent.Decrypted, (decrypted) => tellOfEvent(decrypted, live));
        await client.decryptEventIfNeeded(event); // as a client does that shows it
    } else {
        await tellOfEvent(event, live);
    }
}

function watch(client, sync) {
    client.on(ClientEvent.Sync, (state, before, data) =>
        saw("state", { state, pos: data?.nextSyncToken, error: data?.error && String(data.error) }),
    );
    client.on(ClientEvent.Room, (room) => saw("room", describe(room)));
    client.on(RoomEvent.Name, (room) => saw("name", { room_id: room.roomId, name: room.name }));
    client.on(RoomStateEvent.Members, (event, state) => {
        const joined = state.getMembers().filter((member) => member.membership === "join");
        const user_ids = joined.map((member) => member.userId).sort();
        saw("members", { room_id: state.roomId, joined: user_ids });
    });
    client.on(RoomEvent.MyMembership, (room, membership) =>
        saw("membership", { room_id: room.roomId, membership }),
    );
    client.on(RoomEvent.Timeline, (event, room, toStart, removed, data) => {
        if (!removed) onTimeline(client, event, Boolean(data.liveEvent)).catch(sawError);
    });
    client.on(RoomEvent.LocalEchoUpdated, (event) => {
        if (!event.status) tellOfEvent(event, true).catch(sawError); // now the server has
    });
    client.on(RoomMemberEvent.Typing, (event, member) =>
        saw("typing", { room_id: member.roomId, user_id: member.userId, typing: member.typing }),
    );
    client.on(RoomEvent.Receipt, (event, room) =>
        saw("receipt", { room_id: room.roomId, event_ids: Object.keys(event.getContent()) }),
    );
    client.on(ClientEvent.AccountData, (event) => saw("account_data", { type: event.getType() }));
    client.on(CryptoEvent.DevicesUpdated, (user_ids) => saw("devices", { user_ids }));
    sync.on(SlidingSyncEvent.Lifecycle, (state, answer, error) => {
        if (error) saw("failure", { status: error.httpStatus, errcode: error.errcode });
    });
}

function commandsOf(client, sync) {
    return {
        rooms: async () => ({ rooms: client.getRooms().map(describe) }),
        open: async ({ room_id }) => {
            await open(sync, client, room_id);
            return {};
        },
        send: async ({ room_id, body }) => client.sendTextMessage(room_id, body),
        devices: async ({ user_id }) => {
            const devices = await client.getCrypto().getUserDeviceInfo([user_id], true);
            return { device_ids: [...(devices.get(user_id)?.keys() ?? [])] };
        },
        type: async ({ room_id, typing }) => client.sendTyping(room_id, typing, 30_000),
        read: async ({ room_id, event_id }) => {
            const event = client.getRoom(room_id).findEventById(event_id);
            return client.sendReadReceipt(event);
        },
        stop: async () => {
            client.stopClient();
            setTimeout(() => process.exit(0), 100); // after the answer
            return {};
        },
    };
}

const args = JSON.parse(process.argv[2]);
const client = await logIn(args);
await client.initRustCrypto({ useIndexedDB: false });
const sync = elementWeb(client, { timeoutMs: args.timeoutMs ?? 20_000, step: args.step ?? 50 });
watch(client, sync);
const native = await client.doesServerSupportUnstableFeature("org.matrix.simplified_msc3575");
saw("server", { native });
if (args.start !== false) await client.startClient({ slidingSync: sync, threadSupport: true });
await obey(commandsOf(client, sync));
