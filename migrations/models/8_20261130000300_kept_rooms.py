from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        ALTER TABLE "ss_connections" ADD "told" BYTEA,
            ADD "configs" BYTEA,
            ADD "rooms" INT NOT NULL DEFAULT 0,
            ADD "dropped" BIGINT NOT NULL DEFAULT 0;
        ALTER TABLE "ss_connection_rooms" ADD "turn" BIGINT NOT NULL DEFAULT 0,
            ADD "effective" INT,
            ADD "upto" BIGINT,
            ADD "kept_upto" BIGINT NOT NULL DEFAULT 0,
            ADD "is_dm" BOOL;
        COMMENT ON COLUMN "ss_connections"."told" IS 'JSON: how far extensions have told';
        COMMENT ON COLUMN "ss_connections"."configs" IS 'JSON: effective configs of its rooms, by number';
        COMMENT ON COLUMN "ss_connections"."rooms" IS 'how many it has in ss_connection_rooms';
        COMMENT ON COLUMN "ss_connections"."dropped" IS 'turn in which rooms were last deleted';
        COMMENT ON COLUMN "ss_connection_rooms"."generation" IS 'of the answer that last claimed more';
        COMMENT ON COLUMN "ss_connection_rooms"."turn" IS 'in which the row was last written';
        COMMENT ON COLUMN "ss_connection_rooms"."effective" IS 'number of its effective config among the configs';
        COMMENT ON COLUMN "ss_connection_rooms"."upto" IS 'position; null: as far as the connection';
        COMMENT ON COLUMN "ss_connection_rooms"."kept_upto" IS 'position of state it was kept from';
        COMMENT ON COLUMN "ss_connection_rooms"."is_dm" IS 'what was told of that';
        UPDATE "ss_connections" c SET "rooms" = n.rooms FROM (
            SELECT "connection_key", count(*) AS rooms FROM "ss_connection_rooms" GROUP BY 1) n
            WHERE n."connection_key" = c."connection_key";
        ALTER TABLE "ss_connections" ADD CONSTRAINT "uid_ss_connecti_device__ab5030"
            UNIQUE ("device_key", "dialect", "conn_id");
        ALTER TABLE "ss_connections" DROP CONSTRAINT IF EXISTS "uid_ss_connecti_device__b30549";"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    # Before, a name was used in one dialect only: the connection that was used last keeps it.
    return """
        DELETE FROM "ss_connections" c USING "ss_connections" o
            WHERE o."device_key" = c."device_key" AND o."conn_id" = c."conn_id"
                AND (o."last_used", o."connection_key") > (c."last_used", c."connection_key");
        ALTER TABLE "ss_connections" ADD CONSTRAINT "uid_ss_connecti_device__b30549"
            UNIQUE ("device_key", "conn_id");
        ALTER TABLE "ss_connections" DROP CONSTRAINT IF EXISTS "uid_ss_connecti_device__ab5030";
        ALTER TABLE "ss_connections" DROP COLUMN "told",
            DROP COLUMN "configs",
            DROP COLUMN "rooms",
            DROP COLUMN "dropped";
        ALTER TABLE "ss_connection_rooms" DROP COLUMN "turn",
            DROP COLUMN "effective",
            DROP COLUMN "upto",
            DROP COLUMN "kept_upto",
            DROP COLUMN "is_dm";
        COMMENT ON COLUMN "ss_connection_rooms"."generation" IS 'of the answer in which the room became live';"""


