"""Builds the service from its parts and takes it apart again: the one place that knows all.

Parts get what they need through their constructors, so nothing is found by import or by name, and
this file shows who needs whom. In one place that is a circle: the committer tells ``MemberLists``
of gaps, and these store what they find out with the committer's writer. So the committer is built
first, and told of its listeners at the end of ``Service.__init__``.

Order of the start: schema, epoch, extensions, committer, cache, connections, pollers. Each relies
on those before it. The pollers come last, because from then on answers come in, which all others
must be ready for. Nothing of rooms or users is loaded; that happens when a client asks. Clients can
be served when ``start`` returns.

Stopping goes about the other way: waiting requests answer, pollers finish what they commit,
connections are stored. The committer must outlive the pollers, and the bus whoever still has
something to tell.
"""

import asyncio
import logging
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Final, Self

import asyncpg

from syncv3.bus.local import Bus, LocalBus
from syncv3.bus.postgres import PostgresBus
from syncv3.cache.cache import Cache
from syncv3.cache.follower import Follower
from syncv3.config import Config
from syncv3.crypt import TokenCipher
from syncv3.dialects.msc3575.dialect import MSC3575
from syncv3.dialects.msc4186.dialect import MSC4186
from syncv3.dialects.simplified.dialect import Simplified
from syncv3.engine.connections import Connections
from syncv3.engine.engine import Engine
from syncv3.engine.extensions import ExtensionRunner
from syncv3.engine.limits import ConnectionLimits
from syncv3.engine.paging import Paging
from syncv3.errors import MatrixError, Unavailable, UnknownToken
from syncv3.extension import Extension, Services
from syncv3.health import Readiness
from syncv3.history.filling import Filler
from syncv3.history.history import History
from syncv3.ingest.accounts import Accounts
from syncv3.ingest.admission import Admission
from syncv3.ingest.committer import Committer
from syncv3.ingest.consumers import Consumers
from syncv3.ingest.findings import Listeners
from syncv3.ingest.forgetting import Forgetting
from syncv3.ingest.gaps import Gaps
from syncv3.ingest.identifier import Identifier
from syncv3.ingest.key_uploads import KeyUploads
from syncv3.ingest.learning import Learning
from syncv3.ingest.measures import PollerMeasures
from syncv3.ingest.members import MemberLists
from syncv3.ingest.options import PollerOptions
from syncv3.ingest.pauses import pace_of
from syncv3.ingest.place import dead_workers, worker_name
from syncv3.ingest.pollers import Pollers
from syncv3.ingest.publishing import Publishing
from syncv3.ingest.questions import Questions
from syncv3.jobs import in_order, regularly
from syncv3.metrics import Metrics
from syncv3.plugins import Plugins, filters_of_extensions, load_extensions, warn_of_losses
from syncv3.protocol.pos import Signer, SigningKeys, may_be_token
from syncv3.store.faults import let_sessions_go, of_the_database
from syncv3.store.insiders import doubtful_users, newest_inside
from syncv3.store.migrate import apply_migrations
from syncv3.store.pool import SETTINGS, open_pool
from syncv3.store.stream import open_epoch
from syncv3.store.workers import release_worker, worker_names
from syncv3.takeover import GoProxy
from syncv3.types import Device, PageTokens, RoomID
from syncv3.upkeep import Upkeep
from syncv3.upstream.client import Homeserver
from syncv3.upstream.contact import Contact
from syncv3.upstream.native import NativeNotice
from syncv3.upstream.versions import VersionsRelay, with_dialects
from syncv3.version import service_version
from syncv3.watchdog import Watchdog

log = logging.getLogger(__name__)

STOP_S: Final = 8.0  # for all parts together
DATABASE_AWAY: Final = "the service cannot use its database at the moment; try again"


