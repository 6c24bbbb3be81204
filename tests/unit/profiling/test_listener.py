"""The profiling listener over real sockets: each page is what its reader expects."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import pytest

from syncv3.errors import ConfigError
from syncv3.profiling.listener import ProfilingListener
from syncv3.settings import ListenAddress
from tests.support.pprof import read
from tests.support.waiting import still

held: list[bytes] = []
ROUNDED_US = 0.01


@pytest.fixture
async def listener() -> AsyncIterator[ProfilingListener]:
    running = ProfilingListener(ListenAddress("", 0), asyncio.get_running_loop())
    yield running
    await asyncio.to_thread(running.close)


@pytest.fixture
async def http(listener: ProfilingListener) -> AsyncIterator[aiohttp.ClientSession]:
    base = f"http://127.0.0.1:{listener.port}/debug/pprof/"
    async with aiohttp.ClientSession(base) as session:
        yield session


@pytest.fixture
async def busy() -> AsyncIterator[None]:
    """Something works in this loop."""

    async def work() -> None:
        while True:
            burn()
            held.append(b"x" * 10_000)
            await asyncio.sleep(0)

    task = asyncio.create_task(work(), name="busy")
    yield
    task.cancel()
    held.clear()


def burn() -> None:
    until = time.thread_time() + 0.002
    while time.thread_time() < until:
        sum(range(100))


async def got(http: aiohttp.ClientSession, path: str, **headers: str) -> tuple[int, bytes]:
    async with http.get(path, headers=headers) as response:
        return response.status, await response.read()


@pytest.mark.rules("O-80")
async def test_a_profile_has_the_functions_that_take_time(
    http: aiohttp.ClientSession, busy: None
) -> None:
    status, body = await got(http, "profile?seconds=0.3")
    profile = read(body)
    assert status == 200
    assert profile.units == [("samples", "count"), ("cpu", "nanoseconds")]
    burning = [numbers for stack, numbers in profile.stacks.items() if "burn" in stack]
    assert sum(numbers[1] for numbers in burning) > sum(
        numbers[1] for stack, numbers in profile.stacks.items() if "burn" not in stack
    )


@pytest.mark.rules("O-80")
async def test_the_heap_is_what_was_allocated_and_kept(
    http: aiohttp.ClientSession, busy: None
) -> None:
    _, body = await got(http, "heap?seconds=0.2")
    profile = read(body)
    assert profile.units == [("inuse_objects", "count"), ("inuse_space", "bytes")]
    largest = max(profile.stacks, key=lambda stack: profile.stacks[stack][1])
    assert largest[0].startswith("profiling/test_listener.py:")
    count, size = profile.stacks[largest]
    assert count > 1 and size > 50_000


@pytest.mark.rules("O-80")
async def test_a_trace_has_calls_with_times_and_no_arguments(
    http: aiohttp.ClientSession, busy: None
) -> None:
    _, body = await got(http, "trace?seconds=0.1")
    events = json.loads(body)["traceEvents"]
    calls = [each for each in events if each["name"].startswith("burn ")]
    assert calls and {call["ph"] for call in calls} == {"X"}
    assert all(call["dur"] > 0 and "args" not in call for call in calls)


@pytest.mark.rules("O-80")
async def test_a_trace_has_the_form_that_perfetto_opens(
    http: aiohttp.ClientSession, busy: None
) -> None:
    """That of the "Trace Event Format": one object, each event with the fields of its phase.

    Names are ``M``, calls that have ended are ``X``, those that have not are ``B`` without an end.
    Perfetto leaves out a call of a thread that begins in another one and ends behind it.
    """
    _, body = await got(http, "trace?seconds=0.1")
    events = json.loads(body)["traceEvents"]
    named = [each for each in events if each["ph"] == "M"]
    calls = [each for each in events if each["ph"] == "X"]
    running = [each for each in events if each["ph"] == "B"]
    assert len(named) + len(calls) + len(running) == len(events)
    assert {each["name"] for each in named} == {"process_name", "thread_name"}
    assert all(isinstance(each["args"]["name"], str) for each in named)
    assert all(isinstance(each[field], int) for each in events for field in ("pid", "tid"))
    assert all(each["ts"] >= 0 and each["name"] for each in calls + running)
    assert all(each["dur"] >= 0 for each in calls)
    assert {(each["pid"], each["tid"]) for each in calls} <= {(e["pid"], e["tid"]) for e in named}
    assert not list(crossing(calls))


def crossing(calls: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Calls that end after the one in which they began; by more than a float of times holds."""
    around: list[float] = []
    for call in sorted(calls, key=lambda each: (each["ts"], -each["dur"])):
        end = call["ts"] + call["dur"]
        while around and around[-1] <= call["ts"] + ROUNDED_US:
            around.pop()
        if around and end > around[-1] + ROUNDED_US:
            yield call
        around.append(end)


