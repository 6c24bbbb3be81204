"""The first schema: all tables and their indexes.

Keys of several columns, partial indexes, defaults and the UNLOGGED fence are written by
hand, as the models cannot say them.
"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        CREATE SEQUENCE IF NOT EXISTS "syncv3_to_device_messages_seq";
CREATE SEQUENCE IF NOT EXISTS "ss_room_blocks";
CREATE SEQUENCE IF NOT EXISTS "ss_event_blocks";
CREATE TABLE IF NOT EXISTS "ss_changes" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "pos" BIGINT NOT NULL,
    "extension" VARCHAR(64) NOT NULL,
    "user_key" INT,
    "device_key" INT,
    "room_key" INT
);
CREATE INDEX IF NOT EXISTS "idx_ss_changes_pos_61aa52" ON "ss_changes" ("pos");
COMMENT ON COLUMN "ss_changes"."user_key" IS 'null: not narrowed to a user';
COMMENT ON TABLE "ss_changes" IS 'Something an extension stored changed. Written by ingest, deleted by retention.';
CREATE TABLE IF NOT EXISTS "ss_connections" (
    "connection_key" BIGSERIAL NOT NULL PRIMARY KEY,
    "device_key" INT NOT NULL,
    "conn_id" TEXT NOT NULL,
    "dialect" VARCHAR(1) NOT NULL,
    "created" TIMESTAMPTZ NOT NULL,
    "last_used" TIMESTAMPTZ NOT NULL,
    "request" BYTEA NOT NULL,
    "generation" BIGINT NOT NULL,
    "nonce" BIGINT NOT NULL,
    "pos" BIGINT NOT NULL,
    "epoch" BIGINT NOT NULL,
    "turn" BIGINT NOT NULL DEFAULT 0,
    "windows" BYTEA,
    CONSTRAINT "uid_ss_connecti_device__b30549" UNIQUE ("device_key", "conn_id")
);
COMMENT ON COLUMN "ss_connections"."windows" IS 'list windows, kept for several workers';
COMMENT ON TABLE "ss_connections" IS 'One connection of one device.';
CREATE TABLE IF NOT EXISTS "ss_connection_rooms" (
    "connection_key" BIGINT NOT NULL,
    "room_key" INT NOT NULL,
    "generation" BIGINT NOT NULL,
    "config" INT NOT NULL,
    "members" BYTEA,
    PRIMARY KEY ("connection_key", "room_key")
);
COMMENT ON COLUMN "ss_connection_rooms"."generation" IS 'of the answer in which the room became live';
COMMENT ON COLUMN "ss_connection_rooms"."config" IS 'which timeline limit and required state it was sent with';
COMMENT ON COLUMN "ss_connection_rooms"."members" IS 'who was sent lazily';
COMMENT ON TABLE "ss_connection_rooms" IS 'A room that the client of a connection has been sent, and how.';
CREATE TABLE IF NOT EXISTS "ss_device_keys" (
    "device_key" INT NOT NULL PRIMARY KEY,
    "one_time_keys" BYTEA,
    "fallback_types" BYTEA,
    "pos" BIGINT NOT NULL,
    "lists_acknowledged" BIGINT NOT NULL DEFAULT 0
);
COMMENT ON COLUMN "ss_device_keys"."pos" IS 'position of their last change';
COMMENT ON COLUMN "ss_device_keys"."lists_acknowledged" IS 'up to where some connection has device list changes';
COMMENT ON TABLE "ss_device_keys" IS 'What the homeserver last said of a device''s one-time and fallback keys.';
CREATE TABLE IF NOT EXISTS "syncv3_device_list_updates" (
    "user_id" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,
    "target_user_id" TEXT NOT NULL,
    "target_state" SMALLINT NOT NULL,
    "pos" BIGINT NOT NULL,
    PRIMARY KEY ("user_id", "device_id", "target_user_id")
);
COMMENT ON COLUMN "syncv3_device_list_updates"."target_state" IS '1 changed, 2 left';
COMMENT ON TABLE "syncv3_device_list_updates" IS 'The newest device list change of one target user, as seen by one device''s poller.';
CREATE TABLE IF NOT EXISTS "ss_account_data" (
    "user_key" INT NOT NULL,
    "room_key" INT NOT NULL,
    "type" TEXT NOT NULL,
    "json" TEXT NOT NULL,
    "generated_us" BIGINT NOT NULL,
    "pos" BIGINT NOT NULL,
    "reported_by" INT[] NOT NULL,
    "earlier" JSONB NOT NULL,
    PRIMARY KEY ("user_key", "room_key", "type")
);
COMMENT ON COLUMN "ss_account_data"."room_key" IS '0: global';
COMMENT ON COLUMN "ss_account_data"."json" IS 'the event as it came';
COMMENT ON COLUMN "ss_account_data"."generated_us" IS 'when the report of this value was made';
COMMENT ON COLUMN "ss_account_data"."pos" IS 'position of the last change';
COMMENT ON COLUMN "ss_account_data"."reported_by" IS 'devices that have reported this value';
COMMENT ON COLUMN "ss_account_data"."earlier" IS 'newest first: [{hash, until (us), by: [device keys]}]';
COMMENT ON TABLE "ss_account_data" IS 'One type of one user''s account data, global (room key 0) or of a room.';
CREATE TABLE IF NOT EXISTS "ss_receipts" (
    "room_key" INT NOT NULL,
    "user_id" TEXT NOT NULL,
    "private" BOOL NOT NULL,
    "thread_id" TEXT NOT NULL,
    "event_id" TEXT NOT NULL,
    "ts" BIGINT NOT NULL,
    "generated_us" BIGINT NOT NULL,
    "pos" BIGINT NOT NULL,
    PRIMARY KEY ("room_key", "user_id", "private", "thread_id")
);
COMMENT ON COLUMN "ss_receipts"."private" IS 'm.read.private: for its owner only';
COMMENT ON COLUMN "ss_receipts"."thread_id" IS 'empty: not of a thread';
COMMENT ON COLUMN "ss_receipts"."ts" IS 'when it was read, ms, as the event says';
COMMENT ON COLUMN "ss_receipts"."generated_us" IS 'when the report was made';
COMMENT ON COLUMN "ss_receipts"."pos" IS 'position of the last change';
COMMENT ON TABLE "ss_receipts" IS 'Up to where one user has read a room or a thread of it. Written by ingest only.';
CREATE UNLOGGED TABLE IF NOT EXISTS "ss_typing" (
    "room_key" INT NOT NULL PRIMARY KEY,
    "device_key" INT,
    "json" TEXT NOT NULL,
    "nobody" BOOL NOT NULL,
    "generated_us" BIGINT NOT NULL,
    "pos" BIGINT NOT NULL
);
COMMENT ON COLUMN "ss_typing"."device_key" IS 'whose poller is heard; null: anyone''s';
COMMENT ON COLUMN "ss_typing"."json" IS 'the event as it came';
COMMENT ON COLUMN "ss_typing"."nobody" IS 'it says that nobody is typing';
COMMENT ON COLUMN "ss_typing"."generated_us" IS 'when the report was made';
COMMENT ON COLUMN "ss_typing"."pos" IS 'position of the last change';
COMMENT ON TABLE "ss_typing" IS 'Who is typing in a room now, in an UNLOGGED table.';
CREATE TABLE IF NOT EXISTS "ss_rejected_sections" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "extension" VARCHAR(64) NOT NULL,
    "device_key" INT,
    "rows" TEXT NOT NULL,
    "error" TEXT NOT NULL,
    "created" TIMESTAMPTZ NOT NULL DEFAULT now()
);
COMMENT ON COLUMN "ss_rejected_sections"."device_key" IS 'null: of several devices';
COMMENT ON COLUMN "ss_rejected_sections"."rows" IS 'what was to be stored, or the sections, as JSON';
COMMENT ON TABLE "ss_rejected_sections" IS 'Data that an extension could not take in: set aside, so that the poll could go on.';
CREATE TABLE IF NOT EXISTS "ss_events" (
    "event_key" BIGINT NOT NULL PRIMARY KEY,
    "room_key" INT NOT NULL,
    "pos" BIGINT,
    "ord" BIGINT,
    "history" BOOL NOT NULL,
    "event_id" BYTEA NOT NULL,
    "type" TEXT NOT NULL,
    "state_key" TEXT,
    "redacts" TEXT,
    "prev_batch" TEXT,
    "json" BYTEA NOT NULL,
    "unsigned" BYTEA
);
COMMENT ON COLUMN "ss_events"."history" IS 'visible only to whose poller brought it';
COMMENT ON COLUMN "ss_events"."event_id" IS 'see syncv3/store/event_ids.py';
COMMENT ON COLUMN "ss_events"."json" IS 'the event without its unsigned';
COMMENT ON COLUMN "ss_events"."unsigned" IS 'what of unsigned is true for everybody';
COMMENT ON TABLE "ss_events" IS 'One event. Bytes change only by redaction.';
CREATE TABLE IF NOT EXISTS "ss_gaps" (
    "room_key" INT NOT NULL,
    "ord" BIGINT NOT NULL,
    "token" TEXT,
    "user_key" INT NOT NULL,
    PRIMARY KEY ("room_key", "ord")
);
COMMENT ON TABLE "ss_gaps" IS 'Events are missing below ``ord``; ``token`` pages back from there, for ``user_key``.';
CREATE TABLE IF NOT EXISTS "ss_devices" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "user_key" INT NOT NULL,
    "device_id" TEXT NOT NULL,
    CONSTRAINT "uid_ss_devices_user_ke_a2a341" UNIQUE ("user_key", "device_id")
);
COMMENT ON TABLE "ss_devices" IS 'One device of one user.';
CREATE TABLE IF NOT EXISTS "ss_memberships" (
    "user_key" INT NOT NULL,
    "room_key" INT NOT NULL,
    "pos" BIGINT NOT NULL,
    "membership" VARCHAR(6) NOT NULL,
    "event_key" BIGINT,
    PRIMARY KEY ("user_key", "room_key", "pos")
);
COMMENT ON TABLE "ss_memberships" IS 'History of memberships of local users, one row a change. Appended only.';
CREATE TABLE IF NOT EXISTS "ss_pollers" (
    "device_key" INT NOT NULL PRIMARY KEY,
    "since" TEXT,
    "generated_us" BIGINT NOT NULL DEFAULT 0,
    "owner" TEXT,
    "lease_no" BIGINT NOT NULL DEFAULT 0,
    "last_used" TIMESTAMPTZ NOT NULL DEFAULT now()
);
COMMENT ON TABLE "ss_pollers" IS 'The upstream poll of one device: how far it is, and who runs it.';
CREATE TABLE IF NOT EXISTS "ss_rooms" (
    "room_key" INT NOT NULL PRIMARY KEY,
    "room_id" TEXT NOT NULL,
    "version" BIGINT NOT NULL,
    "pos" BIGINT NOT NULL,
    "reset_pos" BIGINT NOT NULL,
    "head_ord" BIGINT,
    "gap_ord" BIGINT,
    "filled_ord" BIGINT,
    "generated_us" BIGINT NOT NULL,
    "name" TEXT,
    "alias" TEXT,
    "avatar" TEXT,
    "room_type" TEXT,
    "room_version" TEXT,
    "encrypted" BOOL NOT NULL,
    "predecessor" TEXT,
    "successor" TEXT,
    "joined" INT NOT NULL,
    "invited" INT NOT NULL,
    "heroes" BYTEA NOT NULL,
    "newest" BYTEA NOT NULL,
    "children" TEXT[],
    "name_pos" BIGINT NOT NULL,
    "avatar_pos" BIGINT NOT NULL,
    "counts_pos" BIGINT NOT NULL,
    "members_complete" BOOL NOT NULL,
    "head_token" TEXT,
    "history_hidden" BOOL NOT NULL
);
COMMENT ON COLUMN "ss_rooms"."version" IS 'position of the last write; ingest''s optimistic lock';
COMMENT ON COLUMN "ss_rooms"."pos" IS 'position of the last change of this row';
COMMENT ON COLUMN "ss_rooms"."reset_pos" IS 'position of the last gap: sent as initial after';
COMMENT ON COLUMN "ss_rooms"."head_ord" IS 'order of the newest live event';
COMMENT ON COLUMN "ss_rooms"."gap_ord" IS 'order of the first event after the newest gap';
COMMENT ON COLUMN "ss_rooms"."filled_ord" IS 'lowest order used below that gap';
COMMENT ON COLUMN "ss_rooms"."generated_us" IS 'when the newest chunk was made, database clock';
COMMENT ON COLUMN "ss_rooms"."heroes" IS 'JSON: [[user ID, display name, avatar], ...], at most 6';
COMMENT ON COLUMN "ss_rooms"."newest" IS 'JSON: type -> [[timestamp, sender] newest first, two senders]';
COMMENT ON COLUMN "ss_rooms"."children" IS 'valid m.space.child state keys of a space';
COMMENT ON COLUMN "ss_rooms"."head_token" IS 'token of the answer that brought the newest event: not before any';
COMMENT ON COLUMN "ss_rooms"."history_hidden" IS 'some of its history has not been visible to all members';
COMMENT ON TABLE "ss_rooms" IS 'One room and everything that lists sort and filter by. Written by ingest only.';
CREATE TABLE IF NOT EXISTS "ss_room_state" (
    "event_key" BIGINT NOT NULL,
    "room_key" INT NOT NULL,
    "type" TEXT NOT NULL,
    "state_key" TEXT NOT NULL,
    "from_pos" BIGINT NOT NULL,
    "to_pos" BIGINT,
    "learned_pos" BIGINT NOT NULL
);
COMMENT ON COLUMN "ss_room_state"."from_pos" IS '0: learned, not changed';
COMMENT ON TABLE "ss_room_state" IS 'One value of one state key, from a position to a position (null: current).';
CREATE TABLE IF NOT EXISTS "ss_spans" (
    "user_key" INT NOT NULL,
    "room_key" INT NOT NULL,
    "from_ord" BIGINT NOT NULL,
    "to_ord" BIGINT,
    PRIMARY KEY ("user_key", "room_key", "from_ord")
);
COMMENT ON TABLE "ss_spans" IS 'A stretch of a room''s timeline that a user may see; ``to_ord`` null while joined.';
CREATE TABLE IF NOT EXISTS "ss_stream_commits" (
    "last_pos" BIGINT NOT NULL PRIMARY KEY,
    "first_pos" BIGINT NOT NULL,
    "epoch" BIGINT NOT NULL
);
COMMENT ON TABLE "ss_stream_commits" IS 'One committed group and the positions it took. Appended only, under the stream lock.';
CREATE TABLE IF NOT EXISTS "ss_stream_epochs" (
    "epoch" BIGINT NOT NULL PRIMARY KEY,
    "first_pos" BIGINT NOT NULL,
    "last_pos" BIGINT,
    "opened" TIMESTAMPTZ NOT NULL DEFAULT now()
);
COMMENT ON COLUMN "ss_stream_epochs"."last_pos" IS 'null while the epoch is open';
COMMENT ON TABLE "ss_stream_epochs" IS 'One stretch of the stream without a crash of the database.';
CREATE UNLOGGED TABLE IF NOT EXISTS "ss_stream_fence" (
    "epoch" BIGINT NOT NULL PRIMARY KEY,
    "floor" BIGINT NOT NULL DEFAULT 0
);
COMMENT ON COLUMN "ss_stream_fence"."floor" IS 'changes of this epoch before it are gone';
COMMENT ON TABLE "ss_stream_fence" IS 'One row naming the open epoch, in an UNLOGGED table.';
CREATE TABLE IF NOT EXISTS "syncv3_to_device_messages" (
    "position" BIGINT NOT NULL DEFAULT nextval('syncv3_to_device_messages_seq') PRIMARY KEY,
    "user_id" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,
    "event_type" TEXT NOT NULL,
    "sender" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "unique_key" TEXT,
    "action" SMALLINT NOT NULL DEFAULT 0,
    "sent" BOOL NOT NULL DEFAULT False,
    "pos" BIGINT NOT NULL DEFAULT 0
);
COMMENT ON COLUMN "syncv3_to_device_messages"."action" IS '0 other, 1 request, 2 cancellation';
COMMENT ON COLUMN "syncv3_to_device_messages"."sent" IS 'a request that a client was given';
COMMENT ON COLUMN "syncv3_to_device_messages"."pos" IS 'stream position: wakes, is not the token';
COMMENT ON TABLE "syncv3_to_device_messages" IS 'One to-device message, kept until the client acknowledges it.';
CREATE TABLE IF NOT EXISTS "ss_tokens" (
    "hash" VARCHAR(64) NOT NULL PRIMARY KEY,
    "device_key" INT NOT NULL,
    "token" TEXT NOT NULL,
    "last_seen" TIMESTAMPTZ NOT NULL,
    "created" TIMESTAMPTZ NOT NULL
);
CREATE INDEX IF NOT EXISTS "idx_ss_tokens_device__806a76" ON "ss_tokens" ("device_key");
COMMENT ON COLUMN "ss_tokens"."hash" IS 'hex SHA-256 of the token';
COMMENT ON TABLE "ss_tokens" IS 'One access token, encrypted. The plain token is never stored.';
CREATE TABLE IF NOT EXISTS "ss_txns" (
    "device_key" INT NOT NULL,
    "event_key" BIGINT NOT NULL,
    "txn_id" TEXT,
    "pos" BIGINT NOT NULL,
    "created" TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY ("device_key", "event_key")
);
COMMENT ON TABLE "ss_txns" IS 'A device''s poller has delivered this own event, with or without a transaction id.';
CREATE TABLE IF NOT EXISTS "ss_users" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "user_id" VARCHAR(255) NOT NULL UNIQUE,
    "pos" BIGINT NOT NULL DEFAULT 0,
    "direct" TEXT[] NOT NULL DEFAULT '{}',
    "direct_us" BIGINT NOT NULL DEFAULT 0,
    "ignored" TEXT[] NOT NULL DEFAULT '{}',
    "ignored_us" BIGINT NOT NULL DEFAULT 0
);
COMMENT ON COLUMN "ss_users"."direct" IS 'rooms named in m.direct';
COMMENT ON COLUMN "ss_users"."direct_us" IS 'when that m.direct was made';
COMMENT ON COLUMN "ss_users"."ignored" IS 'users of m.ignored_user_list';
COMMENT ON TABLE "ss_users" IS 'One local user, with the account data that lists need.';
CREATE TABLE IF NOT EXISTS "ss_user_rooms" (
    "user_key" INT NOT NULL,
    "room_key" INT NOT NULL,
    "pos" BIGINT NOT NULL,
    "membership" VARCHAR(6) NOT NULL,
    "reset_pos" BIGINT NOT NULL,
    "generated_us" BIGINT NOT NULL,
    "joined_ord" BIGINT,
    "visible_ord" BIGINT,
    "left_ord" BIGINT,
    "confirmed_ord" BIGINT,
    "confirmed_pos" BIGINT NOT NULL,
    "joined_ts" BIGINT NOT NULL,
    "member_json" BYTEA,
    "stripped" BYTEA,
    "notification_count" INT NOT NULL,
    "highlight_count" INT NOT NULL,
    "unread_pos" BIGINT NOT NULL,
    "unread_us" BIGINT NOT NULL,
    "tags" TEXT[] NOT NULL,
    "tags_us" BIGINT NOT NULL,
    "forgotten" BOOL NOT NULL,
    PRIMARY KEY ("user_key", "room_key")
);
COMMENT ON COLUMN "ss_user_rooms"."pos" IS 'position of the last change of this row';
COMMENT ON COLUMN "ss_user_rooms"."reset_pos" IS 'position of the last change of membership';
COMMENT ON COLUMN "ss_user_rooms"."generated_us" IS 'when the report behind the membership was made';
COMMENT ON COLUMN "ss_user_rooms"."confirmed_ord" IS 'no gap above this is confirmed';
COMMENT ON COLUMN "ss_user_rooms"."confirmed_pos" IS 'when it was confirmed past a gap';
COMMENT ON COLUMN "ss_user_rooms"."joined_ts" IS 'origin_server_ts of the join';
COMMENT ON COLUMN "ss_user_rooms"."member_json" IS 'own leave or ban event, whole';
COMMENT ON COLUMN "ss_user_rooms"."stripped" IS 'invite or knock state: a JSON array';
COMMENT ON TABLE "ss_user_rooms" IS 'One user''s relation to one room. Opened by the user''s own poller only.';
CREATE TABLE IF NOT EXISTS "ss_workers" (
    "worker" VARCHAR(64) NOT NULL PRIMARY KEY,
    "started" TIMESTAMPTZ NOT NULL,
    "beat" TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE "ss_workers" IS 'A running process that may own pollers, with its heartbeat.';
CREATE UNIQUE INDEX IF NOT EXISTS "ss_rooms_room_id" ON "ss_rooms" ("room_id");
CREATE INDEX IF NOT EXISTS "ss_rooms_pos" ON "ss_rooms" ("pos");
CREATE UNIQUE INDEX IF NOT EXISTS "ss_events_event_id" ON "ss_events" ("event_id");
CREATE INDEX IF NOT EXISTS "ss_events_timeline" ON "ss_events" ("room_key", "ord") WHERE "ord" IS NOT NULL;
CREATE INDEX IF NOT EXISTS "ss_events_pos" ON "ss_events" ("pos") WHERE "pos" IS NOT NULL;
CREATE UNIQUE INDEX IF NOT EXISTS "ss_room_state_current" ON "ss_room_state" ("room_key", "type", "state_key") WHERE "to_pos" IS NULL;
CREATE INDEX IF NOT EXISTS "ss_room_state_closed" ON "ss_room_state" ("to_pos") WHERE "to_pos" IS NOT NULL;
CREATE INDEX IF NOT EXISTS "ss_user_rooms_room" ON "ss_user_rooms" ("room_key");
CREATE INDEX IF NOT EXISTS "ss_user_rooms_pos" ON "ss_user_rooms" ("pos");
CREATE INDEX IF NOT EXISTS "ss_memberships_pos" ON "ss_memberships" ("pos");
CREATE INDEX IF NOT EXISTS "ss_users_pos" ON "ss_users" ("pos");
CREATE INDEX IF NOT EXISTS "ss_txns_pos" ON "ss_txns" ("pos");
CREATE INDEX IF NOT EXISTS "ss_txns_event" ON "ss_txns" ("event_key");
CREATE INDEX IF NOT EXISTS "ss_pollers_owner" ON "ss_pollers" ("owner");
CREATE INDEX IF NOT EXISTS "ss_connections_last_used" ON "ss_connections" ("last_used");
CREATE INDEX IF NOT EXISTS "syncv3_to_device_messages_device" ON "syncv3_to_device_messages" ("user_id", "device_id", "position");
CREATE INDEX IF NOT EXISTS "syncv3_device_list_updates_pos" ON "syncv3_device_list_updates" ("user_id", "device_id", "pos");
CREATE INDEX IF NOT EXISTS "syncv3_to_device_messages_key" ON "syncv3_to_device_messages" ("user_id", "device_id", "unique_key") WHERE "unique_key" IS NOT NULL;
CREATE INDEX IF NOT EXISTS "ss_account_data_pos" ON "ss_account_data" ("user_key", "pos");
CREATE INDEX IF NOT EXISTS "ss_receipts_pos" ON "ss_receipts" ("room_key", "pos");
CREATE INDEX IF NOT EXISTS "ss_receipts_event" ON "ss_receipts" ("room_key", "event_id");
CREATE TABLE IF NOT EXISTS "aerich" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "version" VARCHAR(255) NOT NULL,
    "app" VARCHAR(100) NOT NULL,
    "content" JSONB NOT NULL
);"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
DROP TABLE IF EXISTS "ss_changes";
DROP TABLE IF EXISTS "ss_account_data";
DROP TABLE IF EXISTS "ss_receipts";
DROP TABLE IF EXISTS "ss_typing";
DROP TABLE IF EXISTS "ss_rejected_sections";
DROP TABLE IF EXISTS "ss_connections";
DROP TABLE IF EXISTS "ss_connection_rooms";
DROP TABLE IF EXISTS "ss_device_keys";
DROP TABLE IF EXISTS "syncv3_device_list_updates";
DROP TABLE IF EXISTS "ss_events";
DROP TABLE IF EXISTS "ss_gaps";
DROP TABLE IF EXISTS "ss_devices";
DROP TABLE IF EXISTS "ss_memberships";
DROP TABLE IF EXISTS "ss_pollers";
DROP TABLE IF EXISTS "ss_rooms";
DROP TABLE IF EXISTS "ss_room_state";
DROP TABLE IF EXISTS "ss_spans";
DROP TABLE IF EXISTS "ss_stream_commits";
DROP TABLE IF EXISTS "ss_stream_epochs";
DROP TABLE IF EXISTS "ss_stream_fence";
DROP TABLE IF EXISTS "syncv3_to_device_messages";
DROP TABLE IF EXISTS "ss_tokens";
DROP TABLE IF EXISTS "ss_txns";
DROP TABLE IF EXISTS "ss_users";
DROP TABLE IF EXISTS "ss_user_rooms";
DROP TABLE IF EXISTS "ss_workers";
DROP SEQUENCE IF EXISTS "syncv3_to_device_messages_seq";
DROP SEQUENCE IF EXISTS "ss_room_blocks";
DROP SEQUENCE IF EXISTS "ss_event_blocks";"""


