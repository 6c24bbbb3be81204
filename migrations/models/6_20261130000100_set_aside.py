"""What is set aside item by item, pieces of answers, keys of any length, who is heard typing.

Written by hand where the models cannot say it: partial and computed indexes, defaults, and
what was set aside before, which is kept as far as it is known whose it is.
"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        CREATE TABLE IF NOT EXISTS "ss_pieces" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "device_key" INT NOT NULL,
    "since" TEXT NOT NULL,
    "digests" BYTEA NOT NULL
);
CREATE INDEX IF NOT EXISTS "ss_pieces_device" ON "ss_pieces" ("device_key");
COMMENT ON COLUMN "ss_pieces"."since" IS 'the token that the answer was asked with; or empty';
COMMENT ON COLUMN "ss_pieces"."digests" IS '16 bytes of each message, one behind the other';
COMMENT ON TABLE "ss_pieces" IS 'A piece of an answer whose ``since`` is not stored yet: what must not be taken in twice.';
CREATE TABLE IF NOT EXISTS "ss_set_aside" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "extension" VARCHAR(64) NOT NULL,
    "device_key" INT NOT NULL,
    "sender" TEXT,
    "generated_us" BIGINT NOT NULL,
    "item" TEXT NOT NULL,
    "error" TEXT NOT NULL,
    "created" TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS "ss_set_aside_device" ON "ss_set_aside" ("device_key");
COMMENT ON COLUMN "ss_set_aside"."device_key" IS 'whose poller brought it';
COMMENT ON COLUMN "ss_set_aside"."sender" IS 'who it is from; null: the homeserver';
COMMENT ON COLUMN "ss_set_aside"."generated_us" IS 'when the answer was made';
COMMENT ON COLUMN "ss_set_aside"."item" IS 'the part of the answer, as JSON (ingest/items.py)';
COMMENT ON COLUMN "ss_set_aside"."error" IS 'why; may have content in it';
COMMENT ON TABLE "ss_set_aside" IS 'Something of a ``/sync`` answer that an extension could not take in, kept for a replay.';
INSERT INTO "ss_set_aside" ("extension", "device_key", "generated_us", "item", "error", "created")
    SELECT "extension", "device_key", 0, "rows", "error", "created"
    FROM "ss_rejected_sections" WHERE "device_key" IS NOT NULL ORDER BY "id";
DROP TABLE IF EXISTS "ss_rejected_sections";
ALTER TABLE "ss_device_keys" ADD "algorithms" TEXT[] NOT NULL DEFAULT '{}';
ALTER TABLE "ss_device_keys" ADD "generated_us" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "ss_device_keys" ADD "doubtful" BOOL NOT NULL DEFAULT False;
ALTER TABLE "ss_device_keys" ADD "asked" TIMESTAMPTZ;
CREATE INDEX IF NOT EXISTS "ss_device_keys_doubtful" ON "ss_device_keys" ("asked") WHERE "doubtful";
COMMENT ON COLUMN "ss_device_keys"."algorithms" IS 'of which there ever were keys';
COMMENT ON COLUMN "ss_device_keys"."generated_us" IS 'when the report was made';
COMMENT ON COLUMN "ss_device_keys"."doubtful" IS 'the counts may have changed: the homeserver must be asked';
COMMENT ON COLUMN "ss_device_keys"."asked" IS 'when it was asked last';
ALTER TABLE "ss_typing" ADD "partial" BOOL NOT NULL DEFAULT False;
ALTER TABLE "ss_typing" ADD "before" TEXT;
ALTER TABLE "ss_typing" ADD "before_pos" BIGINT NOT NULL DEFAULT 0;
CREATE INDEX IF NOT EXISTS "ss_typing_somebody" ON "ss_typing" ("generated_us") WHERE NOT "nobody";
COMMENT ON COLUMN "ss_typing"."partial" IS 'the heard one''s user ignores somebody, perhaps in this room';
COMMENT ON COLUMN "ss_typing"."before" IS 'the event that it took the place of';
COMMENT ON COLUMN "ss_typing"."before_pos" IS 'position of that one''s change';
COMMENT ON COLUMN "ss_typing"."generated_us" IS 'when the last report was made, equal or not';
COMMENT ON COLUMN "ss_typing"."json" IS 'the event';
ALTER TABLE "ss_account_data" DROP CONSTRAINT "ss_account_data_pkey";
CREATE INDEX IF NOT EXISTS "ss_account_data_type" ON "ss_account_data" ("user_key", "room_key", md5("type"));
ALTER TABLE "ss_receipts" ADD "own" BOOL NOT NULL DEFAULT False;
UPDATE "ss_receipts" SET "own" = True WHERE "private";
ALTER TABLE "ss_receipts" DROP CONSTRAINT "ss_receipts_pkey";
ALTER TABLE "ss_receipts" ADD PRIMARY KEY ("room_key", "user_id", "private", "thread_id", "own");
COMMENT ON COLUMN "ss_receipts"."private" IS 'm.read.private';
COMMENT ON COLUMN "ss_receipts"."own" IS 'private, or told by the owner''s poller: for the owner only';
ALTER TABLE "syncv3_to_device_messages" ADD "key_hash" BYTEA;
DROP INDEX IF EXISTS "syncv3_to_device_messages_key";
CREATE INDEX IF NOT EXISTS "syncv3_to_device_messages_key" ON "syncv3_to_device_messages" ("user_id", "device_id", "key_hash") WHERE "key_hash" IS NOT NULL;
COMMENT ON COLUMN "syncv3_to_device_messages"."unique_key" IS 'what a key request is known by';
COMMENT ON COLUMN "syncv3_to_device_messages"."key_hash" IS 'SHA-256 of that, for the index';"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        DROP INDEX IF EXISTS "syncv3_to_device_messages_key";
ALTER TABLE "syncv3_to_device_messages" DROP COLUMN "key_hash";
CREATE INDEX IF NOT EXISTS "syncv3_to_device_messages_key" ON "syncv3_to_device_messages" ("user_id", "device_id", "unique_key") WHERE "unique_key" IS NOT NULL;
DROP INDEX IF EXISTS "ss_account_data_type";
ALTER TABLE "ss_account_data" ADD PRIMARY KEY ("user_key", "room_key", "type");
DELETE FROM "ss_receipts" WHERE "own" AND NOT "private";
ALTER TABLE "ss_receipts" DROP CONSTRAINT "ss_receipts_pkey";
ALTER TABLE "ss_receipts" ADD PRIMARY KEY ("room_key", "user_id", "private", "thread_id");
ALTER TABLE "ss_receipts" DROP COLUMN "own";
DROP INDEX IF EXISTS "ss_typing_somebody";
ALTER TABLE "ss_typing" DROP COLUMN "partial";
ALTER TABLE "ss_typing" DROP COLUMN "before";
ALTER TABLE "ss_typing" DROP COLUMN "before_pos";
DROP INDEX IF EXISTS "ss_device_keys_doubtful";
ALTER TABLE "ss_device_keys" DROP COLUMN "algorithms";
ALTER TABLE "ss_device_keys" DROP COLUMN "generated_us";
ALTER TABLE "ss_device_keys" DROP COLUMN "doubtful";
ALTER TABLE "ss_device_keys" DROP COLUMN "asked";
CREATE TABLE IF NOT EXISTS "ss_rejected_sections" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "extension" VARCHAR(64) NOT NULL,
    "device_key" INT,
    "rows" TEXT NOT NULL,
    "error" TEXT NOT NULL,
    "created" TIMESTAMPTZ NOT NULL DEFAULT now()
);
INSERT INTO "ss_rejected_sections" ("extension", "device_key", "rows", "error", "created")
    SELECT "extension", "device_key", "item", "error", "created" FROM "ss_set_aside" ORDER BY "id";
DROP TABLE IF EXISTS "ss_set_aside";
DROP TABLE IF EXISTS "ss_pieces";"""


