"""The whole configuration: environment variables in, one frozen value out.

``VARIABLES`` is the one list of what an operator can set; the help text, the checks and
the documentation are made from it. Empty counts as unset everywhere.
"""

import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict

from syncv3.dsn import database_url
from syncv3.environment import FILE, contents
from syncv3.errors import ConfigError
from syncv3.settings import (
    ListenAddress,
    Network,
    Setting,
    at_least,
    file_path,
    flag,
    is_quoted,
    leads_back,
    log_level,
    names,
    networks,
    one_of,
    otlp_url,
    parse_address,
    public_url,
    rate,
    server_url,
    switch,
    text,
    users,
)

LogLevel = Literal["trace", "debug", "info", "warn", "error", "fatal"]

EXTENSIONS = ("to_device", "e2ee", "account_data", "receipts", "typing")


SHORTEST_SECRET = 16  # characters: who has the database can try secrets at home
LEAST_REQUESTS_PER_S = 10
"""A connection is never limited below this: a list that grows is a burst of requests (S-329)."""
ALLOW_SHORT = "SYNCV3_ALLOW_SHORT_SECRET"


class Limits(BaseModel):
    """Bounds on what one client, device or request can use."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    body_bytes: int = 1024 * 1024
    longest_poll_s: int = 120
    connection_days: int = 7
    connections_per_device: int = 20
    stale_rooms: int = 0
    idle_device_days: int = 30
    pause_after_s: int = 300
    delayed_errors: int = 100  # 401 answers held back at the same time
    error_delay_ms: int = 1000
    anonymous_body_bytes: int = 16 * 1024  # of a request without an Authorization header
    unfinished_bytes: int = 32 * 1024 * 1024  # of bodies that still arrive, of all clients
    body_stall_s: float = 15.0  # without a byte of a body that still arrives
    body_bytes_per_s: int = 8 * 1024  # the slowest that a body may arrive, besides one stall
    gateway_requests: int = 1000  # passed on at the same time, of all clients
    gateway_requests_each: int = 64  # of one client
    requests_per_s: int = 400  # of one connection
    unknown_tokens_per_s: int = 5  # of one address
    lists: int = 100  # of one connection
    subscriptions: int = 10_000
    pipelined: int = 8  # requests in a row that did not wait for the answer before


class Config(BaseModel):
    """What the operator decided. ``db`` is None for the embedded database.

    ``http_timeout_s`` and ``http_initial_timeout_s``: 0 means no limit (O-23, O-24).
    ``db_idle_s``: 0 or less means never (O-22). ``secret`` is never shown.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    server: str
    secret: str
    data_dir: Path
    db: str | None = None
    public_server: str | None = None
    allow_users: tuple[str, ...] = ()
    deny_users: tuple[str, ...] = ()
    old_secrets: tuple[str, ...] = ()
    bind: ListenAddress = ListenAddress("0.0.0.0", 8008)
    tls: tuple[Path, Path] | None = None
    gateway: bool = False
    list_ops: bool = True
    base_url: str | None = None
    trusted_proxies: tuple[Network, ...] = ()
    native_sync: Literal["ours", "homeserver"] = "ours"
    pprof: ListenAddress | None = None
    prom: ListenAddress | None = None
    otlp_url: str | None = None
    otlp_login: tuple[str, str] | None = None
    sentry_dsn: str | None = None
    log_level: LogLevel = "info"
    log_format: Literal["text", "json"] = "text"
    db_connections: int = 16
    db_idle_s: int = 3600
    http_timeout_s: int = 300
    http_initial_timeout_s: int = 1800
    debug: bool = False
    extensions: tuple[str, ...] = EXTENSIONS
    history: bool = True
    bus: Literal["auto", "local", "postgres"] = "auto"
    limits: Limits = Limits()

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """The configuration in ``environ``; raises ``ConfigError`` with one sentence.

        Creates the file with the secret when none was given, and nothing else.
        """
        given = contents(environ, SECRETS)
        for variable in VARIABLES:
            if variable.required and variable.name not in given:
                raise ConfigError(f"{variable.name} is not set (required: {_required()}).")
        read = {v.name: _read(v, given[v.name]) for v in VARIABLES if v.name in given}
        fields = {v.field: read[v.name] for v in VARIABLES if v.field and v.name in read}
        limits = {v.limit: read[v.name] for v in VARIABLES if v.limit and v.name in read}
        fields["tls"] = _pair(read, "SYNCV3_TLS_CERT", "SYNCV3_TLS_KEY")
        fields["otlp_login"] = _both(read, "SYNCV3_OTLP_USERNAME", "SYNCV3_OTLP_PASSWORD")
        fields.setdefault("data_dir", default_data_dir())
        if fields.get("gateway") and not fields["tls"]:  # passwords come through it
            fields.setdefault("bind", ListenAddress("127.0.0.1", 8008))
        # Before the secret is made: a configuration that is refused should leave nothing behind.
        _refuse_itself(fields["server"], fields.get("bind", cls.model_fields["bind"].default))
        if "secret" not in fields:
            fields["secret"] = kept_secret(fields["data_dir"])
        if not read.get(ALLOW_SHORT):
            _refuse_short(fields["secret"])
        return cls(**fields, limits=Limits(**limits))

    @property
    def leaves_native_sync(self) -> bool:
        """Whether simplified sliding sync is left to the homeserver (S-575)."""
        return self.native_sync == "homeserver"

    @property
    def effective_log_level(self) -> LogLevel:
        """The level in force: debugging shows everything (O-25)."""
        return "trace" if self.debug else self.log_level

    def shown_server(self) -> str:
        """The homeserver's URL for clients; a socket path is nobody's business (O-CA)."""
        return self.public_server or ("" if self.server.startswith("/") else self.server)


