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
    "7BGgaToAf3Qs+s9xRjtCERECVIvBU2N5Jsr+KBvsVsi6wVgVw+Ax20G56idwRrO+mVu2lI"
    "rC8+UU+JFaUnnCKEs5dRteF2RQNO56MjSrW/Ybd3SSCxNmyeoCxp0/4Eh1Fb7qOBZF1K3b"
    "NGB8cYULRYUd3leuquKH41bVIbNUe16Ih6EZoGg+BWwGz9ZAKZcugzxHrwRMLRwTZa3E+g"
    "tNS8ubq33ekx3KLQc5WnxR+xBBYm7lGIrLjl0IpPKnlEJtPhKRkMJiBPZTUmAdet6ui66o"
    "joshPXCiCttLaGtKYOqLTusloAun9MCMKx2Ctzy0DfQDU8UPcS9yD4/cY17vQtSwr6kbq+"
    "YzFzmS4xkyzpW1OnBHb/aDSm0aluyUqhlosaQH1Cr5OmMSsHqhFq5AI7UhWhHI5xhtx2MI"
    "lpKplWJ9BBWmupLtNF7SZ7shSA7g1VdHF0bTXA01Kk1VgX3XCVSFC9na1xfMpwLpPKF0gH"
    "TTHw1poKIqh9OE6db83GY86MN5mGN5mlp5uVISOe6/JcdeGyemVno8Jl33jEDPU5tSoGmw"
    "G02F4D27fqEFqFg+UQLb7XKHYMZhDEmAXKS0At1tfEeq0F5Q7E1xtRWtw38e2GXjyPksoq"
    "u6uiHkpwbvd72AbutxjYEMVsBOmLUlhd7Atg7V5fo4HA1LPHewmoxfoaZdUFryziXatF5Q"
    "BHE1y9tZRL7aKzwWYBokXnshUzFswyQzKHcTxB8q+XFx+gtBxGCr99rTR6LiOfzgn8+i7R"
    "msKXLun1eup/IV9fyIS8aKbp7ylTsqTmo53Cjlg5zL0gFqyOPP6LIhpkL8iEBlEXfAMjFn"
    "9J7TRo+OxieQP9Rn5xlmTehPujuKrI6Vkc0xqaFYEWqAaBD85w3M4t9fmIBD0ZUY/1cNmm"
    "leYNm0sd14nvNqYPcNrfv1SYvey9ZUUol+2Tjucv6dvTHv1luJYAaxPAE1P1fXsClOFaAq"
    "xNAFMXTKE2iHxmnTZRBd7aESzsCOhLty4hXoZyWJ/Vxc5Tb68pwILuw7RDZ8F3hW7gU1Nr"
    "6lrEAOBoVRbTJrU/4aNRFema9FgtALt9ZDpSBExnIkpiFo9Ji5pSir5pL9ZEEOr7aRnVzQ"
    "Xazc6ZQ7HMlyBQdmoCmvXLboOo5r7MhjYKbVay7TSrXJ4JtV0TK0yySCagW/7XQ/gBp8Sb"
    "xkp+Tx5VhzVvb+q2Uf19Eh3a+rr7NG3ZejE3cmC6hsy9exYO05r4W0c7cAx7DbAI5fLV0X"
    "lySpQoGIds1EWBSUdzN0wSPlRLI3t65DAORzQ6yVFLhYxgn9gjfwHQ5fPgIAkc0hOu5pHG"
    "SaWiYN7epSkk+bA7tYRPE4EdixEEqjKbGjShmHXxz5D89uHdxc8/v3lN8BvL2oD9FJDIeA"
    "E5i1j3GctPaqOAjMRNGhSuppyoba1uzWmYcB9SzqE0dBdu01um083TcjmpMorwanLUVbE0"
    "BoV2uz471fVDISp2Tnw6NqWi9ZJnYuqPyLXPvZv63k5tYqQriZGHKtm5t4biUJfdnIr0EL"
    "wiWnGm4Vzp2w/sqitsr9sHjSGvydLcVYBy3M4FVwqimyCSdXUuPg5FzCBRO2DQyr1LIhZP"
    "aIQtu01Cnk5Kd8Wm/C9pF4GZjndZe+lk1UXcNAiHAvaG5cnIgdyuOcV1SRfNo/Wic47v0s"
    "7XbgObvZ9DOO1FyUrr6MIP6v+FuNHik0+xs4ebx0Kj116hKcM5G/K2kAtME8M43Kzt8i2n"
    "x2GS9kIdpC5hf0ypDwqEUh5cpta3VuvANVo4YiG4ZMmZ5KNKR2L2rnuHdQDKLNBs5J0Ggk"
    "sl9uqiRRgJNxh8J+ehNxiUnPlKxVccloWQw0M8VKdBHYd2UQT6Mt2wKFXH1Rn0aUWppB19"
    "R5sadOdOJbKAs1JJD0EXijUuNqgCIadrivMix80+pSBH0xiQ+EobEmZcwkSfQyiz5PvZ3U"
    "9A2Sn32ZrQkSnS2SPnYooNQ4dzE/WJZgi9irY5let2wu4Ko0S2V5aJUN+UsQTksvbVnBjl"
    "nozPV+A5a8r4vL4r4/PFtozOtGtZxvMW9nzZ9pNGSHE70WR7jcHwhrLyhWYQLitT0D0Imw"
    "lhrEpqWUPbj+JBksW3W2g01TZ22YLQXmjY5nrdUhAqbI5KOt7lWx/NDqlAk9MDi/1Cpgt5"
    "qOvGfQc/Rvai+SM3jw2LY7ts0QzAaerMJvNX6M+a0FumpOEwAQMRDxszjH3TwYsZrUx7XN"
    "0rpgB2hJ1iOlBDG5yhhgGuIopDnWMMr3a1ccxlRMNOlZYMz7t3achqUOMWzmoE9CDWWit4"
    "gh5IAlvR5yEzSqv2I8FJlUwpkIOBwpkuxgur1g5qovOlq3o37+ALG6iZ2J7ETv4ugrT+7T"
    "aO9gC6DEYL2lfqK0AdE1r3H05ojfocxuFYDQfx7gr/xX6+P4og4EklHy6+v5Mf42DIMVSj"
    "LQr7awC1R8g4FtNIh3xhxJl2PMjUkdojZ1HE0DILpfQh4mxkSpHqb2Mx7Oo8mF18ZAP2jI"
    "0V7eNHC1DHw6EPbBLGMMY1AtuLYC3XWZvrsEh4EzvUZyAt2u8v03mDRKzlOW9SGjdhObgh"
    "LDhOQVUr3OszrnbTFNQ0L6Yye5uW5q3mK+tNpVvEhGxGcOmQmBknUi05JnQodOnzvAkNI8"
    "LHWEfi0VCbkSZUc6hp0iVSfA4LuZshwJKAKeUY69bgLBK0zZR96PYyuQM1nR253sa5ngc/"
    "zy1Pa3nagROEDiPd7ckxV7BVYfgF3mAQtBHpKgmuUgXWZ2/WzqFaq3Zr1bYQcH5iocfqBR"
    "z9uqGAc50NbtgqbwZ1BzPpQW1hfUyb5oqtMwnINL9qGl7+zzsCPXc5Q7UagsBQDIqZJ0Cw"
    "6ZIoFoFAcQUUcUX1RMQMasrgZ43wMqHJ5zBX0DMfGtYymYaPJzTCw6mzxGhBngqmEkqeEH"
    "14W5Hm3vDQFSKNL6q8wyvFmRTE3cB0HUcrs6Zhevuaskrq6FD1f2Mlm7vGVx25aa/Eawwa"
    "e68jQ6tu28Uhq2/ceejdPlOXRN8Eo5mQUwvdcilc1YS76uxYuEk9n2MfJQ+6gvpsNMZbsv"
    "oS3mi2Da689Na1O3BFqDZidTv3Hnpl7fqLFkBcjoxpTIh9B8CYs2+H9BJQi/Z14r+w3Jdt"
    "KaUyVIv4dQoq7TuC+FtHeJDLIk0xXgBpUb4Gyo0sZFk1rAzldrQ8BpiplSptWn1JFvrODx"
    "2tzqoW259QWala13cZKEKt2WdgTzS5/OXs8cn3L9Kk4y7ml4HMjt/ZmCa76iOgVJxKyf8y"
    "oL5fX2vday75H0rbfqKzArvkaXpIuuQEnGoeUwtJ199YM3h28vJFpgvAH6uk/8v3Z+/eVW"
    "bvVHXZWFWOIgVxvEoLzS4iE/xqNFVIExnz26a+gv1UpHA/c9t2rxtPdKqSnyq83zDZBa6A"
    "ubgTMC7cuOexccayBLiptCcZpK2u7QajLKxGFPueaYp0Sdbvr0eudO0QqGGEJdqBfOjgR4"
    "t5RSD6xrNtYDWqZub1ibU1bHxNiXYXxqLOhH0lJT5ud2x2kmfrXs21/eTdHiws3brxw2Y9"
    "H751XQ0DISSrQvlqX30J8Ajd9ffEPZ/iZMk/32YZHjmBXRHeYhpKo5BWiXCF13cKcl+b5x"
    "hqRvpAppUhoNytmlPpOkq20v5dMMegxbqLMaJQ0yqPFU3ydRFemWO4gy9sIO45I2244Cbc"
    "WZ6hO81TDh2sdpisuK+hpScwh3DYYOys8Oe+JebotngrirWhsXuSzH6TKGIsiWT4/C5ZDO"
    "JaLGxqvvCojyUXjCiEtXE87EmKqTjaMA1tjsEMVmdMW2+a/ZZuOLIigTuTpWqDqeptlFsP"
    "pjosgksGyZPvv29gkVSjak2S+O6+MXBLV4rj3HvEY+ZV+BBXNH3PQdZr+b4nXo31UiQkIS"
    "jllock6OUL336Hdz23dcm+Epizezgt1qcYVYrF+1GvD7t6VFzYK3Z3Acbt7Y3yDHiVgp5Z"
    "M4o4/XSZ29/j+WfsNnkZztld7uBN7ZDcDa3JOjWy90fTG+dO+Rv7G1sI4QDzQJKY6fga6D"
    "MsQt0RrEcuMD0LymyDTG2GggHTmDehAEu1UL75tJCuNhjoYmumCFuvB0ny7Doxf2OSPE2y"
    "WdLKbakjeLHIm+Shxz6Hukh+ApEvMD1k3pvG22ZemEZpl96EXE9j0A4IELmQkF9YMmSkkB"
    "HXOW6f1SaGBi94mdNQ8cRbnjCsqy5LXUawAjuNfY6ufVPHva0m57Bm0laT277b3n1NZA2h"
    "YUU7jiyLMBYzl4W6gAVDJflMeGSjiJehjiKwYiE8qEl0UH1w0KIeHjNoIWJ9Bkpg9/kklP"
    "eLq2fhW6sVb3o7DdmEmwp8OZ3uhUaaS4x25CrDOVzfxUElqoj/gihtR4AFwJYC61Ig1ZDs"
    "0F+EanG/tqtWhNc8Dta5gJZAHaZCJxRkTCNTDA9lWvWf7Be4zB9yNFuLXkugzhraND/n2o"
    "acLZtEIIFRoJzLFDKcOLGkTgnMXcqImI952Nf9kdRqU+kYlu8yVbQY2K9uir0qH3QB0O2U"
    "UDDp+QyKWAmw+uWhmhPhNxR7D5ARCiuKoio3zCrCFKHcpoqxoyqS3ITCuwGTacJO1U2G7Z"
    "MouJqcpU0oEn7NPTSD9zEoxcKEWA3s7OV2MEvihI8nvvpvYo3hCsgWvYvonYYQbGcvMJXh"
    "jgave+a8Bou29qcSWIv7NaPL6bgC7SuCG1IApyMbthVcvhS/AL/eeqMWgNptut42vRbxWC"
    "RJVUbmylIVJTi361VsY89uWJDCkViRTyK+qY7SNm+6d8SJzHBY47S5eBqGUGU4ioUuW4BR"
    "anReCNmQJvSaK312wmicDBmtqJi54VwbBEjMMsw0dWfmEEcXVrz7OgfYL8M+Y6UAdoQZK/"
    "ckQyXFycrscDiTttRNYVrSOkdaRzjbGYt5ddMh82YlZ6P5mLu4Wj1hN+AxVXkrbUbQhnF3"
    "t0ogqKx2V8+5CyBHGIW0k5wgOFQWGDbDjxC7T588aYBdNaoWu/huyeWYVJYRBPN1rasxqS"
    "4jOOJeQv5Djs+gAMgo8cilbPXFxPQF5gcTnB9aTfvz/wH6mPTt"
)
