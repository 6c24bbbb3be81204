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
    "eJztXXtzGzeS/yoo/mOnitbasmPnlKqrkmJt4qwt5SzlstnYRYFDiMRyBuAOQNG83Xz3Qw"
    "OYJ2eoAZ8gPVX7sGbQmGE3Bv3rRj/+3Yn4gITi5DwI+JTJt1hOo84Z+neH4Yiof1Te76IO"
    "nkyyu3BB4n6oCYToYTO4N8AS68F9IWMcSHX7HoeCqEsDIoKYTiTlDIiuGUFyPiGI3yOu/j"
    "0VJH4ikJ0IwURdNAx5H4foacx5hMZkjp5/g3gMJBjBtRN41oAH6mGUDTc37Sf2id3dERyH"
    "lMR3d2iEBZIjgh5wOCUCBsJfIRYSRZRNJUGYDdBsxPXImEx4LAlcoMGoiwRXw7FE+BMbkA"
    "caEPNniIcC9cmIKlIqEOMSSTwmDN2rd8EoGGE2JKiPgzGSXP8Y81zzq6eM/mtKepIPiboW"
    "q9/+x2d1WU1GvhCR/DkZ9+4pCQcFAQNPeupnwzT6bg84BnfeMflXPRzY2u8FPJxGrEwymc"
    "sRZykNZRKuDgkjMVa/OidyNg1Du0iSS+a11QUZT0n6voPswoDc42kICweozXtk1zq93tX1"
    "be/m8rbX6ywsqoQityDspYAzWJDqXYVmxRBe4dnpi1dvXn338vWr79QQ/ZrplTd/mkdn/D"
    "GEmktXt50/9X21mswIzfCMw7CIHDmcJ9kMh5MLGYuzT3F1Hneen9nvp/ztbZPVGWs1UxbY"
    "eku+1PA1GV/iqXpFf3jaeN0u4dTt5d9vYeZIiH+FcOHqf88//vDT+cenH87//o2+M7d33l"
    "9f/ZgM52qXNrv41Q/vry9KzP6nUO/nwOxkvM/M7sDWTR6I0gZqr6YSBfBjvWR/yrDeVCyK"
    "4YIOa3eTMqXXO8pspJQeSMUoTqPmlEbU2hbNlJQiPGgoIrvd/Nfp6cuXb06fv3z93bev3r"
    "z59rvn6b6zeGvZBnTx7kfYgwqiWtyUJtxRPpbAa7God6Tw7wLcMajEZ1kk6KvXr1C/53GM"
    "5zUKuEhXEk1IhU+yMThSGCA5wg8kA53Zp7P2pqaY+8fnEnstKF5k7c8311fVnM2RlLg6oI"
    "FE/0GeMZeRGVFL/Z7GQgKsU5heoXhlPlBlM0zFN13Un6vrFssrzCY+//l5bWYD/5ZrkLKy"
    "6OpvVA5jPYueADQI4P77cQ6XwgUwI2Y4HvQW7vBTXjd28VZ0GpWvYIaHmvfwi+H3WfvxB7"
    "NTVFiWP6R7yFKb0mw1opk5ecMjZQcp1itLDCl8QpiArUtIHqtvwkw1OEG/xVSqe0qAiMLk"
    "sovUowl8N+pSrP7BYMZFu3IL869hwdGBm7ox4x/XNtYG891u24lGqbfufNP2xyqBnNJJPr"
    "hFvqvNJK5RO3kiny2S5syP8JdeSNhQjtSfr18t4WuiO16/KqsOe+dU3yqyeR+OIbt4t67T"
    "FcmZ9rExHMd8BkCJI6z9g/txZBj44MjuIpHHDN+xK26/rrcjZKkvIJIzRgLLgEUgmd19FE"
    "ymQxsCSjhIyIiS4wTz/VUfO9SONqcJMVGLQ8i7O3D2gz0tJA3GAAr19e/R3Z1dZmoGNQpO"
    "FO7uGGcBUX/BL9dUmIkZieGsQZBPTIAbS0i1NGFWi0YpU4SF39yDJS7u7rrak4KUzXh3p0"
    "DJ3V0dEP2jtNPAVD2FIj83Rai5Z1d+jMvg0iJti1w3g1z3pXO8A1IbVjrJ57HA1HpXeY7k"
    "KLDprn3jA4pDtUm4GAQ5kqNgedEceNHAGnhRawy8KNsCQUw0Jxb4+1ZdljQiNcs6Iyv7+i"
    "zdSfKPA+T4skX+7sPlze35h18KK/3t+e0l3DktrPLk6tPXJXmkk6Df3t3+hOBP9I/rq8uy"
    "qy8dd/uPDrwTnkreY3zWw4M8T5LLyaWCgMGd31Pmj7OIC4StkL0WsgWXVfhL2cG1JyEpUU"
    "m8/bk0DtnjEemF9aSn0lRb4sW7q/OPv1drp4sKz/vF77eX59Vnt5U+qwYnt9Vuq4NGWzv2"
    "GWrLyY33KUnL9vYo/HBYTiY8GLkxPSVp2V7P9lLg2TR23MoTit3x+PlhMfiRdT1TP5XPKr"
    "eTevCSI1oRvOzoRAKCHpB92y4ak4nUgb+CPKiXC9GMx2MSi2ZnEzvCN945hT9yXhm7XhrR"
    "bewcNo7SZh7icx0rbkJwwDMbhBS8sTqKPOcLhojwPiEMga+2q926Iz5bdCGvP90aAQW7dt"
    "ceSoT4nv21RxxHvjdf7fEbZh0bsGmPiigziSgmxBb2mD6BmGcU0gevIznVS9zTocPazwi8"
    "Fo+VBo1ISBmIIaJSb+TgeKFwgmdP9KQOftZnfDMqR06y2tj3EpGob4FIcxSWI/IbhUHOVs"
    "rkEP8fDect5FqEXG/1GeDfyFxUwa3c3cegVnaY2BBl/ZbgoRGPiCCxQscmEl1gOjDoyMz5"
    "RMCZ+zP4rPTHpOYLdfIcPGsRbm1w3jVwlzcHsj6Ara2l4yn59UB+6bJrvpEtkHq9nfnsEE"
    "++G/s4Jyks0rZiWFEMx+ifLacq0fhQkpXACQTZ82PGZyEZDKtOY5cJp5reW4djZzqBsNuZ"
    "0pIECaV4y54Nm1OjfWO5/A+fxOcVInuvGPXrBA7b63FZbsxydDZnwcPLBKGBCHpTTdYQqd"
    "0qMGVTpxbFmIREShwrlKTDrrtI426TLZOFSyq8NeFhSOJFzLaVJ6yB3va7l/oA2fbsH9PZ"
    "B25xdzmSowgC23ncndke3JheIGrZvgLbza7WW2HBL1K2AlhdANozt8j+m0hZKPUHwSVar7"
    "H0iySbtYtOUUjupRMAe3n65nWqAuCPZZv+zYfz9++9QlWXUBekCkqZG8vxk+jpsiIOCSZ6"
    "/Am6AOs1hTEsnJtk4QEOqpORm5Oa1BOd6qFrTKlfa9F3VgVF157q88Fc4SKFrgR6qjPfEe"
    "DBrCZWV1eienZPw/CbE5iUxwMzKZUKT4VYoTHK0jMGNVfi4P7ePBYOtw1/EFgrTGMz7eeG"
    "114XiumZ3c8uC2QtLGuPLT3zae7J1vDMTbYf34za4Nw4bglajq/K8RGFDMaqLZzzkGBWzf"
    "YcVdkrrMi2tXWkVxyg1QMVVD3S6GntB+OCWF8E6sd8OhwpddwQcC3j9vX1+wIAvnhXRri/"
    "fri4TPKB1CAqa0RiFGR1vZF6f32eyu8Ugo4gBBnP1190+uxfkncXJxO/joLbKoh7Mv00Sq"
    "3GM/UcLxCtxHbPVMKuuW6MmArQU8/zHEnLcXeOT2Ly0OtjWZVMUM/0IlXL901VWV2mX2vq"
    "rPqmWzMfA4Sv8anUvoIpE3TIzEmll8o1/4LNZZKn8jo6oTOD0Cd+nwpCFyRRj05cNPEcvE"
    "FeiccT9+CPeNKpcA7C5e4jrsEhnjR0DF4aJxmOCYqoEFBzsE9CPkPW5waVYiQfEygSM1Hv"
    "KUyN+PtYZw+QWE0Jgry7S2pz2TIvBRfith6yhgvPC6+RD9677cXB7dKj4ZvVsB+Xhv6GnC"
    "y1hKBFUu5IyovOFn6s82Oo/vY3OCcyQUxVajd/+zH1awtmNz+aswFGuTYy1edwNeMqa6rl"
    "11oWEtG4ptpKweJHVvp3a7qx3Tq2VuK0jRXavhb0ZMf+YPK+RrTSTsrdfWy/jtKhDffsn8"
    "wpEGzEOVr4M+QBDvXOLLp6k46VmZP01zpB55MJUetikIUhFPb4Dc7btuza+97UxiwcbcyC"
    "p8zcsb0ZFbbYIufrK2MWqY5C6ZZq5S9hbFoqv75Sfrk45t6izTyz77+6rJtfdKxGFbaxdx"
    "7DNSbYwyGjZjpRowiOdJhIsbD4GVR+UbQxVAqgops2IY2nDMIyqxNo1p2wzXb2QsvWIxlB"
    "KwsfLglVoNVlD1uX45H2aDyuMnF8xqr60dWv95SgXe/u6z0kWJAe425rPU/VrvMVc8Xbgt"
    "3un8AhFOz2BNt+JAFRzK8Ct8mtx9BtbMY1hLe/5ooBJIcnugqAgqcDm3aEeKz+JUf6kgKr"
    "CoQuNlmscd1tYf42vMFj4Ntmg+8hZJQ+VCbELs3YyFHtMGNjhUi56AT2hRP7vmc65AlCGD"
    "WC1LtCedPZZ66G2cVc08PzRD5/Ax0STeT8TPdw1Fmp5s3XFsBWvov6tJl6SSxJmvFKEN5u"
    "RlXJAkvrs3t/2NBR4IUldUBhtXdRJHRVmyy0WuC5dzWSDt1BsqqkdPY7mfDYSAyaLfosmm"
    "M8nyvXgvO5Epw3ht8/SaDkdlPfabU8pPuoIWjG94RT09W3CtqbCviYobR/Nwr4NBxoxS/x"
    "GMpMnCFB1BhBB2oSwbOi+fpMwwwfclRVO2M7j1jDLqzOra3/Bo8soG/PpSrazvJVp+Ub7y"
    "x/3M3ObXd5pXCS7i25cON9tECvapqzJG22ul+OVyvZJK0BqJIc9Yltdd0F953upW3VjMbG"
    "P99cX3lqFsYxdzqqSgl8lo23BmHbw7ZqtwE78hpcV2Z7PJDTE7uTe3t4UtOJqlH/KYemU9"
    "fM9nCB0BydqytHkLyp4amuBq3AamzaidzTUEJhmXnzI5PNTg/V5/JtrWhS+k0XwNG5pAqE"
    "U/ZAoduJQFht69P+Gbq7G4FPMq0wB7xuj198P37R7HJzeeZIWgW3goJTH2i17bLMgMwRHZ"
    "4jZ6Z2GvK93WWgNYsaHql9iQaQjzH2zcPzNXvbzCW1fSv7wme5KPxBZM9ZOgWyw5PREE/O"
    "TNcrZTFRpgYosxXfSxMZ56usElzgJqo8lc9uBPWKcKxspGQbHUCTPnPS47Nc1GpyF0uO6G"
    "CkYkojm5M3/bXkZTU0dWB8FRLUbiYrfD5FOp9FFXItByMxiHi0RW209eG5dL62c1L7zQSj"
    "KRunp6VdBOZFHwvof+w5ntP/72DsJOPbqHN3QweHFDv5tFOCltsrcPtBfYROfuqMouX3Cq"
    "VOwQ2iOebA8gJRy/UVuV7rQXmE8fVOlJb3TQ7CWBDPJ5VnM0sjhwt0fld73wTvNxgcPInJ"
    "gARECLcDyBJZu9ZXKB8+Ddz5XiBqub5CUWVOK0v41lpRGcHRJChuLKLEHNG5cDNH0bJz0Y"
    "sZc9cW2BmN50W/IfoGqh3qbLt3b5VFT8UkxHMEv76LjKXwuYtOTk7U/2KJIi4ket3M0l+m"
    "K7dUDdz4KdyEldEchLDg7dCz/1ZCg5gWIXE06cLZwIDEnxM/jXZ8dpGccXtHfPZWZMGIho"
    "O4qu7ueRzjGpnliUpSg8AHbzRu5wGHdICiEzHBATnRr20b6Y3JXJjcKH1vbfmApv3jc4Xb"
    "y/20LE/ls3/Sy/DlsmfGnf1FulYAKwsg4FP1fHcBFOlaAawsAFuqTrE2moTEOfW4irz1Iz"
    "ziR/AoxvJG91CuCbS8SRosPxptmfVibhZyqXTuNC3ynSrbro1hRGmEheT5v56avIBgGitc"
    "Ib+pDrfc3NRt+9xD2tLaUrS7NLldT1fWOljxjZk793jup2Hi18520BjuyDRP5fPW0Xl+hh"
    "SuixmkfUGirokybVgAZF/df9zlkdF4HGnlpUYtFCmEdeLO/BKhz9+DhyLwyE64nU8MTyoN"
    "BXv3MUtBZsMetRJ+G3HdR1GTIMqS+nKMz7r6T4Z+vXp//eOPl2+RfsaiNeA+BSRYXetm4q"
    "O0j7iOdRQTPk6CVdWUI7Ws1a45ZZKGUE6GsIGA1Fm13B+IKSYDTzpDHAwH8YlFeI5CPDQV"
    "oO0LzXTNg/uQBuP6JkdtOpYv6VhHnnI/G3GRrvlkiX+PjFmM2VxZ00/2lH9f3c+3HvnWdP"
    "P1CvTmevlCvohCXzaa1T8YzHjSvtbBL5gR+V2RkJqCX2aXNy+d6Yz1D+Q2F2/0tYWzt2W/"
    "9iuItuyXK0y+meDKWl/6+mPQWKhBDUsWnCM1gshgZI6mAcY9UTsWjUhIGbG1uExxZoCdgh"
    "DTfNrm/8Nbo9mIhgSZEK1F4LyVJ7Td2jwGt16YD37Y9RuDrdoR6J4cmKM6Jrbu3lPozPqM"
    "xmNDzUO++6J/dRuuH3gU0cqmC4X7j+pjPRjCGtRoh1pChkCtETSM+XRi/D3amWTglLb1JO"
    "fjUkNTcCYNbPazebauv1F9xL2Nh6yhnnU/FHfXcI7qeDT0no+6tYdyhTOrPFmrdVbWOspm"
    "DUZurE9JWrbXs90zHXOpZVarYi4TkTbRMFr+DgomZ5nltvEZVYtnClZZEGOR3k2S/6vVyG"
    "pTmSJ0jMyQfnUIsYqlQNDlEve5Ka6SlbkjiIcDHYoVYIZGWN0fYaOQphIKQX9iuSgsBrQo"
    "IsoW1pHxehYBxmWiLUwBO9ODKD+7VnJrR23t/fM9RhXWaiyPNdaesNsO60hbT5Q+b9EbFo"
    "UqdyYvxVepwPu519nNqNoyu22ZXQc881cCDYtr8Yy53RDP3KeDG9benUEiYwoW1BI2n2nT"
    "II9VJgEI84uR4c3/vEfQCIsSbTRD5wqNemIScMAxXTSJecQ1OgEzW0kdKqUrRnL9WItVRl"
    "h+Ypn5DV5xjXX6RL3KlD0b4Yn+OE0ACM7Bp2gqJBRgNx9vi2B81KFVCMaTD/iWv9UhJh+I"
    "EHhY+RGXhyz/kOcseHip1l7Phq5EhsrBQpH8maFFlraLxmQibbQUfKBBSHXgQwDVq0MyGO"
    "qPr/rbXmu2Nb6k5GN2PtlNqdqWMpvxabVtSHce8mO/fTemF4hatq/c5dI1taZI1TJ+lQQb"
    "XYHBhekZRcvwFRgeZVikKcdzJC3LV2C5xUKOWWRFqrZw1grFP4NqGHkT4TCsLzARNIeRm1"
    "rsjuWeOs9NekMXvVBmsXoM1LM5BT9/QNSLJO/fGGa+PH3zOgWW8McyKHnz4fz9+0XHmbB1"
    "3R0ilRMSv6sWdHDC4yT8zpo9ECA7pA9N/Zm7CVb2PyLWda3bw7HEvjtTfB8T0dXdlLhpZC"
    "r52D+vsjduCuBNpXPCMm154hiMcnBBYF3s0Uiki9IipyfoFqJkQiUHc0+LT585mv6H1S6I"
    "tWZbwwUxwqLCl1ffRjUZvxl4tA3PQ2dEvqCbn86fnX77OjlYdvlsttJV1b+UrwY72uEFH+"
    "djM8dVteSWFI9ICFrgvwIA1Ye1glSxfPl5YoHwCI8UD+QIMeHJwhli25r1yAXsC3iLMRPW"
    "IK2CcLnbjwK5L82znIwifSKSpGQFb9Q16N+lsJXphAe9T7X7s6vD1iAFPwtfk9l7IVqZ5b"
    "SFJ6wB97xBGz6cOW0t08mfymz7DqjZT17OF+Z4rJRRtN5Hd/Dnvyfm6JZ4C8Xa8L0dIbNf"
    "hYYYC5BMX38Mi0GQhINPLeQBDnXSt4VC4LzBgS7ErLMD8k3tGalzpq02zW6TxyvVzeHG72"
    "wNS9VG5tT7KDcembNfBhcckqffftvAI6lG1bok9b1DU+Bb7hKzY+09oDEJKs4Ql3S6yEhW"
    "63OxI12tKzYI3TZmAHHR0Un24ptva2Hmdi5WVCDzdg0nZYqg247l4kFUKqJDBgdTTqs7R+"
    "P38tZ4Bk6VohP7zhri9JLX3Pwazx7jtsiLdN6ucg93ao9wN9Q97dRgb32vCf7WzRMcQDjQ"
    "PBEoJia+BpoYcGaKjZ6ga51CgvqmfKkdCg5M696EEhDVoHz9aSGl5u7OlHuyZaBOTiBvl9"
    "xL+7fO28UynSWpHZUcBJfLTAnKAvKJmeJjEiJfYHpIBn6ggio+2nlhGmVdBiN0P43BOkAg"
    "5FyOcO6VIb0BDdb31bYVqdqKVIfC40OyJVZQ+0sKFZpLat+J+cxnWGabKI3oxMWULlIdRW"
    "hEKcCnSXxPfXhP2ZKOiSAr5LoXyA75SyiuF1+/ha+0zm2fjKit4pXJ6SBsygzzuYmrSOdx"
    "FQkPzaA8/3Ng2E0AJcJWAqtKILFx3Nifp2p5v/JhK2f3NI5W2YAWSD2WQodxNMQTW2FLY1"
    "r1n/QX+KwfMjav0OS1ROqtq8zoc2q8wOlrowkgMAyS81lCVhNLR+kUyPyVDI/pkLKeIPED"
    "idXbJugYXt9nqRgY2KtufnJBGY5rHPYlwnJe21yaYh5+7GvglNNdkyCyso+zYMsRD9fvh5"
    "I0uE+jSJR1ePHu6vzj79UxVcn4fITIxe+3l+cLDRnVT5hUHaQsE0yeym+pUPZApRbJmPFg"
    "bNronqmd7Oeb6yuE4bDIW9kwLuk9DbQju6fDShxciNXE3m5ue/MkjuhwFKr/SmcOV1C27C"
    "2zd8ogXM4dMBXpjoavO9a8louu/qcCWcv7FePD8bCC7UvCExICr2MTNhUevhCBAL/eeaHm"
    "iNplutoyvefxkEtZlVO5tNhEgc7vihObWLNrlpTwJNrjNx6Pq+Os7Z3uI5EeMz2sceJbPG"
    "UMaplOYm4KD+g4MzzPBV0IGzxNpenUKfsEVxRQXHOuNQIkZilnmh5nZhRHFxi8/UoFugi/"
    "e85JjuwIc04OJMck4cnS/G74Jl2lm9C0ovVOtJ5otnMS0+pOJvbOUs2GszGPabV6wa6hY6"
    "oyT9qcnjXj7h4UIKisV1evuXMkRxiFtJWsHvioHDhshx8hd188f96Au2pULXf1vYUjR1lZ"
    "CBDc17VHjbK6EOCABhL9Bx2fQwGYUdCRC/nm5dTykvKDCS72bab9+f99Ksrp"
)
