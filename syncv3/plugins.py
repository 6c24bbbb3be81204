"""The enabled extensions as the process runs them: found, started, cleaned up, stopped.

A hook that raises or hangs here is logged and counted, and stops nobody else, except at the
start: the service does not run without an extension that was asked for.

An extension is found by its entry point, a name in the group ``syncv3.extensions`` that an
installed package declares, and is used only if ``SYNCV3_EXTENSIONS`` names it. Those that come with
the service are found in the same way.
"""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

import asyncpg
import msgspec
from msgspec import Raw

from syncv3.errors import ConfigError
from syncv3.extension import API_VERSION, Extension, Services
from syncv3.ingest.filters import merge_filters
from syncv3.watchdog import Watchdog

log = logging.getLogger(__name__)

ENTRY_POINTS: Final = "syncv3.extensions"
# How long a hook of each extension may take, before it counts as failed.
START_S: Final = 30.0
STOP_S: Final = 5.0
CLEANUP_S: Final = 60.0


class Plugins:
    """``on_failure`` is told the name of an extension and of the hook that failed."""

    def __init__(
        self,
        extensions: Sequence[Extension],
        watchdog: Watchdog,
        on_failure: Callable[[str, str], None],
    ) -> None:
        self._extensions = extensions
        self._declaring = [e for e in extensions if type(e).features is not Extension.features]
        self._watchdog = watchdog
        self._on_failure = on_failure

    async def start(self, services: Services) -> None:
        """Raises ``ConfigError`` for one that cannot start."""
        for extension in self._extensions:
            if not await self._run(extension, "start", extension.start(services), START_S):
                raise ConfigError(f"The extension {extension.name!r} cannot start (see the log).")

    async def stop(self) -> None:
        """Stops all of them; one that fails does not keep the others running."""
        for extension in self._extensions:
            await self._run(extension, "stop", extension.stop(), STOP_S)

    async def clean(self, floor: int, pool: asyncpg.Pool) -> None:
        """Has each delete what nobody can ask for any more, below the position ``floor``."""
        for extension in self._extensions:
            await self._run(extension, "cleanup", extension.cleanup(floor, pool), CLEANUP_S)

    def features(self, upstream: Mapping[str, Any]) -> dict[str, Raw]:
        """What the extensions add to ``unstable_features``, as JSON.

        Of two that give the same key the later one's counts.
        """
        added: dict[str, Raw] = {}
        for extension in self._declaring:
            try:
                added |= self._watchdog.call(_features_of, extension, upstream)
            except Exception:
                log.exception("Extension %s failed in features", extension.name)
                self._on_failure(extension.name, "features")
        return added

    async def _run(
        self, extension: Extension, hook: str, running: Awaitable[None], limit_s: float
    ) -> bool:
        """Whether a hook ended well, and in time."""
        try:
            await self._watchdog.within(limit_s, running)
        except Exception:
            log.exception("Extension %s failed in %s", extension.name, hook)
            self._on_failure(extension.name, hook)
            return False
        return True


def _features_of(extension: Extension, upstream: Mapping[str, Any]) -> dict[str, Raw]:
    """What one adds, as JSON: a value that is none fails here, and not in somebody's answer."""
    declared = msgspec.json.encode(dict(extension.features(upstream)))
    return msgspec.json.decode(declared, type=dict[str, Raw])


def load_extensions(names: tuple[str, ...]) -> list[Extension]:
    """The extensions of these names, in this order, from the entry-point group.

    Raises ``ConfigError`` for a name that is unknown, given twice or registered twice, for one
    that cannot be imported, and for one made for another version of the hooks.
    """
    for name, times in Counter(names).items():
        if times > 1:
            raise ConfigError(f"SYNCV3_EXTENSIONS: {name!r} is named more than once.")
    found: dict[str, list[Any]] = {}
    for point in entry_points(group=ENTRY_POINTS):
        found.setdefault(point.name, []).append(point)
    extensions: list[Extension] = []
    for name in names:
        points = found.get(name, [])
        if not points:
            raise ConfigError(f"SYNCV3_EXTENSIONS: there is no extension {name!r}.")
        # The same one may be found twice, where a package is installed and in the path, too.
        if len({point.value for point in points}) > 1:
            raise ConfigError(f"SYNCV3_EXTENSIONS: {name!r} is registered more than once.")
        extension = _load(points[0])()
        if extension.name != name:
            raise ConfigError(
                f"SYNCV3_EXTENSIONS: {name!r} is registered for an extension that calls itself"
                f" {extension.name!r}."
            )
        if extension.api_version != API_VERSION:
            raise ConfigError(
                f"SYNCV3_EXTENSIONS: {name!r} is made for version {extension.api_version} of the"
                f" extension hooks; this service has version {API_VERSION}."
            )
        extensions.append(extension)
    return extensions


def _load(point: EntryPoint) -> type[Extension]:
    try:
        loaded: type[Extension] = point.load()
    except (ImportError, AttributeError) as error:
        raise ConfigError(
            f"SYNCV3_EXTENSIONS: {point.name!r} cannot be imported: {error}."
        ) from error
    return loaded


def warn_of_losses(enabled: Collection[str]) -> None:
    """Says once what is lost while a durable extension is not enabled.

    The homeserver gives these things once: with the next poll it takes them as received.
    """
    for point in entry_points(group=ENTRY_POINTS):
        if point.name in enabled:
            continue
        try:
            lost = point.load().durable
        except Exception as error:  # one that is broken, and not wanted, stops nobody
            log.info("Extension %s is not enabled, and is broken: %r", point.name, error)
            continue
        if lost:
            log.warning(
                "Extension %s is not enabled: what the homeserver sends for it is lost",
                point.name,
            )


def filters_of_extensions(extensions: Sequence[Extension]) -> dict[str, object]:
    """What extensions want of ``/sync``, merged."""
    merged: dict[str, object] = {}
    for extension in extensions:
        merged = merge_filters(merged, extension.upstream_filter)
    return merged