MODELS_STATE = (
    "eJztXXuT2zaS/yoo/eOkSlbssWNnx1dXNY5nE+/anlxmctnd2CVBFEZChiQYghpZt5vvfu"
    "gG+JJIDaEnJLPq9uIR2RTVDaDfv/53JxAj5sveheeJaZi8ock06JyTf3dCGjD1j8rrXdKh"
    "UZRfhQ8SOvSRQMo+1Tf3RzShePNQJjH1EnX5lvqSqY9GTHoxjxIuQiC6ChlJ5hEj4pYI9e"
    "+pZPEjScyDCDyoS8a+GFKffBULEZA7NidPviYiBhJK4LMefNdIeOrLeDje3mM/hh/DwYDR"
    "2OcsHgzIhEqSTBi5p/6USbgR/vKpTEjAw2nCCA1HZDYReGfMIhEnDD7g3qRLpFC304TQj+"
    "GI3XOP6T99OpZkyCZckXJJQpGQhN6xkNyqd6HEm9BwzMiQenckEfhj9PfqXz0N+R9T1k/E"
    "mKnPYvXbf/ukPlYPY5+ZTP+M7vq3nPmjkoCBJ331s+ExeLUPHIMrb8Pkr3g7sHXY94Q/Dc"
    "JFkmieTESY0fAwgU/HLGQxVb+6IPJw6vtmkaQf6ddWHyTxlGXvO8o/GLFbOvVh4QC1fo/8"
    "s06//+Hqpn99edPvd5YWVUpRWBDmI0+EsCDVu0pkxRhe4fHZ0+cvn3/37MXz79Qt+JrZJy"
    "//1F+d80cTIpc+3HT+xOtqNek7kOE5h2ERWXK4SLIdDqcf5CzOt+L6PO48OTf7Z3Hv7ZLV"
    "OWuRKUtsvWGfa/ia3r/AU/WK7vC08bpdwamby3/cwJMDKf/w4YMP/3vx8/c/Xvz81fuLf3"
    "yNV+bmyrurDz+ktwt1SutT/MP3765eLzD7d6nez4LZ6f0uM7sDRze7Z0obqLOaJ8SDH+sk"
    "+zOG9adyWQyv+bj2NFmkdPpEmU2U0gOpaMWp1ZzSiKhtyUxJKaCjhiIyx81fzs6ePXt59u"
    "TZi+++ff7y5bffPcnOneVLqw6g129/gDOoJKrlQykSlvIxBE6LRb0jh3+XzB1tlbgsi9T6"
    "6g8r1O9FHNN5jQIu0y2IxufSJdloO1JqQ3JC71ludOZbZ+NDTTH3t08L7DVG8TJr/3Z99a"
    "GaswWSBa6OuJeQ/xDHmBuyGVNL/ZbHMgGzTtn0yopX7gNXPsNUft0lw7n63NjyymaTn/78"
    "tDGzgX+rNciisujiHk3GMT4FHwAaBOz+27uCXQofgBsxo/Gov3RFnIm6e5cvBWfB4ic0pG"
    "PkPfxi+H3Gf/xenxQVnuX32Rmy0qfUR41s5k5ei0D5QYr1yhMjyj5hoYSjSyYiVntCP2rU"
    "I7/GPFHXlAAJh4cnXaK+msG+UR/F6h8hPHHZr9zB8zfw4PjITt3o+x/WNsYHc91v24tGqf"
    "fuXNP2pyqBgtJJN9wy39VhEteonSKRyx5Jc+YH9HPfZ+E4mag/XzxfwddUd7x4vqg6zJUz"
    "vFRm8yECQ2bx7lynK5JzjLGFNI7FDAwlQSjGBw8TyNDmgyW7y0QOM3zPobjDht5OkKWuGJ"
    "EiDJlnGLBsSOZXHzQms1sbGpSQSMiJ0nSC3n/VaYfau3U2IWZqcchkMIBgP/jTMuHeHRiF"
    "+PkrMhiYZaaeoO6CjMJgEIrQY+ov+OVIRUM5YzHkGiT7GEoIY8lELU14qrFGeagIS7+5D0"
    "tcDgZdjKQQ5TMOBsooGQx65JJ6EzLi1Fd3YvaCJ5KImXrlAsvO1Ulp3J2AzuHQxN+HL6W+"
    "TbJ79d7+Q/mJ3xaOL/OtHb2Cw76yUj81tYALv61ys68yx5ZpW8t4O5bxoXSac4balpVauj"
    "2WmFofii+QnITtu+/Ye+FwaupwFEhOguVld+NpA2/jaa2z8XTR1/BihpxY4u8b9XHCA1az"
    "rHOyxViioeul/zhCjq9a5G/fX17fXLz/qbTS31zcXMKVs9IqTz/96sWCPLKHkF/f3vxI4E"
    "/yr6sPl4uhxOy+m3914J3oNBH9UMz6dFTkSfpx+lFJwJAu6CtLwVrEJcJWyE4L2RivVfaX"
    "8rNrMy0Z0YJ4h/NEB3xPR6SvTaQ+k6Y6El+//XDx8z+rtdPrisj+63/eXF5U54YrY2INMs"
    "PVYbGjtrb2HJNEz8yO9xlJy/Y21X48LGeR8CZ2TM9IWravzfZkGlue7SnF/pj+5KQ4PlM/"
    "Vcwqz5d6a6ZAtKY1s6cUCFRZEPO2XXLHogQrjdPg3UzEdyyWzZIhBzB4EuFXZr3rJZNSuC"
    "0WKNs4JxMxU4+L89ICqct60t/gpEjUG9zyseV+KRAdg2DY7S3Eiu8xvg8vDlFuiJFjSB1K"
    "gdSzg2HTLOIBpIQvapkO27PJZKlGOrBbAhrOoXwXcxYhqch3NJPI1vO6sYiiqqjHKs1dIH"
    "KX62BeAKuxrUWvfzJjsakMNXVOVkzfg353LpH5s+JbZ2UyE+/oNk5o5ov94azmBYpNl41C"
    "NtHzOWQQsfOpkL+EPTVkDDJ7YdLFVKTacstpz80ft0ER3L5TgMfS1XTgHOAJ9z4dLP93+s"
    "G+jmkyMOUNpkESGg58ygM2IoGInW470NahxaLPCZyWi1b2kGrxeahUPQ+UzQUnOETxOZSb"
    "mPKTBDt1sCBlxpPJYYyvgIEpbumRFIjc9kigwThjsk//j/tzZ72OE4xedTLbF5vVlA8Cws"
    "BTaqbr/l0+oDJH1uKMKtE4XBrZ0S546pov+uyEBiIcaws1jz7s/3SaRomw2xMphcu8T/sE"
    "XxFdZK32BESyDGSCV6rRdHVzQDS0by+eEpm751axk7OkrXUQONbupquy4bI/CirkIoTPaF"
    "jT8JTSLCp0ReTOzpmBlQtygCivrp6lyeYa/erqXUmjv367WO/2y/vXl2m1lrqJJ+4FTN5g"
    "Vejf2Vz/sIVgSeFq94FASV5e2jBG8msazZiIgEkW3yvFgkpeUj7SsQ39zEcSqqAfg22MFr"
    "F6no9wLfBdy8GSLT53g6iJMyW6LoRKdgYAo+TXB/lly665N7JE6rRP4nKJVLpvzNdZSWGZ"
    "thXDmmKg/lgo92hSlYRagcdQJtsjHEPnv26noQ5cD6fcT3goe/B9/92xVO/qSM/cxRgxZ2"
    "KdL0l39sZV70voDMeIGGNrzS7CxRwDQMxITIfJ7dS3NGOLZOtZsmtJJPvEElUJMfYktohh"
    "8YKBRThftHqCqbJ6hsq4kXdNE4a7s3dLR1X6Qjb16hnRFmrV9+Z4qC1kfEB8fTRENz+Sjq"
    "18/RSLSRdxm3h8LMhNoGQBSvROictno7FtEUU1vbuKbBoBBsEMjQOpTsfFlLnpuMW6vQIY"
    "jkvicypY8E4x6pcITttObcigcE93ZeBgHnr3z9LgAYigP0WyhkGEG6XxDI7UshjT/vCExs"
    "qBRwyKLsG8joYOynvHH0kSCd9n8XI4YSffsEFg4bBnqQvRhAMXXiAUi12TcIHkJDpW994k"
    "rI8HO6aXiFq2r8F2far111jwy5StANYXAOaSltl/HVDfr0/zL9A6bUs/TX3YLjkjPrtt6C"
    "MZhfDs7OWLTAXAH6sO/ev3F+/eOWVVXQJIcpUppS+stp9kHzGWLdB28P4eeQ2B1cyMCf25"
    "Rk4cUa8ambE5qcbhQdwbBNxXv9ZY3zkkNALxD8VoruwiZV1J8hXCgBKwB/MBAV2E5X98y3"
    "3/6x48VMQj/VAoP4h86iEuji4TEYF6VlpApZPk2Hij+UPAWwnRNsPMLLz2pqYYPtm+KLZE"
    "1pplbT3stiWxtUKavfoajmVwDhObUQecHccNQcvxdTk+4QDnVnWEr8oYFKgcTxjcc8nVV2"
    "o9jXEwIZmJRZBhLKbjiVLHBy+H6S7p1Wrw5fpUcpHKbbyTjmSM6MjXN4gl+E367rIXOVxq"
    "PG9HwuzN9UMrtdqeqed4iWgttjumEvbNde3EVBg99TwvkLQct+d4FLP7/pAmVcgn9UwvU7"
    "V839bIqVX6tWbolGu6NY8xQHuUmCYYK5iGko/DbVRB7Ei5Fl+wuUyKVE4XzukabHGbCQLR"
    "mdVXpyGaeA7RIKfE40h48K+mSu6aVQYJi5e7D4QK04K7xl3skiXpWCoIvAyphERm9piumc"
    "eJxXfqsE6RqTFChwM2q0C8t/fYDWJ3oZlGV95r9aCz6f3bMWYPG6/byXiLFWjVfFyJXbkK"
    "4XdcDVzplO/QmbDP5PrHi8dn377Ii4BgwTbMXux4zIg6Cny+Rp1dTtaiwjpXVueIUvqBRl"
    "XKCD5+SAmNadRQ/1zqzA2NGQm4lDAVbMh8MSMmEQSzHBJxx2CMQ6TeU+opztBop2vBu2hd"
    "DAbp9JzBYFkb7epLNtBNTqQyXEgp7a5vaJ9hdteOwAPBbMIesgofpgSte2/v3jsxe96NdX"
    "4K85n+DsULurK2Su0WLz+kfs1I22Ya+CqrX00rXWGVVBeH1NxXOaCouNbyOr3GU4nWaq49"
    "seGcO9ON7dGxA7DKtoB1X1rQkRP7vQa7mvBKP6lw9aHzOshubXhm/6hLE+AgLtDCn77wqI"
    "8ns+ziIQ3YStQU8vXIRRQxtS5GeW1c6Yzf4nM38I2cOJ1O+vx3wvs8sfP/FBsgHfc3g9IR"
    "2zTyXKY6CaW7EGZuEmWuDzIvxpgPVgLtmH//xbWC/sRZtS+qLzxk1URwV+M0JN6NbQFhaT"
    "AvzN/lenAvNhQk6WjeOUvOCaacEQMBrgyhS/OOIbJ6MqucLryrL4KGiIv8gTyZEEh4a2j9"
    "RDxOR/4yKTHArL7CAF3CMzSreuStTphGsVB/SqJMKvkxHLJkBr2myUxkWVIcekyDDORXPe"
    "6WJd5EvS4dqxWr06vqLln4Toh/Q+MNEdNkUxutunKz/jQ4Mc+8HQ5cdyQfn5lcKMjklXPo"
    "VhRj8uopdE5ZEVguhZH2fLpAek5loCVwYr0iUKcTRMnmNTo7miMMJQOW6GMFIser2p6+IP"
    "hKcMgzGCVvDm7tbw/ZhOsjnQg8rDcV0QmWUf2EHQ+VFou+8qDJgrdZ4FJMI3UXowE2W6Rx"
    "cX3Q5oOoOPRCpgVPgsTTEJobq2EoNn1gC2fphE6pV9171jGO+VD7VhlfAIifk6ZroQxjFu"
    "qDt+l6zwja9W6/3n1GJeuHltjrRap2na+JuEYlgqFY12KWCNtqzLYas9q2/Zl5TDG/yrhN"
    "Lz1k3cb6vobm7S8FSL202gOx9JR5OjLgHeAwUuWT4Ec4MaRHfjVhreGccMDZS2pyjTt4fl"
    "uP6bDh22KqHaDxkt9XwkqtxD0oUO0R92CNgEnQg3OhV3hfV9AN9IllC6hWJHJ5vXcwRniO"
    "mRDEcdJv7mbQULkTluvfUDiO+WFWfRdUJM68UfoQg4PgPmVIpOfYuJB9jqrSpY1SDwNSv0"
    "9WgIA4tU2cVQvVIfQV0wSdr1MpobDDWdQlMFDezE3TreKSNp0UcRgH8hhDVetK6shGTpxi"
    "adcitr3LyPauuOA14+YbDZm3mCx/FWqsS0zwIG5CMuE4dBMmOQMyP5GwdXCgGfcTAPmaN3"
    "e8t/t4LHwpzK7nKQwngpFhCyWFGpd7DrMSpbIWZTIdnpPBYALWbob2CbxunXjXnXhkl525"
    "ViBprbU1rDW1QaX1tPoC0fEpISiMY6/MKQMTHNXtgTqXuAdtCHeuaacv2VLQH6njOxYzl+"
    "USM8mSvrV0SmTHJ6Mxjc71hHsKqDrqBuoTeps0rR46EFqrsQvsRFWkcrjaHFAG9HT1JB86"
    "48N8dZYiwbsqF7Wa7MVSIDoaqWiYeh01wN1SlNVYw5+4KiTA0WdrbJ8yncui8gXKQUsM8u"
    "YGywW9D8el86XFeMye8SbT8C6L9HQzQDjiuW7PVUPI1Ts7G0HIfeG1S9Tn1AqWNyNoub0G"
    "t+/VJrQqzMspWn6vATsNYRDkmAXLS0Qt19fkem0E5QHG1wdRWt434D0LvXgeJZV4x6vy7y"
    "U6t7Pw2+D9FrPpUcxG0EgqhdXBvkDWrvU1RjlMPXu+l4harq8BcC94JZx6rReVE5xMmfvW"
    "ml91is6GmwWKlp3LUcxYMMte1ZzG8VbVv11ffQCQP6zZfvtGefRcRj6dE/j1XaI9hU9d0u"
    "v11P8H5AQhE/Kimae/p57VkpuPcQo7YeU0RyGspXlU+v1dHkYF/7XP2RSpXI6SOd7PpPew"
    "PfvLdK0A1haAJ6bq++0FUKZrBbC2AAxOmGJtEPnMuo2iirz1Zi28WczoWkOKl6kc9qo0+H"
    "maczSALJjESid2FjIomIw8N9hTt0p9KwJHUVrM2NT+hI9GVaJrMnO1QOz2lulIETDdmSiJ"
    "eXlsYtSSUvJNZ7MmglDfT2FVN7e5NttnDlXUXsNAy05NWa2+2G1QW9uX2a2NCmzvqT/NkM"
    "z1vPg7Nu+ailWS1dOA3PK/voIfcE68aRyrDfl1dXHt9h7dDq4/JtOhxdvdZ4DFNpe2URrN"
    "NWbuPb59mFHFXzrbQWPYe4BFKpePjs6Tc6JMwThkoy4aTLqmuGEj8aFGHNnLI6dxuK7OSY"
    "1aAjaCdWLP/AVCl/eDgyJwyE+4mUeaJ5WOgrn6kKeQ5Lc96CX8OhE4wRhJAKXZYNKEYtbF"
    "P0Pyy4d3Vz/8cPmG4HcsewP2j4B2uivonEMcaOzh10EBGYm7tDRZPXKilrU6Nadhwn1ofA"
    "ao6C6cpvdMNz2n8DmpM4r06uHoqyIqAIXxuz4713iiUJs5Jz4dG+ho/cozMfVH5Nbn3l39"
    "rKe2Pc+V9rxDQXjubcA44LSbXZFugldEO840nCt/+5Fdj//2pn/QGLprLMNdBSrH41xwpC"
    "C7CTJZo3XxcShiBu3CAYPR7l0SsXhCIxzhbdrCdGu0KzHl36VdHWB6v8veSyfDuHAzIBwK"
    "WBuWOyMnchuDimtgEa2j9UvnGt+lla/TBjZrP6dwOouSAbxo+AH1XyHutPnkU5z04ea20O"
    "y1d2jKdM4WXi10pNLEKA43EUa+5CYtbBVeQOPpEvbHlPrgQCjnwWVpfWkd967JwpEIwTVL"
    "LiQfVSYSs2vdB6ID0OxPszsfDBBcK7NXQ+cgCuJg8A0U2A0GpWS+cvGVhmUhdJIQD91pcM"
    "dhfBSBOU13LErdcbUHfVoB2LOj79GhBj3JU5kskKxU1kPQBUDHxYFVYOR0DVgvatzsqxTl"
    "aBoDE1/pQMKMS3jQxxDAfnw/O/sJODvluVsTOsJXAljf12KKA0SHc0AsgN5eCEPot2iHVb"
    "keJ+yuCEpka2VZCPVDGktELntfzYVRntH4fAWfsyGNz+unND5fHNPozPiWZT5vYc2XYz9p"
    "hRS3M022NygMTyirXGhG4bIzBdOEcLgQ1qqkkTWM/SgdJFl8v4XBU+2gly0Y7YUBbq6jZ4"
    "JRYbNV0vtdPvUx7JAaNLk8EHIW+i3IVxq97Bv4MbIXzb92c9uwOLbrWcwInJbObDJ/hfms"
    "Cb1nyhoOEwgQ8bCxwti3HLyY0crmu9WzYwpkJzg5pgNIzpAMNQpwlVAcmiRjdLWrg2SuI+"
    "qx7yd8wUdavtp9yFuGW/se3BvrWm0LaFvtsxJ8BnYNSsSoSyBAqB6IsPYjPloD1XbTJ6eA"
    "trNsLPQ99blBqcWfRRLm+1I74zELhLr+Sv0DzhjwiBWvGIzxVIaUrzZbmzZfqURRTvu04u"
    "sdVS9d9k2VYUbgtDLEXfH2jZuKD/eWZW4wo3E6NehYN5VrcfJtnB9tmHwN5R/WqP2wicIP"
    "G0LYXxB1B0u8idGS6gh6JAnYoT4PWaqjsYgEzHTJ2CulaJXBpPHg4a11dRrRkB3L+n4n37"
    "CBlsZZZXZaukjirpZ2prjNCTvo0C7RlgOZ2CpgDxZboDoltu6/l8Ca9TmNw4WaDvLdFf2r"
    "dBYNvhdBwJNKPVy8/qA+xpsBYEDdbTFbRhOoNULGsZhGut4by821OSXTKqoeuYgihmlZcI"
    "2h3Hxk0LD1d+M8hmpffBdfsoF6xinL9s0jBarT0dAHzgdjD8MaXW1FslbrrK11WCS8iR3r"
    "M5KW7cerdC5RiLU65zKVcROVgwvCQuMUXLXCuT7jajVNwU3zYiqzqyk6fLVeWe9ROqgbsh"
    "nBVwdUhjiBcG5M6FDo6Rv5HDRGYKAq1Cx5NNQ5pAnVGmqadIkUH8MCcEMItCRgyjkmyUwQ"
    "fIoEbzNVHzp2nFdPpU9Hrbcx0MPB93Or01qdduDu4MNYd3uqyinEqrD2Ek8wqNiMdNrNVa"
    "nA+9nntHOqNqXdprQtDJy/stBj9QaOvtzQwLnNbm6Y0p5BqjmzHtQS1tu0aaP4Og8Bm+Yn"
    "LcPr/3lHWKBeSaedoQIczaCYeQIMmy6JYhEINFfAEVdSBwxYAJTDrzXGy4QmH8PcQc8KaB"
    "DIbBo+ntAIN6duEacFeyqYSsA7I3rztibN0ejQFSaNL6pKw1aaMymJu11pOjsos7mVevka"
    "TEW1daj6z1jZ5q7pVUdO2hvxBivG3+u2kKrTdvGW1ScuIlKrQ6JvKtFNv4mFb7nUq2J6XT"
    "Q0Bpykns9xlJ8Hg6l9NhrjKVl9CG/0tA2OvPTUtc7RZ1Rtu8p2zj3MytqNuC6QuFwJtI2K"
    "lJ0UAZm9b8f0ElHL9nWKvxHrM7HEUSxTtYxfB01x3+1DXzrDg9wWacrxAknL8jVYbmwhS8"
    "jQMpXbrXJYYKbeVHnT6ps0LBvYhFBR3sx92LdM1Mv2J1RWutb1g26KVGuOutmTTK5/vHh8"
    "9u2LFHGki83lYLPj92wsk13NuVEuTqXlfx1Q368ftOI1t/wP5W0/0ZAAXfI03SRdcgZJNY"
    "+pF0nfv7Fn8Ozs5YvMF4A/Vln/1+8v3r2rbN2tGvS0qt48JXEcoo1mB5EpfjWeKvSIjvl9"
    "01zBl1mOvvlaN5no1CU/V3y/Y7ILWgGBOCYQXLhzL2PjTGQJeFMZTzJMWw3sCndZRI0ojt"
    "7UEumSbORsj9xo4DAAMMT5LCA+TPBjxLyiEH3jp20QNapW5vWoGjVqfE2Ldic9YRP2mZT0"
    "uN222QnIhnuAq/tpsDlYWbr11KfNBj596b4aFkJIVsXy1bn6EuEJpuuPJD2f8mQpP99CDJ"
    "y4gF0x3mIaSuOQVplwhcsPGnKfm/cYakX6SKawUIB1r56pfB1lW+n8LoRjMGLdxRpRaP7P"
    "a0WT/L0Ir+wx3ME3bGDuOWNtuJAm3FmfoTuT0w5drHaYrrjPoWUmMKdwOGDsrPHnfiTm5J"
    "Z4a4q1pbF7ssx+kWhiLJlk+PlDthjUtVjE1HzhUR8hF4wphMB4Hg4kx1YcHZj2uUwgDFYX"
    "TFvvMfuFbjgxhOCd2VK1xVT1McqtF1MdlsGlgOTZt982iEiqu2pDknjt2BS4ZSrFce094j"
    "HzKnKIF3FMa1LoOckC0+EQc0dXI16KRNC8EfQcBL38xTc2XH/7VMlHa7zeEpmzazhF6lWK"
    "KuXicYD14kivigN7xeou0Li9vNGegaxS0DPvjCZOP33N7a/x/GvsFnmZztlV7uBJ7ZDdDX"
    "NJOzW2989mMN6D9ncfz+TmRjjQPJIkZrq+hiQCW83hKT1yhe1ZgHgKNrW5FQKYJrxZD626"
    "+WOhXW0w0GBrBoSt14MmeXabmL+xSZ4m2VNS5LY0EbwI8iZ56LGPoYb+S6DyBR4Pnff3XH"
    "LFR/NceIzyLr0JuZ3G4B0QEHKhIb/wytCRAviw2OP2US1imO6GhzkNlU685wnDoSqyNGIM"
    "x6/Q2OeY2jdDXFo0OYc9kxZNbvtpe/c9kTWMhhUgo1kXYSxmLht1AQuGyvKZ8MjGES9TnU"
    "RhxUJ5UJPqoPrioEU/PGYwP8x6D5TIjnknlNeLq3vhSxsUYwY7DtmEGwS+XE5H4ZHmFqOd"
    "uMp0DuO7OOhElRDac1PaTgALhK0E1pVA6iHZsb9I1fJ+7VStCG95HKxzAC2ROiyFTijImE"
    "YGDA9tWvV/2S9wWT/kbLY2vZZInQ20aX3OdQw5e20SgQVGQXIuS8ho4sRSOiUydyUjYj7m"
    "YV8PR1Rvm1rH8PouS0Wbgf3fZTXoSH0/6AKh2y2hENLzGYBYCYj65aWaE+E3NHsP0BEKbx"
    "RFVWmYVYIpUrktFRNHVSK5C4V3ByHThJ2rkwxnJ1JINTkrm1Ak/JZ7GAbvY1GKRQixmtjZ"
    "w+1gkcQJH0989b/EmsMVlC17F9k7DaHYzt5gKtOdDF/3rHkNF23jTyWylvdrVpfTcQXbVx"
    "Q3pAROVzZsq7h8qX4Bfr31Qi0Qtct0vWV6K+KxgOmkFZxfBVVRonMbr2Iba3aLgBTKBA0q"
    "0mOr1nlG4uwqz9MAhaC/Mq/5PYD4BtxXxxhT7B7JVwaXQH2lrkNxaWc4UtPzq4jvqqvpzZ"
    "XuA/U8M7ytcXtjPA1DQIOOYqHhJbCakM4LpTXSlMjDeOMJo3EyZLQC2XTDZ21QyDLLONM0"
    "7ZxTnFz59+7xKHCuiX1nUYHsBDuLjqSTKOXJyi5+2JO20k1pWtE6J1pHNNsFi3n1cChzZa"
    "Vmo/k9D2m1esFuoGOq+ovazq0N6yOVMSgrUQnrNXeB5ASrxXbSuwWbyoLD5vYT5O7TJ08a"
    "cFfdVctdvLaUGk4q4R4hzVCbEk6q4R5H3EvIf8jpBX6AGSUduYQqsAggsKD84AGvD+2m/f"
    "n/z8yOUA=="
)
