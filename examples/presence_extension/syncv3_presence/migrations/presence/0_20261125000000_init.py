from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        CREATE TABLE IF NOT EXISTS "presence_seen" (
    "observer" INT NOT NULL,
    "user_id" TEXT NOT NULL,
    "json" TEXT NOT NULL,
    "generated_us" BIGINT NOT NULL,
    "pos" BIGINT NOT NULL,
    PRIMARY KEY ("observer", "user_id")
);"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        DROP TABLE IF EXISTS "presence_seen";"""
