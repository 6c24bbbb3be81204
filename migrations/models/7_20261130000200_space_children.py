from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        CREATE TABLE IF NOT EXISTS "ss_space_children" (
    "room_key" INT NOT NULL,
    "child" TEXT NOT NULL,
    "valid" BOOL NOT NULL,
    "pos" BIGINT NOT NULL,
    PRIMARY KEY ("room_key", "child")
);
INSERT INTO "ss_space_children" ("room_key", "child", "valid", "pos")
    SELECT DISTINCT r."room_key", c, true, r."pos" FROM "ss_rooms" r, unnest(r."children") c
    WHERE c LIKE '!%' AND length(c) <= 255;
CREATE INDEX IF NOT EXISTS "idx_ss_space_ch_pos_640a6a" ON "ss_space_children" ("pos");
COMMENT ON COLUMN "ss_space_children"."room_key" IS 'the space';
COMMENT ON COLUMN "ss_space_children"."child" IS 'room ID';
COMMENT ON COLUMN "ss_space_children"."pos" IS 'position of the last change';
COMMENT ON TABLE "ss_space_children" IS 'One room that a space names as its child, or did. Written by ingest only.';
        ALTER TABLE "ss_rooms" DROP COLUMN "children";
        COMMENT ON COLUMN "ss_rooms"."newest" IS 'JSON: see syncv3/store/newest.py';
        ALTER TABLE "ss_user_rooms" ADD "stamp" BIGINT NOT NULL DEFAULT 0;
        COMMENT ON COLUMN "ss_user_rooms"."stamp" IS 'when the membership arrived, milliseconds; never falls';
        UPDATE "ss_user_rooms" SET "stamp" = CASE
            WHEN "membership" IN ('leave', 'ban') OR "joined_ts" <= 0 THEN "generated_us" / 1000
            ELSE least("joined_ts", "generated_us" / 1000) END;"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    # Rows are written by the order of their columns, so those behind "children" are made anew.
    return """
        ALTER TABLE "ss_user_rooms" DROP COLUMN "stamp";
        ALTER TABLE "ss_rooms" RENAME "name_pos" TO "name_pos_7";
        ALTER TABLE "ss_rooms" RENAME "avatar_pos" TO "avatar_pos_7";
        ALTER TABLE "ss_rooms" RENAME "counts_pos" TO "counts_pos_7";
        ALTER TABLE "ss_rooms" RENAME "members_complete" TO "members_complete_7";
        ALTER TABLE "ss_rooms" RENAME "head_token" TO "head_token_7";
        ALTER TABLE "ss_rooms" RENAME "history_hidden" TO "history_hidden_7";
        ALTER TABLE "ss_rooms" ADD "children" TEXT[],
            ADD "name_pos" BIGINT,
            ADD "avatar_pos" BIGINT,
            ADD "counts_pos" BIGINT,
            ADD "members_complete" BOOL,
            ADD "head_token" TEXT,
            ADD "history_hidden" BOOL;
        UPDATE "ss_rooms" r SET "name_pos" = "name_pos_7",
            "avatar_pos" = "avatar_pos_7",
            "counts_pos" = "counts_pos_7",
            "members_complete" = "members_complete_7",
            "head_token" = "head_token_7",
            "history_hidden" = "history_hidden_7",
            "newest" = (
                SELECT convert_to(coalesce('{' || string_agg(
                    to_json(t."key")::text || ':' || (
                        SELECT '[' || string_agg(
                            '[' || (e->0)::text || ',' || (e->1)::text || ']', ',' ORDER BY n)
                            || ']'
                        FROM json_array_elements(t."value") WITH ORDINALITY x (e, n)),
                    ',') || '}', '{}'), 'UTF8')
                FROM json_each(convert_from(r."newest", 'UTF8')::json) t),
            "children" = (
                SELECT array_agg(c."child" ORDER BY c."child") FROM "ss_space_children" c
                WHERE c."room_key" = r."room_key" AND c."valid");
        ALTER TABLE "ss_rooms" DROP COLUMN "name_pos_7",
            DROP COLUMN "avatar_pos_7",
            DROP COLUMN "counts_pos_7",
            DROP COLUMN "members_complete_7",
            DROP COLUMN "head_token_7",
            DROP COLUMN "history_hidden_7",
            ALTER COLUMN "name_pos" SET NOT NULL,
            ALTER COLUMN "avatar_pos" SET NOT NULL,
            ALTER COLUMN "counts_pos" SET NOT NULL,
            ALTER COLUMN "members_complete" SET NOT NULL,
            ALTER COLUMN "history_hidden" SET NOT NULL;
        COMMENT ON COLUMN "ss_rooms"."newest" IS 'JSON: type -> [[timestamp, sender] newest first, two senders]';
        COMMENT ON COLUMN "ss_rooms"."children" IS 'valid m.space.child state keys of a space';
        COMMENT ON COLUMN "ss_rooms"."head_token" IS 'token of the answer that brought the newest event: not before any';
        COMMENT ON COLUMN "ss_rooms"."history_hidden" IS 'some of its history has not been visible to all members';
        DROP TABLE IF EXISTS "ss_space_children" CASCADE;
        DELETE FROM "ss_functions" WHERE "name" = 'core';"""


