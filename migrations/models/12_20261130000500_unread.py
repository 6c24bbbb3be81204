"""What was written and never read goes: two tables, and the key of a third.

``ss_user_rooms`` has all of a membership that anybody asks for. Nothing is rewritten, so it takes
no longer with millions of rows. The functions that wrote the tables go with them; a start makes
new ones.
"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        DROP TABLE IF EXISTS "ss_spans" CASCADE;
        DROP TABLE IF EXISTS "ss_memberships" CASCADE;
        DELETE FROM "ss_functions" WHERE "name" = 'core';
        ALTER TABLE "ss_changes" DROP COLUMN "id";"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    # Of earlier memberships nothing is left: each user gets the one that they have or had last.
    return """
        CREATE TABLE IF NOT EXISTS "ss_spans" (
    "user_key" INT NOT NULL,
    "room_key" INT NOT NULL,
    "from_ord" BIGINT NOT NULL,
    "to_ord" BIGINT,
    PRIMARY KEY ("user_key", "room_key", "from_ord")
);
COMMENT ON TABLE "ss_spans" IS 'A stretch of a room''s timeline that a user may see; ``to_ord`` null while joined.';
CREATE TABLE IF NOT EXISTS "ss_memberships" (
    "user_key" INT NOT NULL,
    "room_key" INT NOT NULL,
    "pos" BIGINT NOT NULL,
    "membership" VARCHAR(6) NOT NULL,
    "event_key" BIGINT,
    PRIMARY KEY ("user_key", "room_key", "pos")
);
CREATE INDEX IF NOT EXISTS "ss_memberships_pos" ON "ss_memberships" ("pos");
COMMENT ON TABLE "ss_memberships" IS 'History of memberships of local users, one row a change. Appended only.';
INSERT INTO "ss_spans" ("user_key", "room_key", "from_ord", "to_ord")
    SELECT "user_key", "room_key", "visible_ord", "left_ord" FROM "ss_user_rooms"
    WHERE "visible_ord" IS NOT NULL;
INSERT INTO "ss_memberships" ("user_key", "room_key", "pos", "membership")
    SELECT "user_key", "room_key", "reset_pos", "membership" FROM "ss_user_rooms";
