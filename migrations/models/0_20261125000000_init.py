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
    "epoch" INT NOT NULL,
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
    "members_complete" BOOL NOT NULL
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
    "epoch" INT NOT NULL
);
COMMENT ON TABLE "ss_stream_commits" IS 'One committed group and the positions it took. Appended only, under the stream lock.';
CREATE TABLE IF NOT EXISTS "ss_stream_epochs" (
    "epoch" INT NOT NULL PRIMARY KEY,
    "first_pos" BIGINT NOT NULL,
    "last_pos" BIGINT,
    "opened" TIMESTAMPTZ NOT NULL DEFAULT now()
);
COMMENT ON COLUMN "ss_stream_epochs"."last_pos" IS 'null while the epoch is open';
COMMENT ON TABLE "ss_stream_epochs" IS 'One stretch of the stream without a crash of the database.';
CREATE UNLOGGED TABLE IF NOT EXISTS "ss_stream_fence" (
    "epoch" INT NOT NULL PRIMARY KEY
);
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
    "eJztXXuT27a1/yoY/eNkRt7aa8fO3cx0Zh1vE6f2bm5207SNPRJEYSVUJKAS0Mq6bb77xQ"
    "HAp0gtoSckc6YPL4kDUueAOL9zcB7/6UR8SEJxdhkEfMbkWyxnUecC/afDcETUPyrvd1EH"
    "T6fZXbgg8SDUBEL0sBncG2KJ9eCBkDEOpLp9j0NB1KUhEUFMp5JyBkQ3jCC5mBLE7xFX/5"
    "4JEj8RyE6EYKIuGoV8gEP0Vcx5hCZkgZ59jXgMJBjBtTN41pAH6mGUjbY37Uf2kfX7BMch"
    "JXG/j8ZYIDkm6AGHMyJgIPwVYiFRRNlMEoTZEM3HXI+MyZTHksAFGoy7SHA1HEuEP7Ihea"
    "ABMX+GeCTQgIypIqUCMS6RxBPC0L16F4yCMWYjggY4mCDJ9Y8xzzW/esbov2ekJ/mIqGux"
    "+u2/f1KX1WTkMxHJn9NJ756ScFgQMPCkp342TKPv9oBjcOcdk3/Rw4Gtg17Aw1nEyiTThR"
    "xzltJQJuHqiDASY/WrcyJnszC0iyS5ZF5bXZDxjKTvO8wuDMk9noWwcIDavEd2rdPrXd/c"
    "9W6v7nq9ztKiSihyC8JeCjiDBaneVWhWjOAVnp4/f/n65bcvXr38Vg3Rr5leef2HeXTGH0"
    "OouXR91/lD31eryYzQDM84DIvIkcN5ku1wOLmQsTj7FNfncefZhf1+yt/eLlmdsVYzZYmt"
    "d+RzDV+T8SWeqlf0h6eN1+0KTt1d/f0OZo6E+HcIF67/dvnL9z9e/vLVh8u/f63vLOyd9z"
    "fXPyTDudqlzS5+/f37mzclZv9LqPdzYHYy3mdmd2DrJg9EaQO1V1OJAvixXrI/ZVhvJpbF"
    "8IaOaneTMqXXO8p8rJQeSMUoTqPmlEbU2hbNlZQiPGwoIrvd/M/5+YsXr8+fvXj17TcvX7"
    "/+5ttn6b6zfGvVBvTm3Q+wBxVEtbwpTbmjfCyB12JR70jh3wW4Y1CJz7JI0FdvUKF+L+MY"
    "L2oUcJGuJJqQCp9kY3CkMEByjB9IBjqzT2fjTU0x9/dPJfZaULzM2p9ub66rOZsjKXF1SA"
    "OJ/os8Yy4jc6KW+j2NhQRYpzC9QvHKfKDKZpiJr7tosFDXLZZXmE18+uPTxswG/q3WIGVl"
    "0dXfqBzFehY9AWgQwP33kxwuhQtgRsxxPOwt3eHnvG7s8q3oPCpfwQyPNO/hF8Pvs/bj92"
    "anqLAsv0/3kJU2pdlqRDNz8pZHyg5SrFeWGFL4hDABW5eQPFbfhJlqeIZ+i6lU95QAEYXJ"
    "ZRepRxP4btSlWP2DwYzLduUO5t/AgqNDN3Vjxj+ubawN5rvdtheNUm/d+abtT1UCOaWTfH"
    "DLfFebSVyjdvJEPlskzZkf4c+9kLCRHKs/X71cwddEd7x6WVYd9s65vlVk8yEcQ3bx7lyn"
    "K5IL7WNjOI75HIASR1j7Bw/jyDDwwZHdRSKPGb5nV9xhXW8nyFJfQCRnjASWActAMrv7KJ"
    "hMhzYElHCQkBElxwnm+6s+dqgdbU4TYqIWh5D9Pjj7wZ4WkgYTAIX6+neo37fLTM2gRsGJ"
    "Qr/POAuI+gt+uabCTMxJDGcNgnxkAtxYQqqlCbNaNEqZIiz85h4scdHvd7UnBSmbsd9XoK"
    "TfrwOiv5d2Gpiqp1Dkp6YINffsyo9xFVxapm2R63aQ66F0jndAastKJ/k8lpha7yrPkZwE"
    "Nt23b3xIcag2CReDIEdyEiwvmgPPG1gDz2uNgedlWyCIiebEEn/fqsuSRqRmWWdkZV+fpT"
    "tL/nGEHF+1yN99uLq9u/zwc2Glv728u4I754VVnlz96lVJHukk6Ld3dz8i+BP98+b6quzq"
    "S8fd/bMD74RnkvcYn/fwMM+T5HJyqSBgcOf3lPnjLOICYStkr4VswWUV/lJ2cO1JSEpUEu"
    "9gIY1D9nRE+sZ60lNpqi3xzbvry1/+Ua2d3lR43t/84+7qsvrsttJn1eDkttptddRoa88+"
    "Q205ufE+JWnZ3h6FHw/LyZQHYweDLh1/SjzfXoDZLHbcshOK/bHz2Umt37n6qXxeuW3Ug5"
    "Qc0ZogZU8nDxDcgOzbdtGETKUO8BXkQb1ciOY8npBYNDuD2BOO8c75+wvnlTHqpRHdxk5g"
    "4xBt5gm+1DHhJtQGPLBBSMHrqqPFcz5fiPweEMIQ+GS72n075vNlV/Hm020QOLBvt+yxRI"
    "If2C97wvHiB9Pjp2+AdWxgpj0SoswknJhQWthjBgRim1FIH7yO2FQvcU9HDms/I/BaPFYa"
    "NCIhZSCGiEq9kYODhcJJnT25kzrIWZ/lzakcO8lqa99LRKKBBSLNUViOyG8UBrlZKZND/H"
    "80XLSQaxlyvdVnfX8lC1EFt3J3H4Na2aFhQ5T1W4KHxjwigsQKHZuIc4Hp0KAjM+cTAWfr"
    "T+Gz0h+Tmi/USXLwrGW4tcV5N8Bd3hy8+gC2dpZ2p+TXA/mly675RrZE6vV25rPjO/lu7O"
    "OcpLBM24phTTGcoh+2nJJE42NJSgInEGTJTxifh2Q4qjp1XSWcanpvHY6d2RTCa+dKSxIk"
    "lOItezZs7oz2jeXyPHwSn1eI7L1i1K9TOFSvx2W5MavR2YIFDy8ShAYi6M00WUOkdqfAlE"
    "2RWhZjEvoocaxQkg6v7iKNu01WTBYWqfDWlIchiZcx206esAF6O+xe6gNkO7B/TGcZuMXX"
    "5UhOIthr7/F1ZntwY3qBqGX7Gmw3u1pvjQW/TNkKYH0BaM/cMvtvI2Wh1B8El2i9xtLPk6"
    "zVLjpHIbmXTgDsxfnrV6kKgD9Wbfq3Hy7fv/cKVV1B/Y8qKGVurMZPoqfLhzgkkujxZ+gN"
    "WK8pjGHhwiQFD3FQnXTcnNSkmOiUDl1LSv1ai76zaie6xtSADxcKFyl0JdBXOsMdAR7Mal"
    "91dcWpp/c0DL8+g0l5PDSTUqnwVIgVGqMsPWNQcyUO7u/MY+Fw2/AHgbXCNDbTfm547U2h"
    "mJ7Z/eyyQNbCsvbY0jOf5oFsDc/cZIfxzagNzo3jlqDl+LocH1PIVKzawjkPCWbVbM9Rlb"
    "3CimxXW0d6xQFaPVBB1SONntZ+MC6I9UWgQcxno7FSxw0B1ypu39y8LwDgN+/KCPfXD2+u"
    "krwfNYjKGpEYBVldV6TeX5+n8jtVoCMIQcbz9SedJvun5N3F2dSvo+C22uGBTD+NUqvxTD"
    "3HC0Rrsd0zlbBvrhsjpgL01PM8R9Jy3J3j05g89AZYViUN1DO9SNXyfVvVVFfp15p6qr7p"
    "1szHAOFrfCa1r2DGBB0xc1LppXLNv2BzmeSpvI5O6Mwh9Infp4LQhUfUoxMXTbwAb5BX4v"
    "HEPfgDnnYqnINwufuIa3CEpw0dg1fGSYZjgiIqBNQWHJCQz5H1uUFFGMknBIrBTNV7ClML"
    "/j7W2QMkVlOCIPv9pAaXLedScCHu6iEbuPC88Br54L3bXRzcPj0avlkNh3Fp6G/IyVJLCF"
    "ok5Y6kvOhg4cc6P4Uqb3+FcyITxFSldvO3H1O/tjB286M5G2CUaxdTfQ5XM66ydlp+rWUh"
    "EY1rp60VLH5iJX53phvbrWNnpUzbWKHda0FPduwPJu9rTCvtpNzdx/brKB3acM/+0ZwCwU"
    "aco4U/Qx7gUO/Moqs36ViZOUkfrTN0OZ0StS6GWRhCYY/f4rxta66D701tzMLJxix4ysw9"
    "25tRYYstcr6+AmaR6iSUbqkm/grGpiXx6yvil4tgHizazDP7/ovLuvlZx2pUYRt75zFcY4"
    "I9HDJqZlM1iuBIh4kUC4hfQOUXRRtDpQAqummz0XjGICyzOoFm0wnbbGcvtGw9khG0ssDh"
    "ilAFWl3esHU5nmgvxtMqE8fnrKrvXP16Twna9e6+3kOCBekx7rbW81TtOl8zV7wtzO3+CR"
    "xDYW5PsO0vJCCK+VXgNrn1GLqNzbiG8PbXXDGA5PBEVwFQ8HRo046Q7nkvx/qSAqsKhC43"
    "U6xx3e1g/ja8wWPg22aDHyBklD5UJsSuzNjIUe0xY2ONSLnoDPaFM/u+FzrkCUIYNYLUu0"
    "J50zlkrobZxVzTw/NEPn8DHRJN5eJC92rUWanmzTcWwE6+i/q0mXpJrEia8UoQ3m5GVckC"
    "K+uze3/Y0FHghSV1QGG1d1EkdFWbLLRa4IV3NZKO3UGyrqR09juZ8thIDJoq+iyaUzyfK9"
    "eC87kSnDeG379IoOR2W99RtTyk+6ghaMb3hFNz1bcK2psK+JihtE83CvgsHGrFL/EEykxc"
    "IEHUGEGHahLBs6L5+kzDDB9xVFU7YzeP2MAurM6trf8GTyyg78ClKtoO8lWn5VvvIH/aTc"
    "1tF3mlcJLuLblw40O0Oq9qmrMibba6X45XK9kkrQGokhwNiG1p3QX3ne6ZbdWMxsY/3d5c"
    "e2oWxjF3OqpKCXyWjbcGYdurtmq3ATvyBlxXZns8ktMTu5N7e3hS04mqUf8ph6ZTN8z2cI"
    "HQHJ2rK8eQvKnhqa4GrcBqbNqJ3NNQQmGZRfMjk+1OD9Xn8m2taFL6TRfA0bmkCoRT9kCh"
    "24lAWG3rs8EF6vfH4JNMK8wBr9vjF9+PXzS73FyeOZJWwa2h4NQHWm27rDIgc0TH58iZq5"
    "2GfGd3GWjNooZHal+iAeRjTHzz8HzJ3jZzSW3fyr7wWS4KfxDZc5ZOgez4ZDTC0wvT9UpZ"
    "TJSpAcpsxffSRMb5KqsEF7iJKk/lsxtBvSIcKxsp2UYH0KTPnPT4LBe1mtzFkiM6GqmY0s"
    "jm5E1/LXlZjUwdGF+FBLWbyRqfT5HOZ1GFXMvBSAwiHm1RG219eC6dL+2c1H4zwXjGJulp"
    "aReBeTHAAvofe47n9P87GDvJ+Dbq3N3QwSHFTj7tlKDl9hrcflAfoZOfOqNo+b1GqVNwg2"
    "iOObC8QNRyfU2u13pQHmF8vROl5X2TgzAWxItp5dnMysjhAp3f1d63wfstBgdPYzIkARHC"
    "7QCyRNau9TXKh88Cd74XiFqur1FUmdPKEr61VlRGcDIJiluLKDFHdC7czFG07Fz2YsbctQ"
    "V2RuN50W+IvoFqhzrb7t1bZdFTMQ3xAsGv7yJjKXzqorOzM/W/WKKIC4leNbP0V+nKHVUD"
    "N34KN2FlNEchLHg79PTPSmgQ0yIkjqZdOBsYkvhT4qfRjs8uknNu74hP3oosGNNwGFfV3b"
    "2MY1wjszxRSWoQ+OCNxu084JAOUXQmpjggZ/q1bSO9CVkIkxul720sH9C0v3+qcHu5n5bl"
    "qXz2T3oZvlz2zLizv0jXCmBtAQR8pp7vLoAiXSuAtQVgS9Up1kbTkDinHleRt36ER/wIHs"
    "VY3uoeyjWBlrdJg+VHoy2zXszNQi6Vzp2lRb5TZdu1MYwojbCQPP/XVyYvIJjFClfIr6vD"
    "Lbc3dds+95i2tLYU7T5NbtfTlY0OVnxj5t49nodpmPilsx00hjsyzVP5vHV0nl0ghetiBm"
    "lfkKhrokwbFgA5VPcfd3lkNB5HWnmpUQtFCmGduDO/ROjz9+ChCDyyE+4WU8OTSkPB3n3M"
    "UpDZsEethN/GXPdR1CSIsqS+HOPzrv6ToV+v39/88MPVW6SfsWwNuE8BCVY3upn4OO0jrm"
    "MdxZRPkmBVNeVYLWu1a86YpCGUkyFsKCB1Vi33B2KKycCTLhAHw0F8ZBFeoBCPTAVo+0Jz"
    "XfPgPqTBpL7JUZuO5Us61omn3M/HXKRrPlni3yFjFmO2UNb0kwPl31f3861HvjXdfL0Cvb"
    "levpAvotCXjWb1DwYznrSvdfALZkR+VySkpuCX2eXNS2c6Y/MDue3FG31p4ext2a/DCqIt"
    "++UKk2+nuLLWl77+GDQWalDDkgWXSI0gMhibo2mAcU/UjkUjElJGbC0uU5wZYKcgxDSftv"
    "n/8NZoPqYhQSZEaxk47+QJbbc2j8GtF+aDH3b91mCrdgS6JwfmqE6Jrfv3FDqzPqPx2FDz"
    "kO++6F/dhut7HkW0sulC4f6j+lgPhrAGNdqhlpAhUGsEjWI+mxp/j3YmGTilbT3J+aTU0B"
    "ScSUOb/WyeretvVB9x7+IhG6hn3Q/F3TWcozodDX3go27toVzjzCpP1mqdtbWOslmDsQOG"
    "SsefEs83AlBe6ZIrLZ5aVXKVSK+JJtGidlAkOQsst13PqVonM7C+ghiL9G6S5F+tLtabyh"
    "SbY2SO9KtDKFUsBYJulnjATRGVrJwdQTwc6pCrADM0xur+GBvFM5NQ8Pkjy0VbMaBFEVE2"
    "r46A17MIMCITrWAK1ZleQ/nZtTLbODrrsJ+pD3pqZ5Zkq4EO39Ru/1hsj3WhrWdJn5/ojY"
    "lC1TqTZ+KrVOD93OvmZlRt2dy2bK4DbvkLgQbEtbjF3G6IW+7TwQ1r6c4hMTEFBWoJm8+0"
    "adDGOpMAVPnZyPD2f98jaGxFiTaCoROFRjcxCTjglS6axjziGoWA2aykDpXPFSO5fqzFJG"
    "MsP7LMnAYvt8Y0A6JeZcaejvFUf5wmoAPnYFI0ExIKqpuPt0UqviEVTz7UO/5Wh4Z8IELg"
    "UeXHWh6y+oNdsODhhVpjPRtyEhkqB4tD8qeGFlnaLpqQqbRRTvAhBiHVAQsBVJ0OyXBE0i"
    "72S9/wRrNt8MUkH63ziWxK1baC2Y4vqm0fuvdQHfvtuzG9QNSyfe3ulK4pMUWqlvHrJMbo"
    "ygkuTM8oWoavwfAowyJNOZ4jaVm+BsstFnLM/ipStQWv1ijaGVTDyNsIh2F9YYigOYzc1m"
    "J3LNPUeWbSErrouTJ/1WOgDs05+O0Dol4kef/GMPPF+etXKbCEP1ZBydsPl+/fLzvIhK3H"
    "7hBhnJD4XW2ggxMeJ2Fz1uyBwNYRfWjqt9xPkLH/kayua90ediX23YXi+4SIru6CxE0DUs"
    "kn/nmPvXFTAG8qnROWaasTvmCUgwsC6yKNRiJdlBYnPUN3EN0SKjmYe1p8+gzR9C2sdkFs"
    "NNsGLogxFhU+u/r2p8n47cCjXXgeOmPyGd3+ePn0/JtXyUGxy2ezk26o/qVqNdjRjs+Bmo"
    "+pnFTVgFtR9CEhaIH/GgBUH8oKUsXy1eeGBcITPDo8kqPChCdLZ4VtS9UTF7Av4C3GTFiD"
    "tArC5W4/CuQ+N89OMor0iUiSiRW8Udeg75bCVqaDHfQs1e7Prg5Dg9T5LBxNZu+FaGV20g"
    "6esAHc8wZt+HDmtLO4Mn8qqh06cOYw+TSfmeOxUkbReh/dwZ//npiTW+ItFGvD9PaEzH4V"
    "GmIsQTJ9/TEsBkESDj61kAc41MnaFgqB8wYHuoCyjvbPN6NnpM6Ztt40+036rlQ3xxu/sz"
    "MsVRuZU++j3HpkzmEZXHBInn/zTQOPpBpV65LU945Nge+4u8uetfeQxiSoOENc0aEiI1mv"
    "P8WedLWutCB0u5chxD9HZ9mLb78dhZnbuchQgczbNZyUF4IuOZaLR1FhiI4YHEw5re4cjd"
    "/LW+MZOFWKzuw7a4jTS15z+2s8e4zbIi/SebvKPdypPcLdUK+0U4O99b0m+Fs3PXAA4UDz"
    "RKCYmPgaaD7AmSkSeoZudKoIGpiyo3YoODCtexNKN1SD8s2nhdSZft+UabLlm87OIA+X3E"
    "v7t87DxTKdJan5lBwEl8tDCcoC8pGZomESIl9gekjufaCCKj7aeWEaZV0GY3Q/i8E6QCDk"
    "XM5v7pUhvQENN/fVtpWk2kpSx8LjY7Il1lD7KwoMmktq34n53GdYZpsfjenUxZQuUp1EaE"
    "QpwKdJfE99eE/Zko6JIGvktBfIjvlLKK4XX7+FL7Q+7YCMqa2+lcnpKGzKDPO5iatI53G1"
    "CA/NoDz/c2DYTQAlwlYC60ogsXHc2J+nanm/9mErZ/c0jtbZgJZIPZZCh3E0wlNbMUtjWv"
    "Wf9Bf4rB8yNq/RnLVE6q2rzOhzarzA6WujKSAwDJLzWUJWE0tH6RTI/JUMj+mIsp4g8QOJ"
    "1dsm6Bhe32epGBjYq25asqrJfYlwzU73e9rXwCmnux1BZOUAZ8GWYx5u3sdkV43s4Y2m06"
    "qDlFWCyVP5LRXKHqjUIpkwHkxM+9sLtZP9dHtzjTAcFnkrG8YlvaeBdmT3dFiJgwuxmtjb"
    "ze1gnsQxHY1D9V/pzOEKypa9ZfbOGITLuQOmIt3J8HXPmtdy0dX/VCBreb9mfDgeVbB9RX"
    "hCQuB1bMK2wsOXIhDg1zsv1BxRu0zXW6b3PB5xKatyKlcWmyjQ+V1xYhtrdsOSEp5Ee/zG"
    "40l1nLW9030k0mOuhzVOfItnjEHN0mnMTeEBHWeGF7mgC2GDp6k0HTblgOCKAoobzrVBgM"
    "Q85UzT48yM4uQCg3dfqUAX1XfPOcmRnWDOyZHkmCQ8WZnfDd+kq3QTmla03onWE812SWJa"
    "3ZnE3lmp2XA25jGtVi/YDXRMVeZJm9OzYdzdgwIElfXq6jV3juQEo5B2ktUDH5UDh+3wE+"
    "Tu82fPGnBXjarlrr63dOQoKwsBgvu69qhRVhcCHNJAov+i03MoADMKOnIp37ycWl5SfjDB"
    "m0ObaX/8P1WKtIk="
)
