"""``sanic app serve`` starts here: configuration in, a serving application out.

The CLI calls ``app`` with its parsed arguments and serves what it returns with what the
arguments then say: our environment variables are written into them. One process is the
default; ``--workers`` asks for more, each of which calls ``app`` again.
"""

from syncv3.web.ending import Ending

ENDING = Ending()
ENDING.watch()  # the imports below take half of the start, in which it may be told to stop

import atexit
import importlib
import logging
import os
import shutil
import socket
import stat
import sys
import tempfile
from argparse import Namespace
from pathlib import Path
from ssl import SSLContext
from typing import NoReturn

from sanic.http.tls.context import create_context

from syncv3 import logs
from syncv3.config import VARIABLES, Config, help_text
from syncv3.environment import unknown
from syncv3.errors import ConfigError
from syncv3.gateway.gateway import Gateway
from syncv3.metrics import Metrics
from syncv3.settings import ListenAddress
from syncv3.version import service_commit, service_version
from syncv3.web.gathered import VARIABLE, Gathered
from syncv3.web.listener import MetricsListener
from syncv3.web.ports import Service
from syncv3.web.server import App, Look, StartService, build
from syncv3.web.workers import Died

log = logging.getLogger(__name__)

SOCKET_MODE = 0o222  # all may connect, nobody may read (O-40)
FIRST = "Sanic-Server-0-0"
"""The framework's name of one worker among several: what need be said once, it says."""


def app(args: Namespace | None = None) -> App:
    """The application with the real service in it."""
    return application(args, _start_service, look_around)


def application(
    args: Namespace | None, start_service: StartService, look: Look | None = None
) -> App:
    """The application. Without a usable configuration: help, one sentence, status 1."""
    args = args or Namespace()
    in_worker = "SANIC_WORKER_NAME" in os.environ
    if not in_worker:
        print(f"Sync v3 [{service_version()}] ({service_commit()})", flush=True)  # O-3
    strange = [] if in_worker else unknown(os.environ, {v.name for v in VARIABLES})
    try:
        config = Config.from_environ(os.environ)
    except ConfigError as error:
        _refuse("\n".join([help_text(), *map(str, strange), str(error)]))
    logs.set_up(config.effective_log_level, config.log_format)
    for each in strange:
        log.warning("%s", each)
    if not in_worker:
        os.environ.pop(VARIABLE, None)  # a folder of somebody else's
    try:
        listen_on = None if in_worker else _prepare(args, config)
    except ConfigError as error:
        _refuse(str(error))
    mount = Gateway(config) if config.gateway or config.base_url else None
    if os.environ.get("SANIC_WORKER_NAME", FIRST) != FIRST:
        look = None
    return build(
        config,
        start_service,
        listen_on=listen_on,
        ending=ENDING,
        mount=mount,
        look=look,
        worker_died=_gather(config) if not in_worker and _many(args) else None,
    )


def _gather(config: Config) -> Died | None:
    """Serve the metrics of all workers, who find in their environment where to count.

    Gives whom to tell of dead workers. Raises ``SystemExit``.
    """
    if config.prom is None:
        return None
    folder = Path(tempfile.mkdtemp(prefix="syncv3-metrics-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ[VARIABLE] = str(folder)
    gathered = Gathered(folder)
    try:
        MetricsListener(gathered, config.prom)
    except ConfigError as error:
        _refuse(str(error))
    print(f"Metrics of all workers at http://{config.prom}/metrics", flush=True)
    return gathered.died


def _prepare(args: Namespace, config: Config) -> socket.socket | None:
    """Write the configuration into the CLI's arguments, and say what it is.

    Gives the unix socket to listen on, if that is where to listen.
    """
    single = not (_many(args) or getattr(args, "dev", False) or getattr(args, "auto_reload", False))
    if _many(args) and config.db is None:
        raise ConfigError("Several workers need a database of yours: set SYNCV3_DB.")
    if _many(args) and config.bus == "local":
        raise ConfigError("Several workers need SYNCV3_BUS=postgres to wake each other.")
    if _many(args) and config.pprof:
        raise ConfigError(
            "Several workers cannot share SYNCV3_PPROF: start one process per worker instead."
        )
    if _many(args) and config.bind.path:
        raise ConfigError("Several workers need a port: set SYNCV3_BINDADDR to host:port.")
    listen_on = bound_socket(Path(config.bind.path)) if config.bind.path else None
    if listen_on is None:
        check_free(config.bind)
    args.single = single
    args.motd = False
    args.unix, args.host, args.port = "", config.bind.listen_host, config.bind.port or None
    if config.tls and not config.bind.path:  # O-14
        context = _tls(*config.tls)
        if single:
            args.tls = [context]
        else:  # which crosses no process boundary, and the framework wants named hosts in it
            args.cert, args.key = str(config.tls[0]), str(config.tls[1])
    print(
        f"Debug={str(config.debug).lower()} LogLevel={config.effective_log_level}"
        f" MaxConns={config.db_connections}",
        flush=True,
    )
    return listen_on


def _many(args: Namespace) -> bool:
    return getattr(args, "workers", 1) > 1 or getattr(args, "fast", False)


def _tls(cert: Path, key: Path) -> SSLContext:
    try:
        return create_context(str(cert), str(key))
    except (OSError, ValueError) as error:  # SSLError is an OSError
        raise ConfigError(
            "SYNCV3_TLS_CERT and SYNCV3_TLS_KEY are not a certificate (PEM) and its key."
        ) from error


def bound_socket(path: Path) -> socket.socket:
    """A unix socket at ``path`` that all may connect to (O-40).

    A socket that is left over is replaced, another kind of file never. Raises
    ``ConfigError``.
    """
    if path.exists() and not stat.S_ISSOCK(path.lstat().st_mode):
        raise ConfigError(f"SYNCV3_BINDADDR: {path} exists and is not a socket.")
    bound = socket.socket(socket.AF_UNIX)
    try:
        path.unlink(missing_ok=True)
        bound.bind(str(path))
        path.chmod(SOCKET_MODE)
    except OSError as error:
        bound.close()
        raise _occupied(ListenAddress("", 0, str(path)), error) from error
    return bound


def check_free(address: ListenAddress) -> None:
    """Raise ``ConfigError`` when a port cannot be listened on (O-4)."""
    family = socket.AF_INET6 if ":" in address.listen_host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address.listen_host, address.port))
    except OSError as error:
        raise _occupied(address, error) from error


def _occupied(address: ListenAddress, error: OSError) -> ConfigError:
    reason = error.strerror or str(error)
    return ConfigError(f"SYNCV3_BINDADDR: cannot listen on {address}: {reason}.")


async def _start_service(config: Config, metrics: Metrics) -> Service:
    """Start what answers. Its modules are loaded only now: the process that watches over
    several workers would otherwise spend 50 MiB on code that it never runs."""
    running: type[Service] = importlib.import_module("syncv3.service").Service
    return await running.start(config, metrics)


async def look_around(config: Config) -> None:
    """Tell the log what is wrong with the homeserver and the well-known file."""
    await importlib.import_module("syncv3.doctor.arrival").look(config)


def _refuse(text: str) -> NoReturn:
    sys.stderr.write(f"{text}\n")
    raise SystemExit(1)
