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
COMMENT ON COLUMN "ss_user_rooms"."reset_pos" IS 'the room is initial for who was told before this';
COMMENT ON COLUMN "ss_user_rooms"."generated_us" IS 'when the report behind the membership was made';
COMMENT ON COLUMN "ss_user_rooms"."confirmed_ord" IS 'no gap above this is confirmed';
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
    "eJztXf9z2zay/1cw+qXpjKJLHMfpS2fejN340rxz4r7afb27JiNDFCTiRAI8ArKid9f//b"
    "AAKZISKRPUN0jlzH2JSSwI7QLYzy52F//qhHxIAtH7wcdsTDpv0b86DIfwj6U3XdTBUZQ9"
    "hwcSDwLdVIi+p5vpx3ggZIw9qd6McCCIejQkwotpJCln0P6Oh0T6lI0RZoh8lYQJ9QYJyW"
    "MyRKarYQ/9GlOp3qHBHFHoXHaR+jSRqo16FKt/MOixBx8dck99VTXbUf9TRv85JX3Jx6pn"
    "Equv/PZFPaZsSL6qn538GU36I0qCYYGRdAgd6Od9OY/0sys6/sDkn3VbGP2g7/FgGrKsfT"
    "SXPmcLAsokPB0TRmKsRqieyXgKvGXTIEgEkbLbDDZrYkaZoxmSEZ4GICGgNgPInnX6/U+3"
    "9/276/t+v7MivZQix/DkkccZSF4NVWgG6An1/L/Ozl69enP24tXFd6/P37x5/d2L71RbPd"
    "7VV29+N4PJuGW60jz78P7Dp3sYEFfTy8w8ePC7psESGyotjIz7ERd27E8InuZ/yu11Akgf"
    "nL4EMo4vFtwq39VmEpdzvUC0xHv1k7bD+2w72gfzQ/y1HxA2lr768+J8DV//7/LnH368/P"
    "nZxfm3ReZ+St6c6VdFNk8FifsTMl/lcuXUzpM0mt/J5N0xi/UXFSGXiOE45jO1IUuOMILx"
    "L2/2a2f+2cvzN+ffvbo4X0z4xZN183x1Tg/JI/WIJbuLRA4z3HZD2RpbY85DS6bmSVqWGp"
    "YC9BhNcuoPHgywN5nheNhfecPPeFXb1VfhWbj8BDM81oyCXwSDS6EiZ4x4CQNWgWT29kkw"
    "uWhaE1DeMoIyIsRHiKsnZv2twsO1rT+zz+zhISZqcgj58ICoQArwKexIvQmAQv38e/TwkE"
    "wz1YNqhdlQPWKceUT9Bb9cU2EmZiRGM58L8pkJhSdVR2pqQq8JGqVMERZ+cx+muHh46KIQ"
    "D1UfUjVQoOThoQqI/ra000BXfYUiv9RFqLlvly7GdXBplbZFrttBrofSOc4BqS0rnXR5rD"
    "D1XoHQ6kneL7XLjhObruHX/fVf9UwNhfhnkMegzz5e/lXD03CevLm5/fQ+bZ7DrD/c3F4t"
    "wyeKA7VJ2BgEOZKTYHnRHHhZwxp4WWkMvFy2BbyYaE6s8PedeixpSCqmdUa2xONhQtdL/3"
    "GEHF83yT98vL67v/z4U2Gmv7u8v4Y3Z4VZnj59drEkj0Un6NcP9z8i+BP9/fbTtWYnF3Ic"
    "6y9m7e7/3oEx4ankfcZnfTzM8yR9nD4qCDjAQvaV+WMt4gJhK2SnhZyAyzL8pezgeYU9lB"
    "EtiXcwl8YhezoivQLVkpem2hKvPny6/Plv5dopbZ+X1NXf7q8vl/bPDMvbgd8i3SmhrT37"
    "DLXlZMf7BUnL9sZsd805/gdgOYm451sYdIv2p8Tzrdlychpbbtkpxf7Y+eKk5u9M/VQ+K9"
    "02qkFKjqghSNnTyUNAhUTJaLtoQiKJRjxGgjyqwQVoxuMJiUW9M4g94RjnnL8/cx521jqA"
    "dYtubSewcYjW8wRfImiMpI+l9sB6AQWvKx8hnPf5+ligASEMgU+2q923Pp+tuoo3726DwI"
    "F9u2XrbHitX/Ygh1anrsdP3wDrqD0jdyREGZr51PP1M73HDIgHx0YBfSRWZ9x71v9qECM6"
    "tpj7GYHT4kmkQUMSUAZiCKnUGzk4WCic1CUndwofqN1en+XNqPStZLW19RKScJAAkfooLE"
    "fkNgqb+TxjcoD/nwbzFnKtQq53+qzvL2QuyuBW7u1TUCs7NKyJsn5N8ZDPQyJIrNAxAk8z"
    "EpgODToyfX4j4Gz9OSwrvZhUfwH8eATfWoVbW+x3A9zlzMGrC2Brwy2rGkYp+fVBfotpV3"
    "8jWyF1ejtz2fGdrpvkc1ZSWKVtxdBQDK0fdi841im9fUOF/CWCo9dq7Z1rs16Hz5n3+CrV"
    "4+DE6k81WU19fq9ULiMzojSt6QNpR5jJlEgD5CSOlS7VQbhdpNGZyZ3IgueUVo54EJB4Vb"
    "Pv5Asb6PjDrjgXFPuBvSg6Ft0uCitHchIhQXuPwjLbgx3TC0Qt2xuw3exq/QYTfpWyFUBz"
    "AWj/zSr770KFY6uPC5doXUZcnZdpbmMXnaGAjKSVc+rV2ZuLhQqAP9Zt+ncfL29unEJV14"
    "+EyTIoZV6sx0+iT6CVRbqBbt9DV2DjLGAMC+YmdXSIvfLU1PqkJhFBB/5DugD8WjRTKMdk"
    "Fug+9HM+4MO5wkUKXQn0bERjcJcoPGjcJeBa7iLg8PMRDYJve9Apj4emUyoVngqwQmOULT"
    "zRqq/UDfq9+SwcgRr+oAnjM6axmfaGwrA3hWK6Z/sTrgJZC8vawy3HPF8HsjUcc6Yc5pBK"
    "bXB2HE8IWo435bhPIZ+tbAvnPCCYlbM9R7XsO1Rku9o6Fk8soNUjFVR90uhpyU1KX+KLQI"
    "OYT8e+Usc1Adc6bt/e3hQA8NWHZYT7y8er6zQ7RDWiskIkRkGWV5+o9urmqdwOKO8IQpDx"
    "fP1JJ1P+KR276EVuHRgWrBHg5opI1hiBSfvW9Gtg+mmUWo5nqjleIGrEdsdUwr65boyYEt"
    "BTzfMcSctxe45HMXnsD7AsCy2vZnqRquW7Pd//Icoj1qr1a0rhuG7NfAwQ5MSnUvsKpkzQ"
    "MTPJhE4q1/wA68skT+X0GXZnBgEyfLQQhC5PoT6dumjiOXiDnBKPI+7B9zjqlDgH4XH3Cd"
    "fgGEc1HYPXxkmGY4JCKgRUoBuQgM9Q4nODuiGSTwiUDInUOIX2zKFRrGPMSay6BEE+PKSV"
    "mpKiHwUX4q4+soELzwmvkQveu91FS+3To+Ga1XAYl4ZeQ1aWWkrQIil7JHWIcnaOzvNTqA"
    "X2FzgnMkFMZWo3//op9WsiECyO5pIAoySoCGZJ+TlcRbvSClv5uZaFRNSusNUopPjECsHu"
    "TDe2W8fOCl62sUK714KO7NgfTXaQT0vtpNzbp/brcNG05p79ozkFgo04Rwt/BtzDgd6ZRV"
    "dv0rEyc3ASM9FDl1FE1LwYZmEIhT1+i/1uYBs5sTud9P7vhPV5Yvt/m5Gwd3szLGyxRc5X"
    "10ksUp2E0l2qnL6GsYvC6dV105dLJR4s2swx+/4Pl3Xzk47VKMM2yZuncI0J9rDIqJlGqh"
    "XBoQ4TKZaZfgv1QRRtDPnkVJiSIZD2HE8ZhGWWJ9Bs2mGbE+uElq1GMoKWlsFbE6pAy4vg"
    "tS7HGi7HBXf6U0uws0zZFhNrGKc5Y2bjrTvfFwTtfLef7wHBgvQZt5vreap2njeb52355g"
    "ZL4BjKNzuCbatK7tUqtGdRXe+WJcWqAF3qcBNzzZ6ujwcJ3QIJHpu6SSMaSIiNnpdctFfh"
    "sNtu95BAla/fR9PsJR3DrcMhMFMUj9RcyIKRkNPBW/Tw4BOsBJImSQGv2wAJ16GzZpfdcU"
    "WO5CT8JvvGE2qBll/ztw5O5Ihc9hWCdqDp9VAQDKnLUM3UTkO+T3YZqEGlmocU7oaCI4XJ"
    "8obmEgQ5RYduuZCymiJKewg42nFZLgqAENm3lk6B7PhkNMbRW1PeDwu1nFQDHCA8kpb3O+"
    "47yS3BBXaiylM57DmGiEEFqBIpJbV6oBqpiQN3WS5qNtmLJUd0NFIx2f0mLl+vlrysxiaU"
    "2VUhQfkB0mD5FOlcFlXAtRyMxMBoT+KytfXhuHSO0RfaKH+CsPya8fwpm+has3DXZheBeT"
    "HAAgq9O47n9P9bGDtp+9Zxam/o4IBiq2zGBUHL7QbcflSL0OpUIKNo+d0gWxfcILZZ6QWi"
    "lusNuV7pQXmC8dVOlJb3NXhPmBfPo9ILU9eWKynQuV2wZBu832ItkigmQ+IRIbjVxr5E1s"
    "71BhUwpp493wtELdcb1AXgtDQLvdKKyghO5ox9a7HI5ojOhps5ipadq17MmNvW+s9oHK9b"
    "8T93t58gYQ9SKNCHd8qipyIK8BzBr+8iYyl86aJer6f+F0sUciHRRT1L/wAFLYyfwk5YGc"
    "1RCAtGh57/txIaBLEIicOoC2cDQxJ/Sf002vHZRXLGkzfii7Mi83waDOOy1PHLOMYVMssT"
    "LUkNAh+c0bidRxzQIQp7IsIe6elhJ7Vg4TIWU3RWv9tYPqBpf/tS4vayPy3LU7nsn3Q8jM"
    "3snvbsL9K1AmgsAI9P1fftBVCkawWwaY6WYm0YBaSsnPxaB0IZeetHeMKP4FCM5Z2suK4n"
    "e9mtEW2ZXSdQL+RS6dzpok7FQtl2kxhGtIiwkDz/1zP4AW+RN40VrpDflodbbq/rtgL8MW"
    "1pbTb1Pk1u29OVjQ5WXGPm3j2eh6n5+0dnO2gMe2Sap3J56+i8eIsUrosZXK7DeBplWrMS"
    "6qEK2NnLI6NxONLKSY1ayLODeWLP/CVCl9eDgyJwxE64izDrlJgI+vlT1oFQjWrmYl0iKA"
    "YgPT+76Cl3c5MJOsS6xhEK8Rzu0jSFYZPEJhg1mvk0IMicPa3aBzv5QltJ6eC4tMX++8T+"
    "GuHYRz3nqE6JrfuHQNasz2haCHSM+leXyPmBhyGVpXo4//5Jfawbg79WtbZIkjYEao6gcc"
    "ynkc5YhrDz1IMGJXmQ5HyyVGywi6ZwuqnbJrV+IBC93He3i49soJ51rQJ7zJujOh0NfWAf"
    "nj4ub2CM58lardNY65CIl13EU+3ITtufEs9PoYq50RXXWjyVquQ6lV4dTaJFbaFIchZYbr"
    "tO7+TByIuxWLxNs5fK1UWzrkwVDUZmSA8dzohiKRBUmsMDbrJDszodBPFgqM+SPMyQj9V7"
    "HxvFM5VdJPhnljtGYkCLQqJsXh3ao3sRYESmWsFU4MiuPU5718ps42Onwy5TF/TUzizJVg"
    "MdvuDU/rHYnmLQcp4lfU+Z3pgolOMwAXSuSgXGZ18DLKM6wQJgHaWEhrfKKElmz7pTK4cK"
    "giUT3dV6YAaY/Jmw8ttX8q9r4pbRonHNImEziLhegAI1hc0y7SLKoOzWL59ubt+/v36H9L"
    "eqSoHZdQJQ5Scjw7v/vUEkVEMi2ghWWMOgm5h4HPBKF0UxD7lGIWA2K6nDDcKKkVx/NsEk"
    "PpafWWZOg5dbY5oBUUOZsuc+jvTiNOV2cQ4mhVMhVTNkFm+LVFxDKo4s1HtuLkH6SITA49"
    "LFutxk/YLV12GrOZbcmtQPDZWFxSH58+RipIS2iyYkkmq6SxrohegFVBcg8aCcXkCGY1Je"
    "snrj3jZYMemitQNAeaqTuXfpwL4ofQRnV5gvR9KG4jQIxWkvbzpMWrmOR7WN9StStYxvEv"
    "GnU8JsmJ5RtAxvwPAwwyJ1OZ4jaVne5H5Ug4Usw1qLVG0mf4NqRF45jLwLcRBUZ7x59WHk"
    "gfLPOy8QB1TdRS+V+as+Awm2Z+C394gaSDr+2jDz1dmbiwWwhD/WQcm7j5c3N8dYpNaWyS"
    "K9sMcYFm/RDE+I6Oq64lxqA2hxbbRLiN4Z+xh4U2oVJ0xb67zSrLWwfbEue2Ik0kWLcj89"
    "BLcvRYGSg3mnxacPr7TbqCR2cuPeNrB9fSxKnEXVV8il7bejl3dh8nZ88hXd/Xj5/Oz1RX"
    "pCabNsihfKna9ZEYsb5c6rr5Q7//YJk9eZy7JWd7Tj89zlg/kmZVUV1qRRpQQt4mxyXRCc"
    "BgpSxvIal9akhCd4ZnUkZ1QpT1YOqQoVBRQ8Ka2ttF7EObJWwM4J2BXwFmMmEkuoDMLlXj"
    "8J5L7WT4sxivQbgcyFnUjBG/UMKtkrbGXuhIBbgLTfravjnxCPc3FQMhsXoqVpMTv4Qns1"
    "pxNgoxrTuVOj4NARG4dJ5PjKLM8zMorW7WUP/tz3xJzcFG+hWBsftidk9osovwldP38Ki8"
    "HpvIVPLeAeDnSWcAKFwHmDPV2STIeZ5693ZKTKmdasm/1mG5eqm+MNHNkZlqoMCan2UW49"
    "JOSwDC44JM9ev67hkVStKl2S+t2xKfDTuuJ5SGPilRTqXVPzNSNpVvF1T7pap/gLXUB5CI"
    "G3YS8b+PYLvJq+rW+hKpA5O4fT+6eg7nTCxcXlU66dABYqsI8ZHExZze4cjdvTW+MZOFUK"
    "e8mYNcTpp8Pc/hzPPmM3yYt0zs5yB3dqh3B31V3ti3d18Lftpe1A841AMTGBHVDOkyeXrf"
    "fQrc5RgOvTAVMnTcGBmbg3qy9r37xbyNl4eDD1gZK6Qb0eJICSkcyuYJ/Bjpn2khYbSg+C"
    "l+sSCco88pmZu2YlVI+H7iGr9JEKqviY9AvdKOvS89FoGoN1gEDIuWTT3JAhrh4NN/fVti"
    "WM2hJGx8LjY7IlGqj9E7g7PCkn7tPIxpQuUp1EaMRSgE+d+J7q8J5lS/rkb2hPlSho2vQu"
    "9hEcWPpcWycSqi4MiHpE9LJweUn80e4xjknEY8g09WlS/Slb3kdhWmbQz05cRTqHqxU4aA"
    "3l+Z/DxHYCWCJsJdBUAqmpY8f+PFXL+8ZnrpyNaBw22YBWSB2WQodxNMZRUrFJQ1v1n8Uv"
    "OAL9IC21eYHMWU+Z+uV0TFlfmfiPysqXIjVGYPguS8WAjP4/RHmGffXdhEuEDS8o3NOqAc"
    "9PQKDgBwfnUBbR5/Ng8/vtdnX/IIwoisq89esEk6dyWyrmclcQyYRxb2JuLXqLMILrJBGG"
    "EwlnZcO4pCPqaW9pX8cuWPipyomd3dwO5q7y6dgP1H+lNYdLKFv2LrN3yiAmy94hUqQ7Gb"
    "7uWfMmXLT1bhTIWt43DELG4xK2rzkDTwmcPgDfVgzyyjE3/HrriZojaqdps2k64vGYS1mW"
    "uLf2dtICXXst6XFcS/orjyflwbzJm+4T4QQz3ax2dlU8ZQwqMkYxN9ntOpgJz3Mn+yKJ0K"
    "XKnvUJjuWA4JLycBv2tcEp/GzBmbpnZhnFyUWf7j4dXpcMt09syJGdYGLDkSQyVOaY5hUO"
    "rElb6aY0rWidE60jmu2SxLT83oXkzVrNhrM2T2m1asFuoGPK0hvaxJENg7seFSAorcZVrb"
    "lzJCcY6rKT1BFYVBYcTpqfIHdfvnhRg7uqVSV39buVI0dlYpXoS3BfVx41piTL6pJ6Ev0b"
    "nZ5DAZhR0JErSc3L+ctLyg86uDq0mfb7fwD5zPkY"
)
