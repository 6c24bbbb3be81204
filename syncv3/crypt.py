"""Access tokens at rest: found again by their hash, readable only with the secret.

The formats (rules U-1 and U-6) are those of the Go proxy, so its database can be taken
over: the hash is hex SHA-256 of the token; the ciphertext is AES-256-GCM under SHA-256
of the secret with a random 12-byte nonce, stored as ``hex(nonce) hex(ciphertext+tag)``.
"""

import hashlib
import os
from collections.abc import Sequence
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class CannotDecrypt(Exception):
    """None of the known secrets opens this ciphertext, or it is not one (rule U-7)."""


class Opened(NamedTuple):
    """A decrypted token; ``current`` is false when an old secret was needed (O-C7)."""

    token: str
    current: bool


def token_hash(token: str) -> str:
    """What a token is stored and looked up by (rule U-1): 64 hexadecimal digits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


class TokenCipher:
    """Encrypts with ``secret``, decrypts with it or any of ``old_secrets``."""

    def __init__(self, secret: str, old_secrets: Sequence[str] = ()) -> None:
        secrets = (secret, *old_secrets)
        self._keys = [AESGCM(hashlib.sha256(one.encode()).digest()) for one in secrets]

    def encrypt(self, token: str) -> str:
        """The token as it is stored, another text each time (rule U-6)."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._keys[0].encrypt(nonce, token.encode(), None)
        return f"{nonce.hex()} {sealed.hex()}"

    def decrypt(self, stored: str) -> Opened:
        """The token in ``stored``; raises ``CannotDecrypt``."""
        try:
            nonce, sealed = (bytes.fromhex(half) for half in stored.split(" "))
        except ValueError as error:
            raise CannotDecrypt("not a stored token") from error
        if len(nonce) != _NONCE_BYTES:
            raise CannotDecrypt("not a stored token")
        # A wrong key never gives a wrong token: the ciphertext is authenticated.
        for number, key in enumerate(self._keys):
            try:
                return Opened(key.decrypt(nonce, sealed, None).decode(), current=number == 0)
            except InvalidTag:
                continue
        raise CannotDecrypt("no known secret opens it")