ALTER TABLE "ss_changes" ADD "id" BIGSERIAL NOT NULL PRIMARY KEY;
DELETE FROM "ss_functions" WHERE "name" = 'core';"""


MODELS_STATE = (
    "eJztXXuT2zaS/yoo/WO7ShnbY8fOja+uahx7E+/6kctMLrsXpyQMhZGYIQktQY6s2813v+"
    "4G+JJIDaEnRmbVPjwiGyS7AfQD3b/+Vy+UIxGok3PPk2mUvOFJGvbO2L96EQ8F/KP2ep/1"
    "+HRaXMUfEn4VEIFSA65vHox4wunmK5XE3Evg8jUPlICfRkJ5sT9NfBkh0adIsGQ+FUxeMw"
    "n/TpWIHyhmBmI4UJ+NA3nFA/YwljJkN2LOnjxiMkYSzvC3E3zWSHrwMD8ab2/Yz9HnaDgU"
    "PA58EQ+HbMIVSyaC3fIgFQpvxL8CrhIW+lGaCMajEZtNJN0Zi6mME4E/+N6kz5SE23nC+O"
    "doJG59T+g/Az5W7EpMfCD1FYtkwhJ+IyJ2De/CmTfh0ViwK+7dsETSx+jn6q9OI/+fqRgk"
    "cizgtxi+/bff4WcYTHwRKvtzejO49kUwqggYeTKAz8Zh6OoAOYZX3kXJX+h2ZOvVwJNBGk"
    "aLJNN5MpFRTuNHCf46FpGIOXx1SeRRGgRmkmQ/6deGH5I4Ffn7joofRuKapwFOHKTW71H8"
    "1hsMPn66HFy8vRwMekuTKqMoTQjzkycjnJDwropYMcZX+Ob06fOXz7979uL5d3ALvWb+y8"
    "s/9aML/mhC4tLHy96fdB1mk76DGF5wGCeRJYfLJNvhcPZDweJiKa7P496TM7N+FtfeLlld"
    "sJaYssTWS/Glga/Z/Qs8hVd0h6et5+0KTl2+/fsljhwq9c8Af/j4P+c/f//j+c8PP5z//R"
    "FdmZsr7z99/CG7XcIurXfxj9+///R6gdl/KHg/C2Zn97vM7B5u3eJWgDaAvdpPmIcf6yT7"
    "c4YNUrUshtf+uHE3WaR0ekeZTUDpoVS04tRqDjQiaVs2AymFfNRSRGa7+Y/T02fPXp4+ef"
    "biu2+fv3z57XdP8n1n+dKqDej1ux9wD6qIanlTmkpL+RgCp8UC7+jjvyvmjrZKXJZFZn0N"
    "rmrU73kc83mDAq7SLYgm8JVLstF2pNKG5ITfisLoLJbOxpsaMPe33xfYa4ziZdb+9eLTx3"
    "rOlkgWuDryvYT9mznG3EjMBEz1az9WCZp1YNODFQ/ugw8+Q6oe9dnVHH43tjzYbOr3P3/f"
    "mNnIv9UaZFFZ9GmNJuOYRqEBUIOg3X99U7JL8Qd0I2Y8Hg2WrshT2XTv8qXwNFz8hUd8TL"
    "zHL8bvM/7j93qnqPEsv8/3kJU+pd5qVDt38kKG4AcB68ETY2CfiEjh1qUSGcOa0EONTtiv"
    "sZ/ANRAg83HwpM/g0QLXDfwUwz8iHHHZr9zB+Bt4cIfVNy64bntRKs0OXj4DlsUAsztu2A"
    "fLRC6byO2FEfIvg0BE42QCf754voLP2Wb24vniXmaunNKlqrI5RKTCTOadKxkgOaOgT8Tj"
    "WM5Qc0vGKWB1GM9a6zNLdleJHGb4nmNDh40FHSFLXbFqZBQJzzBg2bIprt5p3eS3trRwML"
    "JdEGXxbb3+6uPgjXfr8HYsYHKoZDjE6DM6eCrxvRu0Uuj3V2w4NNMMRoC7MMQ9HEYy8gT8"
    "hV9OVDxSMxFj8FuJz5HCuIpKYGriqMY88iMgrHzzAKe4Gg775NozcGKGQ7BRhsMT9pZ7Ez"
    "byeQB3UjjdTxSTM3jlEsvOYKc09nfI57hp0vfRS8HTlLiF9w7ygDk7Z/i9Kg1RAvD2FE1P"
    "k8C/FRiDB6Z9jsCDCrinLTUOGzPYZDgAPh7HxUcG8F0xEeNTr+DF1Y3euMcYoWczP5kQAX"
    "1ek5X328KuaT62pxdONPBHvd/bWoIlltbuMauMwmXauzcbs7N05uFK8/BQqtQ5+3DLujRb"
    "HktMbQ5Jl0jWMrn3ag76CYU7s52oDxsZRnbMvuVmkLq0e7V1hEokR+gGPW3hBT1tdIKeLv"
    "pAXiyIE0v8fQM/J34oGuZ9QbYYdDN0J9k/7iHHV03ydx/eXlyef/ipMtPfnF++xSunlVme"
    "/frwxYI88kHYr+8uf2T4J/vfTx/fLsbc8vsu/7eH78TTRA4iORvwUZkn2c/ZTxUBY1x9AB"
    "aMtYgrhJ2QnRayMarrDDTw/xuPJHKiBfFezRMdGT0ekb42Ie1cmrAlvn738fznf9Rrp9c1"
    "IfDX/7h8e15/iFobq2txhFofrrvX5tieD+TIY7TjfU7Ssb07k74/LBdT6U3smJ6TdGxfm+"
    "1JGlvu7RnF/pj+5Kg4PoNPlbPa/aXZmikRrWnN7MkXx3QEZt62z27ENKGU3CyoOJPxjYjV"
    "xt74rgyeRAY1rsQqyWQUbosF8xvO2ETOYLi4OINXOv8l+wYnRQJvcO2PLddLieg+CEZcX2"
    "Mw+ZbOHfDFs+A5xcIxZwbGDq/anm4eQEr0opbHdHs2mSzVSA9XS8ijOUYW6SwlYjXnMO0k"
    "svWD0XJcc2FZSBkIHjV5xSW6xZUBhLviff6LBf9x/nuBj4diVEMib2DTajov0sdLmy+PT5"
    "/eV5bH63eLYdxfPrx+mwUh4SY/adDzo1hOp3WBqVXGVYnI3YWBFiCuBirRMeyfidhkuZqc"
    "Lat1sQcTzLkz8J+Bb72V5+B0R7/1WXixH919IH5OYtMpsHgQbdYZVXGVjr5x3V0JgYfCUd"
    "KnU2zYFZdPzDcfboOEvn0f43ZpfmdfeR3Xwc5wjz8e2zMFEyYzxhR7YvFEwP1QjFgoY6dL"
    "KLQBbzHpCwKn5aKVPZ6GBX4Eqt4PwSzGHRwPWnzMVDKZS/oYnnKZ0EQ7jH0cCvSWLJ3GEp"
    "HbTiMWS+dMDvj/+cHcWcfwCAOMvdz2pcI7cBNRGLRLzXQNg8sbVB5rsNijKjQOZ9X2dJQk"
    "i54shlUYD2U01hZqESDa/+6UThNptyYyCpd5n9U8vmI6IQvWBAYbDfyDV0nvdXVxYMB6YC"
    "+eCpm7+1a5KrWirXWcPtbupquy8dVgFFrGu3Ka9WJde9PnXMsBA/E68Zonh45lORIweUOZ"
    "vX8Tc/1hC8GS0tX+HYGSIkW4ZYzk1yyaMZGhUCK+BcVCSl5xf6RjG3rMBwrT2r9B25gsYh"
    "gvIOgZfNZysGSL424QNXEmzdqFUMnOwGxAfgOUXz7t2nsjS6RO+yQuZ7Fl68Y8zkoKy7Sd"
    "GNYUAw/GEtyjSd054QpsiSrZHqElev95nUY6cH2V+kHiR+oEn/dfPUv1Dlt67i7GhJ8T6/"
    "OSbGVvXJiwhDRxH9FvbK3ZReib+wB2M5LpVXKdBpZmbJnM8VNb7eulwGWq86P8EgPxcLZo"
    "9YQpWD1ZJeCh7d3KVpW9kE1JQU60hXKCvTkesISMD6jLMdEQ3XxLum8VBseY77uIQeXH9w"
    "WFCpUswqLegLgCMRrbJlHU07uryNIpZrXMyDhQsDsuHpmbYm1KrSwB+7gkPqeCBe+BUb9M"
    "cbftNYYMSvf02wUOkP2DlEhaBhAuQdsZPKxlEWawAgmPwXkn6JI+ozMdDYFUQA48UGwqg0"
    "DEy6GEnTyhw1a6v0kXhOBjV+RdIjmKguK913Dr7cGO6RWiju1rsF3vaoM1JvwyZSeA9QVA"
    "50jL7L8IeRA0H/Ev0DptRz/N/Nc+O2WBuG7pHxmF8Oz05YtcBeAfqzb9iw/n7987ZVG9Rb"
    "DnOjNKX7jLdiKsaAuQJrr/hL3GoGpuxkTBXCNAjrhXjzDZnlTDNxFcEjUOgK81lncBbU0N"
    "Ba7kaA52EVhXij0kOFOm5pFXNDroU3uBb679IHh0goPKeKQHxdQDAiHBJGmdIiJDGCtLnt"
    "IH5FQXpfnD0FOJyDajU1l8bZ0eC/d8jhKEh9KpcAithECaV2lCroJ5y4mPaFFz8hYeDofm"
    "z+HwFYGgDIdGZrjlqZMfs6uPNjX36O3tk24rZJ3p1+XbblsSW0vU2as/49gJ0WFiP7CJ2n"
    "HcEHQcX5fjRllYnkiUqBw/kLj1lQ+P1LYAxdlQm+p4B7uKZTqegMo/eLpNf0mv1nk1q46q"
    "y1RuQ9700CpBa+r22WOCuXycvbs6mTqcyjzv2ufszb0kS7jenmnmeIXIYchCZ7muHaUao6"
    "eZ5yWSjuP2HJ/G4nZwxZM68JtmplepOr5vqz3XKv3a0KDLNd1axDGw/EqmCcUj0kj542gb"
    "WRY7Uq7lF2wvkzKV04l5OsdbXueCIOBweHQWBornGMtxSjyOhCD/YrLwLkRtILJ8uX9HOD"
    "JL6GtdJa9EkrXwwsDLFVd4WJoP0ze9Sym5DzbrDDSdooDUjLQOX357w24Qu4tM577qWmvG"
    "Hc7u344xe9h43U46r6xANPfHtfClq0Cex/XYpU75Dr2J+MIufjz/5vTbF0WSEU7YlickO+"
    "6AA1tB4K+Rx1eQdcDAzqXtOaKUfuDTOmWEP9+lhMZ82lL/vNWnQzwWLPSVooMfEcgZM4dN"
    "2GaEYJGGQzaF91S64zUW8ulc8z5ZF8Nh1thpOFzWRrt6yAa6yYmjDBeOlHZXl7TPMLtrW+"
    "CBkFZxDVmFDzOCzr23d+8P0f3O0Xl+DK3DTM5Cncr9sTiJWql2SydWLWt/MUHW4wG1wnoc"
    "CqVI+42xogUv4Xw5YzIYiTyPo5QckhSpuZQ90lAHvN1nYHbLOfMmaXTDxlJg/XCuqHWTL8"
    "LHwD5dApQ21v/rUXSCS36rafGOncXQNx2QIdD/HBkq7ZlmuShFr7Ic/w1fm8p/lBAn7CMl"
    "01DOyuJF/AFbn5lvuxIep35kiN9xws6nUwFLZ0Rnd6/0d2kGmBZj5dcjC8aAD25qgDixex"
    "y1AeKEiXcE+3NZ52Vrwc6yK1O5zFY0QTW0T7FDFYCTemuYxsITbleAFjjOLad9QeC0dJ6Q"
    "F1jSSCQSK0ncz7StvZfzIVYMKeAMao+U7yv25KyaturyKijygqtCWoEDUJDsEQNgDTnpne"
    "ndG6U7EO4wzQWPaZYq/1XC45pY88qcidj9UDM5w3q/r9Qr46bTHmZy315oZGLhbWWR3e+w"
    "x59JogzDniG+gWQ8HmFfdrrmpkxG4AfVaIfV8AvRvgHz1zv4j4UuXtCOmXYbq04ZOmsTOd"
    "tcNseBLvY3LLzQFcG9mthC+XK/VZmwRa2Lqdg1VboonfrClob7aptjl73QosawdUfstUDB"
    "ajNOa2yne9L+emcurxNBhSNzebvi273pUEd27J98Ub9X6wt37dJTvKt1+g/drQOOGSK9Lh"
    "8YDpUfecIUEYLBYyKgc5GcMUr1ImwjvHKFCAxoMmEx4MyvTwjazYMoHFwMiA1zMNFMdzVK"
    "5DdGs+RhZ3iEAbDGMTSrTtg7HXGZxhL+VExEI4WR4GSGOBLJTObZSXiX4mEO3g/DXYvEm8"
    "Dr8jHMVZ3WRBHf4pkYtcWiWibTZNOwbX3FRLPbf2Sa68AFiM4gii5vxvfPjCg59H5tC+AV"
    "Dr1f3wDYKdVGacolp77U86Nw7rVvifmx4TTZPGCyG3eSUvUsUUVLRI5nkz99weiVcJMX3J"
    "tkG3efnJErAY7mSJ8u0ma9qYiOMH35J6o0rLVY9JU7TRa6zQJzKp3CXYKHVOSY+Y16oy16"
    "gPqIc5AlGksWpxECF9RDTG06YAdT7YROaVbde9YxX3luEvXpG4xSa9icCqG7eIZPjWdSJI"
    "ZohEOaNIRREkndNvIVOz0r5Z9osFgZ2h3grouw85XhJTvpTZQyUmdR3bF48xaUE3RbkP0W"
    "FAjM+ogs29yUqbp5via4LVeEPWddllIh7ApTusKUenfjZ+EJYH6vxt/ILt3lcMT6vpYexy"
    "8l9OLsgIqUPHgMI5Oqij48B0VPP5nkzl9NpPFqznyENE4oy3PZAdnB+F1pisO+SAdhewAM"
    "Cv+2FsVzZVZEicrtxIjwBPeFk9L7ugL0pHcsW/zaMpHL871HYdszOpyiqgX95m7GcU1OjM"
    "X8NxSOw5+ZWd9HFUntBUEfUrwW3acc+P0sz96l30lVurRQmhHRmtfJCjw0p5aJs2qh/lRj"
    "ReNm95Ooyw1vcC/qs1D1sxa1OnNX8bZNuQ7jQN7HUNW6krpn3b2Ou+7AVN443ETIFRccHL"
    "5enf8tdYPl1c43xsXbed6YHEreL565EYSUzvulA3VqgsQULh0CEveDBPFO5+0d7+0Or0tT"
    "abzEHA5o1HPCZaXKU45pR7d+QknMnKkkvTpjw+EErd0cXB153TnxrjvxxC47c61E0llra1"
    "hrsECVX49p2KyASkT3TwlhrqJ4ZXYZbJYNt4ewL/keC6RnV3vYWQo7tRT0T7B9x3Lmslxi"
    "oUQysJZOhez+yWjMp2dMEeQDAgzCDTxg/Dppm9B1IOB6YxfYiapM5XDTgGq1uympDvxb46"
    "W6LBeYTfZiKRHdG6nopBWDlYKrpSyrsUaCc1VI2LZIrLF8qnQuiyqQJActMTw3N7B25H04"
    "Lp2vLcZThozIIz39HBuXea7bc/VouisKvTdB0/3Kc5d44HOrDgU5QcftNbh9C4vQKjGvoO"
    "j4vV5ysOaYBcsrRB3X1+R6YwTlDsY3B1E63rfgvYi8eD5Nals/rDp/r9C5fQq/Dd5v8TR9"
    "GosR1vYqabWxL5B1c32NrlapZ8/3ClHH9TV6/Ui/trNMoxdVEBxNmvvW6pH1EZ0NN0sUHT"
    "uXo5ixFJblwwWN49XDf7349BFxiShn+90b8Oh9NQ34nOHX95n2FH7vs5OTE/hfBLOQKmEv"
    "2nn6eyojruK5zWo7uawSVkFzL4S1hFmo39/lvpz4//ZnNmUql6Nkjtcz6TVsz/4qXSeAtQ"
    "XgyRSeby+AKl0ngLUFEAoEaFbA2nCK6POWbmwdeefNWnizdKJr3V2lSuWwV2UAV82Zo8HI"
    "oUOsrHl56QSFDiPPDBwY9WrgkaPAOaYfx2Dij0Z1omvTfr5E7PaS6SkZmrYWipmXN0gIKC"
    "mQb9amPpEM24GYXWFzm+soYFoxc/YCe3v3GtJq9cV+i9zagcpvbZVge8uDNAdfJVp2I+Z9"
    "k7HK8nwalFvx10P8gDPmpXEMC/JRfXLt9obeIBdWV8nUJsOush4qZMeTEHtgCD0nEpPdMO"
    "K2FmCxPUvb6BjNNWbuPb6Nu1j9DF7ZgSBpQuvq2N6G7agx7D3AMpXLW0fvyRkDUzCOxKhP"
    "BpPOKW5ZSHyobo/28ihoHM6rc1KjVoCNcJ7YM3+B0OX14KAIHPITLudTzZNaR8FcvctTSI"
    "rbWvSKlFiYpkkQONtg0kRy1qc/I/bLx/effvjh7RtGz6hrBWk7BJbTfcLKOYLmphp+HRRQ"
    "U3mTpSbDkBOY1rBrplHiB1j4jOjdfdxNb4Uues7gczJnlOhhcPJVCRWAY7upQJxpiFdFrR"
    "sDPjZo3vqVZzINRuw68L2b5vYUXXmeK+V5h0JV3VPETEPnm1WRLYKsSRGP5uBvP7Cr8d9e"
    "azoeY3WNZbirROV4nAu3FGI3IyabpkPjSMYCy4VDgQ3q+mwq4gmfKmpVoMvCdGm0KzHlP5"
    "RdHmB2v8veSy/HuHAzIKybF1qujILIbQwqXwOLaB2tX7rQ+C7NfH1sYDP3CwqnT1GqTWNB"
    "HomUN9p8Cjg1X3FzWWj22js0VTpnE68WKlJ1S3RQHG4ijHzNRVpUKryAxtNn4p8pD9CBAO"
    "fBZWl9bRX3rsnCkQjBhUjOlT+qPUjMr/XviA5gsT/P77wzQHABZq/pyIkoiMPhY0ywGw4r"
    "h/ng4oOGFRFWkjCP3Gl0x7GjF8PWWTdimrnjsAYDXgPYs6Pn6FADRgpmaLLgYSVYD2EfAR"
    "0Xe4ihkdM3YL2kcfNHAeUojZGJr3QgYeYrHOhzhGA/QZDv/QydnWortAnXjX4R1ve1TGEN"
    "EYyhEhHW9mIYQr9F1z/M9Thhf0VQIp8ry0L4fsLjhnPoMpHL3ld7YYT8yyAQ0TiZwJ8vnq"
    "/gc2Zdvni+gHWe2Z2ndKm2ZebhO+os83kLc74a+8kypHw702R7vdtoh7I6C80pXHamsMET"
    "9XuiXJUsskaxH9BBSsS3W+gFthNv6msz2ks99VxHz0SjwmapZPe7vOtT2CEzaAp5EOQs1l"
    "uwhxq97DF+jDqZzh+5uWxEHNvVLOYETktnNpm/ovMs03kqSjBA5EetFca+5eDFgtcW363u"
    "HVMiO8LOMT1EcsbDUKMAVwnFoU4yRle72kjmYso98f3EX/CRlq/27/KW8daBh/fGOlfbAt"
    "pW+6yMxqCqQUUYdQkGCGFAgrUf+aM1UG03HTkDtJ3lnbpveeAblFr6LJaIIFDaGY9FKOH6"
    "K/gH7jHoEQOvBHZWBUMqgMXWHZuvVKIkp31a8c2OqpdN+7bKMCdwWhnSqnj3xk3FR2vL8m"
    "wwp3H6aNCxairX4uTb2D+6MLm18qd+z9/LMPSTWvVfvn6nAUA3Y4Ej3G2Bba8JYPKwcSzT"
    "qc43o3Q3LU6VneKesPPpVFBYGFUzpruNDBqnfjbhQdfbArt4yAZKnLo82ievlqjc1eP3LB"
    "5NOZRrZNWXyVwOEjkpjlLIYSq9iR3rc5KO7fdX6bwlITbqnLeZjNuoHJoQFhoHyRJvktkJ"
    "Zl+f+TCbUnQWvZir/GqGTluvV9YbSjuVkZgxenWsCo0TdCdjxq+kRv8u+rAIhg3d8MzU45"
    "GOYYFRQxoqTfpMyc9RqXA0QloWgrmsWDKTjEZRr8BxzdSH9l2L09tsdNJ6GxeaHnw9dzqt"
    "02kHrk46jHW3p1NBJNG1Ijr3g3YwzBiZ6rCfq1LB97OPqRdUXUi9C6lbGDh/EZEnmg0cfb"
    "mlgXOd39wypD7DUHduPcAU1su0baHaOoOgTfOTluHFf79n2BTY12FvzEAjMygWnkTDps+m"
    "sQwlmSvoiIPUEYMOAW3oscZ4mfDkc1Q46PkBHgGppNE3Ez6lxalL1HjJngpThXgrTC/ezq"
    "S5Nzp0hUkTyLqj6ZXmTEbibla8jk6qvG+Wnr4G0wmWDof/G4Nt7ppedWSnveQ3AneUum02"
    "v3bXHpuYGy0cSCCh/NvbokvQDxI3tS/zB0rvh+Bx6brbGXmD9MeYzudhaxoOsxNE7TTCr/"
    "Wb8C4ehBv1Bz4S+vYZno9i3hCyIaIn0QaPDiFwIlLADPjyExgKPN0Ui+eHw7OsuTJm9M6y"
    "g1MQKQw+HI5iCRsz3Za5l/pN8+mMTqs+mU3IC8WGnxIGnOtBNtyv606Qvpbk3p2dhtL0sD"
    "Wec6LOdnbddq62R9QL3VbcZbotSNwxpJN7IuCMJyslbLZoWwGXyDr5Oi1fSuSvCUDdkfp/"
    "dJG/7eHLIV6KDUMLgo6ftXDKVElmGSMtU7nM1t5SyZwdEMm+A9a+Smyj1RmJ02IwMsCXNZ"
    "lATsthJDw/hO8epNNE2sljidRpuZRrSjXwtYZrABcRXEDwCKMUgZGZRq9n6RTRcSlCksUD"
    "XROjKxER+Ya4+kHvOr26wMjCLf274iNyYOoCy1tZy0DJ4jZoKo81UBlGB7zAp8bK3g3YMo"
    "EYjSlm3BAN2WS0DQIK5TlnlTGZUx1NfOHAUWDEmRrUxXeas7JLJC7nZW/FTdlFSrZZ+3ZM"
    "rxB1bF+nFI+Q14lnFnyvUnWMXwfbet/F3F87w8PCDmnL8RJJx/I1WG5sIUsA9yqV28AFVP"
    "QHb8piAU/SILloE2J9XzvXYd8ygZcdTLiqTTRobjtYplqz8eCeZHLx4/k3p9++yPDf+gT1"
    "gzY7PWdjmeyq66A+/lwWygU420Fz2zuvveV/qNyDJxqgqc+eZoukz04xxdgT8CLWPvaz05"
    "cvcl8A/1hl/V98OH//vhZIpa7t5qrqv4zEccBcnm9EpiDZeKp4iD72b9tmTn6dxYGbz3WT"
    "l5+55GfA9xuh+jrxQLdWy5vEueQLOxNVQt7UxpIM0+6IIGVHIe2iRpwaoWuJ9JmIvHg+hf"
    "lzwi41jCvCSVPQEMVH5Q6UPziqjxptNNoGUaN6Zd6Mcdagxte0aHdSoT8RX1hFj9stm51A"
    "nrkHf7+fcufDnoTa+A2btd/82n01KgtRwj75qkJ4hAlYx5Sv0QE+HaGAXTHeiizeWhOudP"
    "lOQ+5LWzPu3GD1PlAZSCd2HoIxwdcB20qf5WI4hiLWfZ2LLONS5Wwp+Zj5NabdTp6wgbnn"
    "jLXhwjHhztKQ3elj60Y+1r77HX6JLE8CCwqHA8bOGn/uR2KObop3ptjxFzs4Ypn9oupL1+"
    "j3u2wxzGuxiKkF0uMB9WnrF3Vi3KMEOwIm0YFpSutkkWgKpq03zAZmFaXv2BlVXUlXO1uq"
    "MZmqOUa59WSqwzK4EpA8/fbbFhFJuKsxJEnX7psCtzxKcVx7j/xYeDVniOdxzBuO0AuSBa"
    "bjJuaOribgVkUQxiMs0A1Pihff2HD97fdaPlp3T6iQOTuHs74JoKgyLt6P1gnUYLVmw14x"
    "u0s0bk9vsmfwVCk8Me9MJs4ge83tz/HiMXaTvErn7Cx3cKd2yO7GLvG9Btv7Z9Om+E77e0"
    "B7cnsjHGkeKBYLnV+DRS3SANWfsE8EVoP482hTm1sxgGnCm81A95sPi5gQw+Ef0odbBzJG"
    "zIgThHwIxHVi/ibIQI3YoNs9Ix6PEiI7CManISYFOLiBj8iIfuSJz5EGYiYwChwecQhvfe"
    "UDH824OAx4l96EXacxegeEAVGCJyy9Mja6Q7R+Qvz5DJMYe+3SZs4j0Im3fkKQGabnfdbw"
    "lZrh8Tjw6Wifz/HDrmU8lghbob8MmUCmJ93+OQoFlh+piT/VagJDywSPeMZUCq/KdXMBn1"
    "pbR5L8HQ1DFMm8N59unZTIYKSb62GDgMaB4Z1gWV77Mah3A9Ko8q/LeY4t8jwZ6h5++Dhs"
    "zISiA39YZOCOMAOICpscwNik2ggLOyGkx6wrH7zUO3pJHFS/gwGeyR/nwdpgKIh++bvqpK"
    "0RRvxYnS1NJEyroH0H33c4xKmr4UHo4wv8EXq5a43DrKP39A48gLn8OXoIlCD922ePKTvj"
    "cSzCiEfJyXQ+HD46YRdSf4npw7DIZv15iFvFJjIQZwYOBbdxmKLZR+gys8qsH0mhU4TGuK"
    "b0m+nxDuDYlkm6s4I7/VsnOmUcOnC35eQP9/3ZNUzPFY0DcmSuWM5cdg2KDc8mnFOlOor0"
    "nIUkszY5Zs0pZovRnFzL2q2BCtl9XgnV+eLqWvjamj+aZu1XAgw03dWiZP7ch7hGYS7aia"
    "tK5zBmsoOueKXrUuGQ2QlggbCTwLoSyDwOO/aXqTrer33gn7vd1gJYInVYCr1IsjGfmgYT"
    "ZNPCf/IvcFk/VAIj60rI9YO1nonZkMbOX5tN0QLjKDmXJWQ0sS2IVIXMXcnI2B/70UA3PI"
    "e3zaxjfH2XpaLNwMEfqh66prmqeIHQ7cJiDAwHAoHhJcaOi4RfjPRtfHK0q7riLAxqJ5gy"
    "ldtSMdF4EMlNJL0bjT19BjsZ9UPneGDprGwimfjXvkeHKQNKbbIIIdYTO7u5HSySOPHHkw"
    "D+m1hzuIayY+8ie9MIUzbtDaYq3dHwdc+a13DRNv5UIet4v2aNAh/XsH1FikxG4HR+zLZK"
    "FJayYPDrrSdqiaibputN0zwDoYbzqwBPKnRuo55sY85uEdYETNCw5nhs1TzPSZyd5cUxQC"
    "noD+a1f4uNsUI/gG1MALtH6pVBt4BHBs6hIDuSGfarjG/qazLMlf4dWWEzuq11kWycRhFm"
    "1UxjqUFKKCeVz0sJWsoUWmA2z0TwOLkSvAYfd8OxNkhkmeWcaXvsXFAcXRHB7lFNqFewfX"
    "1aiewI69PuST1axpOVWBC4Jm2lm9F0onVOtI5otnMR+/UN182VlZqNF/fcpdWaBdu1dHMr"
    "PxJ7HtZiWzZr7hLJEWaL7aQCEBeVBYfN7UfI3adPnrTgLtzVyF26tnQ0nNSChuIxQ+ORcF"
    "IPGjryvYT9mx1f4AeZUdGRS9gUizAUC8oPB3h9aDftz/8HeIPP7g=="
)
