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
        COMMENT ON COLUMN "ss_rooms"."newest" IS 'JSON: see syncv3/store/newest.py';"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        ALTER TABLE "ss_rooms" ADD "children" TEXT[];
        COMMENT ON COLUMN "ss_rooms"."newest" IS 'JSON: type -> [[timestamp, sender] newest first, two senders]';
        COMMENT ON COLUMN ss_rooms."children" IS 'valid m.space.child state keys of a space';
        UPDATE "ss_rooms" r SET "children" = (
            SELECT array_agg(c."child" ORDER BY c."child") FROM "ss_space_children" c
            WHERE c."room_key" = r."room_key" AND c."valid");
        DROP TABLE IF EXISTS "ss_space_children" CASCADE;
        DELETE FROM "ss_functions" WHERE "name" = 'core';"""


MODELS_STATE = (
    "eJztXet32zay/1dw9KXtOYo3cRKn1/lkJ26bbmJ3Y/d2u02OBFGwhJoCtARlRXe3//udAc"
    "CXRMqEnrDCc/qwSAxEzYCY3zzxn9ZI9lmojs6CQE5E/JbGk1HrlPynJeiIwR+l99ukRcfj"
    "7C5eiGkv1ARKdagZ3OnTmOrBPRVHNIjh9i0NFYNLfaaCiI9jLgUSXQlG4tmYEXlLJPw9US"
    "z6RhE7EcGJ2mQQyh4NybeRlCNyx2bk6XdERkhCCV47wu/qywC+jIvB5qb9JD6JbpfRKOQs"
    "6nbJkCoSDxm5p+GEKRyIn0KqYjLiYhIzQkWfTIdSj4zYWEYxwws8GLaJkjCcxoR+En12zw"
    "NmPoZ0oEiPDTmQckWEjElM75ggt/AslARDKgaM9GhwR2Kpf4z5XvOrJ4L/e8I6sRwwuBbB"
    "b//jM1yGydgXppKP47vOLWdhvyBg5EkHfjZOo+92kGN4552If9DDka29TiDDyUjMk4xn8V"
    "CKlIaLGK8OmGARhV+dE7mYhKFdJMkl89hwIY4mLH3efnahz27pJMSFg9TmObJrrU7n8uqm"
    "c31x0+m0FhZVQpFbEPZSIAUuSHhWpVkxwEd4cvzsxasX3z8/efE9DNGPmV559Zf56ow/hl"
    "Bz6fKm9Ze+D6vJjNAMzziMi8iRw3mSzXA4uZCxOHsVV+dx6+mpfX/m371tsjpjrWbKAltv"
    "2JcKvibj53gKj+gPT2uv2yWcurn45w3OPFLq3yFeuPzfs49vfjr7+O2Hs39+p+/M7J33V5"
    "c/JsMl7NJmF7988/7qfI7Zfyp4PgdmJ+N9ZnYLt252z0AbwF7NYxLgj/WS/SnDOhO1KIZz"
    "PqjcTeYpvd5RpkNQeigVoziNmgONqLUtmYKURrRfU0R2u/mf4+Pnz18dP31+8v3LF69evf"
    "z+abrvLN5atgGdv/sR96CCqBY3pbF0lI8l8Fos8Iwc/y7AHYNKfJZFgr46vRL1exZFdFah"
    "gIt0c6IJufJJNgZHKgMkh/SeZaAze3XW3tSAuX98nmOvBcWLrP35+uqynLM5kjmu9nkQk/"
    "8Sz5gr2JTBUr/lkYoR1gGmBxQP5gMHm2GivmuT3gyuWywPmE19/uvz2sxG/i3XIPPKoq3f"
    "0XgQ6Vn0BKhBEPff3uVwKV5AM2JKo35n4Y48llVjF2+NjkfzV6igA817/MX4+6z9+MbsFC"
    "WW5Zt0D1lqU5qtRtUzJ6/lCOwgYD1YYgTwCRMKty4VywjeCTNV/4j8FvEY7oEACcfJ4zaB"
    "r2b43sClCP4QOOOiXbmF+dew4HjfTd2Y8Q9rG2uD+W637USjVFt3vmn7Q5VATukkL9wi32"
    "EziSrUTp7IZ4ukPvNH9EsnZGIQD+HjyYslfE10x8mLedVh7xzrW0U278MxZBfv1nU6kJxq"
    "H5ugUSSnCJQkodo/uB9HhoEPjuwuEnnM8B274vbrejtAlvoCIqUQLLAMWASS2d0HwWQ6tC"
    "agxEBCRpSEE8z7Vx52qBxtogkRg8Wh4m4Xnf1oT6uYB3cICvX116TbtcsMZoBRGFHodoUU"
    "AYNP+Ms1FRVqyiKMNSj2SSh0Y6kYlibOatEoF0BY+M0dXOKq221rTwoBm7HbBVDS7VYB0T"
    "/mdhqcqgMo8nNdhJr77tKXcRlcWqRtkOtmkOu+dI53QGrDSid5PRaYWu0qz5EcBDbdtW+8"
    "z2kIm4SLQZAjOQiWF82BZzWsgWeVxsCzeVsgiJjmxAJ/38LlmI9YxbLOyOZ9fZbuKPnjEX"
    "J82SJ/9+Hi+ubswy+Flf727OYC7xwXVnly9duTOXmkk5Df3t38RPAj+dfV5cW8qy8dd/Ov"
    "Fj4TncSyI+S0Q/t5niSXk0sFAaM7vwPmj7OIC4SNkL0WsgWXZfgL7ODKSEhKNCfe3iw2Dt"
    "nDEem59aSn0oQt8fzd5dnH38u103mJ5/3895uLs/LYbanPqkbkttxt9ajR1o59htpycuN9"
    "StKwvQmFPx6Ws7EMhm5MT0katq/M9ngSOe7tCcXumP70oDg+hZ8qp6X7SzWayRGtiGZ2FK"
    "LALAhin7ZN7tg41pnAit3Dw4VkKqM7Fql6wYodAR7vvMQfpSxNZp8b0a7tLTae03ou4zOd"
    "PG5yctBVG4Qc3bM6rTznHMYU8R5jgqDztq39vEM5XfQprz/dGhkGu/bfPpaU8T07cA84sX"
    "xvztvDt9RaNoPTxo64MJUpJucW95gewyRoEvJ7r1M74SFu+cBh7WcEXovHSoOPWMgFimHE"
    "Y72RoyeGY0jPhvhinQ2tg35THg+dZLWx92XERj0LROqjsByR3ygMi7hSJof0/3g4ayDXIu"
    "R6q4OCf2czVQa3cncfglpZdLEmyvotwUNDOWKKRYCOTWq6orxv0JGZ8xuFQfgn+Frplwnm"
    "C3U1HX7XItza4Lxr4C5vIrQ+gK2t1eeB/Doov3TZ1d/IFki93s589pAn7439OicpLNI2Yl"
    "hRDIfosJ2vXeLRY6leQicQltPfCTkNWX9QFp5dJpxyem8djq3JGPNwp6AlGVGgeOc9G7bI"
    "RvvGcgUhPonPK0T2Hhj16xij79W4LDdmOTqbieD+eYLQUASdiSaridRuAEzZWqpFMSY5kj"
    "GNACXpPOw20bjblM9k+ZOAt8YyDFm0iNm28g1roLf97qU+QLY9+8d0OYJbIl6O5CCywnae"
    "iGe2BzemF4gatq/AdrOrdVZY8IuUjQBWF4D2zC2y/3oEFkp1IHiO1mss/Swpb22TYxKy29"
    "gJgD0/fnWSqgD8sGzTv/5w9v69V6jqAhuFlEEpc2M5flId3WfEoeJEjz8i52i9pjBGhDNT"
    "PdynQXl1cn1SU4uiaz900yn4tRZ9Z21RdDOqnuzPABcBulLkW10KTxAPZk2y2ro11ZNbHo"
    "bfHeGkMuqbSXkMeCqkgMa4SGMMMFfi4H5tvhaD24Y/BK0VobGZ9nPjY68LxfTM7rHLAlkD"
    "y5qwpWc+zT3ZGp65yfbjm4ENzo3jlqDh+KocH3IsaSzbwqUMGRXlbM9RzXuFgWxbW0d6xQ"
    "Fa3XPF4SuNntZ+MKmY9UWQXiQngyGo45qAaxm3r67eFwDw+bt5hPvrh/OLpEAIBvG4QiRG"
    "QZY3IKn21+ep/K4paCnGiPF8/U3X0/4teXZ1NPYrFNy0RdyT6adRajmeqeZ4gWgltnumEn"
    "bNdWPElICeap7nSBqOu3N8HLH7To/GZdUF1UwvUjV831Tb1WX6taLxqm+6NfMxYPqanMTa"
    "VzARig+EiVR6qVzzD1hfJnkqr7MTWlNMfZK3qSB0hxL46sRFE83QG+SVeDxxD/4wEdqvds"
    "1KnYT52+0HXIW3dmztYgPF4qQ1KzpeelRhIDOdpm170uvUUtisk+7x2kOnm8yXNbLZ3LRr"
    "+O6E7chcfNeqGzsk4zcDZvfrr9tKi7clHWH4oLQ+fFkXjUF5cbhXtkNryL6Q65/Onhy/PM"
    "mSgHDB1oxebLnVHmwFIXfvvZAjazoveNd5wROl9CMdlykjvPyQEhrQcU39c2EiNzRiZMSV"
    "ws64PRbKKbGBIOxnFss7hq3MxvCcypxkchvpkjYWwZSILrrdpIOkbUZW0Ebb+pI1dJMXoQ"
    "wfQkrbS87epZvdty1wT6Xs+A45uQ8Tgsa8dzfvvTh/yY91fgg9Sv+OyQsms7ZM7eZvP6R+"
    "7bEO9TTwVZq/mj/srDw5pGJcaefP/FrL8vRqd/5cqYLpwBrUb003NlvH5hMpmgTWnWlBT3"
    "bsD6YYechL7aTc3Yf261E6tOae/ZNJTcCNOEeLH0MZ0FDvzKqtN+kIzJzkFMgjcjYeM1gX"
    "/Sw3rrDHb3De5mDJve9NTSLdwSbSecrMHdubo8IWW9fzXKQ6CKU752au42WudjLP+5j3lg"
    "LtmX3/1ZWC/qITCMuwjb3zEK4xGYgOZZ6TMYxidKRzF4vHX5xiOzKgjbB9DU/jh5JEE4G1"
    "AuVVnetO2LTg8ELLViMZxUvb8y7Jn+PlzXkbl+OBniR8WL1L5VSUnZpavd5Tgma9u6/3kF"
    "HFOkK6rfU8VbPOV2xg0hwr0SQ3bBHbfmQBA+aXgdvk1kPoNjLjasLbX3MdapLgiW5NA/C0"
    "b2thiYzgr3ioLwFYBRC6eBRwhetuC/M36Q0eA9+mRcke6hj4fWmXhqVlhDmqHZYRrpDqOD"
    "rCfeHIPu+pTnnCvHqNIPWuML/p7LOA0Oxirj1L8kQ+vwMtNhrHs1N90rBulWCefG0BbOW9"
    "qK7lrJbEkkpOrwTh7WZUVsG29NAQ74MNLQAvImlOjau9TUZKt1rL6n0UnXnXuO+xO0hWlZ"
    "RuycLGMjISwyOBfRbNIcbn5huU+tye1BvD708WgNyuq88Dnx/SftAQNOM7yulo8LcA7c2x"
    "LFQQUJRMKJRkICdhXyv+mN5h76NTXUtFFe/DJEpmJ7nomIYZPpCkrKHTdr5iDbuwvOFD9T"
    "t4YAl9e+6flK6ARSFUh8sLRAcB1bZdlLWvyN+OynyR5BQVTnKkWC7dePdpN1HpSW5LejmU"
    "H+Lm1Uo2ldQIqmJJeozoBjIAh8Egx005UTMaG/98fXXpqVkYRdIpVJUS+Cwbbw3C5qT1st"
    "0G7cgrdF2Z7fGRRE/sTu5t8KTieMRahyI6nIR4JezBYpiaoxtIxEMs3tTwVB9RAGA1Mmdc"
    "3fIwxm5ns/ohk81Ojy1R82ct8qQfqe7KpmtJAYRzcc/xCC5FKGzrk94p6XaH6JNM254ir5"
    "vwi+/hF80uN5dnjqRRcCsoOHhBy22XZQZkjujxOXKmsNOw13aXwfPCYPgI9iUeYD3GnW8e"
    "nq/Z22YuwfYN9oXPcgH8weKOs3QKZI9PRgM6PjVHMVJsLwQDwGylt7HJjPNVVgkucBNVns"
    "pnNwI8IoaVjZTs6Tt4cqyJ9PgsF1hN7mLJET0aqZh+/Sbypt+WvKwGpg+Mr0LCAwXYCq9P"
    "kc5nUYVSy8FIDDMebVMbbX14Lp2vLU5q35lgOBF3abS0nXbGI4HveK68l161sbNWL72vPO"
    "uchpw6+bRTgobbK3D7Hl5CJz91RtHwe4X+2+gG0RxzYHmBqOH6ilyv9KA8wPhqJ0rD+zqB"
    "MBFEs3FpbGZp5nCBzu8jSDbB+w0mB48j1mcBU8otADlH1qz1Fc60mATufC8QNVxfodO/5K"
    "V95SutqIzgYAoUN5ZRYkJ0LtzMUTTsXPRiRpKVGvnVZx5kNJ6fRIHZN9jtUFfbvXsLFj1X"
    "45DOCP76NjGWwuc2OTo6gv/SmIykislJPUt/ma7c0hEVxk/hJqyM5lEIa+FgLvP8Pp/Khf"
    "93j9nkqXz2knmZRDvvH3Bnf5GuEcDKAgjkBL7fXQBFukYAKwvANkwD1o7GIXMugC0jb6xZ"
    "B2tWR3Sde6sXqTy2qkwX+CTmSIWa6kAjgKXk6NJcBEUHI01dbI/dgvoGgvUV91aMMnt+bG"
    "fI+/0y0dU5fDZH7Pcr01JyxExPCUXsw+v2E0ZSIN/kkNpYEhqGSX/Z9THXeu+ZRxm113iy"
    "Z6sirdbcbNfIre2odGitBNt7Gk7Slu6altyxWdtmrJI0nwblln361lSBBJMoghfyu/Lk2s"
    "1NvUYu7N7aV3qZELvnCjQvEpP9AHEbc7C4xtLWCqP5xsyd+7f3c2bz18521BjuFmCeyuet"
    "o/X0lAAUjAQW+SFgMjnFNdu97OusJ3d5ZDQe59V5qVELLSlxnbgzf47Q5/fBQxF4ZCfczM"
    "aGJ6WGgr37kKUQZ8MetBJ+G0p9lLMmwdN5bTdBIadt/VGQXy/fX/3448Vbor9j0RpwnwLL"
    "6bBwM21DkTgF1FjeJanJMOUQljXsmhMR8xCbBzHRV1goDcv9npnWQfhNp0Si4aA+iRGdkZ"
    "AOTL9v+0BT3eHiNuTBXfWRVk3xnS/FdwfeYGE6lCpd88kSf02MWUzFDKzpb/bUbeFP5ZY+"
    "loz3GfS2svZiWB0E6MvmLvsHg4XsyX6ZI2OZKzEj8rv/JDft3cwubx460xn79hN+zcULTZ"
    "O3/QqiafLmCpOvxzRgb4Z8Dpkt3n0IJisc2glwbGTCMA5dK0zjNaLn0AlByigYRfSEup9P"
    "n/dXaFix7sxJr4opMVij272nIbcNKPTPIjELQ2V6z0ZsJOH+a/gD5tIrEXgFf2ttGcIL0m"
    "DmpeBCy2mXgK0aOgfJsq+L4FICryGcfivevfUTtel3yxG0pTReYzbPEiV80/6b2D8a5b+C"
    "8i9t66qv11D4dfu3nhEYweJgaLUkbEHfgLnCRyzkoKitjtaZwehzUoy9BkUbS9vqCZ8a1C"
    "8PGTHZ+Iv6fivf0BzM67Fnywsc5IdTf2M+Kx0FdO8DkaM6JLbuPkzozPqMxmMvrYd890X/"
    "6hNX38jRiMelejh//0F9rAdj7jCMdmgbaQhgjZBBJCdjE+zRkSQDp7TpGkt5N3d2PUaS+r"
    "bRjflu3Wqt3BbfxpesoZ710XfuceEc1eFo6D3nuenw5AoJK3myRuusrHXYWAZDN9anJA3b"
    "H6/SudBCrNQ5F4mM66gcvSAcNE7OVMvt61MOq2mCZloQUZXeTRo/leuV1aYyTl3BpkQ/Oi"
    "ZcRzG6cyNCe9I01staHDMiw75OzA6oIEMK94fUaKhJjIeAfBK5nGyBtGTEwDgm8RQPCIFZ"
    "FFqbifowvmNz/mR+dq311s7h3vv73Oi0RqftOfFvP+huh4eKWF+VTsfQOxjHlscm7OarVP"
    "D53A9dyKiaMxeaMxccAM4PTASsGuCY2zUBzm06uGZIe4qh5hQ9wBI2r2ndHNBVJkFM84uR"
    "4fU/3hM8FZWbsDMeY6ZhUMQCicCmTcaRHEkNV9AQB6ljewesFdVfa8HLkMafRGago99cgx"
    "9dozgRT4Z0rF9Okx9Kc3hqNFFYykjMy9tAmkejQ5dAmlCWdapaCmcSEm87/bRMdFClLenN"
    "8rXl0vDqUPjfALC5b3rVk532Rr7VqcIfmFJ0ULrbzg9ZvuPqZjOwSXRsCvLIUDnYlrF8Ym"
    "iJpW2TOzaObdY77qRByHUCa4BnzoSsP9C7ZPkmvNZsa2x5ya7rHKNPqZqDIDez7+morNvp"
    "NTkSnzOBvK1gtO++G9MLRA3bVz6b3rVEukjVMH6VQml0/Ll1AU0pGoavwPBRhkXqcjxH0r"
    "B8BZZbLOTYDaBI5XFjJm/5ToNyGHk9omFY3ZAvqA8j92W6PTVlqm3yjEQMvkbFbXKMEZqA"
    "wYMkz18bZj4/fnWSAkv8sAxKXn84e/9+0cOp7GlMDsnLCYnnLatowuMkk9KaPVjoNOD3dR"
    "3PX2du8/pr3YY1E/vuFPh+x1Rbn4EqTdO3tH2dT4aVN24K5E2pc8IybXkDABzl4IKgukW7"
    "kUibpEcTHJEbTHgKQQ7mnhafjhabU8vLXRBrzbaGC2JIVYnT9c2QRuUvUTJ+M/BoKwVGQ/"
    "aFXP909uT45UmSEuDy2ozol07IxCDGvImTF0veiERxn7yYC8AkKv1Y3/KzdH831Rp7y3F2"
    "7g66XmPQrx3466i6YmUsXx74LRAeYOz3kcR6E54sBHsLfacBnpSeA7FcxDmyRsDeCdgX8B"
    "ZRoaxBWgbhcrcfBHJf6hesGUX6jUqay2CDXpgTbB3AViZYKKfCNENp64RDrCTPEg/j7LkI"
    "Ly1Y28I3rAH3vEEbPsSctla05k+H3X1nPu2nxOqLcAwrZRSN99Ed/PnviTm4Jd5AsSbPck"
    "fI7FelIcYCJNPXH8JimCTh4FMLZUBDXb9voZA+ACPQB9foug7jmA65itENVuVMW22a3fYB"
    "KFU3jzd/Z2tYqjIzp9pHufHMnP0yuOCQPH75soZHEkZVuiT1vcemwLd8tuOOtXefRywoiS"
    "GeRRGtOFMwI5ljOm5i/uhq3XxD6Q5sfUxgHx1lD742cP3jcykfnZtOFsi8XcNJu0k8I9Ny"
    "8VF0nOQDgYEpp9Wdo/F7eWs8g1Gl0ZF9Zg1xOsljbn6NZ1/jtsiLdN6ucg93ao9wN/avb1"
    "Vgb32vDv7Wh2A5gHCk+UaRiJn8GjyMSto+m0fkStf6YPtMxNR2KDowrXuzuk/n+tNi7VO3"
    "azp32Y5eR0dYcc1uY/tZV1zTOJ0laQOWBILnO4YpLgL2SZg+cjFmvuD0WMZtT2ez8+I0YF"
    "0GQ3I7idA6ICjkXHV37pGxvAGbjeqCqU+wiLGHs97MqSDmZGwSY2aHaY0SYstSbGcmCKNR"
    "yHVon86a1mS+WyZNa7LNh+39t0RWAA1LOlamJWmRnPoM6uzhlEM+djHEi1QHkVgxlx5UJz"
    "uoOjlo3g6PmGIrtDQokD3mN6G4Xnx9F77S0w56bMhtO7dMTo/CIs0Qo5u4inQeNwvx0Igq"
    "tPvOoLSbAOYIGwmsKoHEQnJjf56q4f3KoVopbnk0WmUDWiD1WAotIcmAjm1nNY1p4Z/0F/"
    "isHzI2O0OvBVJvHW1Gn3PjQ04fm4wRgVGUnM8Sspo4dpROgcxfyciID7joKBbdswieNkHH"
    "+Pg+S8XAwE75EXjnXNCowt0/RzhfFTeLTSsQP/Y1dOnpszMxL7NHs1TNoQzXPxXvHNOp2r"
    "kcFLAOz99dnn38vTwjKxmfzy85//3m4mzhWG74CeOyMMwyweSp/JaK9aOCSO6EDO6IPlH8"
    "FHayn6+vLgnFUJO3shEy5rc80G7wjk5KcXAhlhN7u7ntzZM45INhCP/GzhwuoWzYO8/eic"
    "BkO3fAVKQ7GL7uWPNaLrr6nwpkDe9XzC6ngxK2L0luSAi8zmzYVHL5Qv4C/nrnhZojapbp"
    "asv0VkYDiUddlnB+WauKAp3f/So2sWbXbEjhSa7IbzK6K8/StnfaD+SJTPWw2mVz0UQIbF"
    "k7jqRpW6Cz1Ogsl7KhbOo1nsGK57XHPUZL2i+uOdcaCRLTlDN1w5kZxcGlFW+/z4E+fMG9"
    "YiVHdoAVK4+kQiXhydLqcHwnXaWb0DSi9U60nmi2Mxbx8hNs7J2lmo1mYx7SatWCXUPHlN"
    "WtNBVBa+bd3QMgKO12V625cyQHmIW0lZogfKkcOGyHHyB3nz19WoO7MKqSu/reQsgxLm0j"
    "iO7rylBjXN5GsM+DmPyXHJ5DAZlR0JEL1erzhelzyg8nON+3mfbX/wOzTbnf"
)
