"""To-device messages and device list changes leave the names that are also the Go proxy's.

Its database can then be taken over where it is: ``ss_takeovers`` says what was, and a poller's
``rooms_due`` that its ``since`` is the Go proxy's, so that the rooms up to there have not come.
"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        ALTER TABLE "syncv3_to_device_messages" RENAME TO "ss_to_device_messages";
ALTER SEQUENCE "syncv3_to_device_messages_seq" RENAME TO "ss_to_device_messages_seq";
ALTER INDEX "syncv3_to_device_messages_pkey" RENAME TO "ss_to_device_messages_pkey";
ALTER INDEX "syncv3_to_device_messages_device" RENAME TO "ss_to_device_messages_device";
ALTER INDEX "syncv3_to_device_messages_key" RENAME TO "ss_to_device_messages_key";
ALTER TABLE "syncv3_device_list_updates" RENAME TO "ss_device_list_updates";
ALTER INDEX "syncv3_device_list_updates_pkey" RENAME TO "ss_device_list_updates_pkey";
ALTER INDEX "syncv3_device_list_updates_pos" RENAME TO "ss_device_list_updates_pos";
ALTER TABLE "ss_pollers" ADD "rooms_due" SMALLINT NOT NULL DEFAULT 0;
COMMENT ON COLUMN "ss_pollers"."rooms_due" IS '1: what is stored up to since has no rooms; 2: the first have come';
CREATE TABLE IF NOT EXISTS "ss_takeovers" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "taken" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "returned" TIMESTAMPTZ,
    "dropped" TIMESTAMPTZ,
    "devices" INT NOT NULL,
    "tokens" INT NOT NULL,
    "messages" BIGINT NOT NULL,
    "lists" BIGINT NOT NULL,
    "decimals_upto" BIGINT NOT NULL
);
COMMENT ON COLUMN "ss_takeovers"."messages" IS 'to-device messages';
COMMENT ON COLUMN "ss_takeovers"."lists" IS 'device list changes';
COMMENT ON COLUMN "ss_takeovers"."decimals_upto" IS 'a to-device token that is a bare number counts up to this position';
COMMENT ON TABLE "ss_takeovers" IS 'One taking over of the Go proxy''s tables; the row with the greatest ``id`` is the state.';"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        DROP TABLE IF EXISTS "ss_takeovers";
ALTER TABLE "ss_pollers" DROP COLUMN "rooms_due";
ALTER INDEX "ss_device_list_updates_pos" RENAME TO "syncv3_device_list_updates_pos";
ALTER INDEX "ss_device_list_updates_pkey" RENAME TO "syncv3_device_list_updates_pkey";
ALTER TABLE "ss_device_list_updates" RENAME TO "syncv3_device_list_updates";
ALTER INDEX "ss_to_device_messages_key" RENAME TO "syncv3_to_device_messages_key";
ALTER INDEX "ss_to_device_messages_device" RENAME TO "syncv3_to_device_messages_device";
ALTER INDEX "ss_to_device_messages_pkey" RENAME TO "syncv3_to_device_messages_pkey";
ALTER SEQUENCE "ss_to_device_messages_seq" RENAME TO "syncv3_to_device_messages_seq";
ALTER TABLE "ss_to_device_messages" RENAME TO "syncv3_to_device_messages";"""


