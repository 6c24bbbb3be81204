"""Access tokens at rest."""

import hashlib

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from syncv3.crypt import CannotDecrypt, TokenCipher, token_hash


@pytest.mark.rules("U-1")
def test_the_hash_is_hex_sha256() -> None:
    assert token_hash("syt_x") == hashlib.sha256(b"syt_x").hexdigest()


@pytest.mark.rules("U-6")
def test_the_format_is_the_one_that_other_software_wrote() -> None:
    nonce = bytes(range(12))
    sealed = AESGCM(hashlib.sha256(b"secret").digest()).encrypt(nonce, b"token", None)
    assert TokenCipher("secret").decrypt(f"{nonce.hex()} {sealed.hex()}") == ("token", True)


def test_each_ciphertext_is_different() -> None:
    cipher = TokenCipher("secret")
    assert cipher.encrypt("token") != cipher.encrypt("token")


@pytest.mark.rules("O-C7")
def test_old_secrets_still_open() -> None:
    stored = TokenCipher("old").encrypt("token")
    assert TokenCipher("new", ["older", "old"]).decrypt(stored) == ("token", False)


@pytest.mark.rules("U-7")
@pytest.mark.parametrize(
    "stored",
    ["", "zz zz", "00 00", "00", pytest.param(TokenCipher("x").encrypt("t"), id="another's")],
)
def test_what_cannot_be_opened_says_so(stored: str) -> None:
    with pytest.raises(CannotDecrypt):
        TokenCipher("secret").decrypt(stored)