class Variable(NamedTuple):
    """One environment variable: where its value goes and what the help text says."""

    name: str
    about: str
    read: Callable[[str, str], Setting] = text
    default: str = ""
    field: str = ""  # of Config
    limit: str = ""  # of Limits
    required: bool = False
    secret: bool = False  # so it may also be in a file that a variable with _FILE names


_VALUES = (
    Variable("SYNCV3_SERVER",
             "the homeserver's client API, e.g. https://matrix.example.org, or the path of a"
             " unix socket", server_url, field="server", required=True),
    Variable("SYNCV3_DB", "PostgreSQL connection string: user=… dbname=… password=… or a URL",
             lambda _, value: database_url(value), "a database of our own in SYNCV3_DATA_DIR",
             field="db", secret=True),
    Variable("SYNCV3_SECRET", "random text of 16 characters or more; encrypts access tokens; must"
             " stay the same", text, "made at the first start and kept in SYNCV3_DATA_DIR",
             field="secret", secret=True),
    Variable(ALLOW_SHORT, "1: take a shorter one, of a database of the Go proxy", flag),
    Variable("SYNCV3_OLD_SECRETS", "earlier secrets, separated by commas, still good for reading",
             names, field="old_secrets", secret=True),
    Variable("SYNCV3_BINDADDR", "where to listen: host:port, :port, or the path of a unix socket",
             parse_address, "0.0.0.0:8008", field="bind"),
    Variable("SYNCV3_TLS_CERT", "certificate (PEM file) to serve HTTPS; with SYNCV3_TLS_KEY",
             file_path),
    Variable("SYNCV3_TLS_KEY", "key (PEM file) of the certificate; with SYNCV3_TLS_CERT",
             file_path),
    Variable("SYNCV3_GATEWAY", "on: answer everything else too, by passing it on to the homeserver",
             switch, "off", field="gateway"),
    Variable("SYNCV3_BASE_URL", "this service's own URL as clients reach it, if it is their"
             " homeserver's: for /.well-known/matrix/client and logins", public_url,
             "with SYNCV3_GATEWAY: what the client addressed", field="base_url"),
    Variable("SYNCV3_TRUSTED_PROXIES", "addresses of reverse proxies whose X-Forwarded-For counts:"
             " 127.0.0.1, 10.0.0.0/8, unix", networks, field="trusted_proxies"),
    Variable("SYNCV3_GATEWAY_REQUESTS_PER_CLIENT", "most requests that one client's address has"
             " passed on at the same time", at_least(1), "64", limit="gateway_requests_each"),
    Variable("SYNCV3_NATIVE_SYNC", "who answers simplified sliding sync if the homeserver can too:"
             " ours or homeserver", one_of("ours", "homeserver"), "ours", field="native_sync"),
    Variable("SYNCV3_LIST_OPS", "off: lists of the unstable simplified dialect are told without"
             " operations, which few clients read", switch, "on", field="list_ops"),
    Variable("SYNCV3_PUBLIC_SERVER", "the homeserver's URL as clients reach it, for"
             " /client/server.json", public_url, "SYNCV3_SERVER", field="public_server"),
    Variable("SYNCV3_DATA_DIR", "folder of the embedded database and the generated secret",
             lambda _, value: Path(value).absolute(), "/var/lib/syncv3 for root,"
             " else ~/.local/share/syncv3", field="data_dir"),
    Variable("SYNCV3_PPROF", "address of the profiling listener, e.g. 127.0.0.1:6060",
             parse_address, field="pprof"),
    Variable("SYNCV3_PROM", "address of the metrics listener, e.g. 127.0.0.1:2112; path /metrics",
             parse_address, field="prom"),
    Variable("SYNCV3_OTLP_URL", "OTLP/HTTP collector, e.g. https://localhost:4318", otlp_url,
             field="otlp_url"),
    Variable("SYNCV3_OTLP_USERNAME", "user name for the collector, with SYNCV3_OTLP_PASSWORD"),
    Variable("SYNCV3_OTLP_PASSWORD", "password for the collector", secret=True),
    Variable("SYNCV3_SENTRY_DSN", "where to report errors", field="sentry_dsn", secret=True),
    Variable("SYNCV3_LOG_LEVEL", "trace, debug, info, warn, error or fatal", log_level, "info",
             field="log_level"),
    Variable("SYNCV3_LOG_FORMAT", "text, or json for one object a line", one_of("text", "json"),
             "text", field="log_format"),
    Variable("SYNCV3_MAX_DB_CONN", "most open database connections; 0: the default",
             lambda name, value: max(0, at_least(None)(name, value)) or 16, "16",
             field="db_connections"),
    Variable("SYNCV3_DB_IDLE_TIMEOUT_SECS", "seconds until an idle database connection is closed;"
             " 0: never", at_least(None), "3600", field="db_idle_s"),
    Variable("SYNCV3_HTTP_TIMEOUT_SECS", "seconds for a request to the homeserver; 0: no limit",
             at_least(0), "300", field="http_timeout_s"),
    Variable("SYNCV3_HTTP_INITIAL_TIMEOUT_SECS", "seconds for the first sync of a device; 0: no"
             " limit", at_least(0), "1800", field="http_initial_timeout_s"),
    Variable("SYNCV3_EXTENSIONS", "names of the extensions to enable, separated by commas", names,
             ",".join(EXTENSIONS), field="extensions"),
    Variable("SYNCV3_HISTORY", "off: fetch no older messages of rooms that show fewer than their"
             " client asks for", switch, "on", field="history"),
    Variable("SYNCV3_BUS", "how processes wake each other: auto, local (one process) or postgres",
             one_of("auto", "local", "postgres"), "auto", field="bus"),
    Variable("SYNCV3_DEBUG", "1: log everything", flag, field="debug"),
    Variable("SYNCV3_MAX_BODY_BYTES", "largest request body", at_least(1), "1048576",
             limit="body_bytes"),
    Variable("SYNCV3_LONGEST_POLL_SECS", "longest wait that a client can ask for", at_least(1),
             "120", limit="longest_poll_s"),
    Variable("SYNCV3_CONNECTION_DAYS", "days until an unused connection is forgotten", at_least(1),
             "7", limit="connection_days"),
    Variable("SYNCV3_REQUESTS_PER_SECOND", "most sync requests in a second of one connection;"
             " 0: no limit", rate(LEAST_REQUESTS_PER_S), "400", limit="requests_per_s"),
    Variable("SYNCV3_UNKNOWN_TOKENS_PER_SECOND", "most unknown access tokens from one address in a"
             " second that the homeserver is asked about; 0: no limit", at_least(0), "5",
             limit="unknown_tokens_per_s"),
    Variable("SYNCV3_MAX_LISTS", "most lists of a connection", at_least(1), "100", limit="lists"),
    Variable("SYNCV3_MAX_SUBSCRIPTIONS", "most room subscriptions of a connection", at_least(1),
             "10000", limit="subscriptions"),
    Variable("SYNCV3_ALLOW_USERS", "user IDs that may sync here, separated by commas; * stands for"
             " any characters", users, "everybody's", field="allow_users"),
    Variable("SYNCV3_DENY_USERS", "user IDs that may not, in the same form", users,
             field="deny_users"),
    Variable("SYNCV3_CONNECTIONS_PER_DEVICE", "most connections of a device", at_least(1), "20",
             limit="connections_per_device"),
    Variable("SYNCV3_STALE_ROOMS", "rooms with news from which on a client that was away for an"
             " hour begins anew; 0: it never has to", at_least(0), "0", limit="stale_rooms"),
    Variable("SYNCV3_IDLE_DEVICE_DAYS", "days until an unused device is no longer synced",
             at_least(1), "30", limit="idle_device_days"),
    Variable("SYNCV3_PAUSE_AFTER_SECS", "seconds without a request until a device is synced at"
             " pauses of up to a minute; 0: never", at_least(0), "300", limit="pause_after_s"),
)  # fmt: skip


