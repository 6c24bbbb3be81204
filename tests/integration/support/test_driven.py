"""Driving a client program: what it says is heard, and how it ends is noticed."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.driven import ClientError, DrivenClient

PROGRAM = """
import json, sys

def say(**what):
    print(json.dumps(what), flush=True)

say(saw="started", arguments=json.loads(sys.argv[1]))
for line in sys.stdin:
    command = json.loads(line)
    match command["do"]:
        case "echo":
            say(saw="echo", text=command["text"])
            say(saw="answer", id=command["id"])
        case "fail":
            say(saw="answer", id=command["id"], error="no such thing")
        case "slip":
            say(saw="error", error="a mishap")
            say(saw="answer", id=command["id"])
        case "crash":
            sys.exit("crashed")
        case "stop":
            say(saw="answer", id=command["id"])
            break
"""


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[DrivenClient]:
    command = [sys.executable, "-c", PROGRAM]
    running = await DrivenClient.start("ECHO", command, {"a": 1}, log=tmp_path / "log")
    yield running
    await running.close()


async def test_what_it_sees_is_found_by_kind_and_properties(client: DrivenClient) -> None:
    await client.sees("started", arguments={"a": 1})
    for text in ("one", "two", "one"):
        await client.do("echo", text=text)
    assert len(client.all("echo", text="one")) == 2
    known = len(client.seen)
    await client.do("echo", text="two")
    assert await client.sees("echo", since=known) == {"saw": "echo", "text": "two"}
    await client.stop()


async def test_what_never_comes_is_a_failure_that_shows_what_came(client: DrivenClient) -> None:
    await client.do("echo", text="one")
    with pytest.raises(AssertionError, match=r'(?s)never saw echo.*"text": "one"'):
        await client.sees("echo", text="two", patience_s=0.1)


async def test_a_command_that_it_cannot_obey_is_an_error(client: DrivenClient) -> None:
    with pytest.raises(ClientError, match="no such thing"):
        await client.do("fail")


async def test_a_client_that_ends_is_not_waited_for(client: DrivenClient) -> None:
    with pytest.raises(ClientError, match="has ended"):
        await client.do("crash")
    with pytest.raises(AssertionError, match=r"(?s)ended before it saw.*crashed"):
        await client.sees("echo")


async def test_a_client_that_had_errors_does_not_stop_well(client: DrivenClient) -> None:
    await client.do("slip")
    with pytest.raises(AssertionError, match=r"(?s)had errors.*a mishap"):
        await client.stop()
