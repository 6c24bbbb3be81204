"""What real clients have asked of the simplified dialect, as files in ``tests/clients/recorded``.

A line of a file is one request, in the order in which the clients sent them::

    {"device": 1, "path": "/_matrix/…/sync", "query": {"pos": "pos-1"}, "body": {…}, "ended": 200}

``ended`` is the status of the answer, or ``hung up`` when the client did not wait for it, or
``cut`` when the server went away. Tokens are numbered in the order of their appearance:
``pos-1`` twice is one ``pos`` sent twice. Devices are numbered too; user IDs and room IDs are
those of a test homeserver. Left out are requests that differ from the one before on their
connection in tokens only, when both were answered: of a client that waits for news, the first
request shows them all.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from tests.support.recorder import Exchange
from tests.support.room import JSON

FOLDER: Final = Path(__file__).resolve().parents[1] / "clients" / "recorded"


@dataclass(frozen=True, slots=True)
class Recorded:
    """One request, with what became of it."""

    device: int
    path: str
    query: dict[str, str]
    body: JSON
    ended: int | str


def write(name: str, exchanges: Iterable[Exchange]) -> None:
    """Replace the file of that name."""
    lines = without_repetition(without_tokens(exchanges))
    file = FOLDER / (re.sub(r"\W+", "_", name).strip("_") + ".jsonl")
    file.write_text("".join(json.dumps(asdict(line)) + "\n" for line in lines))


def read_all() -> dict[str, list[Recorded]]:
    """File name without its ending → its requests."""
    return {
        path.stem: [Recorded(**json.loads(line)) for line in path.read_text().splitlines()]
        for path in sorted(FOLDER.glob("*.jsonl"))
    }


def without_tokens(exchanges: Iterable[Exchange]) -> list[Recorded]:
    """The requests as they are kept: nobody can use what is in them."""
    numbers: defaultdict[str, dict[str, str]] = defaultdict(dict)

    def number(kind: str, token: str) -> str:
        known = numbers[kind]
        return known.setdefault(token, f"{kind}-{len(known) + 1}")

    def query(exchange: Exchange) -> dict[str, str]:
        return {k: number(k, v) if k == "pos" else v for k, v in exchange.query.items()}

    def body(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {k: number(k, v) if k == "since" and v else body(v) for k, v in value.items()}

    return [Recorded(e.device, e.path, query(e), body(e.body), _ended(e)) for e in exchanges]


def without_repetition(requests: Iterable[Recorded]) -> list[Recorded]:
    """Without answered requests that ask anew for what the one before had been answered."""
    before: dict[tuple[int, Any], str] = {}
    kept = []
    for one in requests:
        connection = (one.device, one.body.get("conn_id"))
        asked = json.dumps(["pos" in one.query, _blank(one.body), one.ended])
        if one.ended != 200 or before.get(connection) != asked:
            kept.append(one)
        before[connection] = asked
    return kept


def _blank(value: Any) -> Any:
    """The value with its tokens made alike."""
    if not isinstance(value, dict):
        return value
    return {k: "" if k == "since" else _blank(v) for k, v in value.items()}


def _ended(exchange: Exchange) -> int | str:
    if exchange.status is not None:
        return exchange.status
    return "hung up" if exchange.hung_up else "cut"