SECRETS = tuple(variable.name for variable in _VALUES if variable.secret)


def _with_files(variable: Variable) -> tuple[Variable, ...]:
    """The variable, and if it is a secret the one that names a file with it."""
    if not variable.secret:
        return (variable,)
    return variable, Variable(f"{variable.name}{FILE}", f"a file that {variable.name} stands in")


VARIABLES = tuple(each for variable in _VALUES for each in _with_files(variable))


def one(environ: Mapping[str, str], name: str) -> Setting | None:
    """The value of a single variable, for a command that needs no others; None: not set.

    Raises ``ConfigError``.
    """
    variable = next(v for v in VARIABLES if v.name == name)
    value = contents(environ, [name] if variable.secret else []).get(name)
    return _read(variable, value) if value else None


def _read(variable: Variable, value: str) -> Setting:
    """What a variable's text means. Raises ``ConfigError`` with one sentence."""
    try:
        return variable.read(variable.name, value)
    except ConfigError as error:
        if not is_quoted(value):
            raise
        raise ConfigError(
            f"{variable.name} has quotation marks around its value, and they count as part of"
            " it: leave them out."
        ) from error


def _refuse_itself(server: str, bind: ListenAddress) -> None:
    """Every question to the homeserver would come back to this service."""
    if leads_back(server, bind):
        raise ConfigError(
            f"SYNCV3_SERVER ({server}) is where this service itself listens (SYNCV3_BINDADDR):"
            " name the homeserver's own listener, and let the two have different ports."
        )


