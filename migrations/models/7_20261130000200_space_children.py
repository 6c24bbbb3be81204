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
"eJztXet32zay/1dw9KXtOYo3cRKn1/lkJ26bbmJ3Y/d2u02OBFGQhIoktARlRXe3//udAc"
    "CXRMqEnrDCc/qwSAxEzYCY3zzxn1Yg+syXJxeeJ6Zh/JbG06B1Tv7TCmnA4I/S+23SopNJ"
    "dhcvxLTnKwIpO1QP7vRpTNXgnowj6sVwe0B9yeBSn0kv4pOYixCJbkJG4vmEETEgAv6eSh"
    "Z9I4mZiOBEbTL0RY/65NtIiICM2Zw8/Y6ICEkowWsn+F194cGX8XC4vWk/hZ/CbpfRyOcs"
    "6nbJiEoSjxi5p/6USRyIn3wqYxLwcBozQsM+mY2EGhmxiYhihhe4N2oTKWA4jQn9FPbZPf"
    "eY/ujToSQ9NuJAyiUJRUxiOmYhGcCzUOKNaDhkpEe9MYmF+jH6e/Wvnob831PWicWQwbUI"
    "fvsfn+EyTMa+MJl8nIw7A878fkHAyJMO/GycRt3tIMfwzrsw/kENR7b2Op7wp0G4SDKZxy"
    "MRpjQ8jPHqkIUsovCrcyIPp75vFklyST82XIijKUuft59d6LMBnfq4cJBaP0d2rdXpXN/c"
    "dW6v7jqd1tKiSihyC8Jc8kSICxKeVSpWDPERnpw+e/HqxffPz158D0PUY6ZXXv2lvzrjjy"
    "ZUXLq+a/2l7sNq0iMUwzMO4yKy5HCeZDscTi5kLM5exfV53Hp6bt6fxXdvl6zOWKuYssTW"
    "O/algq/J+AWewiO6w9Pa63YFp+6u/nmHMwdS/tvHC9f/e/HxzU8XH7/9cPHP79Sdubnz/u"
    "b6x2S4gF1a7+LXb97fXC4w+08Jz2fB7GS8y8xu4dbN7hloA9ireUw8/LFOsj9lWGcql8Vw"
    "yYeVu8kipdM7ymwESg+lohWnVnOgEZW2JTOQUkD7NUVktpv/OT19/vzV6dPnZ9+/fPHq1c"
    "vvn6b7zvKtVRvQ5bsfcQ8qiGp5U5oIS/kYAqfFAs/I8e8C3NGoxGVZJOir0ytRvxdRROcV"
    "CrhItyAan0uXZKNxpNRAckTvWQY6s1dn400NmPvH5wX2GlC8zNqfb2+uyzmbI1ngap97Mf"
    "kvcYy5IZsxWOoDHskYYR1gekDxYD5wsBmm8rs26c3husHygNnk578+b8xs5N9qDbKoLNrq"
    "HY2HkZpFTYAaBHH/YJzDpXgBzYgZjfqdpTviVFSNXb4VnAaLV2hIh4r3+Ivx9xn78Y3eKU"
    "osyzfpHrLSptRbjaxnTt6KAOwgYD1YYgTwCQslbl0yFhG8E3qq/gn5LeIx3AMBEo6Tx20C"
    "X83wvYFLEfwR4ozLduUO5t/AguN9O3Wjxz+sbYwN5rrdtheNUm3duabtj1UCOaWTvHDLfI"
    "fNJKpQO3kily2S+swP6JeOz8JhPIKPZy9W8DXRHWcvFlWHuXOqbhXZfAjHkFm8O9fpQHKu"
    "fGwhjSIxQ6AkCFX+wcM4MjR8sGR3kchhhu/ZFXdY19sRstQVECnCkHmGActAMrv7IJhMh9"
    "YElBhIyIiScIJ+/8rDDpWjdTQhYrA4ZNztorMf7WkZc2+MoFBdf026XbPMYAYYhRGFbjcU"
    "ocfgE/5yRUVDOWMRxhok+xRKdGPJGJYmzmrQKA+BsPCbO7jEZbfbVp4UAjZjtwugpNutAq"
    "J/LOw0OFUHUOTnugg1992lL+MquLRM2yDX7SDXQ+kc54DUlpVO8nosMbXaVZ4jOQpsum/f"
    "eJ9THzYJG4MgR3IULC+aA89qWAPPKo2BZ4u2gBcxxYkl/r6FyzEPWMWyzsgWfX2G7iT54x"
    "FyfNUif/fh6vbu4sMvhZX+9uLuCu+cFlZ5cvXbswV5pJOQ397d/UTwI/nXzfXVoqsvHXf3"
    "rxY+E53GohOKWYf28zxJLieXCgJGd34HzB9rERcIGyE7LWQDLsvwF9jBlZGQlGhBvL15rB"
    "2yxyPSS+NJT6UJW+Llu+uLj7+Xa6fLEs/75e93VxflsdtSn1WNyG252+pRo609+wyV5WTH"
    "+5SkYXsTCn88LGcT4Y3smJ6SNGxfm+3xNLLc2xOK/TH96VFxfAY/VcxK95dqNJMjWhPN7C"
    "lEgVkQxDxtm4zZJFaZwJLdw8P5ZCaiMYtkvWDFngCPc17ij0KUJrMvjGjX9hZrz2k9l/GF"
    "Sh7XOTnoqvV8ju5ZlVaecw5jiniPsZCg87at/LwjMVv2KW8+3QYZBvv23z6WlPEDO3CPOL"
    "H8YM7b47fUWiaD08SOeKgrU3TOLe4xPYZJ0MTn906ndsJDDPjQYu1nBE6Lx0iDB8znIYoh"
    "4LHayNETwzGkZ0J8scqGVkG/GY9HVrLa2vsSsKBngEh9FJYjchuFYRFXymSf/h/35w3kWo"
    "Zcb1VQ8O9sLsvgVu7uQ1Ariy7WRFm/JXhoJAImWQToWKemS8r7Gh3pOb+RGIR/gq+Veplg"
    "Pl9V0+F3LcOtLc67Ae5yJkLrAtjaWX0eyK+D8kuXXf2NbInU6e3MZQ958t6Yr7OSwjJtI4"
    "Y1xXCMDtvF2iUePZbqJXQCYTn9OBQzn/WHZeHZVcIpp3fW4diaTjAPdwZakhEJinfRs2GK"
    "bJRvLFcQ4pL4nEJk74FRv04w+l6Ny3JjVqOzeejdP08QGoqgM1VkNZHaHYApU0u1LMYkRz"
    "KmEaAklYfdJgp36/KZLH8S8NZE+D6LljHbTr5hA/R22L3UBch2YP+YKkewS8TLkRxFVtje"
    "E/H09mDH9AJRw/Y12K53tc4aC36ZshHA+gJQnrll9t8GYKFUB4IXaJ3G0s+S8tY2OSU+G8"
    "RWAOz56auzVAXgh1Wb/u2Hi/fvnUJVV9gopAxK6Rur8ZPsqD4jFhUnavwJuUTrNYUxoT/X"
    "1cN96pVXJ9cn1bUoqvZDNZ2CX2vQd9YWRTWj6on+HHARoCtJvlWl8ATxYNYkq61aUz0ZcN"
    "//7gQnFVFfT8pjwFM+BTTGwzTGAHMlDu7X+msxuK35Q9BaCRU2U35ufOxNoZia2T52WSBr"
    "YFkTtnTMp3kgW8MxN9lhfDOwwdlx3BA0HF+X4yOOJY1lW7gQPqNhOdtzVIteYSDb1daRXr"
    "GAVvdccvhKraeVH0xIZnwRpBeJ6XAE6rgm4FrF7Zub9wUAfPluEeH++uHyKikQgkE8rhCJ"
    "VpDlDUiq/fV5KrdrClqSMaI9X39T9bR/S55dnkzcCgU3bREPZPoplFqOZ6o5XiBai+2OqY"
    "R9c10bMSWgp5rnOZKG4/Ycn0TsvtOjcVl1QTXTi1QN37fVdnWVfq1ovOqabs18DJi+Jqax"
    "8hVMQ8mHoY5UOqlc8w9YXyZ5KqezE1ozTH0Sg1QQqkMJfHXioonm6A1ySjyOuAd/mIbKr3"
    "bLSp2E+dvtB1yFAzO2drGBZHHSmhUdLz0qMZCZTtM2PelVails1kn3eOWhU03myxrZbG/a"
    "DXx3oenIXHzXqhs7JOO3A2YP66/bSYu3FR1h+LC0PnxVF41heXG4U7ZDa8S+kNufLp6cvj"
    "zLkoBwwdaMXuy41R5sBT63772QI2s6LzjXecERpfQjnZQpI7z8kBIa0klN/XOlIzc0YiTg"
    "UmJn3B7zxYyYQBD2M4vFmGErswk8p9QnmQwiVdLGIpgS0UW3m3SQNM3ICtpoV1+ygW5yIp"
    "ThQkhpd8nZ+3Szu7YFHqiUHd8hK/dhQtCY9/bmvRPnL7mxzo+hR+nfMXlBZ9aWqd387YfU"
    "rznWoZ4GvknzV/OHnZUnh1SMK+38mV9rWZ5e7c6fa1UwHVmD+p3pxmbr2H4iRZPAujct6M"
    "iO/UEXI494qZ2Uu/vQfh2kQ2vu2T/p1ATciHO0+NEXHvXVzizbapOOwMxJToE8IReTCYN1"
    "0c9y4wp7/BbnbQ6WPPje1CTSHW0inaPM3LO9GRS22Lqe5yLVUSjdBTdzHS9ztZN50cd8sB"
    "Rox+z7r64U9BeVQFiGbcydh3CNzkC0KPOcTmAUo4HKXSwef3GO7ciANsL2NTyNHwoSTUOs"
    "FSiv6tx0wqYFhxNathrJSF7anndF/hwvb87buByP9CTh4+pdKmZh2amp1es9JWjWu/169x"
    "mVrBMKu7Wep2rW+ZoNTJpjJZrkhh1i24/MY8D8MnCb3HoI3UZ6XE14+2uuQ00SPFGtaQCe"
    "9k0tLBER/BWP1CUAqwBCl48CrnDd7WD+Jr3BYeDbtCg5QB0Dvy/t0rCyjDBHtccywjVSHY"
    "MT3BdOzPOeq5QnzKtXCFLtCoubziELCPUuZtuzJE/k8jvQYsEknp+rk4ZVqwT95BsLYCfv"
    "RXUtZ7UkVlRyOiUIZzejsgq2lYeGOB9saAF4CZPm1Lja2ySQqtVaVu8j6dy5xn2P3UGyrq"
    "RUSxY2EZGWGB4J7LJojjE+t9ig1OX2pM4Yfn8yD+R2W30e+OKQ9oOGoB7fkVZHg78FaK+P"
    "ZaEhAUXJQomS9MTU7yvFH9Mx9j46V7VUVPI+TCJFdpKLimno4UNByho67eYrNrALyxs+VL"
    "+DR5bQd+D+SekKWBZCdbi8QHQUUG3XRVmHivztqcwXSc5R4SRHiuXSjfefdhOVnuS2opdD"
    "+SFuTq1kXUmNoCoWpMeIaiADcBgMctyUEzWjsPHPtzfXjpqFUSSsQlUpgcuycdYgbE5aL9"
    "tt0I68QdeV3h4fSfTE7OTOBk8qjkesdSiixUmIN6E5WAxTc1QDiXiExZsKnqojCgCsRvqM"
    "qwH3Y+x2Nq8fMtnu9NgSNX/WIk/6kaqubKqWFEA4D+85HsElCYVtfdo7J93uCH2SadtT5H"
    "UTfnE9/KLYZefyzJE0Cm4NBQcvaLntssqAzBE9PkfODHYa9trsMnheGAwPYF/iHtZjjF3z"
    "8HzN3jZ9CbZvsC9clgvgDxZ3rKVTIHt8MhrSybk+ipFieyEYAGYrHcQ6M85VWSW4wE5UeS"
    "qX3QjwiBhW1lIyp+/gybE60uOyXGA12YslR/RopKL79evIm3pb8rIa6j4wrgoJDxRga7w+"
    "RTqXReULJQctMcx4NE1tlPXhuHS+tjipeWe80TQcp9HSdtoZj3iu47nyXnrVxs5GvfS+8q"
    "xz6nNq5dNOCRpur8Hte3gJrfzUGUXD7zX6b6MbRHHMguUFoobra3K90oPyAOOrnSgN7+sE"
    "wkIvmk9KYzMrM4cLdG4fQbIN3m8xOXgSsT7zmJR2AcgFsmatr3GmxdSz53uBqOH6Gp3+BS"
    "/tK19pRWUER1OguLWMEh2is+FmjqJh57IXMxKs1MivPvMgo3H8JArMvsFuh6ra7t1bsOi5"
    "nPh0TvDXt4m2FD63ycnJCfyXxiQQMiZn9Sz9VbpyR0dUaD+FnbAymkchrKWDufTzu3wqF/"
    "7fPmaTp3LZS+ZkEu2if8Ce/UW6RgBrC8ATU/h+ewEU6RoBrC0A0zANWBtMfGZdAFtG3liz"
    "Ftasiuha91YvUjlsVeku8EnMkYZypgKNAJaSo0tzERQVjNR1sT02APUNBJsr7p0YZeb82M"
    "6I9/tloqtz+GyO2O1XpiVFwHRPCUnMw6v2E1pSIN/kkNpYEOr7SX/ZzTHXZu+ZQxm1t3iy"
    "Z6sirVbfbNfIre3IdGitBNt76k/Tlu6KlozZvG0yVkmaT4Nyyz59q6tAvGkUwQv5XXly7f"
    "am3iAX9mDtK51MiD1wBZoTiclugLitOVhsY2kbhdFcY+be/duHObP5a2c7agx7CzBP5fLW"
    "0Xp6TgAKRiEW+SFg0jnFNdu9HOqsJ3t5ZDQO59U5qVELLSlxndgzf4HQ5ffBQRE4ZCfczS"
    "eaJ6WGgrn7kKUQZ8MetBJ+Gwl1lLMiwdN5TTfBUMza6mNIfr1+f/Pjj1dvifqOZWvAfgos"
    "p8PCzbQNReIUkBMxTlKTYcoRLGvYNadhzH1sHsTCvsRCaVju90y3DsJvOicCDQf5KQzonP"
    "h0qPt9mweaqQ4XA5974+ojrZriO1eK7468wcJsJGS65pMl/ppos5iGc7CmvzlQt4U/pV36"
    "WDLeZdDbytqLYXUQoC+Tu+weDA5FT/TLHBmrXIkZkdv9J7lu76Z3ef3Qmc44tJ/way5eaJ"
    "q8HVYQTZM3W5h8O6EeezPiC8hs+e5DMFni0I6HYyMdhrHoWqEbrxE1h0oIklrBSKImVP18"
    "+ry/RsOKTWdOelXMiMYa3e499blpQKF+FomZ70vdezZigYD7r+EPmEutROAV/K20pQ8vSI"
    "OZV4ILJad9ArZq6Owly74ugksJnIZw6q1499ZN1KbeLUvQltI4jdkcS5RwTftvY/9olP8a"
    "yr+0rau6XkPh1+3fekFgBIu9kdGSsAV9A+YKD5jPQVEbHa0yg9HnJBl7DYo2FqbVEz41qF"
    "/uM6Kz8Zf1/U6+oTmY12HPlhM4yA2n/tZ8VioKaN8HIkd1TGzdf5jQmvUZjcNeWgf57or+"
    "VSeuvhFBwONSPZy//6A+VoMxdxhGW7SN1ASwRsgwEtOJDvaoSJKGU8p0jYUYL5xdj5Gkvm"
    "l0o79btVort8V38SUbqGd19J19XDhHdTwa+sB5bio8uUbCSp6s0Tprax02Ed7IjvUpScP2"
    "x6t0rpQQK3XOVSLjOipHLQgLjZMz1XL7+ozDapqimeZFVKZ3k8ZP5Xplvam0UzdkM6IeHR"
    "OuoxjduRGhPaEb62UtjhkRfl8lZns0JCMK90dUa6hpjIeAfApzOdkh0pKAgXFM4hkeEAKz"
    "SLQ2E/Whfcf6/Mn87ErrbZzDffD3udFpjU47cOLfYdDdHg8VMb4qlY6hdjCOLY912M1Vqe"
    "Dz2R+6kFE1Zy40Zy5YAJwfWOixaoCjb9cEOIN0cM2Q9gxDzSl6gCWsX9O6OaDrTIKY5hct"
    "w9t/vCd4KirXYWc8xkzBoIh5AoFNm0wiEQgFV9AQB6ljewesFVVfa8DLiMafwsxAR7+5Aj"
    "+qRnEaPhnRiXo5dX4ozeGpYCqxlJHol7eBNI9Gh66ANL4o61S1Es4kJM52+mnp6KBMW9Lr"
    "5WvKpeHVofC/IWBz1/SqIzvtnXirUoU/MCnpsHS3XRyyesdVzWZgk+iYFORAU1nYlrF4om"
    "mJoW2TMZvEJusdd1LP5yqB1cMzZ3zWH6pdsnwT3mi2Dba8ZNe1jtGnVM1BkNvZ91RU1u70"
    "mhyJy5lAzlYwmnffjukFoobta59Nb1siXaRqGL9OoTQ6/uy6gKYUDcPXYHiQYZG6HM+RNC"
    "xfg+UGC1l2AyhSOdyYyVm+U68cRt4G1PerG/J59WHkoUy3p7pMtU2ekYjB18i4TU4xQuMx"
    "eJDk+WvDzOenr85SYIkfVkHJ2w8X798vezilOY3JInk5IXG8ZRVNeJxkUhqzBwudhvy+ru"
    "P568xt3nytm7BmYt+dA9/HTLbVGahCN31L29e5ZFg546ZA3pQ6JwzTVjcAwFEWLgiqWrRr"
    "ibRJejTBCbnDhCcf5KDvKfGpaLE+tbzcBbHRbBu4IEZUljhd34xoVP4SJeO3A492UmA0Yl"
    "/I7U8XT05fniUpATavTUC/dHwWDmPMmzh7seKNSBT32YuFAEyi0k/VLTdL9/dTrXGwHGfr"
    "7qCbNQb92oG/iqpLVsby1YHfAuERxn4fSaw34clSsLfQdxrgSek5EKtFnCNrBOycgF0Bbx"
    "ENpTFIyyBc7vaDQO5L/YI1rUi/kUlzGWzQC3OCrQPYSgcLxSzUzVDaKuEQK8mzxMM4ey7C"
    "SwvWdvANG8A9Z9CGCzGnnRWtudNh99CZT4cpsfoSWoaVMorG+2gP/tz3xBzdEm+gWJNnuS"
    "dk9qtUEGMJkqnrD2ExTJKw8Kn5wqO+qt83UEgdgOGpg2tUXYd2TPtcxugGq3KmrTfNfvsA"
    "lKqbx5u/szMsVZmZU+2j3HpmzmEZXHBInr58WcMjCaMqXZLq3mNT4Ds+23HP2rvPI+aVxB"
    "AvoohWnCmYkSwwHTcxd3S1ar4hVQe2PiawByfZg28MXP/4XMpH66aTBTJn13DSbhLPyDRc"
    "fBQdJ/kwxMCU1erO0bi9vBWewahScGKeWUGcTvKY21/j2dfYLfIinbOr3MGd2iHcjf3rWx"
    "XYW92rg7/VIVgWIBxpvpEkYjq/Bg+jEqbP5gm5UbU+2D4TMbUZig5M496s7tO5+bRY+9Tt"
    "6s5dpqPXyQlWXLNBbD6rimsap7MkbcCSQPBixzDJQ499CnUfuRgzX3B6LOM2p7OZeXEasC"
    "69ERlMI7QOCAo5V92de2Qsb8Bmo6pg6hMsYuzhrDZzGhJ9MjaJMbNDt0bxsWUptjMLCaOR"
    "z1Von86b1mSuWyZNa7Lth+3dt0TWAA0rOlamJWmRmLkM6szhlCM+sTHEi1RHkVixkB5UJz"
    "uoOjlo0Q6PmGRrtDQokD3mN6G4Xlx9F77S0w56bMRNO7dMTo/CIs0Qo524inQONwtx0Igq"
    "tPvOoLSdABYIGwmsK4HEQrJjf56q4f3aoVoRDngUrLMBLZE6LIVWKMiQTkxnNYVp4Z/0F7"
    "isHzI2W0OvJVJnHW1an3PtQ04fm0wQgVGUnMsSMpo4tpROgcxdyYiID3nYkSy6ZxE8bYKO"
    "8fFdloqGgZ3yI/AueUijCnf/AuFiVdw81q1A3NjX0KWnzs7EvMwezVI1R8Lf/FS8S0ynau"
    "dyUMA6vHx3ffHx9/KMrGR8Pr/k8ve7q4ulY7nhJ0zKwjCrBJOnclsqxo8KIhmHwhsTdaL4"
    "OexkP9/eXBOKoSZnZROKmA+4p9zgHZWUYuFCLCd2dnM7mCdxxIcjH/6NrTlcQtmwd5G90x"
    "CT7ewBU5HuaPi6Z81ruGjrfyqQNbxfM7ucDkvYviK5ISFwOrNhW8nlS/kL+OutF2qOqFmm"
    "6y3TgYiGAo+6LOH8qlYVBTq3+1VsY81usSEFQNCgJDy2ap2nJM6u8iwMkHP6A7zm99gRNu"
    "A+bGMM2N2Xr01fAvhK3+4w9q8np+c3EY3Ls+nNnfYD+TwzNax2eWM0DUNsLTyJhG4vobIJ"
    "6TyXWiNNijyelTtiNIp7jJa0ydxwrg0SWWYpZ+qGnTOKo0v/3n0/CnVIhn1lUY7sCCuLHk"
    "klUcKTlVX8+E7aSjehaUTrnGgd0WwXLOLlJw2ZOys1G83GPKTVqgW7gY4pqy9qKrc2zI8E"
    "MChLuxJWa+4cyRFmi+2kdgtfKgsOm+FHyN1nT5/W4C6MquSuurcUGo5L2z1imKEyJByXt3"
    "vscy8m/yXH5/hBZhR05FJXgcUGAgvKDye4PLSZ9tf/A9RXPgI="
)
