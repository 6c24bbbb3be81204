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
    "pos" BIGINT NOT NULL
);
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
    "pos" BIGINT NOT NULL DEFAULT 0
);
COMMENT ON COLUMN "syncv3_to_device_messages"."action" IS '0 other, 1 request, 2 cancellation';
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
CREATE TABLE IF NOT EXISTS "aerich" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "version" VARCHAR(255) NOT NULL,
    "app" VARCHAR(100) NOT NULL,
    "content" JSONB NOT NULL
);"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
DROP TABLE IF EXISTS "ss_changes";
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
    "eJztXX2T27bR/yoY/RNnRlbts33O48w8M3fx1XFz9uXJXZ60jT06iIJEVCTAEtDJapvvXi"
    "xAiqRE6gjqDZI50xcfiQWhXQD728Xu4t+dkA9JIHo/+JiNSecN+neH4RD+sfSmizo4irLn"
    "8EDiQaCbCtH3dDP9GA+EjLEn1ZsRDgRRj4ZEeDGNJOUM2t/ykEifsjHCDJEvkjCh3iAheU"
    "yGyHQ17KHfYirVOzSYIwqdyy5SnyZStVGPYvUPBj324KND7qmvqmY76n/K6D+npC/5WPVM"
    "YvWV3z+rx5QNyRf1s5M/o0l/REkwLDCSDqED/bwv55F+dknH75n8s24Lox/0PR5MQ5a1j+"
    "bS52xBQJmEp2PCSIzVCNUzGU+Bt2waBIkgUnabwWZNzChzNEMywtMAJATUZgDZs06///Hm"
    "rn97ddfvd1akl1LkGJ488jgDyauhCs0APaGe/s/Z2YsXr8+evTj/7tXL169ffffsO9VWj3"
    "f11es/zGAybpmuNM/ev3v/8Q4GxNX0MjMPHvyhabDEhkoLI+N+xIUd+xOCx/mfcnudANIH"
    "py+BjOOLBbfKd7WZxOVcLxAt8V79pO3wPtuO9sH8EH/pB4SNpa/+PH+5hq//f/HLDz9e/P"
    "Lk/OW3ReZ+TN6c6VdFNk8FifsTMl/lcuXUzpM0mt/J5N0xi/UXFSGXiOE45jO1IUuOMILx"
    "L2/2a2f+2fOXr19+9+L85WLCL56sm+erc3pIHqhHLNldJHKY4bYbytbYGnMeWjI1T9Ky1L"
    "AUoMdoklN/8GCAvckMx8P+yht+xqvarr4Kz8LlJ5jhsWYU/CIYXAoVOWPESxiwCiSzt4+C"
    "yUXTmoDyhhGUESE+Qlw9MetvFR6ubf2JfWL39zFRk0PI+3tEBVKAT2FH6k0AFOrn36P7+2"
    "SaqR5UK8yG6hHjzCPqL/jlmgozMSMxmvlckE9MKDypOlJTE3pN0ChlirDwm/swxcX9fReF"
    "eKj6kKqBAiX391VA9PelnQa66isU+bkuQs19u3QxroNLq7Qtct0Ocj2UznEOSG1Z6aTLY4"
    "WpdwqEVk/yfqlddpzYdA2/7q7+qmdqKMQ/gzwGffLh4q8anobz5M31zcd3afMcZv3h+uZy"
    "GT5RHKhNwsYgyJGcBMuL5sDzGtbA80pj4PmyLeDFRHNihb9v1WNJQ1IxrTOyJR4PE7pe+o"
    "8j5Pi6Sf7+w9Xt3cWHnwsz/e3F3RW8OSvM8vTpk/MleSw6Qb+9v/sRwZ/o7zcfrzQ7uZDj"
    "WH8xa3f39w6MCU8l7zM+6+Nhnifp4/RRQcABFrKvzB9rERcIWyE7LeQEXJbhL2UHzyvsoY"
    "xoSbyDuTQO2dMR6SWolrw01ZZ4+f7jxS9/K9dOafu8pC7/dnd1sbR/ZljeDvwW6U4Jbe3Z"
    "Z6gtJzveL0hatjdmu2vO8a+A5STinm9h0C3anxLPt2bLyWlsuWWnFPtj57OTmr8z9VP5rH"
    "TbqAYpOaKGIGVPJw8BFRIlo+2iCYkkGvEYCfKgBhegGY8nJBb1ziD2hGOcc/7+wnnYWesA"
    "1i26tZ3AxiFazxN8gaAxkj6W2gPrBRS8rnyEcN7n62OBBoQwBD7Zrnbf+ny26irevLsNAg"
    "f27Zats+G1ftmDHFqduh4/fQOso/aM3JEQZWjmU8/Xz/QeMyAeHBsF9IFYnXHvWf+rQYzo"
    "2GLuZwROiyeRBg1JQBmIIaRSb+TgYKFwUpec3Cl8oHZ7fZY3o9K3ktXW1ktIwkECROqjsB"
    "yR2yhs5vOMyQH+Fw3mLeRahVxv9VnfT2QuyuBW7u1jUCs7NKyJsn5L8ZDPQyJIrNAxAk8z"
    "EpgODToyfX4j4Gz9KSwrvZhUfwH8eATfWoVbW+x3A9zlzMGrC2Brwy2rGkYp+fVBfotpV3"
    "8jWyF1ejtz2fGdrpvkc1ZSWKVtxdBQDK0fdi841im9fU2F/DWCo9dq7Z1rs16Hz5n38CLV"
    "4+DE6k81WU19fqdULiMzojSt6QNpR5jJlEgD5CSOlS7VQbhdpNGZyZ3IgueUVo54EJB4Vb"
    "Pv5Asb6PjDrjgXFPuBvSg6Ft0uCitHchIhQXuPwjLbgx3TC0Qt2xuw3exq/QYTfpWyFUBz"
    "AWj/zSr7b0OFY6uPC5doXUZcnedpbmMXnaGAjKSVc+rF2evzhQqAP9Zt+rcfLq6vnUJVVw"
    "+EyTIoZV6sx0+iT6CVRbqBbt9Dl2DjLGAMC+YmdXSIvfLU1PqkJhFBB/5DugD8WjRTKMdk"
    "Fug+9HM+4MO5wkUKXQn0ZERjcJcoPGjcJeBa7iLg8NMRDYJve9Apj4emUyoVngqwQmOULT"
    "zRqq/UDfq9+SwcgRr+oAnjM6axmfaGwrA3hWK6Z/sTrgJZC8vawy3HPF8HsjUcc6Yc5pBK"
    "bXB2HE8IWo435bhPIZ+tbAvnPCCYlbM9R7XsO1Rku9o6Fk8soNUDFVR90uhpyU1KX+KLQI"
    "OYT8e+Usc1Adc6bt/cXBcA8OX7ZYT764fLqzQ7RDWiskIkRkGWV5+o9urmqdwOKO8IQpDx"
    "fP1JJ1P+KR276EVuHRgWrBHg5opI1hiBSfvW9Gtg+mmUWo5nqjleIGrEdsdUwr65boyYEt"
    "BTzfMcSctxe45HMXnoD7AsCy2vZnqRquW7Pd//Icoj1qr1a0rhuG7NfAwQ5MSnUvsKpkzQ"
    "MTPJhE4q1/wA68skT+X0GXZnBgEyfLQQhC5PoT6dumjiOXiDnBKPI+7BdzjqlDgH4XH3Ed"
    "fgGEc1HYNXxkmGY4JCKgRUoBuQgM9Q4nODuiGSTwiUDInUOIX2zKFRrGPMSay6BEHe36eV"
    "mpKiHwUX4q4+soELzwmvkQveu91FS+3To+Ga1XAYl4ZeQ1aWWkrQIil7JHWIcnaOzvNTqA"
    "X2E5wTmSCmMrWbf/2Y+jURCBZHc0mAURJUBLOk/Byuol1pha38XMtCImpX2GoUUnxihWB3"
    "phvbrWNnBS/bWKHda0FHduwPJjvIp6V2Uu7tY/t1uGhac8/+0ZwCwUaco4U/A+7hQO/Moq"
    "s36ViZOTiJmeihiygial4MszCEwh6/xX43sI2c2J1Oev93wvo8sf2/zUjYu70ZFrbYIuer"
    "6yQWqU5C6S5VTl/D2EXh9Oq66culEg8WbeaYff/VZd38rGM1yrBN8uYxXGOCPSwyaqaRak"
    "VwqMNEimWm30B9EEUbQz45FaZkCKQ9x1MGYZnlCTSbdtjmxDqhZauRjKClZfDWhCrQ8iJ4"
    "rcuxhstxwZ3+1BLsLFO2xcQaxmnOmNl46873BUE73+3ne0CwIH3G7eZ6nqqd583meVu+uc"
    "ESOIbyzY5g26qSe7UK7VlU17thSbEqQJc63MRcs6fr40FCt0CCx6Zu0ogGEmKj5yUX7VU4"
    "7LbbPSRQ5ev30TR7Scdw63AIzBTFAzUXsmAk5HTwBt3f+wQrgaRJUsDrNkDCdeis2WV3XJ"
    "EjOQm/yb7xhFqg5df8rYMTOSKXfYWgHWh6PRQEQ+oyVDO105Dvk10GalCp5iGFu6HgSGGy"
    "vKG5BEFO0aFbLqSspojSHgKOdlyWiwIgRPatpVMgOz4ZjXH0xpT3w0ItJ9UABwiPpOX9jv"
    "tOcktwgZ2o8lQOe44hYlABqkRKSa0eqEZq4sBdlouaTfZiyREdjVRMdr+Jy9erJS+rsQll"
    "dlVIUH6ANFg+RTqXRRVwLQcjMTDak7hsbX04Lp1j9IU2yp8gLL9mPH/KJrrWLNy12UVgXg"
    "ywgELvjuM5/f8Wxk7avnWc2hs6OKDYKptxQdByuwG3H9QitDoVyChafjfI1gU3iG1WeoGo"
    "5XpDrld6UB5hfLUTpeV9Dd4T5sXzqPTC1LXlSgp0bhcs2Qbvt1iLJIrJkHhECG61sS+RtX"
    "O9QQWMqWfP9wJRy/UGdQE4Lc1Cr7SiMoKTOWPfWiyyOaKz4WaOomXnqhcz5ra1/jMax+tW"
    "/OX25iMk7EEKBXr/Vln0VEQBniP49V1kLIXPXdTr9dT/YolCLiQ6r2fpH6CghfFT2Akroz"
    "kKYcHo0NP/VUKDIBYhcRh14WxgSOLPqZ9GOz67SM548kZ8dlZknk+DYVyWOn4Rx7hCZnmi"
    "JalB4IMzGrfzgAM6RGFPRNgjPT3spBYsXMZiis7qdxvLBzTt759L3F72p2V5Kpf9k46HsZ"
    "nd0579RbpWAI0F4PGp+r69AIp0rQA2zdFSrA2jgJSVk1/rQCgjb/0Ij/gRHIqxvJUV1/Vk"
    "L7s1oi2z6wTqhVwqnTtd1KlYKNtuEsOIFhEWkuf/egI/4A3yprHCFfLb8nDL7XXdVoA/pi"
    "2tzabep8lte7qy0cGKa8zcu8fzMDV/v3a2g8awR6Z5Kpe3js6zN0jhupjB5TqMp1GmNSuh"
    "HqqAnb08MhqHI62c1KiFPDuYJ/bMXyJ0eT04KAJH7ITbCLNOiYmgnz9mHQjVqGYu1gWCYg"
    "DS87OLnnI3N5mgQ6xrHKEQz+EuTVMYNklsglGjmU8DgszZ06p9sJMvtJWUDo5LW+y/T+yv"
    "EY591HOO6pTYun8IZM36jKaFQMeof3WJnB94GFJZqofz7x/Vx7ox+GtVa4skaUOg5ggax3"
    "wa6YxlCDtPPWhQkgdJzidLxQa7aAqnm7ptUusHAtHLfXe7+MgG6lnXKrDHvDmq09HQB/bh"
    "6ePyBsZ4nqzVOo21Dol42UU81Y7stP0p8fwUqpgbXXGlxVOpSq5S6dXRJFrUFookZ4Hltu"
    "v0Th6MvBiLxds0e6lcXTTrylTRYGSG9NDhjCiWAkGlOTzgJjs0q9NBEA+G+izJwwz5WL33"
    "sVE8U9lFgn9iuWMkBrQoJMrm1aE9uhcBRmSqFUwFjuza47R3rcw2PnY67DJ1QU/tzJJsNd"
    "DhC07tH4vtKQYt51nS95TpjYlCOQ4TQOeqVGB89jXAMqoTLADWUUpoeKOMkmT2rDu1cqgg"
    "WDLRXa0HZoDJnwkrv30l/7ombhktGtcsEjaDiOsFKFBT2CzTLqIMym79+vH65t27q7dIf6"
    "uqFJhdJwBVfjYyvP2/a0RCNSSijWCFNQy6iYnHAa90URTzkGsUAmazkjrcIKwYyfVnE0zi"
    "Y/mJZeY0eLk1phkQNZQpe+rjSC9OU24X52BSOBVSNUNm8bZIxTWk4shCvePmEqQPRAg8Ll"
    "2sy03WL1h9HbaaY8mtSf3QUFlYHJI/TS5GSmi7aEIiqaa7pIFeiF5AdQESD8rpBWQ4JuUl"
    "qzfubYMVky5aOwCUpzqZe5cO7IvSR3B2hflyJG0oToNQnPbypsOklet4VNtYvyJVy/gmEX"
    "86JcyG6RlFy/AGDA8zLFKX4zmSluVN7kc1WMgyrLVI1WbyN6hG5JXDyNsQB0F1xptXH0Ye"
    "KP+88wxxQNVd9FyZv+ozkGB7Bn57j6iBpOOvDTNfnL0+XwBL+GMdlLz9cHF9fYxFam2ZLN"
    "ILe4xh8QbN8ISIrq4rzqU2gBbXRruE6J2xj4E3pVZxwrS1zivNWgvbF+uyJ0YiXbQo99ND"
    "cPtSFCg5mHdafPrwSruNSmInN+5tA9vXx6LEWVR9hVzafjt6eRcmb8cnX9DtjxdPz16dpy"
    "eUNsumeKHcyzUrYnGj3MvqK+VefvuIyevMZVmrO9rxee7ywXyTsqoKa9KoUoIWcTa5LghO"
    "AwUpY3mNS2tSwhM8szqSM6qUJyuHVIWKAgqelNZWWi/iHFkrYOcE7Ap4izETiSVUBuFyrx"
    "8Fcl/qp8UYRfqNQObCTqTgjXoGlewVtjJ3QsAtQNrv1tXxT4jHuTgomY0L0dK0mB18ob2a"
    "0wmwUY3p3KlRcOiIjcMkcnxhlucZGUXr9rIHf+57Yk5uirdQrI0P2xMy+1WU34Sunz+Gxe"
    "B03sKnFnAPBzpLOIFC4LzBni5JpsPM89c7MlLlTGvWzX6zjUvVzfEGjuwMS1WGhFT7KLce"
    "EnJYBhcckmevXtXwSKpWlS5J/e7YFPhpXfE8pDHxSgr1rqn5mpE0q/i6J12tU/yFLqA8hM"
    "DbsJcNfPsFXk3f1rdQFcicncPp/VNQdzrh4uLyKddOAAsV2McMDqasZneOxu3prfEMnCqF"
    "vWTMGuL002Fuf45nn7Gb5EU6Z2e5gzu1Q7i76q72xbs6+Nv20nag+UagmJjADijnyZPL1n"
    "voRucowPXpgKmTpuDATNyb1Ze1b94t5Gzc35v6QEndoF4PEkDJSGZXsM9gx0x7SYsNpQfB"
    "y3WJBGUe+cTMXbMSqsdD95BV+kAFVXxM+oVulHXp+Wg0jcE6QCDkXLJpbsgQV4+Gm/tq2x"
    "JGbQmjY+HxMdkSDdT+CdwdnpQT92lkY0oXqU4iNGIpwKdOfE91eM+yJf113tCerYTifHF1"
    "LXxtFxjHJOIxpJj6NCn7lMnpKGzKDPPZiatI53CZAgfNoDz/c2DYTgBLhK0EmkogtXHs2J"
    "+nannf+LCVsxGNwyYb0Aqpw1LoMI7GOEpKNWlMq/6z+AUu64eMzQ2uO1oiddZVZvQ5NV7g"
    "xbBRBAgMg+RcllCiiaWldApk7kqGx3RMWV+Q+IHEarQpOobhuywVAwP7/xDlxQ+qr41cIm"
    "x4d+Se9jVwygUEarFw8NtlwZY+Dza/enBXV0PCiKKo7CBlnWDyVG5Lxdy7CyKZMO5NzIVS"
    "b9ROBjd9IgyHRc7KhnFJR9TTjuy+DiuxcCGWEzu7uR3Mk+jTsR+o/0prDpdQtuxdZu+UQb"
    "icPWAq0p0MX/eseRMu2vqfCmQt7xvGh+NxCdvXhCekBE7HJmwrPHwlAgF+vfVEzRG107TZ"
    "NB3xeMylLMupXHtxbIGuvTH2OG6M/Y3Hk/I46+RN95FIj5luVjvxLZ4yBsUyo5ibwgM6zg"
    "zPc0EXIgmepsqe9QmO5YDgksp9G/a1QYDEbMGZuseZGcXJBQbvvlKBruZun3OSIzvBnJMj"
    "yTFJebI2vxvWpK10U5pWtM6J1hHNdkFiWn4lRvJmrWbDWZvHtFq1YDfQMWWZJ21Oz4Zxdw"
    "8KEJQWSqvW3DmSE4xC2klWDywqCw4nzU+Qu8+fPavBXdWqkrv63cqRozKxSvQluK8rjxpT"
    "kmV1ST2J/oNOz6EAzCjoyJV88+XU8iXlBx1cHtpM++O/MWh4vA=="
)