def secrets_in(environ: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """The secret, which may be the one that is kept, and earlier ones."""
    data_dir = one(environ, "SYNCV3_DATA_DIR") or default_data_dir()
    secret = one(environ, "SYNCV3_SECRET") or kept_secret(data_dir)
    return secret, one(environ, "SYNCV3_OLD_SECRETS") or ()


def help_text() -> str:
    """All variables with what they mean, for someone at a terminal."""
    lines = ["Sliding sync for a Matrix homeserver, configured by environment variables:", ""]
    for variable in VARIABLES:
        note = " (required)" if variable.required else ""
        note = f" (default: {variable.default})" if variable.default else note
        lines += [f"  {variable.name}", f"      {variable.about}{note}"]
    return "\n".join([*lines, ""])


def default_data_dir() -> Path:
    """A folder of the system for root, of the user otherwise."""
    if os.geteuid() == 0:
        return Path("/var/lib/syncv3")
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "syncv3"


def kept_secret(data_dir: Path) -> str:
    """The secret in ``data_dir``, made there if need be, readable by its owner only (O-12)."""
    path = data_dir / "secret"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _write_once(path, secrets.token_hex(32))
        secret = path.read_text().strip()
    except OSError as error:
        raise ConfigError(
            f"SYNCV3_SECRET is not set, and none can be kept in {data_dir}: {error.strerror}."
        ) from error
    if not secret:
        raise ConfigError(f"SYNCV3_SECRET is not set, and the file {path} is empty.")
    return secret


def _write_once(path: Path, secret: str) -> None:
    """Two starting processes agree on one secret: the first complete file wins."""
    draft = path.with_name(f"secret.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secret + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _refuse_short(secret: str) -> None:
    """What clients are given is signed with it, so they can try secrets as long as they like."""
    if len(secret) < SHORTEST_SECRET:
        raise ConfigError(
            f"SYNCV3_SECRET has fewer than {SHORTEST_SECRET} characters, so a user could find it:"
            " set a longer one and name this one in SYNCV3_OLD_SECRETS, or set"
            f" {ALLOW_SHORT}=1 if it belongs to a database that is taken over from the Go proxy."
        )


def _required() -> str:
    return ", ".join(v.name for v in VARIABLES if v.required)


def _pair(read: Mapping[str, Setting], one: str, other: str) -> tuple[Setting, Setting] | None:
    if (one in read) != (other in read):
        raise ConfigError(f"{one} and {other} must be set together.")
    return _both(read, one, other)


def _both(read: Mapping[str, Setting], one: str, other: str) -> tuple[Setting, Setting] | None:
    return (read[one], read[other]) if one in read and other in read else None