MODELS_STATE = (
    "eJztXXtz2za2/yoY/ZN0RvEmTpr0ujN3xm68bbqJ3Ru7t9ttMhJEQRJWJMAlKCu6u/3uFw"
    "cAnyJlQk9I4cw+YhIHpM4Bgd95/7sT8CHxxdml5/EZi9/ieBZ0LtC/OwwHRP6j8n4XdXAY"
    "ZnfhQowHviIQoof14N4Qx1gNHog4wl4sb4+wL4i8NCTCi2gYU86A6JYRFC9CgvgIcfnvmS"
    "DRE4HMRAgm6qKxzwfYR08jzgM0JQv0/BvEIyDBCK6dwbOG3JMPo2y8vWk/sU+s3yc48imJ"
    "+n00wQLFE4IesD8jAgbCXz4WMQoom8UEYTZE8wlXIyMS8igmcIF6ky4SXA7HMcKf2JA8UI"
    "/oP308FmhAJlSSUoEYj1GMp4ShkXwXjLwJZmOCBtibopirH6Ofq3/1jNF/zUgv5mMir0Xy"
    "t//xWV6Wk5EvRCR/htPeiBJ/WBAw8KQnfzZMo+72gGNw5x2L/6qGA1sHPY/7s4CVScJFPO"
    "EspaEshqtjwkiE5a/OiZzNfN8skuSSfm15IY5mJH3fYXZhSEZ45sPCAWr9Htm1Tq93c3vf"
    "u7u+7/U6S4sqocgtCHPJ4wwWpHxXoVgxhld4dv7i1ZtX3718/eo7OUS9ZnrlzZ/60Rl/NK"
    "Hi0s195091X64mPUIxPOMwLCJLDudJtsPh5ELG4uxTXJ/HnecX5vspf3u7ZHXGWsWUJbbe"
    "ky81fE3Gl3gqX9EdnjZetys4dX/993uYORDiXz5cuPnfy48//HT58emHy79/o+4szJ33tz"
    "c/JsO53KX1Ln7zw/vbqxKz/ynk+1kwOxnvMrM7sHWTByJPA7lX0xh58GOdZH/KsN5MLIvh"
    "io5rd5MypdM7ynwiDz2Qij449TEnT0R12qK5lFKAhw1FZLab/zo/f/nyzfnzl6+/+/bVmz"
    "fffvc83XeWb63agK7e/Qh7UEFUy5tSyC3lYwicFot8Rwr/LsAdjUpclkWCvnqDiuP3Morw"
    "ouYALtKVRONT4ZJsNI4UGkhO8APJQGf26Wy8qUnm/vG5xF4DipdZ+/Pd7U01Z3MkJa4OqR"
    "ej/yDHmMvInMilPqKRiAHWSUwvUbxUH6jUGWbimy4aLOR1g+UlZhOf//y8MbOBf6tPkPJh"
    "0VXfaDyO1CxqAjhBAPePpjlcChdAjZjjaNhbusPPed3Y5VvBeVC+ghkeK97DL4bfZ/THH/"
    "ROUaFZ/pDuISt1Sr3ViGbq5B0PpB4kWS81MSTxCWECti4R80h+E3qq4Rn6LaKxvCcFiChM"
    "HneRfDSB70ZeiuQ/GMy4rFfuYP4NNDg6tDtu9PjHTxujg7mut+3lRKnX7lw77U9VArlDJ/"
    "nglvkuN5Oo5tjJE7mskTRnfoC/9HzCxvFE/vn61Qq+JmfH61flo8PcOVe3imw+hGHILN6d"
    "n+mS5ELZ2BiOIj4HoMQRVvbBwxgyNHywZHeRyGGG79kUd1jT2wmy1BUQyRkjnmHAMpDM7j"
    "4KJtOhDQElOBIyosSdoL+/ardD7WjtTYiIXBwi7vfB2A/6tIipNwVQqK5/j/p9s8zkDHIU"
    "eBT6fcaZR+Rf8MsVFWZiTiLwNQjyiQkwY4lYLk2Y1aBRyiRh4Tf3YImLfr+rLClI6oz9vg"
    "Ql/X4dEP2jtNPAVD2JIj83Rai5Z1d+jKvg0jJti1y3g1wPdeY4B6S2fOgkn8cSU+tN5TmS"
    "k8Cm+7aNDyn25SZhoxDkSE6C5UV14EUDbeBFrTLwoqwLeBFRnFji71t5OaYBqVnWGVnZ1m"
    "fozpJ/HCHHVy3ydx+u7+4vP/xSWOlvL++v4c55YZUnV5++LskjnQT99u7+JwR/on/c3lyX"
    "TX3puPt/dOCd8CzmPcbnPTzM8yS5nFwqCBjM+T2p/liLuEDYCtlpIRtwWYW/pB5c6wlJiU"
    "riHSxibZA9HZFeGUt6Kk25JV69u7n8+Hv16XRVYXm/+v3++rLad1tps2rgua02Wx012tqz"
    "zVBpTna8T0latreu8ONhOQm5N7FjekrSsn1ttsezyHJvTyj2x/TnJ8XxufypfF65v9SjmR"
    "zRmmhmTy4KiIJA5m27aErCWEUCC/IgX85Hcx5NSSSaOSv2BHicsxJ/5LwymL00otvYWqwt"
    "p81MxpcqeFzH5ICp1vMpmGdVWHnOOAwh4gNCGALjbVfZeSd8vmxT3ny6DSIM9m2/PZaQ8Q"
    "MbcE84sPxgxtvT19Q6JoLT+I4o05kpOuYW9pgBgSBo5NMHp0M75UuM6Nhi7WcETovHSIMG"
    "xKcMxBDQWG3kYImh4NIzLr5YRUMrp9+cxhMrWW3tewlIMDBApDkKyxG5jcIgiStlso//j/"
    "qLFnItQ663yin4N7IQVXArd/cxqJV5FxuirN8SPDThAREkkuhYh6YLTIcaHek5nwhwwj+D"
    "z0p9THI+X2XTwbOW4dYW590AdznjoXUBbO0sP0/KrwfyS5dd841sidTp7cxlC3ny3ZjHWU"
    "lhmbYVw5piOEWDbTl3iUbHkr0ERiBIp58yPvfJcFzlnl0lnGp6Zw2OnVkIcbhzeUoSJOTB"
    "W7ZsmCQbZRvLJYS4JD6nENl7yahfQ/C+1+Oy3JjV6GzBvIeXCUIDEfRmiqwhUruXYMrkUi"
    "2LMYmRjHEkUZKKw+4ihbt1+kwWPynxVsh9n0TLmG0nT9gAvR12L3UBsh3YPqbSEewC8XIk"
    "JxEVtvdAPL092DG9QNSyfQ22612tt8aCX6ZsBbC+AJRlbpn9d4HUUOodwSVap7H0iyS9tY"
    "vOkU9GsRUAe3n+5nV6BMAfqzb9uw+X7987haquoVBIFZTSN1bjJ9FTdUYsMk7U+DN0Bdpr"
    "CmOYv9DZw0PsVWcnNyfVuSgq90MVnZK/1qDvrCyKKkY14MOFxEUSXQn0VKXCI8CDWZGsri"
    "pN9WxEff+bM5iUR0M9KY0lnvKxRGOUpT4GOVdi4P5ePxac25o/CLQVprCZsnPDa28KxdTM"
    "9r7LAlkLy1q3pWM2zQPpGo6ZyQ5jm5EbnB3HDUHL8XU5PqGQ0li1hXPuE8yq2Z6jKluFJd"
    "muto70igW0eqCCykfqc1rZwbggxhaBBhGfjSfyOG4IuFZx+/b2fQEAX70rI9xfP1xdJwlC"
    "chCNa0SiD8jqAiT19vo8lds5BR1BCNKWr7+ofNq/JO8uzkK3XMFtWcQDqX4KpVbjmXqOF4"
    "jWYrtjR8K+ua6VmArQU8/zHEnLcXuOhxF56A1wXJVdUM/0IlXL922VXV11vtYUXnXtbM1s"
    "DBC+xmexshXMmKBjpj2VTh6u+RdsLpM8ldPRCZ05hD7xUSoIVaFEPjox0UQLsAY5JR5HzI"
    "M/4rBTYRyEy91HTINjHDY0DF5rIxmOCAqoEFCEcEB8PkfG5galY2I+JVA1JpTvKXTR+FGk"
    "sgdIJKcEQfb7SbEuU/elYELc1UM2MOE5YTVywXq3uzi4fVo0XNMaDpQ1CN+QlaaWELRIyh"
    "5JOdHqwo11fgrl4P4GfiIdxFR17OZvP3b8mgrazV1zJsAo11em2g9XM66yyFp+rWUhEY2L"
    "rK0VLH5itYB3dja2W8fOap62sUK7PwUd2bE/6LyvCa3Uk3J3H9uvg3Rowz37J+0Fgo04Rw"
    "t/+tzDvtqZRVdt0pFUc5KGW2foMgyJXBfDLAyhsMdvcd62h9fB96Y2ZuFkYxYcZeae9c2g"
    "sMUWOV9fKrNIdRKHbql4/grGprXz60vnl6tlHizazDH9/qvLuvlFxWpUYRtz5zFco4M9LD"
    "JqZqEcRXCgwkSKlcYvoPKLpI2gUgAV3bQraTRjEJZZnUCz6YRttrMTp2w9khG0shLiilAF"
    "Wl0HsTU5nmjTxtMqE8fnrKpBXf16Twna9W6/3n2CBekxbrfW81TtOl8zV7yt4G3/CRxDBW"
    "9HsO1H4hHJ/Cpwm9x6DN1GelxDePtrrhhA4jxRVQAkPB2atCPEI/mveKIuSbAqQehy18Ua"
    "090O5m/DGxwGvm02+AFCRulDZULsyoyNHNUeMzbWiJQLzmBfODPve6FCniCEUSFItSuUN5"
    "1D5mroXcw2PTxP5PI30CFBGC8uVFNHlZWq33xjAezku6hPm6mXxIqkGacE4exmVJUssLI+"
    "u/POho4ELyypAwqrvYsCoaraZKHVAi+cq5F07AaSdSWlst9JyCMtMei+6LJoTtE/V64F53"
    "IlOGcUv38ST8rtrr71anlI91FFUI/vCasurG8ltNcV8DFDaUNv5PGZP1QHf4ynUGbiAgki"
    "xwg6lJMInhXNVz4NPXzMUVXtjN08YgO9sDq3tv4bPLGAvgOXqmhbzVd5y7feav60u5+bdv"
    "PywEm6t+TCjQ/RE72qac6KtNnqfjlOrWSdtAagKuZoQEzv6y6Y71RzbXPMKGz8893tjaNq"
    "YRRxK1dVSuCybJxVCNumtlW7DeiRt2C60tvjkXhPzE7urPOkphNVo/5TFk2nbpnp4QKhOS"
    "pXN55A8qaCp6oatASrkW4nMqJ+DIVlFs1dJtudHqrP5dta0aT0myqAo3JJJQin7IFCtxOB"
    "sNzWZ4ML1O9PwCaZVpgDXrfuF9fdL4pddibPHEl7wK1xwMkPtFp3WaVA5oiOz5AzlzsN+d"
    "7sMtCaRQ4P5L5EPcjHmLpm4fmarW36kty+pX7hslwk/iBxz1o6BbLjk9EYhxe665XUmCiT"
    "A6TaikexjoxzVVYJLrATVZ7KZTOCfEVwK2spmUYH0KRPe3pclotcTfZiyREdjVR0aWTteV"
    "NfS15WY10HxlUhQe1mssbnU6RzWVQ+V3LQEoOIR1PURmkfjkvna/OTmm/Gm8zYNPWWdhGo"
    "FwMsoP+x43hO/b+FspOMb6PO7RUd7FNsZdNOCVpur8HtB/kRWtmpM4qW32uUOgUziOKYBc"
    "sLRC3X1+R6rQXlEcbXG1Fa3jdxhDEvWoSVvpmVkcMFOrervW+D91sMDg4jMiQeEcLOAVki"
    "a9f6GuXDZ5493wtELdfXKKrMaWUJ31otKiM4mQTFrUWUaBedDTdzFC07l62YEbdtgZ3ROF"
    "70G6JvoNqhyrZ791Zq9FSEPl4g+PVdpDWFz110dnYm/xfHKOAiRq+bafqrzsodVQPXdgo7"
    "YWU0RyEseDv07L+l0CCmRcQ4CLvgGxiS6HNip1GGzy6K59zcEZ+dFZk3of4wqqq7exlFuE"
    "ZmeaKS1CDwwZkTt/OAfTpEwZkIsUfO1GubRnpTshA6N0rd21g+cNL+8bnC7GXvLctTuWyf"
    "dDJ8uWyZsWd/ka4VwNoC8PhMPt9eAEW6VgBrC8CUqpOsDUKfWKceV5G3dgQLO4LypVtXtS"
    "9SOazP6vr7ibcXMzFXLl4JU5P+fDnflXID64zkARnxCAg2zwjfiTpsmiT2JnQ4rBJdkw6L"
    "OWK3P5mO4AHR1TwEMi+vCn9oSUn5Jp0YY46w7yeVfTcHtJt9Zw7FMt+pXuU1Ac13SSPzR6"
    "Oas57nzUKbJbadpcX0U1DbNbHCKI1kArllfz3V+TfeLJL4Pf6mOqx5e1O3baqPCTq0JZ/3"
    "adqy9WJu5MB0jZl79ywcpjHp1852ODHsNcA8lctbR+f5BZJQMGKQXgmASUdzNyy0c6guW/"
    "byyGgcjmh08kQtFAOFdWLP/BKhy9+DgyJwSE+4X4SaJ5WKgrn7mKYQZ8Me1RJ+m3DVr1SR"
    "IMqSOo6Mz7vqT4Z+vXl/++OP12+ResayNmA/BSQyQspsWgAkMQqIkE+ToHA55UQua7lrzl"
    "hMfSjbRNhQQIq6XO4PRBdtgiddIA6Kg/jEArxAPh7rSuvmheaqtsjIp960vplYm/boStrj"
    "iZe2mE+4SNd8ssS/R1otxmwhteknB6pzUd03ux751nTNdgr05npmQ16WRF8matw9GMx40i"
    "bawpSYEbld+ZPqwnp6l9cvnZ0Zh7YTfs1pI215vcMKoi2vZwuT70JcWVNPXX8MGgs5qGFp"
    "kEskR5DYm+gQEIBxT+SORQPiU0ZMzTtdBB1gpyBEN3k3dTbgrdF8Qn2CdCjkMnDeyRParo"
    "gOg1sn1Ac39PqtwVZlCLRPws1RnRJb928ptGZ9RuOwouYg3105f1W7ux94ENDK5iaF+4+e"
    "x2owhA/J0RY1uzSBXCNoHPFZqO09ypik4ZTS9WLOp6XGwWBMGpoqA/rZqs5NtYt7Fw/Z4H"
    "hWfYfsTcM5qtM5oQ/s6lYWyjV8Vnmy9tRZ+9SROqs3sWN9StKy/XgPnWslxNoz5zqRcZMj"
    "Ry0IixMnp6rl9vU5latpBmqaF2GR3k2qblSfK+tNpas/MjJH6tUh5iqKBYL2snjAdVWjrL"
    "4kQdwfqtgsDzM0wfL+BOsTahZDBfZPLBeWxYAWBUQqxyolRc0iQNtMjg9dOVI3/8rPrk69"
    "jcO4Dv49t2dae6Yd2Pd/GHS3x4ruxlalPDJqB6NQb1IHQLsqFXg/+4rXGVVb8LoteG0BcP"
    "5KoHV4LcDRtxsCnFE6uGEV7DmkFKfoQS5h/Zk2DQNZZxLANL9oGd79z3sELekoUWo19JBR"
    "MCgiHgdg00VhxAOu4Aoo4lLq0LMA0kXUYw14meD4E8sUdLCbK/Cj0hRm7NkEh+rj1CEiOI"
    "engpmAbAakP94W0hzNGboC0vi8qkzISjiTkDhbZqGjvYMirQesl6/JmJKfDpb/N5bY3LVz"
    "1ZGd9p6/VdFCH4gQeFy525aHrN5xF8x7eCk3iZ6JQgo0lYVuGfNnmhYZ2i6akjA2gW+wk3"
    "o+VTEsHhT898lwrHbJ6k14o9k22PKSXdfaSZ9StV24trPvtZ2b9x69Zb59O6YXiFq2r90Y"
    "2DZLqkjVMn6dXClVtMaG6RlFy/A1GB5kWKQpx3MkLcvXYLnBQpYJgUUqh2szOMt37FXDyL"
    "sA+359TR6vOYw8lOr2XGeqdNELFBH5GCgBdg4eGo/IF0nevzHMfHn+5nUKLOGPVVDy7sPl"
    "+/fLFk5hWmFYBJ0nJI5XrcAJj5NISqP2QKzzmD40NTzvJ+7c/eBm27Vu3JqJfnch+T4loq"
    "sa0HFd9yWtYOOSYuWMmQJ4U2mcMExbnQMIoyxMEFjVx9US6aK0LvQZuoeAJ1/KQd9T4lPe"
    "Yt0yttoEsdFsG5ggJlhUGF3rO08n47cDj3ZheehMyBd099Pls/NvXychATafzU4aUbuXvd"
    "dgRzu+OPJ8mK1lgbDNaoN97cBfedUFqWL5asdvgfAEfb9H4utNeLLk7G27WZ+4gF0BbxFm"
    "wiikVRAud/tRIPelecKaPkifiCS/HGr0yTmlriOxlXYWQrtoZf7sqoBDqKaQBR7G2XshWp"
    "mwtoMnbAD3nEEbLvicdpa05k6RvUNHPh0mxeoLs3QrZRSt9dEe/LlviTm5Jd5CsTbOck/I"
    "7FehIMYSJFPXH8NiECRhYVPzuYd9lb9voJCqge2p2vUqr0MbpqEdBpjB6oxp602z3zoAlc"
    "fN8cbv7AxL1Ubm1Nsotx6Zc1gGFwyS599+28AiKUfVmiTVvWM7wHfcWGvPp/eQRsSr8CGu"
    "aA6UkazXGmhPZ7UqviFUp60hBLAHZ9mLb78TkJ7buu5UgczZNZxUnIIGZYaLR1F0io4ZOK"
    "asVneOxu3lrfAMeJWCM/POCuL0ktfc/hrPHmO3yIt0zq5yB3dqh3A3lLDt1GBvda8J/lZ9"
    "MCxAONA8ESgiOr4G+lFwpuvGnqFbleuDBroSrRkKBkxj3oRqHtWgfPNpIfep39eVu0xFr7"
    "MzyLgmo9j8rTKucZzOkpQBSxzB5YphgjKPfGK6jlwMkS8wPaRxmwYtZl6YRmqX3gSNZhFo"
    "BwiEnMvuzr0ypDeg4ea22ra4WFtc7Fh4fEy6xBrH/oqak2lSWcTnLsMy02FqQkMbVbpIdR"
    "KhEaUAnybxPfXhPWVNOiKCrFGUoEB2zF9Ccb24+i18pSWLB2RCTUG2TE5HoVNmmM9OXEU6"
    "h8t9OKgG5fmfA8N2AigRthJYVwKJjmPH/jxVy/u1na2cjWgUrLMBLZE6LIUO42iMQ1MbTW"
    "Fa+Z/0F7h8PmRsXqMvdonUWVOZPs+ptgKnr41CQGAYJOeyhMxJHFtKp0DmrmR4RMeU9QSJ"
    "Hkgk3zZBx/D6LktFw8BedR+bK8pwVGOwLxGW89oWsS7m4ca+BkY51QALIisHOAu2nHB/89"
    "Y2VxAQ1c1FkUjt8OrdzeXH36tjqpLx+QiRq9/vry+XemvKnxBWOVJWCSZP5bZUKHugsRLJ"
    "lHFvqjsiX8id7Oe72xuEwVnkrGwYj+mIesqQ3VNhJRYmxGpiZze3g1kSJ3Q88eV/Y2sOV1"
    "C27C2zd8YgXM4eMBXpToavez55DRdt7U8Fspb3a8aH43EF21eEJyQETscmbCs8fCkCAX69"
    "9ULNEbXLdL1lOuLRmMdxVU7lymITBTq3K05sY81uWFLCkWiP33g0rY6zNne6j0R6zNWwxo"
    "lv0YwxKDobRlwXHlBxZniRC7oQJniaxrrpajwguKKA4oZzbRAgMU8509SdmVGcXGDw7isV"
    "qPYJ9jknObITzDk5khyThCcr87vhm7SVbkLTitY50Tpysl2SiFb3oDF3Vp5sOBvz2KlWL9"
    "gNzpiqzJM2p2fDuLsHCQgq69XVn9w5khOMQtpJVg98VBYcNsNPkLsvnj9vwF05qpa76t6S"
    "yzGuLAQI5utaV2NcXQhwSL0Y/QednkEBmFE4I5fyzcup5aXDDya4OrSa9uf/A1S9dck="
)
