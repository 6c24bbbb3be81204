"""The opaque position token: what a client hands back as ``pos`` (or ``next_pos``).

A token says which connection it belongs to, what that client had been sent and up to
which position. It is signed for its owner, so nobody can make one up, change one, or use
one for another user, device or ``conn_id``. It is not encrypted: nothing in it is secret.

A client holds tokens that were signed with the operator's secret, so it can try secrets at home
for as long as it likes. Each try costs it one run of scrypt, 16 MiB and about 50 ms: too much
for words out of a list, if the secret is not one of them. Earlier versions signed with a key that
is fast to make. Their tokens go on being read; whoever kept one can still try secrets fast.

Form: URL-safe base64 without padding of ``fields + MAC``. The fields have a fixed size
(87 characters in all); each held room adds 16 bytes. The MAC is HMAC-SHA-256 cut to 12
bytes, over the fields and the owner, each part with its length in front.
"""

import hashlib
import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from syncv3.errors import UnknownPosition
from syncv3.types import DeviceID, UserID

MAX_HELD = 16
MAC_BYTES = 12
KEY_LABEL: Final = b"syncv3 position token 2"  # another format of tokens needs another label
FAST_KEY_LABEL: Final = b"syncv3 position token 1"
SCRYPT: Final = {"n": 2**14, "r": 8, "p": 1, "dklen": 32, "maxmem": 32 * 1024 * 1024}

# dialect, connection, generation, nonce, base generation, position, base position, epoch
FIELDS = struct.Struct(">cQQIQQQQ")
HELD = struct.Struct(">QQ")
LENGTH = struct.Struct(">I")

MAX_TOKEN_CHARS = 4 * (FIELDS.size + MAX_HELD * HELD.size + MAC_BYTES + 2) // 3


@dataclass(frozen=True, slots=True)
class PosToken:
    """What one ``pos`` remembers.

    ``dialect`` is one ASCII character. ``connection`` is the connection's key;
    ``generation`` and ``nonce`` name the sent state that this answer left behind,
    ``base_generation`` and ``base_position`` the one it was made from. ``position`` is
    how far the client has been told (C), in ``epoch``. ``held`` has the rooms told only
    up to an earlier position: pairs of room key and that bound, at most ``MAX_HELD``.
    """

    dialect: str
    connection: int
    generation: int
    nonce: int  # 32 bits
    base_generation: int
    position: int
    base_position: int
    epoch: int
    held: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """What tokens are signed with, and what those are read with that were signed by it before.

    ``of`` takes about 50 ms for each secret: it is for the start.
    """

    sign: bytes = field(repr=False)
    read: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def of(cls, secret: bytes, old_secrets: Sequence[bytes] = ()) -> Self:
        """The keys of a secret, which also read what the old ones, and earlier versions, signed."""
        secrets = (secret, *old_secrets)
        slow = [hashlib.scrypt(each, salt=KEY_LABEL, **SCRYPT) for each in secrets]
        fast = [hmac.digest(each, FAST_KEY_LABEL, "sha256") for each in secrets]
        return cls(slow[0], (*slow, *fast))


class Signer:
    """Writes and reads tokens with these keys."""

    def __init__(self, keys: SigningKeys) -> None:
        self._keys = keys

    def sign(self, token: PosToken, *, user_id: UserID, device_id: DeviceID, conn_id: str) -> str:
        """The token as text, good for this owner only."""
        fields = _pack(token)
        mac = _mac(self._keys.sign, _signed(fields, user_id, device_id, conn_id))
        return urlsafe_b64encode(fields + mac).rstrip(b"=").decode()

    def read(self, text: str, *, user_id: UserID, device_id: DeviceID, conn_id: str) -> PosToken:
        """The token that ``sign`` made ``text`` from, for the same owner.

        Raises ``UnknownPosition`` for everything else, whatever it is.
        """
        raw = _decode(text)
        fields, mac = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
        signed = _signed(fields, user_id, device_id, conn_id)
        if not any([hmac.compare_digest(mac, _mac(key, signed)) for key in self._keys.read]):
            raise UnknownPosition("unknown position", "unreadable")
        return _unpack(fields)


def may_be_token(text: str) -> bool:
    """Whether a text has the form of a token, whoever's it may be: that costs nothing to see."""
    try:
        _decode(text)
    except UnknownPosition:
        return False
    return True


def _pack(token: PosToken) -> bytes:
    assert len(token.held) <= MAX_HELD, "more rooms are held than a token can carry"
    fields = FIELDS.pack(
        token.dialect.encode(),
        token.connection,
        token.generation,
        token.nonce,
        token.base_generation,
        token.position,
        token.base_position,
        token.epoch,
    )
    return fields + b"".join(HELD.pack(room, bound) for room, bound in token.held)


def _unpack(fields: bytes) -> PosToken:
    """The inverse of ``_pack``: only authentic fields come here."""
    dialect, connection, generation, nonce, *rest = FIELDS.unpack_from(fields)
    base_generation, position, base_position, epoch = rest
    return PosToken(
        dialect=dialect.decode(),
        connection=connection,
        generation=generation,
        nonce=nonce,
        base_generation=base_generation,
        position=position,
        base_position=base_position,
        epoch=epoch,
        held=tuple(HELD.iter_unpack(fields[FIELDS.size :])),
    )


def _decode(text: str) -> bytes:
    """The bytes of a token's text in the one form that ``sign`` writes."""
    if len(text) > MAX_TOKEN_CHARS or not text.isascii():
        raise UnknownPosition("unknown position", "unreadable")
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise UnknownPosition("unknown position", "unreadable") from error
    if len(raw) < FIELDS.size + MAC_BYTES or urlsafe_b64encode(raw).rstrip(b"=") != text.encode():
        raise UnknownPosition("unknown position", "unreadable")
    return raw


def _signed(fields: bytes, user_id: str, device_id: str, conn_id: str) -> bytes:
    """Everything the MAC covers; lengths keep ("ab", "c") apart from ("a", "bc")."""
    owner = [name.encode(errors="surrogatepass") for name in (user_id, device_id, conn_id)]
    return b"".join([LENGTH.pack(len(part)) + part for part in (fields, *owner)])


def _mac(key: bytes, message: bytes) -> bytes:
    """96 bits: a guess is right once in 2^96, and each one costs a request."""
    return hmac.digest(key, message, "sha256")[:MAC_BYTES]