MODELS_STATE = (
    "eJztXXtz2ziS/yoo/ZOkSvEkzmvWuboqO8nOZDeJ52LPZXcnKQmiYAljkuAQlBXd7nz3Qz"
    "fAl0TKhJ6wzKrbm5hkg1Q3gH6g+9f/7gRiyHx5dOp5YhImb2kyCTon5N+dkAZM/aPyfpd0"
    "aBTld+FCQgc+EkjZo/rh3pAmFB8eyCSmXqJuX1FfMnVpyKQX8yjhIgSi85CRZBYxIq6IUP"
    "+eSBY/kMQMRGCgLhn5YkB98jAWIiDXbEaePCIiBhJK4NoRvGsoPPUyHo42N+zX8GvY7zMa"
    "+5zF/T4ZU0mSMSM31J8wCQ/CXz6VCQl4OEkYoeGQTMcCn4xZJOKEwQXujbtECvU4TQj9Gg"
    "7ZDfeY/tOnI0kGbMwVKZckFAlJ6DULyZX6Fkq8MQ1HjAyod00SgT9Gv1f/6knI/5iwXiJG"
    "TF2L1W//7Zu6rAZj35lM/4yue1ec+cOSgIEnPfWzYRi82wOOwZ33YfJXfBzYOuh5wp8E4T"
    "xJNEvGIsxoeJjA1RELWUzVry6IPJz4vpkk6SX92epCEk9Y9r3D/MKQXdGJDxMHqPV35Nc6"
    "vd6n88vexbvLXq+zMKlSisKEMJc8EcKEVN8qkRUj+ITHx0+fv3r+47OXz39Uj+BnZlde/a"
    "lfnfNHEyKXPl12/sT7ajbpJ5DhOYdhEllyuEiyGQ6nF3IW50txdR53npyY9TO/9rbJ6py1"
    "yJQFtl6y7zV8TZ+f46n6RHd42njeLuHU5bt/XMLIgZR/+HDh0/+efn7z8+nnhx9P//EI78"
    "zMnQ/nn35KHxdql9a7+Kc3H87P5pj9u1TfZ8Hs9HmXmd2BrZvdMKUN1F7NE+LBj3WS/RnD"
    "ehO5KIYzPqrdTeYpnd5RpmOl9EAqWnFqNac0ImpbMlVSCuiwoYjMdvOX4+Nnz14dP3n28s"
    "cXz1+9evHjk2zfWby1bAM6e/8T7EElUS1uSpGwlI8hcFos6hs5/Ltk7mirxGVZpNZXb1Ch"
    "fk/jmM5qFHCZbk40PpcuyUbbkVIbkmN6w3KjM186a29qirm/fZtjrzGKF1n7t4vzT9WcLZ"
    "DMcXXIvYT8hzjG3JBNmZrqVzyWCZh1yqZXVrxyH7jyGSbyUZcMZuq6seWVzSa//fltbWYD"
    "/5ZrkHll0cU1moxiHAUHAA0Cdv/VdcEuhQvgRkxpPOwt3BHHou7ZxVvBcTB/hYZ0hLyHXw"
    "y/z/iPb/ROUeFZvsn2kKU+pd5qZDN38kIEyg9SrFeeGFH2CQslbF0yEbFaE3qo4RH5EvNE"
    "3VMCJBwGT7pEvZrBulGXYvWPEEZc9Cu3MP4aHhwf2qkb/fzt2sb4YK77bTvRKPXenWva/l"
    "AlUFA66YJb5LvaTOIatVMkctkjac78gH7v+SwcJWP158vnS/ia6o6Xz+dVh7lzjLfKbN5H"
    "YMhM3q3rdEVygjG2kMaxmIKhJAjF+OB+AhnafLBkd5nIYYbvOBS339DbAbLUFSNShCHzDA"
    "MWDcn87q3GZPZoQ4MSDhJyovQ4Qa+/6mOH2qf1aULM1OSQSb8PwX7wp2XCvWswCvH6a9Lv"
    "m2mmRlBPwYlCvx+K0GPqL/jlSEVDOWUxnDVI9jWUEMaSiZqaMKqxRnmoCEu/uQdTXPb7XY"
    "ykEOUz9vvKKOn36wzR3+Z2Ghiqp6zIb00t1MK7KxfjMnNpkba1XDdjue5L5zhnSG1Y6aTL"
    "Y4Gp9aHyAslB2Ka7jo0POfXVJmHjEBRIDoLlZXfgaQNv4GmtM/B03hfwYoacWODvW3U54Q"
    "GrmdY52Xysz9Adpf+4gxxfNsnff3x3cXn68ZfSTH97evkO7hyXZnl69eHLOXlkg5Av7y9/"
    "JvAn+df5p3fzob7suct/deCb6CQRvVBMe3RY5El6Ob1UEjCE83vK/bEWcYmwFbLTQjbGZZ"
    "X9pfzg2pOQjGhOvINZogOyhyPSMxNJz6SptsSz959OP/+zWjudVUTez/55+e60+uy2MmbV"
    "4OS2Omx1p62tHccM0XOy431G0rK9PQq/OyxnkfDGdkzPSFq2r8z2ZBJb7u0pxe6Y/uSgOD"
    "5VP1VMK/eXemumQLSiNbOjIwrIgiDma7vkmkUJZgJLdqM+zidTEV+zWDY7rNiRweNclPiz"
    "EJXJ7HNPdBtHi3XktFnI+BSTx3VODoRqPZ9DeBbTygvBYUgRHzAWEgjedjHOOxbTxZjy+s"
    "OtkWGw6/jtXUkZ33MA94ATy/cWvD18T61jMjjN2REPdWWKzrmFPWbAIAma+PzG6dRO9RFX"
    "fGQx93MCp8VjpMED5vMQxBDwBDdyiMRwONIzR3wJZkPjod+UJ2MrWW1svQQsGBhDpLkVVi"
    "By2wqDIq6MyT79P+7PWpNr0eR6i4eCf2czWWVuFe7eZmrlp4sNrawvqT00FgGTLFbWsU5N"
    "l5QPtXWkx3wg4RD+MSwrXExqPB+r6eBdi+bWBsddw+5y5oTWBWNra/V5Sn49kF827ZpvZA"
    "ukTm9nLkfI03VjXmclhUXaVgwrioH6IxErYyKoEMGScpky2Q6rZTr/dTUJtes7mHA/4aE8"
    "gvf9d8feKM7M4BhLAmMyhX+lK3vtpIeF4pm7WNBnGUJcqOa7C/V7QzEZJFcTv0ImQviMhj"
    "V6t0A2v/8oum1JJLtiWfSKEAggjJkuGTNVKyfzVk8wUVbPQBk38lof8q+3b52ffyjtW2fv"
    "59N7fv149i5NTlEP8aRGTNkH2aQrZEQbSFXYmQ+ilpBx9vDz0RBdf0u6a9kLh3iWOF9Wy+"
    "O7UlgLShaQXq6VuHw2HFUtxWXCqaZ3V5FNIigRmaJxINXuOB90N/WfeGxTqFV0SXxOBQs+"
    "KEb9GsFu26kNGRSe6S4NHMxC7+ZZGjwAEfQmSNYwiHCpNJ4p810UY5q+n9BYOfBYItQlGB"
    "LSlZ15av8DSSLh+yxeDCds5Q1rBBb2u5e6EE3Y89ENVsrZ5YgXSA4iYXnnOeJ6e7Bjeomo"
    "ZfsKbNe7Wm+FCb9I2QpgdQHgodEi+y8C6vv1OUpztE7b0k9TH7ZLjonPrhr6SEYhPDt+9T"
    "JTAfDHsk3/4uPphw9OWVXvAMOqypTSN5bbT7KHEFgWxZD4/BE5g8BqZsaE/kwDWwypVw2c"
    "0ZxUl0liWSLiIapfa6zvHLELcRIHYjhTdpGyriR5iCgtBOzBHL+xi6iJj6+47z86gkFFPN"
    "SD8kTZUz5V1hgPs+NvNVZ69vpavxbyrjR/CHgrIdpmeAQLn72uKYYj26fVlMhas6zNqNm0"
    "JDaWIbBTX8OxE5z9xGbUBmfHcUPQcnxVjo85VNtXbeHLTgwKVI4fGNxwydUrtZ7GOJiQzM"
    "QiyCAWk9FYqeP1g9IbPB7QCrIaG6v+KLlI5Xa5W0cyRnTk6weEevgh/XZ5FLmVpdQi9u7J"
    "9UMrtdqeqed4iWgltjumEnbNde3EVBg99TwvkLQct+d4FLOb3oAmVYVv9UwvU7V83xQi+D"
    "L9WoMJ7ppuzWMMkFktJgnGCiah5KNwE1kQW1KuxQ9sLpMildOJc50pZOWKq0wQCJ6lXp2G"
    "aOIZRIOcEo8j4cG/miy5C1YZJCze7t4SKkwT7hrXwUmWpKjhEHgZUAkHmdkwXdMuBZPv1G"
    "adNjbBCB32P6nCWNvcsGvE7kLTLKC81uoxh9LnN2PM7jdetxX00SVgZXxUCV2yDOBpVI1b"
    "4pTv0Bmz7+Ti59PHxy9e5klAMGEbnl5sGQVWbQU+XyHPLidrQYGcS6tzRCn9RKMqZQSXb1"
    "NCIxo11D/v9MkNjRkJuJQA2j5gvpgScxAEUJuJuGaAshmp75S6ydZVjNXWLFZDgnXR76fg"
    "xgYns6SNtvWSNXSTE0cZLhwpba9uaJdhdte2wD2hrMAasgofpgSte2/v3jvRGtCNeX4I8N"
    "l/h+QFnVlbpXaLt29Tv6bjUDMNfJ7lrxb7cFYnh9Q8VwlKXZxreZ5eY1DqlYprD6x3ytZ0"
    "Y7t1bD6Rok1g3ZkWdGTH/qhxMsa80k8q3L1tvw6yRxvu2T/r1ATYiAu08KcvPOrjziy7uE"
    "nHys1JGxQfkdMoYmpeDPPcuNIev8Fx257He9+b2kS6g02kc5SZO/Y3g9IW2zTyXKY6CKU7"
    "F2ZuEmWuDzLPx5j3lgLtmH9/70pBf+Gs2hfVN26zaiJ4qvExJD6NZQFhqW8StEfiuq8SFh"
    "QkaeekGUtOCB45IwYC3BlAleY11OOHJJlWNn/a1ougIOI0H5AnYwIH3kQxF1IyHxvPOWBS"
    "YoBZvWJq+o+qMTSrjsh7fWAaxUL9KYkyqeTXcMCSKdSaJlORnZJiTyoa5DCBklyxxBurz6"
    "UjNWP18ap6ShbeCfFvKLwhYpK0XU1d3wSW2W/OII8tbsl3z0wuJGTyyjYES5IxeXUTAqes"
    "CEyXwkh7jk+c7lMZaAnsWK8J5OkEUbJ+js6W2khByoAl+liByPGstqcvCX4SbPKMeuN049"
    "b+9oCNud7SicDNel0RHWAa1S9Y8VBpseg7t5os+JgFLsUkUk8xGmCxRbmV5AlAeyvaGNCB"
    "eJbwJEg8CaG4sRqGYt0BWzhLJ3RKveresY5xzIfatcq4ByB+TpquhTSMaag33qbzPSNo57"
    "v9fPcZlawXCru5XqRq5/mKiGtti8Y2G3OLtu1n5jHF/CrjNr11m3Ub6+camre/FiD10mwP"
    "xNJT5unQgHeAw0iVT4KXlLGqjFDyxYS1BjPCAWcvqTlr3ML4bT6mw4Zvi6m2h8JLflMJK7"
    "UU96BAtUPcgxUCJsER7AtHhe91Bd1A71i2gGpFIpfnewdjhCd4EoI4TvrL3QwaKnfCcv4b"
    "CscxP8ys74KKTIQ/BH2IwUFwnzIk0hMsXMiuo6p0aaHUw4DUr5MlICBOLRNn1UJ1CH1JK1"
    "Tn81RKKOywF3VJIBGlNy8Vl7Rpp4j9OJB3MVS1qqTuWMuJQ0ztmse2dxnZ3hUXvKZhbaM2"
    "tRa9ac9D0+oRDngQNyEZQ80int4iMj+RsHSwoRn3EwD5mjV3vDc7PCa+FLrf8hSGE8HIsI"
    "SSQo7LDYemiFJZizKZDE5Ivz8GazdD+wRet0686048ssvOXCuQtNbaCtaaWqDSut9tgeju"
    "KSFIjGOvzS4DHRzV44Hal7gHZQjXrmmn+2wp6Etq+47F1GW5xEyypGctnRLZ3ZPRiEYnuj"
    "kuBVQd9QD1Cb1KmmYP7Qmt1dgFdqIqUjmcbQ4oAxCH0VIyTWegl7f2Ul2Wi5pN9mIpEN0Z"
    "qWiYeh01wNVSlNVIw5+4KiTA0WcrLJ8yncui8gXKQUsMzs0Nlgt6H45L577FeMya8caT8D"
    "qL9HQzQDjiuW7PVUPI1Ts7a0HI3fPcJepzagXLmxG03F6B2zdqEVol5uUULb9XgJ2GMAhy"
    "zILlJaKW6ytyvTaCcgvj64MoLe8b8J6FXjyLkkq842Xn7yU6t0/hN8H7DZ6mRzEbQiGpFF"
    "Yb+xxZO9dXaOUw8ez5XiJqub4CwL3glXDqtV5UTnAwae4bK37VR3Q23CxQtOxcjGLGglnW"
    "quY0jpeq/u3i/BOA/GHO9vu3yqPnMvLpjMCv7xLtKXzrkqOjI/X/ATlByIS8bObp76hmte"
    "TmY5zCTlg5zZ0Q1kI/Kv39Ljejgv/an9kUqVyOkjlez6TXsD37y3StAFYWgCcm6v32AijT"
    "tQJYWQAGJ0yxNoh8Zl1GUUXeerMW3iye6FpDipepHPaqNPh5euZoAFnwECvt2Fk4QcHDyB"
    "ODPXWl1LcicBSlxbRN7Y35cFgluiY9VwvEbi+ZjhQB05WJkpiPxyJGLSkl37Q3ayII9f0U"
    "VnV9m2u9deZQRu0FNLTs1KTV6pvdBrm1PZk92ijB9ob6kwzJXPeLv2azrslYJVk+Dcgt/+"
    "sh/IAT4k3iWC3IR9XJtZsbum1cf5dMhxZvd5cBFtuztLWO0Vxj5s7j2/tpVXzf2Q4aw94D"
    "LFK5vHV0npwQZQrGIRt20WDSOcUNC4n31eLIXh45jcN5dU5q1BKwEcwTe+bPEbq8HhwUgU"
    "N+wuUs0jypdBTM3ds8hSR/7FYv4ctYYAdjJAGUZoNJE4ppF/8Mya+fPpz/9NO7twTfsegN"
    "2A8B5XTnUDmHONBYw6+DAjIS12lqshpyrKa12jUnYcJ9KHwGqOgu7KY3TBc9p/A5qTOK9G"
    "pw9FURFYBC+12fnWg8UcjNnBGfjgx0tP7kqZj4Q3Llc++6vtdTW57nSnneviA8d9ZgHHDa"
    "zapIF8Froh1nGs6Uv/3ArsZ/c90/aAzVNZbhrgKV43Eu2FKQ3QSZrNG6+CgUMYNy4YBBa/"
    "cuiVg8phG28DZlYbo02pWY8u/SLg8wfd5l76WTYVy4GRAOBcwNy5WRE7mNQcU1sIjW0fqj"
    "c43v0szXxwY2cz+ncPoUJQN40fAD6r9CXGvzyafY6cPNZaHZa+/QlOmcTbyaq0iliVEcbi"
    "KM3OciLSwVnkPj6RL2x4T64EAo58Flad23invXZOFIhOCCJaeSDysPErN73VuiA1DsT7Mn"
    "bw0QXCizV0PnIApiv/8DJNj1+6XDfOXiKw3LQqgkIR660+COQ/soAn2arlmUuuNqDfq0Ar"
    "BnS+/RoQbdyVOZLHBYqayHoAuAjvMNq8DI6RqwXtS42asU5XASAxNf60DClEsY6GsIYD++"
    "n+39BJydct+tMR3iJwGs75mYYAPRwQwQC6C2F8IQ+ivaZlWuxwm7S4IS2VxZFEJ9k8YSkc"
    "veV3NhlHs0Pl/C56xJ4/P6Lo3P59s0OtO+ZZHPG5jz5dhPmiHF7UyTzTUKwx3K6iw0o3DZ"
    "mYJuQthcCHNV0sgaxn6UDpIsvtlA46m20csGjPZCAzfX0TPBqLBZKunzLu/6GHZIDZpcHg"
    "g5C/UW5KFGL/sBfow8imaP3Fw2LI7tahYzAqelMx3PXuN51pjeMGUNhwkEiHjYWGHsWg5e"
    "zGhl8d3y3jEFsgPsHNMBJGc4DDUKcJlQHOokY3S1q41kLiLqsTdjPucjLd7t3uYtw6M9D5"
    "6Nda62BbSt9lkJjoFVgxIx6hIIEKoBEdZ+yIcroNquO3IKaDvN2kLfUJ8blFr8WSRhvi+1"
    "Mx6zQKj7r9U/YI8Bj1jxikEbT2VI+WqxtcfmS5UoymmXVny9o+ql076pMswInFaGuCrev3"
    "VT8eHasjwbzGicPhp0rJrKtTj5JvaPNky+gvIPa9R+2EThhw0h7E+JeoIl3thoSbUFPZAE"
    "7FCfhyzV0ZhEAma6ZOy1UrTKYNJ48PDVOjuNaMiORX2/lTesoaWxV5mdli6SuKulnUluc8"
    "IO2rdLtOFAJpYK2IPFFqgOia27ryWwZn1O43CipoN8d0X/Kp1FgzciCHhSqYeL92/Vx/gw"
    "AAyopy16y2gCNUfIKBaTSOd7Y7q5NqdkmkV1RE6jiOGxLLjGkG4+NGjY+t3Yj6HaF9/GS9"
    "ZQz9hl2b54pEB1OBp6z+fBWMOwQlVbkazVOitrHRYJb2zH+oykZfvdVTrvUIi1OuddKuMm"
    "KgcnhIXGKbhqhX19ytVsmoCb5sVUZndTdPhqvbLaUDqoG7IpwU8HVIY4gXBuTOhA6O4beR"
    "80RqChKuQseTTUZ0hjqjXUJOkSKb6GBeCGEGhJwJRzTJKpIDiKBG8zVR86dpxnT6Wjo9Zb"
    "G+hh7+u51WmtTttzdfB+rLsdZeUUYlWYe4k7GGRsRvrYzVWpwPfZn2nnVO2RdnukbWHg/J"
    "WFHqs3cPTthgbOVfZwwyPtKRw1Z9aDmsJ6mTYtFF9lELBpftEyvPifD4QF6pP0sTNkgKMZ"
    "FDNPgGHTJVEsAoHmCjjiSuqAAQuAcvhaY7yMafI1zB30LIEGgcwm4eMxjXBx6hJxWrCngo"
    "kEvDOiF29r0twZHbrEpPFFVWrYUnMmJXG3Kk2fDsqsb6WevgZTUS0dqv4zUra5a3rVkZ32"
    "UrzFjPGPuiykaredf2T5jouI1GqT6JlMdFNvYuFbLtSqmFoXDY0BO6nnc2zl50Fjap8NR7"
    "hLVm/Ca422xpaX7rrWZ/QZVVuuspl9D09l7VpcF0hczgTaREbKVpKAzNq3Y3qJqGX7Ksnf"
    "iPWZWOIolqlaxq+Cprjr8qH7zvAgt0WacrxA0rJ8BZYbW8gSMrRM5XapHCaYqS9V3rR6k4"
    "ZlA5sQMsqbuQ+7lon62N6YykrXur7RTZFqxVY3O5LJxc+nj49fvEwRR7pYXA42O75nbZls"
    "q8+NcnEqLf+LgPp+faMVr7nlvy9v+4mGBOiSp+ki6ZJjOFTzmPqQ9PsbewbPjl+9zHwB+G"
    "OZ9X/x8fTDh8rS3apGT8vyzVMSxyHaaLYRmeRX46lCjeiI3zQ9K7if6ejrz3VzEp265CeK"
    "79dMdkErIBDHGIIL1+6d2DgTWQLeVMaTDNOWA7vCUxZRI4qtN7VEuiRrOXtELjVwGAAYYn"
    "8WEB8e8GPEvCIRfe3R1ogaVSvzelSNGjW+okW7lZqwMftOSnrcbtlsBWTDPcDV3RTY7C0t"
    "3brr03oNn+67r4aJEJJVsXz5WX2J8ACP6+/I8XzKk4Xz+RZi4MAF7IrxFtNQGoe0yoQr3L"
    "7VkPvevMZQK9IHMoWFAqx7NabydZRtpc93IRyDEesu5ohC8X+eK5rk30V4ZY3hFt6whrnn"
    "jLXhwjHh1uoM3emctu9ktf1UxX0PLU8CcwqHA8bOGn/uR2IOboq3plibGrsjy+xXiSbGgk"
    "mG12+zxSCvxSKm5guP+gi5YEwhBMbzsCE5luLowLTPZQJhsLpg2mrD7Ba64cAQgrdmS9Um"
    "U9XHKDeeTLVfBpcCkscvXjSISKqnakOSeO+uKXDLoxTHtfeQx8yrOEM8jWNac4Sek8wxHT"
    "Yxd3Q14qVIBM0bQs1BcJR/+NqG62/fKvlojddbInN2DqdIvUpRpVy8G2C92NKrYsNeMrsL"
    "NG5Pb7Rn4FQpODLfjCZOL/3Mzc/x/DV2k7xM5+wsd3Cndsjuhr6knRrb+7NpjHer/d3DPb"
    "m5EQ40DySJmc6vIYnAUnMY5YicY3kWIJ6CTW0ehQCmCW/WQ6uuPyyUq/X7GmzNgLAdHUGR"
    "PLtKzN9YJE+TbJQUuS09CJ4HeZM89NjXUEP/JZD5AsND5f0Nl1zx0YwLwyjv0huTq0kM3g"
    "EBIRcK8gufDBUpgA+LNW5f1SSG7m64mdNQ6cQbnjBsqiJLLcaw/QqNfY5H+6aJS4sm57Bn"
    "0qLJbf7Y3n1PZAWjYQnIaFZFGIupy0ZdwIKBsnzGPLJxxMtUB5FYMZce1CQ7qD45aN4Pjx"
    "n0D7NeAyWyu7wSyvPF1bVw3xrFmMaOAzbmBoEvl9Od8Ehzi9FOXGU6h/FdHHSiSgjtuSlt"
    "J4A5wlYCq0og9ZDs2F+kanm/8lGtCK94HKyyAS2QOiyFTijIiEYGDA9tWvV/2S9wWT/kbL"
    "Y2vRZInQ20aX3OdQw5+2wSgQVGQXIuS8ho4sRSOiUydyUjYj7iYU83R1Rfm1rH8PkuS0Wb"
    "gb3fZTXoSH096Byh2yWhENLzGYBYCYj65amaY+E3NHv3UBEKXxRFVccwywRTpHJbKiaOqk"
    "RyHQrvGkKmCTtROxn2TqRw1OSsbEKR8CvuYRi8h0kpFiHEamJnN7e9RRLHfDT21f8Saw5X"
    "ULbsnWfvJIRkO3uDqUx3MHzdseY1XLSNP5XIWt6vmF1ORxVsX5LckBI4ndmwqeTyhfwF+P"
    "XWE7VA1E7T1abplYhHArqTVnB+GVRFic5tvIpNzNkNAlIoEzSoOB5bNs8zEmdneX4MUAj6"
    "K/Oa3wCIb8B9tY0xxe6hfG1wCdQrdR6KSyvDkZyeLyK+rs6mN3e6t+TzTPGxxuWN8SQMAQ"
    "06ioWGl8BsQjorpNZIkyIP7Y3HjMbJgNEKZNM1x1ojkWWacabpsXNOcXDp39vHo8C+JvaV"
    "RQWyA6wsuiOVRClPllbxw5q0lW5K04rWOdE6otlOWcyrm0OZO0s1G82fuU2r1Qt2DR1TVV"
    "/UVm6tmR+pjEFZiUpYr7kLJAeYLbaV2i1YVBYcNo8fIHefPnnSgLvqqVru4r2Fo+GkEu4R"
    "jhlqj4STarjHIfcS8h9yeIEfYEZJRy6gCswDCMwpPxjgbN9u2p//D08UBoY="
)