MODELS_STATE = (
    "eJztPWtz2ziSfwWlL0mqFE3iZJI552qr7ElmJrtJPBd7Lrs7SUkQBUtYkwSHoKzodue/H7"
    "oBviRSJvSEFVbtIybRINQNoN/d/+4EYsR82TvzPDENk9c0mQadU/LvTkgDpv5R+b5LOjSK"
    "8rfwIKFDHwGk7FM9uD+iCcXBQ5nE1EvU62vqS6YejZj0Yh4lXIQAdBEykswjRsQ1EerfU8"
    "niB5KYiQhM1CVjXwypTx7GQgTkhs3Jk0dExABCCTzrwbdGwlMf4+F4e9N+Dj+HgwGjsc9Z"
    "PBiQCZUkmTByS/0pkzAQ/vKpTEjAw2nCCA1HZDYRODJmkYgTBg+4N+kSKdRwmhD6ORyxW+"
    "4x/adPx5IM2YQrUC5JKBKS0BsWkmu1Fkq8CQ3HjAypd0MSgT9Gf1f/6mnI/5iyfiLGTD2L"
    "1W///Yt6rCZjX5lM/4xu+tec+aMSgQEnffWzYRp82weMwZu3YfITDge0Dvue8KdBuAgSzZ"
    "OJCDMYHibwdMxCFlP1qwskD6e+bzZJ+kgvWz1I4inL1jvKH4zYNZ36sHEAWq8jf9bp9z9c"
    "XPUv31z1+52lTZVCFDaEeeSJEDakWqtEVIxhCY9Pnj5/+fyHZy+e/6CG4DKzJy//1J/O8a"
    "MBEUsfrjp/4nu1m/QIRHiOYdhElhgugmwHw+mDHMX5UVwfx50np+b8LJ69XaI6Ry0iZQmt"
    "V+xrDV7T8Qs4VUt0B6eN9+0KTF29+fsVzBxI+YcPDz7879nHH385+/jw/dnfH+GbuXnz7u"
    "LDz+lwoW5pfYt/+PHdxfkCsv8l1foskJ2OdxnZHbi62S1T3EDd1TwhHvxYJ9GfIaw/lctk"
    "OOfj2ttkEdLpG2U2UUwPqKIZp2ZziiMityUzRaWAjhqSyFw3/3Vy8uzZy5Mnz1788P3zly"
    "+//+FJdu8sv1p1AZ2//RnuoBKpli+lSFjSxwA4TRa1Rg7/Lok7WipxmRap9NUfVrDfszim"
    "8xoGXIZbII3PpUu00XKk1ILkhN6yXOjMj87Gl5pC7u9fFtBrhOJl1P718uJDNWYLIAtYHX"
    "EvIf8hjiE3ZDOmtvo1j2UCYp2S6ZUUr9QHrnSGqXzUJcO5em5keSWzyS9/ftkY2YC/1Rxk"
    "kVl08Ywm4xhnwQmAg4Dcf31TkEvhAagRMxqP+ktvxImoG7v8KjgJFp/QkI4R9/CL4fcZ/f"
    "FHfVNUaJY/ZnfISp1SXzWymTp5KQKlBynUK02MKPmEhRKuLpmIWJ0JPdWoRz7FPFHvFAEJ"
    "h8mTLlGfZnBu1KNY/SOEGZf1yh3Mv4EGx0d27EaPv5vbGB3Mdb1tLxylXrtzjdsfKwUKTC"
    "c9cMt4V5dJXMN2ikAuayTNkR/Qr32fheNkov588XwFXlPe8eL5Iuswb07wVRnNhzAMmc27"
    "c56uQE7RxhbSOBYzEJQEoWgfPIwhQ4sPluguAzmM8D2b4g5rejtClLoiRIowZJ5BwLIgmb"
    "+9U5jMhjYUKMGRkAOl7gR9/qrdDrWjtTchZmpzyGQwAGM/6NMy4d4NCIX4/BUZDMw2UzOo"
    "UeBRGAxCEXpM/QW/HKFoKGcsBl+DZJ9DCWYsmaitCbMaaZSHCrD0m/uwxeVg0EVLClE642"
    "CghJLBoE4Q/X3hpoGp+kqK/NJUQi18u/IwrhKXlmFbyXU7kuuheI5zgtSWmU56PJaQWm8q"
    "L4AchWy6b9v4iFNfXRI2CkEB5ChQXlYHnjbQBp7WKgNPF3UBL2aIiSX8vlaPEx6wmm2dgy"
    "3a+gxcL/3HPcT4qk3+9v2by6uz97+Wdvrrs6s38OaktMvTpw9fLNAjm4R8env1C4E/yT8v"
    "PrxZNPVl467+2YE10Wki+qGY9emoiJP0cfqoRGAw5/eV+mNN4hJgS2SniWyEyyr5S+nBtZ"
    "6QDGiBvMN5og2yx0PSc2NJz6iprsTztx/OPv6jmjudV1jez/9x9eas2ndbabNq4LmtNlvd"
    "a2lrzzZD1JzscJ+BtGhvXeH3B+UsEt7EDukZSIv2tdGeTGPLuz2F2B/SnxwVxmfqp4pZ5f"
    "1SL80UgNaUZvbkooAoCGJW2yU3LEowEliyW7U4n8xEfMNi2cxZsSeBxzkr8UchKoPZF0Z0"
    "G1uLteW0mcn4DIPHdUwOmGo9n4N5FsPKC8ZhCBEfMhYSMN520c47EbNlm/Lm020QYbBv++"
    "19CRk/sAH3iAPLD2a8PX5NrWMiOI3viIc6M0XH3MIdM2QQBE18fut0aKdaxDUfW+z9HMBp"
    "8hhq8ID5PAQyBDzBixwsMRxcesbFl2A0NDr9ZjyZWNFqa+clYMHQCCLNpbACkNtSGCRxZU"
    "j26f9xf96KXMsi12t0Cv6NzWWVuFV4e5eolXsXG0pZn1J5aCICJlmspGMdmi4pH2npSM/5"
    "QIIT/jEcKzxMaj4fs+ngW8vi1hbn3UDucsZD64KwtbP8PEW/PtAv23bNL7IlUKevM5ct5O"
    "m5MZ+zosIybEuGNclA/bGIlTARVJBgRbpMGWyP2TKd/76ehlr1HU65n/BQ9uB7f+nYC8WZ"
    "GBxjSmBMZvCv9GRvHPSwlDxzHxP6LE2IS9l89yF/bySmw+R66lfQRAif0bCG7xbAFu8fBb"
    "crimRPLJNesQQCEGOuU8ZM1srpotQTTJXUM1TCjbzRTv7N7q2Li3ele+v87WJ4z2/vz9+k"
    "wSlqEE9qyJQtyCZcIQPaQqjC3nQQdYSMsofLR0F08yvpvkUvHKMvcTGtlsf3JbEWmCxUer"
    "lR5PLZaFx1FFcRpxreXUY2jSBFZIbCgVS346LR3eR/otumkKvoEvmcMha8U4j6LYLbtlNr"
    "MiiM6a40HMxD7/ZZajwAEvSnCNbQiHClOJ5J810mYxq+n9BYKfCYItQlaBLSmZ15aP8DSS"
    "Lh+yxeNifs5AsbGBYOe5e6YE04sOsGM+XsYsQLIEcRsLz3GHF9PdghvQTUon0NtOtbrb/G"
    "hl+GbAmwPgHQabSM/suA+n59jNICrNOy9NNUh+2SE+Kz64Y6kmEIz05evshYAPyx6tK/fH"
    "/27p1TUtUbqGFVJUrpF6vlJ9nHElgWyZA4vkfOwbCaiTGhP9eFLUbUqy6c0RxUp0liWiLW"
    "Q1S/1kjfecUurJM4FKO5kouUdCXJQ6zSQkAezOs3drFq4uNr7vuPejCpiEd6Up4oecqnSh"
    "rjYeb+VnOlvtdX+rMQd6XxQ0BbCVE2QxcsLHtTUQxntg+rKYG1YlkbUbNtSmwtQmCvuoZj"
    "HpzD2GbUBWeHcQPQYnxdjE84ZNtXXeGrPAYFKMcdBrdccvVJzafRDiYkM7YIMozFdDxR7H"
    "hzo/QW3QOaQVbXxqp3JReh3E5360jGiLZ8fYelHr5L1y57kVtRSm3F3gOpfiilVssz9Rgv"
    "Aa2FdsdYwr6xrpWYCqGnHucFkBbj9hiPYnbbH9KkKvGtHullqBbv26oIvoq/1tQEd4235j"
    "YGiKwW0wRtBdNQ8nG4jSiIHTHX4gKb06QI5XTgXGcGUbniOiMEFs9Sn05NNPEcrEFOkccR"
    "8+BPJkruklUaCYuvu3eYCtOAu8Z5cJIladVwMLwMqQRHZjZN17RLweA7dVmnjU3QQof9T6"
    "pqrG1v2g1sd6FpFlA+a/U1h9Lx2xFmD2uv20n10RXFyvi4snTJqgJP4+q6JU7pDp0J+0ou"
    "fzl7fPL9izwICDZsQ+/FjqvAqqvA52vE2eVgbVEg58LqHGFKP9OoihnB47uY0JhGDfnPG+"
    "25oTEjAZcSirYPmS9mxDiCoNRmIm4YVNmM1DqlbrJ1HWO2NYvVlCBdDAZpcWNTJ7PEjXb1"
    "kQ14kxOuDBdcSrvLG9qnmd21K/BAVVbgDFmZD1OAVr23V++daA3oxj4/hvLZf4PgBR1ZW8"
    "V2i6/vYr+m41AzDnyRxa8W+3BWB4fUjKssSl3ca3mcXuOi1Gsl1x5Z75Sd8cb26th+IEUb"
    "wLo3LujIjf1e18mY8Eo9qfD2rvs6yIY2vLN/0aEJcBEXYOFPX3jUx5tZdvGSjpWakzYo7p"
    "GzKGJqX4zy2LjSHb/Feduexwe/m9pAuqMNpHMUmXvWN4PSFdvU8lyGOgqmu2BmbmJlrjcy"
    "L9qYDxYC7Zh+/82lgv7KWbUuql/cJdVEMKqxGxJHY1pAWOqbBO2RuO6rhAkFSdo5ac6SU4"
    "IuZ6yBAG+GkKV5A/n4IUlmlc2fdvUhSIg4yyfkyYSAw5so5EJI5mOjOQdMSjQwq0/MTP9R"
    "NYdGVY+81Q7TKBbqT0mUSCU/h0OWzCDXNJmJzEuKPalokJcJlOSaJd5ELZeO1Y7V7lU1Sh"
    "a+CfZvSLwhYpq0XU1dvwRWyW/OVB5bvpLvn5hcCMjklW0IVgRj8uomBE5JERguhZb2vD5x"
    "ek9lRUvgxnpFIE4niJLNY3R21EYKQgYsq48VgByPanv6guCS4JJn1JukF7fWt4dswvWVTg"
    "Re1puS6AjDqH7FjIdKiUW/uVNkwWEWdSmmkRrFaIDJFuVWkqdQ2lvBxlAdiGcBT4LE0xCS"
    "G6vLUGw6YVvO0gmeUs+698xjHNOh9s0yvoEifk6KroUwjFmoL96m+z0DaPe7/X73GZWsHw"
    "q7vV6Eavf5mhXX2haNbTTmDmXbj8xjCvlVwm366i7pNtbjGoq3vxVK6qXRHlhLT4mnI1O8"
    "AxRGqnQSfKSEVSWEkk/GrDWcEw519pIaX+MO5m/jMR0WfNuaagdIvOS3lWWlVtY9KEDtse"
    "7BGgaToAf3Qq+wXleqG+gby7agWhHI5f3eQRvhKXpCsI6TXrmbRkOlTljufwPheM0Ps+u7"
    "wCIT4Y+AH6JxENSnrBLpKSYuZM+RVbp0UOrLgNSfkxVFQJw6Js6yhWoT+opWqM7HqZSqsM"
    "Nd1CWBxCq9eaq4pE07RRxGgbyPpqp1KXXPWk4cY2jXYm17lyvbu6KC1zSsbdSm1qI37UVo"
    "Wj2CgwfrJiQTyFlE7y1W5icSjg42NON+AkW+5s0V7+1Oj4Evhe63PC3DicXIMIWSQozLLY"
    "emiFJJizKZDk/JYDABaTer9gm4bpV415V4RJeduFYAaaW1NaQ1dUCldb/bAtD9Y0IQGMde"
    "mVsGOjiq4YG6l7gHaQg3rnGnb1lS0I/U9R2Lmct0iZlkSd+aOiWw+0ejMY1OdXNcClV11A"
    "DqE3qdNI0eOlC1ViMX2JGqCOVwtDlUGQA7jKaSaToDvby1luoyXdRusidLAejeUEWXqddW"
    "AzwtRVqNdfkTV4kEdfTZGsenDOcyqXyBdNAUA7+5qeWC2ofj1PnWbDzmzHiTaXiTWXq6WU"
    "E44rkuz1WXkKtXdjYqIfeNxy5Rn1OrsrwZQIvtNbB9qw6hVWBeDtHie42y02AGQYxZoLwE"
    "1GJ9TazXWlDuQHy9EaXFfQPcs9CL51FSWe94lf+9BOe2F34buN+iNz2K2QgSSaWwutgXwN"
    "q9vkYrh6lnj/cSUIv1NQrcC15ZTr1Wi8oBjibMfWvJr9pFZ4PNAkSLzmUrZiyYZa5qDuN4"
    "qupfLy8+QJE/jNl++1pp9FxGPp0T+PVdojWFL13S6/XU/0LlBCET8qKZpr+nnNWSmo92Cj"
    "ti5TD3gliwOvL4L4pokEciExpEXfANjFj8JbXToOGzi4Um9Bv5xVmSeRPuj+KqcrNncUxr"
    "aFYEWqAaBD44w3E7t9TnIxL0ZEQ91sNlm6amN2wuddQtvtuYPsBpf/9SYfay95YVoVy2Tz"
    "qeSaZvT3v0l+FaAqxNAE9M1fftCVCGawmwNgFMhTaF2iDymXUCSxV4a0ewsCOgL926mHsZ"
    "ymF9VpedT729phQOug/TXqkF3xW6gU9N1a9rEQOAo/VxTMPa/oSPRlWka9LttgDs9pHpSB"
    "EwnRMqiVk8po9qSin6pl1xE0Go76cFbTcXaDc7Zw7FMl+CQNmpCWjWL7sNopr7MhvaKLRZ"
    "ybbTrIZ8JtR2TawwySKZgG75Xw/hB5wSbxor+T15VB3WvL2pN4hCPli9TCdDkQ9cKc+JkH"
    "A3hLitmbZsvZgbOTBdQ+bePQuHaRL9raMdOIa9BliEcvnq6Dw5JUoUjEM26qLApKO5G6Zw"
    "H6q5lD09chiHIxqd5KilklKwT+yRvwDo8nlwkAQO6QlX80jjpFJRMG/v0hSSfNidWsKnic"
    "De0QgC9bFNNaBQzLr4Z0h++/Du4uef37wm+I1lbcB+CkhkvICcRazAjdUTtFFARuImDQpX"
    "U07Utla35jRMuA8p51Ckuwu36S3T6eZp4aJUGUV4NTnqqliPgULjY5+d6kquEBU7Jz4dm6"
    "LdeskzMfVH5Nrn3k19l602MdKVxMhDFU/dW2t3qJBvTkV6CF4RrTjTcK707Qd21RW213eF"
    "xpDXZGnuKkA5bueCKwXRTRDJuk4aH4ciZpCoHbChGM27JGLxhEbYPN0k5OmkdFdsyv+Sdh"
    "GY6XiXtZdOVl3ETYNwKGBvWJ6MHMjt6l9cl3TRPFovOuf4Lu187Taw2fs5hNNelKy0ji78"
    "oP5fiBstPvkUe6y4eSw0eu0VmjKcsyFvC7nANDGMw83aLt9yehwmaS/UQeoS9seU+qBAKO"
    "XBZWp9a7UOXKOFIxaCS5acST6qdCRm77p3WAegzALNRt5pILhUYq8uWoSRcIPBd3IeeoNB"
    "yZmvVHzFYVkIOTzEQ3Ua1HFo3EWgQ9YNi1J1XJ1Bn1aUStrRd7SpQfdQVSILOCuV9BB0oZ"
    "TmYqswEHK6pkwyctzsUwpyNI0Bia+0IWHGJUz0OYQyS76f3f0ElJ1yx7MJHeGSoKDyuZhi"
    "69bh3ER9ohlCr6JtE+a6nbC7wiiR7ZVlItS3xywBuax9NSdGuTvm8xV4ztpjPq/vj/l8sU"
    "GmM41zlvG8hT1ftv2kEVLcTjTZXos2vKGsfKEZhMvKFPRxwrZOGKuSWtbQ9qN4kGTx7RZa"
    "frUtdrYgtBda57letxSECpujko53+dZHs0Mq0OT0wGK/kOlCHuq6cd/Bj5G9aP7IzWPD4t"
    "guWzQDcJo6s8n8FfqzJvSWKWk4TMBAxMPGDGPfdPBiRivTHld37SmAHWHPng7U0AZnqGGA"
    "q4jiUA8fw6tdbeFzGdGwU6Ulw/PuXRqyGtS4mbYaAd2gtdYKnqAHksBW9HnIjNKq/UhwUi"
    "VTCuRgoHCmi/HCqrWDmuh86aou2jv4wgZqJjaKsZO/iyCtf7uNoz2ALoPRgvaV+gpQx4TW"
    "/YcTWqM+h3E4VsNBvLvCf7Gz8o8iCHhSyYeL7+/kxzgYcgzVaIvC/hpA7REyjsU00iFfGH"
    "GmHQ8ydaT2yFkUMbTMQil9iDgbmVKk+ttYDLs6D2YXH9mAPWOLS/v40QLU8XDoA5uEMYxx"
    "jcD2IljLddbmOiwS3sQO9RlIi/b7y3TeIBFrec6blMZNWA5uCAuOU1DVCvf6jKvdNAU1zY"
    "upzN6mpXmr+cp6U+kWMSGbEVw6JGbGiVRLjgkdCl36PG9Cwwh0swO3pUdDbUaaUM2hpkmX"
    "SPE5LORuhgBLAqaUY6xbg7NI0DZT9qHby+QO1HR25Hob53oe/Dy3PK3laQdOEDqMdLcnx1"
    "zBVoXhF3iDQdBGpKskuEoVWJ+9WTuHaq3arVXbQsD5iYUeqxdw9OuGAs51Nrhhq7wZ1B3M"
    "pAe1hfUxbZorts4kINP8qml4+T/vCHRE5gzVaggCQzEoZp4AwaZLolgEAsUVUMQV1RMRM6"
    "gpg581wsuEJp/DXEHPfGhYy2QaPp7QCA+nzhKjBXkqmEooeUL04W1FmnvDQ1eINL6o8g6v"
    "FGdSEHcD03Ucrcyahunta8oqqaND1f+NlWzuGl915Ka9Eq8xaOy9jgytum0Xh6y+ceehd/"
    "tMXRJ9E4xmQk4tdMulcFUT7qqzY+Em9XyOfZQ86Arqs9EYb8nqS3ij2Ta48tJb1+7AFaHa"
    "iNXt3HvolbXrL1oAcTkypjEh9h0AY86+HdJLQC3a14n/wnJftqWUylAt4tcpqLTvCOJvHe"
    "FBLos0xXgBpEX5Gig3spBl1bAylNvR8hhgplaqtGn1JVnoOz90tDqrWmx/QmWlal3fZaAI"
    "tWafgT3R5PKXs8cn379Ik467mF8GMjt+Z2Oa7KqPgFJxKiX/y4D6fn2tda+55H8obfuJzg"
    "rskqfpIemSE3CqeUwtJF1/Y83g2cnLF5kuAH+skv4v35+9e1eZvVPVZWNVOYoUxPEqLTS7"
    "iEzwq9FUIU1kzG+b+gr2U5HC/cxt271uPNGpSn6q8H7DZBe4AubiTsC4cOOex8YZyxLgpt"
    "KeZJC2urYbjLKwGlHse6Yp0iVZv78eudK1Q6CGEZZoB/Khgx8t5hWB6BvPtoHVqJqZ1yfW"
    "1rDxNSXaXRiLOhP2lZT4uN2x2UmerXs11/aTd3uwsHTrxg+b9Xz41nU1DISQrArlq331Jc"
    "AjdNffE/d8ipMl/3ybZXjkBHZFeItpKI1CWiXCFV7fKch9bZ5jqBnpA5lWhoByt2pOpeso"
    "2Ur7d8EcgxbrLsaIQk2rPFY0yddFeGWO4Q6+sIG454y04YKbcGd5hu40Tzl0sNphsuK+hp"
    "aewBzCYYOxs8Kf+5aYo9virSjWhsbuSTL7TaKIsSSS4fO7ZDGIa7GwqfnCoz6WXDCiENbG"
    "8bAnKabiaMM0tDkGM1idMW29afZbuuHIigTuTJaqDaaqt1FuPZjqsAguGSRPvv++gUVSja"
    "o1SeK7+8bALV0pjnPvEY+ZV+FDXNH0PQdZr+X7nng11kuRkISglFsekqCXL3z7Hd713NYl"
    "+0pgzu7htFifYlQpFu9HvT7s6lFxYa/Y3QUYt7c3yjPgVQp6Zs0o4vTTZW5/j+efsdvkZT"
    "hnd7mDN7VDcje0JuvUyN4fTW+cO+Vv7G9sIYQDzANJYqbja6DPsAh1R7AeucD0LCizDTK1"
    "GQoGTGPehAIs1UL55tNCutpgoIutmSJsvR4kybPrxPyNSfI0yWZJK7eljuDFIm+Shx77HO"
    "oi+QlEvsD0kHlvGm+beWEapV16E3I9jUE7IEDkQkJ+YcmQkUJGXOe4fVabGBq84GVOQ8UT"
    "b3nCsK66LHUZwQrsNPY5uvZNHfe2mpzDmklbTW77bnv3NZE1hIYV7TiyLMJYzFwW6gIWDJ"
    "XkM+GRjSJehjqKwIqF8KAm0UH1wUGLenjMoIWI9Rkogd3nk1DeL66ehW+tVrzp7TRkE24q"
    "8OV0uhcaaS4x2pGrDOdwfRcHlagi/guitB0BFgBbCqxLgVRDskN/EarF/dquWhFe8zhY5w"
    "JaAnWYCp1QkDGNTDE8lGnVf7Jf4DJ/yNFsLXotgTpraNP8nGsbcrZsEoEERoFyLlPIcOLE"
    "kjolMHcpI2I+5mFf90dSq02lY1i+y1TRYmC/uin2qnzQBUC3U0LBpOczKGIlwOqXh2pOhN"
    "9Q7D1ARiisKIqq3DCrCFOEcpsqxo6qSHITCu8GTKYJO1U3GbZPouBqcpY2oUj4NffQDN7H"
    "oBQLE2I1sLOX28EsiRM+nvjqv4k1hisgW/QuoncaQrCdvcBUhjsavO6Z8xos2tqfSmAt7t"
    "eMLqfjCrSvCG5IAZyObNhWcPlS/AL8euuNWgBqt+l62/RaxGORJFUZmStLVZTg3K5XsY09"
    "u2FBCkdiRT6J+KY6Stu86d4RJzLDYY3T5uJpGEKV4SgWumwBRqnReSFkQ5rQa6702QmjcT"
    "JktKJi5oZzbRAgMcsw09SdmUMcXVjx7uscYL8M+4yVAtgRZqzckwyVFCcrs8PhTNpSN4Vp"
    "SescaR3hbGcs5tVNh8yblZyN5mPu4mr1hN2Ax1TlrbQZQRvG3d0qgaCy2l095y6AHGEU0k"
    "5yguBQWWDYDD9C7D598qQBdtWoWuziuyWXY1JZRhDM17WuxqS6jOCIewn5Dzk+gwIgo8Qj"
    "l7LVFxPTF5gfTHB+aDXtz/8HI8NyMQ=="
)
