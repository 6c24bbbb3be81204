"""A dialect of tests whose clients keep rooms that they are not shown, and say everything anew
with each request. Its requests read like those of MSC3575."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import msgspec

from syncv3.dialects.msc3575.dialect import MSC3575
from syncv3.dialects.msc3575.manners import Manners3575
from syncv3.dialects.msc3575.perspective import Seen3575
from syncv3.dialects.msc3575.required_state import RequiredState
from syncv3.engine.facts import JOIN, Facts
from syncv3.engine.rooms import Built
from syncv3.engine.sending import Fields, LastWords, Latest, Send, Since, StateSent, Wait
from syncv3.engine.view import Sent
from syncv3.protocol.request import CompleteRequest, Request, RoomConfig
from syncv3.types import UserID


def read_config(stored: bytes) -> RoomConfig:
    limit, *sources = json.loads(stored)
    state = tuple(RequiredState(tuple(map(tuple, entries)), lazy) for entries, lazy in sources)
    return RoomConfig(limit, state)


def write_config(config: RoomConfig) -> bytes:
    sources = [(s.entries, s.lazy_members) for s in config.required_state]  # type: ignore[attr-defined]
    return json.dumps([config.timeline_limit, *sources]).encode()


@dataclass(frozen=True, slots=True)
class KeepingManners(Manners3575):
    """A room that is shown again is sent what happened since."""

    shortest_wait_s: float = 0.0
    keeps_unshown: bool = True

    def decide(
        self, facts: Facts, sent: Sent | None, asked: RoomConfig | None
    ) -> Send | Wait | None:
        if asked is None:
            ended = facts.membership != JOIN and facts.rejoined and (sent or facts.unsure)
            return Send(timeline=LastWords(facts.bound)) if ended else None
        if sent is None or facts.rejoined or facts.overflow or sent.config != asked:
            return Send(
                asked, initial=sent is None or facts.rejoined, state=StateSent.ALL,
                fields=Fields.ALL, timeline=Latest(asked.timeline_limit), live_after=facts.position,
            )  # fmt: skip
        if not (facts.changed or sent.upto is not None):
            return None
        return Send(
            asked, timeline=Since(facts.bound), state=StateSent.IN_TIMELINE, fields=Fields.CHANGED,
            fields_after=facts.bound,
        )  # fmt: skip

    def after(
        self,
        facts: Facts,
        sent: Sent | None,
        asked: RoomConfig | None,
        built: Built | None,
        *,
        held: bool,
        generation: int,
    ) -> Sent | None:
        if asked is None:
            if sent is None or facts.membership != JOIN:
                return None
            return (
                sent if sent.upto is not None else msgspec.structs.replace(sent, upto=facts.bound)
            )
        if sent is not None and sent.config == asked and sent.upto is None and not facts.rejoined:
            return sent
        return Sent(asked.number, generation, asked)


@dataclass(frozen=True, slots=True)
class Keeping:
    """See ``syncv3.engine.dialect.Dialect``."""

    extensions: frozenset[str] = frozenset()
    tag: ClassVar[str] = "k"
    manners: ClassVar[KeepingManners] = KeepingManners()
    perspective: ClassVar[Seen3575] = Seen3575()

    def read(self, raw: bytes, query: Mapping[str, str]) -> Request:
        return MSC3575(self.extensions).read(raw, query)

    def ask(
        self, request: Request, previous: CompleteRequest | None, *, me: UserID
    ) -> CompleteRequest:
        return replace(MSC3575(self.extensions).ask(request, None, me=me), sticky=b"")

    def restore(self, sticky: bytes, *, me: UserID) -> CompleteRequest:
        assert sticky == b""
        return CompleteRequest()

    def write_config(self, config: RoomConfig) -> bytes:
        return write_config(config)

    def read_config(self, stored: bytes) -> RoomConfig:
        return read_config(stored)
