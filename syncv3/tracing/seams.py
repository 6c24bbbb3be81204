"""Which functions are measured, and what their spans are called (O-82).

A *seam* is a place where one part calls another. ``install`` replaces the function there by one
that opens a span, calls the original, and closes the span. So a part that is measured does not know
of it, and costs nothing when no traces are wanted. The price is this list: functions are found by
name, so one that is renamed must be renamed here; ``tests/unit/tracing/test_seams.py`` says so.

A function is replaced where callers look it up. A method is looked up in its class. A function that
another module has imported by name is an attribute of that module, and is named there:
``syncv3.ingest.intake`` has an ``in_breaths`` of its own.
"""

import importlib
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from opentelemetry.trace import SpanKind

from syncv3.tracing.wrapping import Call, Wrap, Wraps


class Seam(NamedTuple):
    """A function: a module, and the way to it in there; and what is put in its place."""

    module: str
    path: str
    wrap: Callable[[Wraps], Wrap]


def _inner(module: str, path: str, name: str) -> Seam:
    """A coroutine function, whose span is called ``name``."""
    return Seam(module, path, lambda wraps: wraps.inner(name))


def _plain(module: str, path: str, name: str) -> Seam:
    """The same of a function that waits for nothing."""
    return Seam(module, path, lambda wraps: wraps.plain(name))


def _asked(method: str, name: str) -> Seam:
    """A question to the homeserver."""
    return Seam(
        "syncv3.upstream.client", f"Homeserver.{method}", lambda w: w.inner(name, SpanKind.CLIENT)
    )


# What a client's request goes through, in about this order.
REQUESTS: Final = (
    Seam("syncv3.web.server", "App.handle_request", lambda wraps: wraps.request),
    _inner("syncv3.ingest.accounts", "Accounts.device_of", "identify token"),
    Seam("syncv3.engine.engine", "Engine.sync", lambda wraps: wraps.sync),
    _inner("syncv3.engine.engine", "Engine._found", "set up connection"),
    _inner("syncv3.ingest.pollers", "Pollers.ensure", "wait for poller"),
    _inner("syncv3.ingest.pollers", "Pollers.first_answer", "wait for first answer"),
    _inner("syncv3.ingest.pollers", "Pollers.catch_up", "wait for what is arriving"),
    _inner("syncv3.engine.engine", "Engine._awake", "end pause of poll"),
    _inner("syncv3.engine.connections", "Connections.find", "find connection"),
    _inner("syncv3.engine.connections", "Connections.create", "create connection"),
    Seam("asyncio.locks", "Lock.acquire", lambda wraps: wraps.lock),
    _inner("syncv3.engine.engine", "Engine._question", "complete request"),
    _inner("syncv3.engine.extensions", "ExtensionRunner.accept", "acknowledge extensions"),
    _inner("syncv3.engine.computing", "Computing.compute", "compute answer"),
    _plain("syncv3.engine.computing", "compute", "lists and rooms"),
    _inner("syncv3.engine.loading", "Loader.load", "load rooms"),
    _inner("syncv3.engine.extensions", "ExtensionRunner.respond", "ask extensions"),
    _inner("syncv3.engine.extensions", "ExtensionRunner._ask", "extension"),
    _inner("syncv3.engine.answering", "_wait", "wait for news"),
    _inner("syncv3.engine.connections", "Connections.keep", "keep connection"),
    _inner("syncv3.cache.cache", "Cache.refresh", "follow stream"),
)

# What an answer of the homeserver goes through, from the poll to the listeners.
ANSWERS: Final = (
    Seam("syncv3.ingest.running", "Running._supervise", lambda wraps: wraps.detached),
    Seam("syncv3.ingest.poller", "Poller._ask_and_take_in", lambda wraps: wraps.poll),
    _inner("syncv3.ingest.intake", "Intake._take_in", "take in answer"),
    _inner("syncv3.ingest.intake", "in_breaths", "decode"),
    _inner("syncv3.ingest.intake", "Intake._commit", "commit part"),
    _inner("syncv3.ingest.hooks", "Hooks.take_in", "ask extensions"),
    Seam("syncv3.ingest.entries", "Entry.__init__", lambda wraps: wraps.entry),
    Seam("syncv3.ingest.committer", "Committer._write", lambda wraps: wraps.group),
    _inner("syncv3.ingest.attempts", "Attempts.make", "try to write"),
    _inner("syncv3.ingest.group_writer", "GroupWriter.look_up_parts", "look up"),
    _plain("syncv3.ingest.attempts", "Attempts._plan", "plan"),
    _inner("syncv3.ingest.group_writer", "GroupWriter.call", "commit"),
    _plain("syncv3.ingest.findings", "Listeners.tell", "tell listeners"),
    Seam("syncv3.history.history", "History._fill", lambda wraps: wraps.root("Fill history")),
)

QUESTIONS: Final = (
    _asked("sync", "homeserver: sync"),
    _asked("whoami", "homeserver: whoami"),
    _asked("versions_for", "homeserver: versions"),
    _asked("members", "homeserver: members"),
    _asked("joined_members", "homeserver: joined members"),
    _asked("sender_of", "homeserver: sender"),
    _asked("member", "homeserver: member"),
    _asked("messages", "homeserver: messages"),
    _asked("fetch", "homeserver: question of an extension"),
    Seam("syncv3.upstream.transport", "Transport.fetch", lambda wraps: wraps.fetch),
    Seam("syncv3.upstream.longpoll", "LongPollClient._exchange", lambda wraps: wraps.exchange),
    Seam("syncv3.gateway.upstream", "HomeserverRelay.ask", lambda wraps: wraps.passing),
)

STATEMENTS: Final = tuple(
    Seam("asyncpg.connection", f"Connection.{method}", lambda wraps: wraps.statement)
    for method in ("execute", "executemany", "fetch", "fetchrow", "fetchval")
)

SEAMS: Final = (*REQUESTS, *ANSWERS, *QUESTIONS, *STATEMENTS)


def install(wraps: Wraps) -> Callable[[], None]:
    """Put the measuring functions in the places of the others; gives what undoes it."""
    undo = [_replace(seam, wraps) for seam in SEAMS]

    def uninstall() -> None:
        for each in reversed(undo):
            each()

    return uninstall


def _replace(seam: Seam, wraps: Wraps) -> Callable[[], None]:
    """Replaces one function; gives what undoes it."""
    owner, name = owner_of(seam)
    wrap = seam.wrap(wraps)
    if name in vars(owner):
        original = vars(owner)[name]
        setattr(owner, name, wrap(original))
        return lambda: setattr(owner, name, original)
    setattr(owner, name, wrap(_inherited(owner, name)))
    return lambda: delattr(owner, name)


def owner_of(seam: Seam) -> tuple[Any, str]:
    """Where a seam's function is an attribute, and its name there.

    Raises ``AttributeError`` and ``ImportError`` if there is none.
    """
    owner: Any = importlib.import_module(seam.module)
    *way, name = seam.path.split(".")
    for step in way:
        owner = getattr(owner, step)
    getattr(owner, name)
    return owner, name


def _inherited(owner: Any, name: str) -> Call:
    """A method of a base class, looked up at each call: the framework rewrites some of its own
    when it starts."""

    def call(own: Any, *args: Any, **more: Any) -> Any:
        return getattr(super(owner, own), name)(*args, **more)

    return call