class Service:
    """The running service, of one process; ``start`` makes it.

    What the web edge calls is described where it is asked for, in ``syncv3.web.ports.Service``:
    ``auth``, ``engine``, ``dialects``, ``versions`` and ``key_uploads``, and the methods below.
    """

    def __init__(
        self,
        config: Config,
        metrics: Metrics,
        pool: asyncpg.Pool,
        bus: Bus,
        extensions: Sequence[Extension],
    ) -> None:
        self._config = config
        self._metrics = metrics
        self._pool = pool
        self._bus = bus
        self._extensions = extensions
        self._worker = worker_name()
        self._watchdog = Watchdog()
        self._plugins = Plugins(extensions, self._watchdog, self._hook_failed)
        self._contact = Contact(metrics)
        self._measures = PollerMeasures(metrics)
        self._homeserver = self._new_homeserver()
        self._readiness = Readiness(pool)
        self.versions = self._new_versions()
        cipher = TokenCipher(config.secret, config.old_secrets)
        self._admission = Admission(config.allow_users, config.deny_users)
        unknown_per_s = config.limits.unknown_tokens_per_s
        identifier = Identifier(self._homeserver, unknown_per_s=unknown_per_s)
        self.auth = Accounts(pool, identifier, cipher, bus, admission=self._admission)
        self._idle = timedelta(days=config.limits.idle_device_days)
        self._consumers = Consumers(pool, identifier, self._idle, self._admission)
        self._committer = self._new_committer()
        self._forgetting = Forgetting(self._committer.writer)
        self._publishing = Publishing(self._committer.writer)
        self._cache = Cache(pool, metrics.unreadable_events.inc)
        self.key_uploads = self._new_key_uploads()
        self._connections = self._new_connections()
        self._pollers = self._new_pollers()
        self._members = self._new_members()
        self._history = self._new_history()
        signer = self._new_signer()
        self._paging = Paging(pool, signer)
        self.engine = self._new_engine(signer)
        self._committer.listen(
            Listeners(
                delivered=self.engine.heard_from,
                gaps=Gaps(metrics, self._pollers.is_resting, self._members).found,
                strangers=self._members.meet,
                doubtful=self._members.check,
            )
        )
        self.dialects = dialects(config, extensions)
        self._follower = Follower(self._cache, bus, self._committer.dry)
        self._upkeep = Upkeep(
            pool,
            metrics,
            self._worker,
            cache=self._cache,
            bus=bus,
            connections=self._connections,
            engine=self.engine,
            pollers=self._pollers,
            committer=self._committer,
            plugins=self._plugins,
        )
        self._tasks: list[asyncio.Task[None]] = []

    # -- parts: each is made of the configuration and of parts above it ----------------

    def _new_homeserver(self) -> Homeserver:
        return Homeserver(
            self._config.server,
            user_agent=f"sync-v3-proxy-{service_version()}",
            timeout_s=self._config.http_timeout_s,
            initial_timeout_s=self._config.http_initial_timeout_s,
            contact=self._contact,
        )

    def _new_versions(self) -> VersionsRelay:
        return VersionsRelay(
            self._homeserver.versions_for,
            with_dialects(self._plugins.features, left=self._config.leaves_native_sync),
            lambda source: self._metrics.versions.labels(source).inc(),
        )

    def _new_committer(self) -> Committer:
        return Committer(
            self._pool,
            self._bus,
            self._extensions,
            on_skipped=self._metrics.skipped_rooms.inc,
            on_hook_failure=partial(self._hook_failed, hook="ingest"),
            on_set_aside=self._set_aside,
            on_fault=partial(self._database_failed, work="ingest"),
            watchdog=self._watchdog,
        )

    def _new_key_uploads(self) -> KeyUploads:
        return KeyUploads(
            self._pool,
            self._consumers,
            self._publishing,
            self._extensions,
            self._watchdog,
            on_failure=partial(self._hook_failed, hook="ingest"),
            taken_in=self._cache.refresh,
        )

    def _new_connections(self) -> Connections:
        limits = ConnectionLimits(
            idle_s=self._config.limits.connection_days * 86_400.0,
            per_device=self._config.limits.connections_per_device,
            stale_rooms=self._config.limits.stale_rooms,
            lists=self._config.limits.lists,
            subscriptions=self._config.limits.subscriptions,
        )
        return Connections(
            self._pool,
            self._cache,
            self._bus,
            limits,
            on_surplus=partial(self._metrics.expired, "surplus"),
        )

    def _new_pollers(self) -> Pollers:
        config = self._config
        return Pollers(
            self._pool,
            self._homeserver,
            self.auth,
            self._committer,
            self._measures,
            worker=self._worker,
            options=PollerOptions(idle=self._idle, pace=pace_of(config.limits)),
            # Beside the pool: beats must get through however busy the pool is.
            connect=lambda: asyncpg.connect(config.db, server_settings=SETTINGS),
            extra_filter=filters_of_extensions(self._extensions),
            sections=frozenset(name for e in self._extensions for name in e.sections),
            expired=self._token_expired,
            native=NativeNotice(left=config.leaves_native_sync),
            bus=self._bus,
            admission=self._admission,
        )

    def _new_members(self) -> MemberLists:
        return MemberLists(
            self._homeserver,
            self.auth,
            Learning(self._committer.writer),
            self._cache.incomplete,
            partial(newest_inside, self._pool),
            partial(doubtful_users, self._pool),
        )

    def _new_history(self) -> History | None:
        if not self._config.history:
            return None
        writer, recall = self._committer.writer, self._members.recall
        return History(Filler(self._homeserver, self.auth, writer, recall), self._metrics)

    def _new_signer(self) -> Signer:
        # A ``pos`` that was signed with an older secret is still taken.
        secret, old = self._config.secret, self._config.old_secrets
        return Signer(SigningKeys.of(secret.encode(), [each.encode() for each in old]))

    def _new_engine(self, signer: Signer) -> Engine:
        return Engine(
            self._pool,
            self._cache,
            self._connections,
            self._pollers,
            self._members,
            signer,
            ExtensionRunner(self._extensions, self._pool, self._hook_failed, self._watchdog),
            self._metrics,
            self._history,
        )

    @classmethod
    async def start(cls, config: Config, metrics: Metrics) -> Self:
        """Connects, migrates and starts everything.

        Raises ``ConfigError`` if the configuration, the database or an extension cannot be used,
        and what the database raises. What had been started by then is stopped.
        """
        assert config.db is not None
        extensions = load_extensions(config.extensions)
        schemas = {e.name: (e.schema.models, e.schema.migrations) for e in extensions if e.schema}
        cipher = TokenCipher(config.secret, config.old_secrets)
        await apply_migrations(config.db, schemas, GoProxy(cipher))
        pool = await open_pool(config)
        bus = _bus(config, config.db)
        service = cls(config, metrics, pool, bus, extensions)
        try:
            await service._start()
        except BaseException:
            await service.stop()
            raise
        return service

    async def _start(self) -> None:
        """Starts the parts, in an order that the module explains."""
        await open_epoch(self._pool)
        await self._homeserver.start()
        await self._bury_the_dead()  # before others are counted: the dead are none
        await self._upkeep.notice_others()
        await self._bus.start()
        warn_of_losses(self._config.extensions)
        self._watchdog.start()
        ask, publish = Questions(self._homeserver, self.auth), self._publishing.publish
        await self._plugins.start(Services(self._pool, publish, self._metrics.registry, ask))
        await self._committer.start()
        await self._cache.start()
        await self._follower.start()
        await self._connections.start()
        if self._history is not None:
            await self._history.start()
        await self._pollers.start()
        for every_s, job in self._upkeep.jobs():
            name = getattr(job, "__name__", "job")
            self._tasks.append(asyncio.create_task(regularly(every_s, job), name=name))
        await self._upkeep.measure()  # so that metrics are there before the first job is due
        await self._upkeep.measure_tables()

    async def stop(self) -> None:
        """Ends all waits, finishes and stores what was begun (O-C0), in ``STOP_S`` or little more.

        A part that hangs or fails is given up, and those behind it are stopped all the same.
        """
        self.engine.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        # Extensions use the others, so they go first. The committer outlives who gives it parts.
        steps = (
            ("extensions", self._plugins.stop),
            ("pollers", self._pollers.stop),
            ("members", self._members.stop),
            *([("history", self._history.stop)] if self._history is not None else []),
            ("committer", self._committer.stop),
            ("connections", self._connections.stop),
            ("follower", self._follower.stop),
            ("bus", self._bus.stop),
            ("accounts", self.auth.close),
            ("homeserver", self._homeserver.close),
            ("readiness", self._readiness.close),
        )
        await in_order(steps, STOP_S)
        self._watchdog.stop()
        try:
            await asyncio.wait_for(self._pool.close(), 5)
        except TimeoutError:  # a connection still waits for a database that does not answer
            self._pool.terminate()

    async def polls(self, token: str, address: str = "") -> bool:
        """Whether the token's device is synced here. Raises ``MatrixError``."""
        return await self._consumers.polls(token, address)

    async def forget(self, token: str, room_id: RoomID, asked: float, address: str = "") -> None:
        """The token's user has forgotten a room. Raises ``MatrixError``."""
        user_id, _ = await self._consumers.owner(token, address)
        await self._forgetting.forget(user_id, room_id, asked)
        await self._cache.refresh()  # the user's next request comes when this has been answered

    async def page_tokens(
        self, pos: str, token: str, room_id: RoomID, address: str = ""
    ) -> PageTokens | None:
        """The homeserver's tokens around a ``pos``. Raises ``MatrixError``."""
        if not may_be_token(pos):
            return None
        owner = await self._consumers.owner(token, address)
        return await self._paging.tokens(pos, *owner, room_id)

    async def excuse(self, error: Exception) -> MatrixError | None:
        """What a client is told when the database cannot do its work; None: it is another error.

        Sessions of the pool that would keep the fault are dropped.
        """
        if not of_the_database(error):
            return None
        self._database_failed(error, "request")
        await let_sessions_go(self._pool, error)
        return Unavailable(DATABASE_AWAY)

    async def health(self) -> Mapping[str, object]:
        """Who this is and where the stream is; raises when the database does not answer."""
        head = await self._pool.fetchval("SELECT max(last_pos) FROM ss_stream_commits")
        return {
            "worker": self._worker,
            "position": head,
            "cached_position": self._cache.position,
            "epoch": self._cache.epoch,
            "connections": len(self._connections),
        }

    async def ready(self) -> Mapping[str, str]:
        """Each part's state; see ``syncv3.web.ports``."""
        schema = await self._readiness.schema()
        return {"schema": schema, "homeserver": self._contact.state}

    # -- upkeep ----------------------------------------------------------------------

    async def _bury_the_dead(self) -> None:
        """Frees what workers of this place held whose processes were killed."""
        names = await worker_names(self._pool)
        for name in dead_workers(names, self._worker):
            await release_worker(self._pool, name)
            log.info("Took over from a worker that has ended: %s", name)

    def _hook_failed(self, name: str, hook: str) -> None:
        self._metrics.extension_failures.labels(name, hook).inc()

    def _set_aside(self, name: str, kept: bool, number: int) -> None:
        self._metrics.set_aside.labels(name, "yes" if kept else "no").inc(number)

    def _database_failed(self, error: Exception, work: str) -> None:
        self._metrics.database_faults.labels(work, type(error).__name__).inc()

    def _token_expired(self, device: Device, _error: UnknownToken) -> None:
        """The device's last token is dead: its waiting requests return (U-17F)."""
        self._measures.expired()
        self._connections.interrupt(device.device_key)


Dialect = MSC3575 | Simplified | MSC4186


def dialects(config: Config, extensions: Sequence[Extension]) -> Mapping[str, Dialect]:
    """The dialects that are spoken, by the paths at which they are; each has paths of its own."""
    known = frozenset(extension.name for extension in extensions)
    spoken = (MSC3575(known), Simplified(known, ops=config.list_ops), MSC4186(known))
    return {path: each for each in spoken for path in each.paths}


def _bus(config: Config, db: str) -> Bus:
    """Hints within this process, or to other workers too, through the database."""
    if config.bus == "local":
        return LocalBus()
    return PostgresBus(lambda: asyncpg.connect(db, server_settings=SETTINGS), secrets.token_hex(4))
