"""Position tokens: what is signed comes back, and nothing else is believed."""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import replace
from typing import TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncv3.errors import UnknownPosition
from syncv3.protocol.pos import (
    FAST_KEY_LABEL,
    FIELDS,
    MAC_BYTES,
    MAX_HELD,
    PosToken,
    Signer,
    SigningKeys,
)
from syncv3.types import DeviceID, UserID


class Owner(TypedDict):
    user_id: UserID
    device_id: DeviceID
    conn_id: str


SIGNER = Signer(SigningKeys.of(b"a secret of the deployment"))
ALICE = Owner(user_id=UserID("@alice:hs"), device_id=DeviceID("PHONE"), conn_id="room-list")


def signer(secret: bytes, *old_secrets: bytes) -> Signer:
    return Signer(SigningKeys.of(secret, old_secrets))


NUMBERS = st.integers(0, 2**63 - 1)
TOKENS = st.builds(
    PosToken,
    dialect=st.sampled_from("3s4"),
    connection=NUMBERS,
    generation=NUMBERS,
    nonce=st.integers(0, 2**32 - 1),
    base_generation=NUMBERS,
    position=NUMBERS,
    base_position=NUMBERS,
    epoch=NUMBERS,
    held=st.lists(st.tuples(NUMBERS, NUMBERS), max_size=MAX_HELD).map(tuple),
)
TOKEN = PosToken("3", 17, 4, 0xDEADBEEF, 3, 1_000, 990, 1)


def is_unknown(text: str, owner: Owner = ALICE, signer: Signer = SIGNER) -> bool:
    try:
        signer.read(text, **owner)
    except UnknownPosition:
        return True
    return False


@pytest.mark.rules("P-0", "P-1")
@given(TOKENS)
def test_a_token_comes_back_to_its_owner(token: PosToken) -> None:
    assert SIGNER.read(SIGNER.sign(token, **ALICE), **ALICE) == token


@pytest.mark.rules("P-1")
@given(TOKENS)
def test_a_token_without_held_rooms_is_short_and_fits_into_a_url(token: PosToken) -> None:
    text = SIGNER.sign(replace(token, held=()), **ALICE)
    assert len(text) <= 120
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.rules("P-0", "X-9")
@pytest.mark.parametrize(
    "other",
    [
        pytest.param(ALICE | {"user_id": UserID("@mallory:hs")}, id="user"),
        pytest.param(ALICE | {"device_id": DeviceID("LAPTOP")}, id="device"),
        pytest.param(ALICE | {"conn_id": ""}, id="conn_id"),
        pytest.param(
            Owner(user_id=UserID("@alice:hsP"), device_id=DeviceID("HONE"), conn_id="room-list"),
            id="same letters cut elsewhere",
        ),
    ],
)
def test_a_token_is_no_good_for_others(other: Owner) -> None:
    assert is_unknown(SIGNER.sign(TOKEN, **ALICE), other)


names = st.text(max_size=6)


@pytest.mark.rules("X-9")
@given(names, names, names, names, names, names)
def test_only_equal_owners_share_tokens(a: str, b: str, c: str, d: str, e: str, f: str) -> None:
    first = Owner(user_id=UserID(a), device_id=DeviceID(b), conn_id=c)
    second = Owner(user_id=UserID(d), device_id=DeviceID(e), conn_id=f)
    assert is_unknown(SIGNER.sign(TOKEN, **first), second) == (first != second)


@pytest.mark.rules("P-0", "Z-2")
@given(TOKENS, st.data())
def test_one_changed_bit_makes_a_token_unknown(token: PosToken, data: st.DataObject) -> None:
    text = bytearray(SIGNER.sign(token, **ALICE).encode())
    at = data.draw(st.integers(0, len(text) - 1))
    text[at] ^= 1 << data.draw(st.integers(0, 6))
    assert is_unknown(text.decode())


@pytest.mark.rules("P-0", "Z-2")
@given(TOKENS, st.data())
def test_a_shortened_or_lengthened_token_is_unknown(token: PosToken, data: st.DataObject) -> None:
    text = SIGNER.sign(token, **ALICE)
    at = data.draw(st.integers(0, len(text) - 1))
    more = data.draw(st.text(min_size=1, max_size=5))
    assert is_unknown(text[:at])
    assert is_unknown(text + more)
    assert is_unknown(more + text)
    assert is_unknown(text[:at] + more + text[at:])


@pytest.mark.rules("H-30", "P-2", "Z-2")
@given(
    st.text() | st.integers().map(str) | st.binary(max_size=500).map(lambda b: b.decode("latin1"))
)
@pytest.mark.parametrize("prefix", ["", "Mw"])
def test_anything_else_is_unknown(prefix: str, text: str) -> None:
    assert is_unknown(prefix + text)


@pytest.mark.rules("Z-2")
@given(st.binary(min_size=FIELDS.size + MAC_BYTES, max_size=400))
def test_well_formed_base64_is_not_enough(raw: bytes) -> None:
    assert is_unknown(urlsafe_b64encode(raw).rstrip(b"=").decode())


@pytest.mark.parametrize("text", ["\ud800", "x" * 10_000_000, "\x00", "=", "====", "A" * 87])
@pytest.mark.rules("Z-2")
def test_texts_that_break_decoders_are_just_unknown(text: str) -> None:
    assert is_unknown(text)


@pytest.mark.rules("P-0")
def test_a_token_survives_a_change_of_the_secret_while_the_old_one_is_named() -> None:
    text = signer(b"old").sign(TOKEN, **ALICE)
    assert signer(b"new", b"older", b"old").read(text, **ALICE) == TOKEN
    assert is_unknown(text, signer=signer(b"new"))


@pytest.mark.rules("P-0")
def test_new_tokens_are_signed_with_the_new_secret() -> None:
    text = signer(b"new", b"old").sign(TOKEN, **ALICE)
    assert signer(b"new").read(text, **ALICE) == TOKEN
    assert is_unknown(text, signer=signer(b"old"))


def before_the_upgrade(secret: bytes) -> Signer:
    """As earlier versions made it: the key is one HMAC away from the secret."""
    key = hmac.digest(secret, FAST_KEY_LABEL, "sha256")
    return Signer(SigningKeys(sign=key, read=(key,)))


@pytest.mark.rules("P-0")
def test_a_token_from_before_the_upgrade_goes_on() -> None:
    assert FAST_KEY_LABEL == b"syncv3 position token 1"
    text = before_the_upgrade(b"secret").sign(TOKEN, **ALICE)
    assert signer(b"secret").read(text, **ALICE) == TOKEN
    assert signer(b"new", b"secret").read(text, **ALICE) == TOKEN
    assert is_unknown(text, signer=signer(b"new"))


def test_new_tokens_do_not_give_their_secret_away_fast() -> None:
    """Whoever tries the fast key of the right secret is not told that it is right."""
    text = signer(b"secret").sign(TOKEN, **ALICE)
    assert is_unknown(text, signer=before_the_upgrade(b"secret"))


def test_keys_are_not_shown() -> None:
    assert repr(SigningKeys.of(b"secret")) == "SigningKeys()"
