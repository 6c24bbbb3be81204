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
    "head_token" TEXT
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
    "epoch" BIGINT NOT NULL PRIMARY KEY
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
    "eJztXXtz2za2/yoY/ZN0RvEmTpr0ujN3xm68bbqJ3Ru7t9ttMhJEwRLWJKAlICu6u/3uFw"
    "cAnyJlQk9I4cw+YhIHpM4Bgd95/7sT8SEJxcl5EPApk2+xnEadM/TvDsMRUf+ovN9FHTyZ"
    "ZHfhgsSDUBMI0cNmcG+IJdaDB0LGOJDq9h0OBVGXhkQEMZ1IyhkQXTOC5HxCEL9DXP17Kk"
    "j8RCA7EYKJumgU8gEO0dOY8wjdkzl6/g3iMZBgBNdO4FlDHqiHUTba3LSf2CfW7xMch5TE"
    "/T4aY4HkmKAHHE6JgIHwV4iFRBFlU0kQZkM0G3M9MiYTHksCF2gw7iLB1XAsEf7EhuSBBs"
    "T8GeKRQAMypoqUCsS4RBLfE4bu1LtgFIwxGxE0wME9klz/GPNc86unjP5rSnqSj4i6Fqvf"
    "/sdndVlNRr4Qkfw5ue/dURIOCwIGnvTUz4Zp9N0ecAzuvGPyr3o4sHXQC3g4jViZZDKXY8"
    "5SGsokXB0RRmKsfnVO5GwahnaRJJfMa6sLMp6S9H2H2YUhucPTEBYOUJv3yK51er2r69ve"
    "zeVtr9dZWFQJRW5B2EsBZ7Ag1bsKzYoRvMKz0xev3rz67uXrV9+pIfo10ytv/jSPzvhjCD"
    "WXrm47f+r7ajWZEZrhGYdhETlyOE+yGQ4nFzIWZ5/i6jzuPD+z30/529smqzPWaqYssPWW"
    "fKnhazK+xFP1iv7wtPG6XcKp28u/38LMkRD/CuHC1f+ef/zhp/OPTz+c//0bfWdu77y/vv"
    "oxGc7VLm128asf3l9flJj9T6Hez4HZyXifmd2BrZs8EHUaqL2aShTAj/WS/SnDelOxKIYL"
    "OqrdTcqUXu8os7E69EAq5uA0x5w6EfVpi2ZKShEeNhSR3W7+6/T05cs3p89fvv7u21dv3n"
    "z73fN031m8tWwDunj3I+xBBVEtbkoT7igfS+C1WNQ7Uvh3Ae4YVOKzLBL01RtUHL/ncYzn"
    "NQdwka4kmpAKn2RjcKQwQHKMH0gGOrNPZ+1NTTH3j88l9lpQvMjan2+ur6o5myMpcXVIA4"
    "n+gzxjLiMzopb6HY2FBFinML1C8Up9oEpnmIpvumgwV9ctlleYTXz+8/PazAb+LT9ByodF"
    "V3+jchTrWfQEcIIA7r+7z+FSuABqxAzHw97CHX7K68Yu3opOo/IVzPBI8x5+Mfw+qz/+YH"
    "aKCs3yh3QPWapTmq1GNFMnb3ik9CDFeqWJIYVPCBOwdQnJY/VNmKmGJ+i3mEp1TwkQUZhc"
    "dpF6NIHvRl2K1T8YzLioV25h/jU0ODp0O27M+MdPG6uD+a637eREqdfufDvtj1UCuUMn+e"
    "AW+a42k7jm2MkT+ayRNGd+hL/0QsJGcqz+fP1qCV+Ts+P1q/LRYe+c6ltFNu/DMGQX79bP"
    "dEVypm1sDMcxnwFQ4ghr++B+DBkGPjiyu0jkMcN3bIrbr+ntCFnqC4jkjJHAMmARSGZ3Hw"
    "WT6dCGgBIcCRlR4k4w31+126F2tPEmxEQtDiH7fTD2gz4tJA3uARTq69+jft8uMzWDGgUe"
    "hX6fcRYQ9Rf8ck2FmZiRGHwNgnxiAsxYQqqlCbNaNEqZIiz85h4scdHvd7UlBSmdsd9XoK"
    "TfrwOif5R2Gpiqp1Dk56YINffsyo9xGVxapG2R62aQ677OHO+A1IYPneTzWGBqvak8R3IU"
    "2HTXtvEhxaHaJFwUghzJUbC8qA68aKANvKhVBl6UdYEgJpoTC/x9qy5LGpGaZZ2RlW19lu"
    "4k+ccBcnzZIn/34fLm9vzDL4WV/vb89hLunBZWeXL16euSPNJJ0G/vbn9C8Cf6x/XVZdnU"
    "l467/UcH3glPJe8xPuvhYZ4nyeXkUkHAYM7vKfXHWcQFwlbIXgvZgssq/KX04FpPSEpUEu"
    "9gLo1B9nhEemEt6ak01ZZ48e7q/OPv1afTRYXl/eL328vzat9tpc2qgee22mx10GhrxzZD"
    "rTm58T4ladneusIPh+VkwoOxG9NTkpbtK7NdTmPHvT2h2B3Tnx8Vx2fqp/JZ5f5Sj2ZyRC"
    "uimR25KCAKAtm37aJ7MpE6EliQB/VyIZrx+J7EopmzYkeAxzsr8UfOK4PZSyO6ja3FxnLa"
    "zGR8roPHTUwOmGqDkIJ5VoeV54zDECI+IIQhMN52tZ13zGeLNuX1p1sjwmDX9ttDCRnfsw"
    "H3iAPL92a8PX5NrWMjOK3viDKTmWJibmGPGRAIgkYhffA6tFO9xB0dOaz9jMBr8Vhp0IiE"
    "lIEYIir1Rg6WGAouPevikzoaWjv9ZlSOnWS1se8lItHAApHmKCxH5DcKgySulMkh/j8azl"
    "vItQi53mqn4N/IXFTBrdzdx6BW5l1siLJ+S/DQmEdEkFihYxOaLjAdGnRk5nwiwAn/DD4r"
    "/TGp+UKdTQfPWoRbG5x3DdzljYfWB7C1tfw8Jb8eyC9dds03sgVSr7czny3kyXdjH+ckhU"
    "XaVgwriuEYDbbl3CUaH0r2EhiBIJ3+nvFZSIajKvfsMuFU03trcOxMJxCHO1OnJEFCHbxl"
    "y4ZNstG2sVxCiE/i8wqRvVeM+nUC3vd6XJYbsxydzVnw8DJBaCCC3lSTNURqtwpM2VyqRT"
    "EmMZISxwol6TjsLtK426TPZPGTCm9NeBiSeBGzbeUJa6C3/e6lPkC2PdvHdDqCWyBejuQo"
    "osJ2Hohntgc3pheIWravwHazq/VWWPCLlK0AVheAtswtsv8mUhpKvSO4ROs1ln6RpLd20S"
    "kKyZ10AmAvT9+8To8A+GPZpn/z4fz9e69Q1SUUCqmCUubGcvwkerrOiEPGiR5/gi5Ae01h"
    "DAvnJnt4iIPq7OTmpCYXRed+6KJT6tda9J2VRdHFqAZ8OFe4SKErgZ7qVHgEeDArktXVpa"
    "me3dEw/OYEJuXx0ExKpcJTIVZojLLUx6DmSgzc35vHgnPb8AeBtsI0NtN2bnjtdaGYntnd"
    "d1kga2FZ67b0zKa5J13DMzPZfmwzaoNz47glaDm+KsfHFFIaq7ZwzkOCWTXbc1Rlq7Ai29"
    "bWkV5xgFYPVFD1SHNOazsYF8TaItAg5tPRWB3HDQHXMm5fX78vAOCLd2WE++uHi8skQUgN"
    "orJGJOaArC5AUm+vz1P5nVPQEYQgY/n6i86n/Uvy7uJk4pcruC2LuCfVT6PUajxTz/EC0U"
    "ps9+xI2DXXjRJTAXrqeZ4jaTnuzvFJTB56AyyrsgvqmV6kavm+qbKry87XmsKrvp2tmY0B"
    "wtf4VGpbwZQJOmLGU+nl4Zp/weYyyVN5HZ3QmUHoE79LBaErlKhHJyaaeA7WIK/E44l58E"
    "c86VQYB+Fy9xHT4AhPGhoGL42RDMcERVQIKEI4ICGfIWtzg9Ixkt8TqBozUe8pTNH4u1hn"
    "D5BYTQmC7PeTYl227kvBhLith6xhwvPCauSD9W57cXC7tGj4pjXsKWsQviEnTS0haJGUO5"
    "LyotWFH+v8GMrB/Q38RCaIqerYzd9+7Pi1FbSbu+ZsgFGur0y1H65mXGWRtfxay0IiGhdZ"
    "WylY/MhqAW/tbGy3jq3VPG1jhbZ/CnqyY38weV9jWqkn5e4+tl9H6dCGe/ZPxgsEG3GOFv"
    "4MeYBDvTOLrt6kY6XmJA23TtD5ZELUuhhmYQiFPX6D87Y9vPa+N7UxC0cbs+ApM3esb0aF"
    "LbbI+fpSmUWqozh0S8XzlzA2rZ1fXzq/XC1zb9Fmnun3X13WzS86VqMK29g7j+EaE+zhkF"
    "EznahRBEc6TKRYafwMKr8o2hgqBVDRTbuSxlMGYZnVCTTrTthmO3txytYjGUErKyEuCVWg"
    "1XUQW5PjkTZtPK4ycXzGqhrU1a/3lKBd7+7rPSRYkB7jbms9T9Wu8xVzxdsK3u6fwCFU8P"
    "YE234kAVHMrwK3ya3H0G1sxjWEt7/migEkzhNdBUDB06FNO0I8Vv+SY31JgVUFQhe7LtaY"
    "7rYwfxve4DHwbbPB9xAySh8qE2KXZmzkqHaYsbFCpFx0AvvCiX3fMx3yBCGMGkHqXaG86e"
    "wzV8PsYq7p4Xkin7+BDokmcn6mmzrqrFTz5msLYCvfRX3aTL0kliTNeCUIbzejqmSBpfXZ"
    "vXc2dBR4YUkdUFjtXRQJXdUmC60WeO5djaRDN5CsKimd/U4mPDYSg+6LPovmGP1z5VpwPl"
    "eC80bx+ycJlNxu6luvlod0H1UEzfiecOrC+lZBe1MBHzOUNvRGAZ+GQ33wS3wPZSbOkCBq"
    "jKBDNYngWdF87dMww0ccVdXO2M4j1tALq3Nr67/BIwvo23OpirbVfJW3fOOt5o+7+7ltN6"
    "8OnKR7Sy7ceB890aua5ixJm63ul+PVSjZJawCqJEcDYntfd8F8p5tr22NGY+Ofb66vPFUL"
    "45g7uapSAp9l461C2Da1rdptQI+8BtOV2R4PxHtid3JvnSc1naga9Z9yaDp1zWwPFwjN0b"
    "m6cgzJmxqe6mrQCqzGpp3IHQ0lFJaZN3eZbHZ6qD6Xb2tFk9JvugCOziVVIJyyBwrdTgTC"
    "alufDs5Qvz8Gm2RaYQ543bpffHe/aHa5mTxzJO0Bt8IBpz7Qat1lmQKZIzo8Q85M7TTke7"
    "vLQGsWNTxS+xINIB/j3jcLz9dsbTOX1Pat9Auf5aLwB5E9Z+kUyA5PRiM8OTNdr5TGRJka"
    "oNRWfCdNZJyvskpwgZuo8lQ+mxHUK4Jb2UjJNjqAJn3G0+OzXNRqchdLjuhgpGJKIxvPm/"
    "5a8rIamTowvgoJajeTFT6fIp3Pogq5loORGEQ82qI2WvvwXDpfm5/UfjPBeMruU29pF4F6"
    "McAC+h97juf0/zsoO8n4NurcXdHBIcVONu2UoOX2Ctx+UB+hk506o2j5vUKpUzCDaI45sL"
    "xA1HJ9Ra7XWlAeYXy9EaXlfRNHGAvi+aTSN7M0crhA53e1903wfoPBwZOYDElAhHBzQJbI"
    "2rW+QvnwaeDO9wJRy/UViipzWlnCt1aLygiOJkFxYxElxkXnws0cRcvORStmzF1bYGc0nh"
    "f9hugbqHaos+3evVUaPRWTEM8R/PouMprC5y46OTlR/4sliriQ6HUzTX/ZWbmlauDGTuEm"
    "rIzmIIQFb4ee/bcSGsS0CImjSRd8A0MSf07sNNrw2UVyxu0d8dlbkQVjGg7jqrq753GMa2"
    "SWJypJDQIfvDlxOw84pEMUnYgJDsiJfm3bSO+ezIXJjdL31pYPnLR/fK4we7l7y/JUPtsn"
    "vQxfLltm3NlfpGsFsLIAAj5Vz3cXQJGuFcDKArCl6hRro0lInFOPq8hbO4KDHUH70p2r2h"
    "epPNZnTf39xNuLmZhpF6+CqUl/vpzvSruBTUbygNzxGAjWzwg/tprAEAJ7o1tf18TH3iR9"
    "sR8Nks1aaDeLlFVQaZrWZk8xUteGnqI0MEby/F9PTTpHMI0VHJTfVEfJbm7qtuvxIZ1EbQ"
    "XhXVpKXJ1ia/nDfGPmzg3V++lz+bWzHU4Md4UiT+Xz1tF5foYUHI8ZZOsBUjLBwQ3rtuyr"
    "aZO7PDIajwPkvDxRC7UlYZ24M79E6PP34KEIPNITbucTw5NKRcHefUxTkNmwR7WE38Zct7"
    "/UJIiypCwg47Ou/pOhX6/eX//44+VbpJ+xqA24TwF5cde6B/w4bf+udUwxUdqnjTFWUyqt"
    "OVa75pRJGkIVIMKGAjKe1XJ/IKYGEDzpDHFQHMQnFuE5CvHIFO62LzTTpSruQhrc1/emar"
    "PofMmiO/JKCbMxF+maT5b498ioxZjNlTb9ZE9lE6rbMNcj35omzF6B3lwLZkjzUejLBiH7"
    "B4MZT7oOO5hzMyK/C0lSU6fN7PLmpbMzY30/6ubMu19bFkJbrW2/gmirtbnC5JsJrizRpq"
    "8/Bo2FGtSw0sQ5UiOIDMYmogBg3BO1Y9GIhJQRW0LN1NQG2CkIMT3DbdkGeGs0G9OQIBNZ"
    "twict/KEtsmex+DWC/XBD71+Y7BVGwLdczpzVMfE1t1bCp1Zn9F4rKh5yHdfzl/dPe0HHk"
    "W0sldG4f6j57EeDNEoarRDCShDoNYIGsV8OjH2Hm1MMnBK63qS8/tSH1owJg1t0rp5ti6b"
    "Uu3i3sZD1jiedRsbd9Nwjup4Tug9u7q1hXIFn1WerD11Vj51lM4ajN1Yn5K0bD/cQ+dSC7"
    "H2zLlMZNzkyNELwuHEyalquX19RtVqmoKaFsRYpHeTIg7V58pqU5ligozMkH51iLmKpUDQ"
    "rRQPuCmSk5UrJIiHQx2bFWCGxljdH2NzQk0lFPT+xHJhWQxoUUSUcqwzHPQsArTN5PgwhQ"
    "hNL6n87PrUWzuMa+/fc3umtWfann3/+0F3OywQbm1V2iOjdzAK5QtNRLSvUoH3cy+gnFG1"
    "9ZPb+skOAOevBDpR1wIcc7shwLlLBzcsqjyDDNUUPaglbD7TpmEgq0wCmOYXI8Ob/3mPoM"
    "MZJVqthpYkGgbFJOAAbLpoEvOIa7gCiriSOpTAh+wD/VgLXsZYfmKZgg52cw1+BkS9ypQ9"
    "G+OJ/jhNiAjO4aloKiCNAZmPt4U0B3OGliGNJ1/0LX+ro1I+ECHwqPKrLg9Z/mXPWfDwUi"
    "3Gno12iQyVgw4j+TNDiyxtF92TibQBVvDFBiHVsRIB1CkPyXCkv8bqj32t2db4tJKv29kZ"
    "nFK1zYM2ozK0DWd3HiVkv303pheIWrav3M/UNRunSNUyfpWcHF1rw4XpGUXL8BUYHmVYpC"
    "nHcyQty1dgucVCjolnRSqPU8q95TsOqmHkTYTDsL6USNAcRm5qsTsW9uo8NxkRXfRC6cnq"
    "MVC56BQ8AQFRL5K8f2OY+fL0zesUWMIfy6DkzYfz9+8XLWnCVvB3CG5OSPyuT9HBCY+TiD"
    "2r9kBM7Yg+NDVw7ia+2f8gWte1bt1niX53pvh+T0RX983iplxFWnjDJ8XKGzMF8KbSOGGZ"
    "tjzXDEY5mCCwLutpJNJFaTnbE3QLgTWhkoO5p8WnvZKm02W1CWKt2dYwQYyxqDDu1TfMTc"
    "ZvBh5tw/LQGZMv6Oan82en375OXM8un81W+uf6lyXWYEc7vHjlfDinY12j9Uoafe3AX3tv"
    "Bali+XIHY4HwCH2MB+JTTHiy4FRsm/AeuYB9AW8xZsIqpFUQLnf7USD3pXlilDlIn4gkj1"
    "nBG3UNOrUpbGV6HkKXW23+7OrANsjazwLcZPZeiFYmRm3hCWvAPW/Qhg8+p60lR/lTzG3f"
    "ETb7SeX5whzdShlFa310B3/+W2KObom3UKyN59sRMvtVaIixAMn09cewGARJONjUQh7gUO"
    "eJWyikS/cGuuS2zh8whmmo4g9msDpj2mrT7DbfvPK4Odz4na1hqdrInHob5cYjc/bL4IJB"
    "8vTbbxtYJNWoWpOkvndoB/iW+wHt+PQe0pgEFT7EJT1NMpLVOprs6KzWRR6EbhA0hEDp6C"
    "R78c03MDFzO9c3KpB5u4aTykbQV8ly8SCKG9ERA8eU0+rO0fi9vDWeAa9SdGLfWUOcXvKa"
    "m1/j2WPcFnmRzttV7uFO7RHuhlKpnRrsre81wd+634IDCAeaJwLFxMTXQN8Dzkx90hN0rX"
    "NK0MBUPLVDwYBpzZtQNaIalK8/LeTY9PumQpStHHVyApm95E7av3VmL5bpLEm5qcQRXK5M"
    "JSgLyCdm6pVJiHyB6SFd+IEKqvho54VplHYZjNHdNAbtAIGQc1nEuVeG9AY0XN9W2xaxao"
    "tYHQqPD0mXWOHYX1Lb0FxS+07MZz7DMtsua0wnLqp0keooQiNKAT5N4nvqw3vKmnRMBFkh"
    "+b1AdshfQnG9+PotfKWlcQdkTG3hr0xOB6FTZpjPTVxFOo/LSnioBuX5nwPDbgIoEbYSWF"
    "UCiY7jxv48Vcv7lZ2tnN3ROFplA1og9VgKHcbRCE9sDS6NadV/0l/g8/mQsXmFdr4lUm9N"
    "ZeY8p8YKnL42mgACwyA5nyVkT2LpKJ0Cmb+S4TEdUdYTJH4gsXrbBB3D6/ssFQMDe9X9Ui"
    "4ow3GNwb5EWM5rm0tTzMOPfQ2McrrREkRWDnAWbDnm4fotVC4gIKqbiyJR2uHFu6vzj79X"
    "x1Ql4/MRIhe/316eL/RwVD9hUuVIWSaYPJXfUqHsgUotknvGg3vTefdM7WQ/31xfIQzOIm"
    "9lw7ikdzTQhuyeDitxMCFWE3u7ue3Nkjimo3Go/iudOVxB2bK3zN4pg3A5d8BUpDsavu74"
    "5LVcdLU/Fcha3q8YH45HFWxfEp6QEHgdm7Cp8PCFCAT49c4LNUfULtPVlukdj0dcyqqcyq"
    "XFJgp0flec2MSaXbOkhCfRHr/x+L46ztre6T4S6THTwxonvsVTxqC46STmpvCAjjPD81zQ"
    "hbDB01Sa5p5yQHBFAcU151ojQGKWcqapOzOjOLrA4O1XKtBl+t1zTnJkR5hzciA5JglPlu"
    "Z3wzfpKt2EphWtd6L15GQ7JzGt7nVi7yw92XA25rFTrV6wa5wxVZknbU7PmnF3DwoQVNar"
    "qz+5cyRHGIW0lawe+KgcOGyHHyF3Xzx/3oC7alQtd/W9BZejrCwECObrWlejrC4EOKSBRP"
    "9Bx2dQAGYUzsiFfPNyannp8IMJLvatpv35/4Cwayo="
)