@pytest.mark.rules("O-80")
async def test_the_flame_graph_is_a_page_that_loads_nothing(
    http: aiohttp.ClientSession, busy: None
) -> None:
    async with http.get("flamegraph?seconds=0.5") as response:
        page = await response.text()
        assert response.headers["Content-Security-Policy"].startswith("default-src 'none';")
    assert page.lstrip().startswith("<!DOCTYPE html>") and "burn" in page


async def test_nothing_is_seen_where_nothing_happens(http: aiohttp.ClientSession) -> None:
    assert (await got(http, "flamegraph?seconds=0.01"))[0] == 200
    _, body = await got(http, "profile?seconds=0.01")
    assert read(body).units == [("samples", "count"), ("cpu", "nanoseconds")]


@pytest.mark.rules("O-80")
async def test_tasks_are_told_with_what_they_wait_for(http: aiohttp.ClientSession) -> None:
    async def deep() -> None:
        await asyncio.Event().wait()

    async def outer() -> None:
        await deep()

    waiting = [asyncio.create_task(outer()) for _ in range(3)]
    await asyncio.sleep(0)
    _, text = await got(http, "goroutine?debug=1")
    _, body = await got(http, "goroutine")
    for task in waiting:
        task.cancel()
    assert "\n3 @\n    Event.wait " in text.decode()
    (stack,) = (stack for stack in read(body).stacks if "deep" in stack[1])
    assert [name.rpartition(".")[2] for name in stack] == ["wait", "deep", "outer"]
    assert read(body).stacks[stack] == [3]


async def test_threads_are_told_while_the_loop_hangs(listener: ProfilingListener) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(b"GET /debug/pprof/threads HTTP/1.0\r\n\r\n")
    time.sleep(0.3)  # noqa: ASYNC251 the loop hangs here
    answer = (await reader.read()).decode()
    writer.close()
    main = answer[answer.index("MainThread") :]
    assert "test_threads_are_told_while_the_loop_hangs" in main.split("\n\n")[0]


@pytest.mark.parametrize("seconds", ["x", "0", "-1", "121", "nan", "inf"])
async def test_a_wrong_time_is_refused(http: aiohttp.ClientSession, seconds: str) -> None:
    assert (await got(http, f"profile?seconds={seconds}"))[0] == 400


async def test_one_profile_at_a_time(http: aiohttp.ClientSession) -> None:
    first = asyncio.create_task(got(http, "profile?seconds=0.5"))
    await still(first, for_s=0.1)
    assert (await got(http, "heap?seconds=1"))[0] == 409
    assert (await first)[0] == 200
    assert (await got(http, "profile?seconds=0.1"))[0] == 200


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Host": "evil.example"}], ids=str
)
async def test_pages_of_other_sites_get_nothing(
    http: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    assert (await got(http, "goroutine", **headers))[0] == 403


@pytest.mark.rules("O-15", "O-C4")
async def test_it_is_on_this_machine_alone_unless_told_otherwise(
    http: aiohttp.ClientSession, listener: ProfilingListener
) -> None:
    status, page = await got(http, "")
    assert status == 200 and b'href="goroutine?debug=1"' in page
    with pytest.raises(aiohttp.ClientConnectionError):
        await got(http, f"http://127.0.0.2:{listener.port}/debug/pprof/")
    assert (await got(http, "/metrics"))[0] == 404


@pytest.fixture
def taken(listener: ProfilingListener) -> Iterator[ListenAddress]:
    yield ListenAddress("127.0.0.1", listener.port)


@pytest.mark.rules("O-4", "O-15")
async def test_an_occupied_address_is_one_sentence(taken: ListenAddress) -> None:
    with pytest.raises(ConfigError, match=r"SYNCV3_PPROF: cannot listen on 127\.0\.0\.1:\d+: "):
        ProfilingListener(taken, asyncio.get_running_loop())


async def test_closing_does_not_wait_for_a_profile() -> None:
    running = ProfilingListener(ListenAddress("", 0), asyncio.get_running_loop())
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    writer.write(b"GET /debug/pprof/profile?seconds=100 HTTP/1.0\r\n\r\n")
    await asyncio.sleep(0.05)  # the profile begins, which nobody outside can see
    async with asyncio.timeout(10):
        await asyncio.to_thread(running.close)
        await reader.read()
    writer.close()
