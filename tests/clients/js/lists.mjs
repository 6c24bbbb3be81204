// The lists and subscriptions that Element Web asks for when its labs flag is on, and how it
// makes the lists grow. Only the parameters are Element Web's; this is a test's own code.

import {
    MSC3575_STATE_KEY_LAZY as LAZY,
    MSC3575_STATE_KEY_ME as ME,
    MSC3575_WILDCARD as ANY,
    SlidingSync,
    SlidingSyncEvent,
    SlidingSyncState,
} from "matrix-js-sdk/lib/sliding-sync.js";

const FIRST = 10; // the last index of the first window
const SUBSCRIBED_LIMIT = 50;
const PAUSE_MS = 50;

const STATE = [
    ["m.room.join_rules", ""],
    ["m.room.avatar", ""],
    ["m.room.tombstone", ""],
    ["m.room.encryption", ""],
    ["m.room.create", ""],
    ["m.room.member", ME],
];
const OLD_ROOMS = { timeline_limit: 0, required_state: STATE };
const SUBSCRIPTION = { timeline_limit: SUBSCRIBED_LIMIT, include_old_rooms: OLD_ROOMS };
const ENCRYPTED = { required_state: [[ANY, ANY]], ...SUBSCRIPTION };
const PLAIN = {
    required_state: [
        ["m.room.member", ME],
        ["m.room.member", LAZY],
    ],
    ...SUBSCRIPTION,
};

function list(timeline_limit, filters) {
    const all = { ranges: [[0, FIRST]], timeline_limit, required_state: STATE };
    return { ...all, include_old_rooms: OLD_ROOMS, ...(filters && { filters }) };
}

const LISTS = {
    spaces: list(0, { room_types: ["m.space"] }),
    invites: list(1, { is_invite: true }),
    favourites: list(1, { tags: ["m.favourite"] }),
    dms: list(1, { is_dm: true, is_invite: false, not_tags: ["m.favourite", "m.lowpriority"] }),
    untagged: list(1),
};

/** Sliding sync as Element Web sets it up; its lists grow until they hold all rooms. */
export function elementWeb(client, { timeoutMs, step }) {
    const lists = new Map(Object.entries(LISTS));
    const sync = new SlidingSync(client.baseUrl, lists, ENCRYPTED, client, timeoutMs);
    sync.addCustomSubscription("plain", PLAIN);
    grow(sync, step);
    return sync;
}

/** Subscribe to a room that the user has opened. */
export async function open(sync, client, roomId) {
    const encrypted = await client.getCrypto().isEncryptionEnabledInRoom(roomId);
    if (!encrypted && client.getRoom(roomId)) sync.useCustomSubscription(roomId, "plain");
    sync.modifyRoomSubscriptions(sync.getRoomSubscriptions().add(roomId));
}

/** After each answer the windows that end before their list does get `step` rows more. */
function grow(sync, step) {
    const ends = new Map(Object.keys(LISTS).map((name) => [name, FIRST]));
    const onLifecycle = async (state) => {
        if (state !== SlidingSyncState.Complete) return;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        const short = [...ends].filter(([name, end]) => end < sync.getListData(name).joinedCount);
        for (const [name, end] of short) {
            ends.set(name, end + step);
            sync.setListRanges(name, [[0, end + step]]);
        }
        if (short.length === 0) sync.off(SlidingSyncEvent.Lifecycle, onLifecycle);
    };
    sync.on(SlidingSyncEvent.Lifecycle, onLifecycle);
}