MODELS_STATE = (
    "eJztXXtz20aS/ypT/Md2FaPYsmNn5aurkmNv4l0/cpFy2d3YRY7AEYkVgMFiQNG83Xz36+"
    "4ZvEiAwvA5olG1DwtAA2D3YPr963/3QjkSgTo59zw5jdLXPJ2GvTP2717EQwH/qD3fZz0e"
    "x8VZPJDyq4AIlBpwffFgxFNOF1+pNOFeCqeveaAEHBoJ5SV+nPoyQqKPkWDpPBZMXjMJ/5"
    "4qkTxQzNyI4Y36bBzIKx6wh4mUIbsRc/b4EZMJknCGx07wWSPpwcP8aLy9236KPkXDoeBJ"
    "4ItkOGQTrlg6EeyWB1Oh8EL8K+AqZaEfTVPBeDRis4mkKxMRyyQVeMD3Jn2mJFzOU8Y/RS"
    "Nx63tC/xnwsWJXYuIDqa9YJFOW8hsRsWt4F868CY/Ggl1x74alkn6Mfq7+1dPI/9dUDFI5"
    "FnAsgd/++2c4DDcTX4TK/oxvBte+CEYVASNPBvCz8TZ0doAcwzNvo/TPdDmy9WrgyWAaRo"
    "sk8TydyCin8aMUj45FJBIOv7ok8mgaBGaRZIf0a8OBNJmK/H1HxYGRuObTABcOUuv3KI71"
    "BoMPHy8HF28uB4Pe0qLKKEoLwhzyZIQLEt5VESvG+ArfnD559uLZ90+fP/seLqHXzI+8+E"
    "M/uuCPJiQufbjs/UHnYTXpK4jhBYdxEVlyuEyyHQ5nBwoWF5/i+jzuPT4z38/it7dLVhes"
    "JaYssfVSfGnga3b9Ak/hFd3haet1u4JTl2/+dol3DpX6V4AHPvzv+S8//HT+y8P35397RG"
    "fm5sy7jx9+zC6XsEvrXfzDD+8+vlpg9j8VvJ8Fs7PrXWZ2D7ducStAG8Be7afMwx/rJPtz"
    "hg2malkMr/xx426ySOn0jjKbgNJDqWjFqdUcaETStmwGUgr5qKWIzHbzp9PTp09fnD5++v"
    "z77569ePHd94/zfWf51KoN6NXbH3EPqohqeVOKpaV8DIHTYoF39PHfFXNHWyUuyyKzvgZX"
    "Ner3PEn4vEEBV+kWRBP4yiXZaDtSaUNywm9FYXQWn87Gmxow9/fPC+w1RvEya/9y8fFDPW"
    "dLJAtcHfleyv7DHGNuJGYClvq1n6gUzTqw6cGKB/fBB59hqh712dUcjhtbHmw29fmPzxsz"
    "G/m3WoMsKos+faPpOKG70A1Qg6Ddf31TskvxALoRM56MBktn5Klsunb5VHgaLh7hER8T7/"
    "EX4+8z/uMPeqeo8Sx/yPeQlT6l3mpUO3fyQobgBwHrwRNjYJ+ISOHWpVKZwDehbzU6Yb8l"
    "fgrnQIDMx5unfQaPFvjdwKEE/hHhHZf9yh3cfwMPzh/ZqRt9/d3axvhgrvtte9Eozd6da9"
    "r+WCVQUjrZB7fMd9hMkga1UyZy2SNpz/yQfxkEIhqnE/jz+bMVfM10x/Nni6rDnDmlU1U2"
    "HyIwZBbvznU6kJxRjC3iSSJnaChJxik+eJhAhjYfLNldJXKY4XsOxR029HaELHXFiJRRJD"
    "zDgGVDsjh7pzGZX9rSoMREQkGUpRP091efdmi8WmcTEgGLQ6XDIQb70Z9Wqe/doFFIx1+y"
    "4dAsM7gDXIUZheEwkpEn4C/85UTFIzUTCeYalPgUKQxjqRSWJt7VWKN+BISV3zzAJa6Gwz"
    "5FUhj4jMMhGCXD4Ql7w70JG/k8gCspe+GniskZvHKJZWewUxp3J+Rz3DTp99FLwdOUuIX3"
    "Du7KT/y+sH2Zp/b0Co4GYKV+bmsBl35b7ce+yhxbpu0s4+1YxofSac4ZaltWatnnscTU5l"
    "B8ieQobN99x95Lm1Nbh6NEchQsr7obT1p4G08anY0ni76GlwjixBJ/X8Ph1A9Fw7IuyBZj"
    "iYbuJPvHPeT4qkX+9v2bi8vz9z9XVvrr88s3eOa0ssqzow+fL8gjvwn77e3lTwz/ZP/4+O"
    "HNYigxv+7yHz18Jz5N5SCSswEflXmSHc4OVQSM6YIBWArWIq4QdkJ2WsjGeK2zv8DPbsy0"
    "5EQL4r2apzrgezwifWUi9bk0YUt89fbD+S9/r9dOr2oi+6/+fvnmvD43XBsTa5EZrg+L3W"
    "tra88xSfLM7Hifk3Rs71Lt94flIpbexI7pOUnH9rXZnk4Ty709o9gf0x8fFcdn8FPlrHZ/"
    "abZmSkRrWjN7SoFglQUzb9tnNyJOqdI4C97NZHIjEtUuGXIAgyeVQW3Wu1kyGYXbYsGyjT"
    "M2kTO4XVKUFihd1pP9BidFAm9w7Y8tv5cS0X0QjLi+xljxLcX38cUxyo0xcgqpYykQ3Du8"
    "aptFPICU6EUt02F7Npks1UgPv5aQR3Ms36WcRcRq8h3tJLL1vG4i47gu6rFKc5eI3OU6mh"
    "fIampr0eufzURiKkNNnZMV0/eg351LZP4CfOutTGbSFf3WCc1isd+d1TwnsemyUcwmeoGP"
    "GUTqfCrlL/GbuhICM3tR2qdUJHxyy2nPzW+3QRHcvlOA96Wr6cA5wCPufTpY/u/4g30902"
    "RgyhtMgyQ2HATcD8WIhTJxuu1AW4cWi74gcFouWtljqiXwI1D1fgg2F+7gGMX3sdzElJ+k"
    "1KlDBSkzP50cxvgKBZrilh5JichtjwQbjHMmB/z//GDurNdxhNGrXm77UrMa+CAoDNqlZr"
    "ru3+UNKndkLfaoCo3DpZE97YJnrvmiz854KKOxtlCL6MP+d6dpnEq7byKjcJn3WZ/gS6aL"
    "rOGbwEiWgUzwKjWarn4cGA0d2IunQubuvlXu5Kxoax0ETrS76apsfDUYhTVykTIQPGpoeM"
    "poFhU6ELnz5czQykU5YJRXV8/ydHON/vHju4pGf/V2sd7t1/ev3mTVWnCRn7oXMHlNVaF/"
    "FXP9wxaCJaWz/TsCJUV5acsYyW9ZNGMiQ6FEcguKhZS84v5Ixzb0PR8orIL+Bm1jsojhfg"
    "HBteCzloMlW7zvBlETZ0p0XQiV7AwABuQ3QPnly669N7JE6rRP4nKJVPbdmMdZSWGZthPD"
    "mmLgwViCezSpS0KtwGOoku0RjqH3X9fTSAeur6Z+kPqROsHn/XfPUr3Dlp67iwlhziQ6X5"
    "J92RtXvS+hM9xHxBhba3YRLuY+AMSM5PQqvZ4GlmZsmWw9S3YtieRHLFGVCGNPUYsYFS8Y"
    "WISzRasnnILVcwXGjbppmzDcnb1b2aqyF7KpV8+JtlCrvjfHAz4h4wPS65MhuvmWdN/K14"
    "+xmHQRt8lP7gtyEypZhBK9AXEFYjS2LaKop3dXkU1jxCCYkXGgYHdcTJmbjluq2yuB4bgk"
    "PqeCBe+AUb/GuNv2GkMGpWv67QIHyP7BlEhaBhAuQdsZDKllEWa94SlPwHkn/Ik+o5yOhg"
    "0q+sYfKBbLIBDJcihhJ0/YIKhw2H3UhUjCgYsuCIbFrkG4RHIU3ap7bxDW24Md0ytEHdvX"
    "YLve1QZrLPhlyk4A6wuA8kjL7L8IeRA0p/gXaJ22o59k/mufnbJAXLf0j4xCeHr64nmuAv"
    "CPVZv+xfvzd++csqjeIEBynRmlT9xlOxG+sgXSDl1/wl5hUDU3Y6JgrlETR9yrR2VsT6ox"
    "eAjzhsD24dcay7uAgyYQ/is5moNdBNaVYg8JApSpeeQVwwH6BMn/zbUfBI9O8KYyGembYu"
    "lBHHCPMHF0iYgM4V5Z8ZROkFPTjeYPQ08lItuMsrL42ro8Fq75FKWI8aNL4SKpwSevpim5"
    "CuYtJz5C/szJW3g4HJo/h8OXaOyx4dDIDLc8dfJTdvbRpuYevb190W2FrDP9unrbbUtia4"
    "U6e/VnHMsQHSb2A5uoHccNQcfxdTlulIVlRqJE5XhC4tZXPjxS2wIUZ0NtquMd7CqR0/EE"
    "VP7By236S3q1Hty5OVVdpnIbT6WHVglaU7dPvyWswm+zd1cnscOlzPNu5Mze3EuyhOvtmW"
    "aOV4jWYrtjKmHfXNeOUo3R08zzEknHcXuOx4m4HVzxtA5ZpZnpVaqO79saabVKvzYMtXJN"
    "txZxDGy/ktOU4hHTSPnjaBtVFjtSruUXbC+TMpXThXm6xlte54Ig9Gd4dBYGSuYYy3FKPI"
    "6EIP9sqvAuRG0gsny6f0c4Mivoa90lr0Sajb3CwMsVV5gszW/TN/M+qbgPNusM+ZqigDTA"
    "sw4kfHu33SB2F5lpd9VvrRnUNrt+O8bsYeN1OxmfsQIN2x/XYmOuQhAe1wNjOuU79CbiC7"
    "v46fyb0++eF0VGuGBbZkh2PMYEtoLAX6OOryDrUGedK9tzRCn9yOM6ZYSH71JCYx631D9v"
    "dHaIJ4KFvlKU+BGBnDGTbMJZEam8ETgmIob3VHpKNDby6VrzPlkXw2E2nWc4XNZGu3rIBr"
    "rJiVSGCyml3fUl7TPM7toWeCAYT/yGrMKHGUHn3tu7907MtndjnR/D/CdTs1Cncn8qMlEr"
    "1W4pY9Wy9xcLZD0e0Dyjb0OhFGm/MXa04ClcL2dMBiOR13GUikPSojSXqkca+oC3+wysbj"
    "ln3mQa3bCxFNg/nCtqPamJ8DFwCqkApY39//ouusAlv9SMRcfxUOibDsgQ6H+KDJX2TLNa"
    "lGLgVI7/hq9N7T9KiBP2gYppqGZl8SQewPlV5rddCY/TUCnE7zhh53Es4NMZUe7upf5dmg"
    "H4bJFUXo8sGAM+uKkB4sTucdQGiBMm3hHsz2Wdl30LdpZdmcpltqIJqqF9ih2qAJzUW0Oc"
    "CE+43QFagAS3XPYFgdPSeUxeYEkjkUisJHE/y7b23s6HWDGkgDOoPVK+L9njs2rZqstfQV"
    "EXXBXSChyAgmSPGABryEnvTG9fqz7bcZkLpmmWOv9VypOaWPPKmonE/VAzOcN6v6/0K+Om"
    "0x5mct9eaGRi4W1lkV3vsMefSUKCg4HuBTI/Q3wDyXg8wuHadM5NmYzAD6rRDqvhF6K63N"
    "cuKx3XS/wnQjcvaMdMu41VpwydtYmcbS6b40AX+ys2XuiO4F5NbKF8ut+qTdii18V07Jou"
    "XZROfWNLw3W1g5XLXmjRY9h6mvJaoGC1Fac1ttM9GZ28M5fXiaDCkbm8XfPt3nSoIzv2ew"
    "3SPfFr86+ls3ft12F+acs92wSacSMu0eKfgfR4QDszGP24SSMmNDdNiAthzOU9fov37UKe"
    "B9+bupBnF+k56jx2WNli21a0VamOQukulK+1qV5rLl5brF07WGu1Y3UDXx2E1c++qPdF9Y"
    "m7rJoYr2pd3kxX64RqNnFHt0cOh8qPPGFAEmSaZXjnIj1jVMpO2I145goRpjAkhGAHM7++"
    "4Hk3D6J0d3FDP50wLKTXIwFT+Y3xnPO0OjzCDOjAe2hWnbC3OqMUJxL+VAxMKoWZ7nSGOF"
    "npTObV13iV4mE+nAhudy1SbwKvy8ewYnXZNmW0i2diVhpBQ5icppvaaPUdoc27wZF55gcG"
    "WHAGMX15S75/ZnIpYYHfv1XCIiNw2YqgNqxS0qI006xIXujYOfb/hHG6eUJoN+FyakWwRE"
    "0vETneLffkOaNXwk1ecG+Sbdza374SE19v6YwKjjaPmh9fe9bPhKRQa7HoM3eaLHSZBabm"
    "NIarBA8JxCGLi+uNthig7SOOU9ZIJVkyjRCYqR5Cc9MbdmM4nNApzap7zzrGMR9q7yACOI"
    "d4MJpawwJWCN3Fa35iPJOi8FUjONOiIQy2SOqx2C/Z6VmpvlaD4cvQrkBtXQTBr2wehJPe"
    "RKnjZhbVlf01b0E5QbcF2W9BgcCq1shyjF+Zqlvna4L3c0XYutZttxXCrvG2a7ytdzd+EZ"
    "4A5vdq/I3s1F0OR6Kva+lx/FqazpAV4JCSB49hZFpx0IfnoOjpkGle+c1EGq/mzMeRDWlD"
    "+ncH9+9abx32RTqI/gNgbPm3tSjlK6s+S1RuF36GJ7gvnJTe1xUgS71j2eLzl4lcXu89Ct"
    "ueUXKKujL1m7sZxzU1vxbr31A4Du9qVn0fVSSNTwZ9SPFadJ/ywTZneXcSHSdV6dKH0oz4"
    "2vydrMB7deozcVYt1Gc1mt3D2oSGU6VDlYF+uBf1Waho6FPRM6l426Gjh3Eg72Ooal1J3b"
    "PppcdYbbc4JtHlIYmuuODg8PXq/G883r/L+ca4eDvP+2OkR6dQzo0gMnVfEyXUacgjU/jp"
    "0KAUP0gRz33e3vHe7u019AbdLzXJAT3VhXDnCVmDY9nRLdgAeJIzlU6vzthwOEFrNx8eg7"
    "zunHjXnXhil525ViLprLU1rDX4QJVfj9ncrIBKRPdPCWGtonhpdhlwZSRcHsK+5HvYGWKH"
    "rdBZCju1FPQh2L4TOXNZLolQIh1YS6dCdv9kNObxGVMEaYUAynABDxi/TtsWdB1oMI+xC+"
    "xEVaZyuAGgiuZjIGMC/9Z4qS7LBVaTvVhKRPdGKrpoxWDB4ddSltVYI926KiQcyyjW+Hyq"
    "dC6LKpAkBy0xzJsb2F7yPhyXztcW4ylDYuWRnn6O/c881+25+mkBK4BsNpkW8JXXLvHA51"
    "YTmHKCjttrcPsWPkKrwryCouP3esXBmmMWLK8QdVxfk+uNEZQ7GN8cROl434L3IvKSeZzW"
    "VUSuzL9X6NzOwm+D91vMpseJGGFvr5JWG/sCWbfW15jaOfXs+V4h6ri+xixD6ddOzmv0og"
    "qCoylz31o/sk7R2XCzRNGxczmKmUhh2T5c0DjePfyXi48fEHeRarbfvgaP3ldxwOcMf32f"
    "aU/hc5+dnJzA/yKYhVQpe97O099TG3EVr3ZWO6lulbAKmnshrCVMZv3+Ls8dx/+3z9mUqV"
    "yOkjnez6S/YXv2V+k6AawtAE9O4fn2AqjSdQJYWwAGug1YG8Y4XcfSja0j77xZC2+WMrrW"
    "0+OqVA57VQZQ3uQcDUYOJbGuEjkdT9JyBoWSkWcGDoxmUfHIUeAcM29sMPFHozrRrfxolo"
    "nd/mR6SoZmbJdi5uUNEgJKCuR76ysf3gl7HXHcmdkVNre5jgKGHitnL1JOb1ZbVqtP9lvU"
    "1g5UfmmrAttbHkxzcHmiZTdi3jcVqyyvp0G5FX89xB9wxrxpksAH+ai+uHZ7t96gFvZgQJ"
    "pOFsQeGELPicJkN4y4rQVYbHNpG6XRXGPm3uPbuIvVr+CVE5bSJrSuju1t2I4aw94DLFO5"
    "vHX0Hp8xMAWTSIz6ZDDpmuKWjcSHmmZtL4+CxuG6Oic1agXYCNeJPfMXCF3+HhwUgUN+wu"
    "U81jypdRTM2bs8hbS4rMUsbImNaZoEgbMNJk0kZ336M2K/fnj38ccf37xm9Iy6Ude2t8B2"
    "uo/YOUfQ3NTDr4MCKpY3WWky3HICyxp2zWmU+gE2PiN6dx9301uhm54z+JzMGSV6uDn5qo"
    "QKwHGcZiDONMSrotHUAR8bNG/9yjM5DUbsOvC9m+bxW117nivteYdCVd1TxExD55uvIvsI"
    "siGMPJqDv/3Arsd/ewNZeILdNZbhrhKV43Eu3FKI3YyYbIYqjiOZCGwXDgUO4O2zWCQTHi"
    "saVaDbwnRrtCsx5X8quzrA7HqXvZdejnHhZkBYD2e2/DIKIrcxqHwNLKJ1tH7pQuO7tPJ1"
    "2sBm7RcUTmdRcoCXbEhyKuWNNp8CTsNX3PwsNHvtHZoqnbOFVwsdqTw1isNNhJGvuUmLWo"
    "UX0Hj6TPxrygN0IMB5cFlaX1vHvWuycCRCcCHSc+WPahOJ+bn+HdEBbPbn+ZV3BgguwOw1"
    "E8cRBXE4/BYL7IbDSjIfXHzQsCLCThLmkTuN7jhO9GI4OutGxJk7Dt9gwGsAe3b0HB1q0M"
    "NVwWTBZCVYD2EfAR0XZ4ihkdM3YL2kcfNHAeVomiATX+pAwsxXeKNPEYL9BEG+9zN0dqqj"
    "0CZ8RK+EsL6v5JRmul7NEbEAe3sxDKHfopsf5nqcsL8iKJGvlWUhNM/NrBC57H21F0Z1bO"
    "azFXzO52Y+ax6c+WxxcqYzE3WW+byFNV+N/WQVUr6dabK92W20Q1nlQnMKl50pHPBE856o"
    "ViWLrFHsB3SQEsntFmaB7cSb+tqM9tJMPdfRM9GosPlUsutd3vUp7JAZNIU8CHIW+y3YQ4"
    "1e9i3+GHUSzx+5+dmIJLHrWcwJnJbObDJ/SfksM3kqSjFA5EetFca+5eAlgtc2362eHVMi"
    "O8LJMT1EcsZkqFGAq4Ti0CQZo6tdHSRzEXNP/DDxF3yk5bP9u7xlvHTg4bWJrtW2gLbVPi"
    "uje1DXoCKMuhQDhHBDgrUf+aM1UG03vXMGaDvLJ3Xf8sA3KLX0s1gqgkBpZzwRoYTzL+Ef"
    "uMegRwy8EjhZFQypAD62Lm2+UomSnPZpxTc7ql627Nsqw5zAaWVIX8Xb124qPvq2LHODOY"
    "3TqUHHuqlci5NvY//owuRrKP+oQe1HbRR+1BLC/pzBFSL1JkZLwhb0QDG0QwM/EpmOpiIS"
    "NNOVEC9B0YLBpPHg8a11dRrTkB3L+n4nT9hAS9OsMjstXSZxV0s7U9zmhB10aJdoy4FMah"
    "WwB4stUR0TW/ffS2DN+oLG4UJNB/nuiv4FncXDH2QY+mmtHi6fv1Mf08UIMABXW8yW0QSw"
    "Rtg4kdNY13tTubk2p1RWRXXCzuNYUFoWXWMsNx8ZNGz9bJrHUO+L7+IhG6hnmrJs3zxSoj"
    "oeDX3gfDD1MKzR1VYm67TO2lpHxNKb2LE+J+nYfn+VzhsSYqPOeZPJuI3KoQVhoXFKrlpp"
    "X5/5sJqm6KZ5CVf52Qwdvl6vrHcrHdSNxIzRqyMqQ5JiODdh/Erq6RvFHDTBcKAq1ix5PN"
    "I5pAnXGmqa9pmSn6IScEOEtCwU4ByzdCYZ3UWht5mpDx07LqqnsruT1tsY6OHg33On0zqd"
    "duDu4MNYd3uqyinFqqj2knYwrNiMddrNVang+9nntAuqLqXdpbQtDJw/i8gTzQaOPt3SwL"
    "nOL26Z0p5hqjm3HmAJ68+0baP4OjdBm+ZnLcOL/3nHRAivpNPOWAFOZlAiPImGTZ/FiQwl"
    "mSvoiIPUEQMWAeXoscZ4mfD0U1Q46HkBDQGZTaNvJjymj1O3iPOSPRVOFeKdMf3xdibNvd"
    "GhK0yaQNaVhq00ZzISd7vSdHZQ5XMr9fI1mIrw6XD4vzHY5q7pVUd22kt+I3BHqdtm83N3"
    "7bGpudDCgQQS6n+5Lab0/ShxU/syx6wf3hw8Lo17MSNvkP4YU30cbE3DYVbBo51GOFq/Ce"
    "/iQbhRv+cjoS+fYWYS63aRDRE9iTZ4dAiBE5ECZsAvP4Fbgac7RfCa4fAM1yYSYUfNLCtc"
    "ApHCzYfDUSJhY6bLMvdSv2m+nNFp1TnRlLxQHLgt4YZzfZMN9+u6Co6vpblmZ+lOWh62xn"
    "NO1NnOrtvO1fHE+kO3FXeZbgsSdyw7eE8EnPFkpYTNFm0r4BJZJ1+n5UuNdDUBqDta744u"
    "8rc9fFfEK7NhaEHQ8bN2nAF1clvGSMtULrO1t9SybgcEtu+Ata9S22h1RuK0GIwM8GVNJa"
    "7TchgJzw/hdw+mcSrt5LFE6rRcypgOevCEhksCFxFcQPAIoykOJmB6egybxohOTxGSLB7o"
    "mhhdiYjI18TV93rX6dUFRhYu6d8VH5ED05df3spaBkoWt0GD/KGBQjE64AU+NkPCjwdbJh"
    "CjMcWMG6Ihm9xtg4BCec1ZdSzkVEcTXzhwFJhq1OviO81dUSUSl/uituKm7KIlynz7dkyv"
    "EHVsX6cVniafEM8s+F6l6hi/zmyJfYOpfO0MDws7pC3HSyQdy9dgubGFLAeoVKncBg6idj"
    "t4U5YIeJIGqUebEPvr27kO+5YJvOxgwlVtoUHz2N8y1ZqDf/ckk4ufzr85/e55hr/aJ6g9"
    "tNnpORvLZFdTf3X6c1koF+BsB422f0Hlbu3BYw2Q2GdPso+kz06xxNgT8CLWPvbT0xfPc1"
    "8A/1hl/V+8P3/3rhbIrG7s9aru+4zEccB6nm9EphXYeKqYRB/7t20rJ7/O5vzN17qpy89c"
    "8jPg+41QfV14oEeb5kNaXfKFnYkqIW9qY0mGaXdEkLJUSLuoEfc8MPC0RPpMRF4yj2H9nL"
    "BLDaOO4xwoaIjio3YHqh+sacvf+G4bRI3qlXkzxmiDGl/Tot0JQs5EfGEVPW732ewEctS9"
    "8TMtdrT7Vxm0kAm18Rs2G3/9tftq1BaihH3xVYXwCAuwjqleowNcPEIBu2K8FVW8tSZc6f"
    "SdhtyX9ohLWpE+UBlINk7+g3uCrwO2lc7lYjiGItZ9XYssk1LnbKn4mPm1iEs7eMIG5p4z"
    "1oYLacKdlSG7M0fejXqsfWMEfYksM4EFhcMBY2eNP/cjMUe3xDtT7PibHRyxzH5V9a1rdP"
    "wuWwzrWixiaoH0eEAAlP2iT4x7VGBHwCQ6ME1lnSwSTcG09W6zXyDLrqWrnS3VWEzVHKPc"
    "ejHVYRlcCUiefvddi4gkXNUYkqRz902BW6ZSHNfeIz8RXk0O8TxJeEMKvSBZYDpuYu7oak"
    "KPVTRCYIQNuuFJ8eIbG66/f67lo/X0ogqZs2s4m1sEiirj4v0YXUQDzms27BWru0Tj9vIm"
    "ewazSuGJeWcycQbZa25/jRePsVvkVTpnV7mDO7VDdvcvsJv2GmxvOtfG/h7QntzeCEeaB4"
    "olQtfXYFOLNINiTthHAqvB+S9oU5tLMYBpwpvNg2Y2vy1iQgyHGnreQNKfIORDIK5T8zdB"
    "BmrEhgqOfZYIXoS8V37kiU+RHoRAYBR4e8QhvPWVD3w098XbgHfpTdj1NEHvgDAgSvCEpV"
    "fGQbM4LYcQfz7BIsZZ97SZ8wh04q2fEmSGUJWB6zSMlieBT6l9Pscfdi2TsUTYCv3LkAlk"
    "etLln6JQYPuRmvixVhMYWiZ4xDOmpvCqGuEfKUETR5L8HQ1DFMl8Nq4eXZjKoEPzd94X6t"
    "D8t18o4L7vs4aZsmLIS47ilMiZy2ZksbnZuP5VqqMo5VgoSGpTj9RcjrTo+ScC57dbfwMV"
    "svv8JVTXi6vfwtc2qDcRsUwQGxGMFD0BoWTq3AcfuLBR7cRVpXMYX9dBt60yIa8w3u0EsE"
    "DYSWBdCWQ+mR37y1Qd79dODsvo2k/CdTagJVKHpdADl3bMYzOMgGxa+E/+C1zWDwWbrU2v"
    "JVJnQ3tanxsMzvy1WYwWGEfJuSwho4ltAYcqZO5KRib+2I8GSiS3IoG3zaxjfH2XpaLNwM"
    "E/VT3MSXMH6gKh202oGEQMBIKIS4wzFsWhExm0NHsP0IOKb1QP17hKMGUqt6ViIrcgkptI"
    "ejcap/gMdrK/XHz8wDgmt5yVTSRT/9r3KPA+oDIYixBiPbGzm9vBIokTfzwJ4L+pNYdrKD"
    "v2LrJ3GmF5n73BVKU7Gr7uWfMaLtrGnypkHe/XrGfn4xq2ryinyAicrqXYVjn7UsUE/nrr"
    "hVoi6pbpess0z1bXcH4VOEaFzm2EjG2s2S1CYIAJGtakx1at85zE2VVepAFKQX8wr/1bHK"
    "IU+gFsYwLYPVIvDRICPDJwDjHXkSqi32RyU1+/b87076ggmtFlrRsqk2kUYWVJnEgNaEH1"
    "i3xeKuZRpijfTxWbCJ6kV4LXYKlueK8NCllmOWfapp0LiqMrON89AgbNlbXvZSqRHWEv0z"
    "3pXcp4shI3AL9JW+lmNJ1onROtI5rtXCR+/XBuc2alZuPFNXdptWbBduO/3KqPxPl4tTiI"
    "zZq7RHKE1WI76RbDj8qCw+byI+Tuk8ePW3AXrmrkLp1bSg2ntQCTmGZoTAmn9QCTI99L2X"
    "/Y8QV+kBkVHbmEY7AIWbCg/PAGrw7tpv3x/4OWCdQ="
)
