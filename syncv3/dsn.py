"""How an operator names the database: one form in, the same form out.

``SYNCV3_DB`` is what libpq takes: a URL, or ``user=… dbname=… password='…'``. Everything
behind this file works with a URL whose parts but the database are query parameters, since
that form can say whatever libpq's can (a socket directory, a password with any character).

An example: ``user=syncv3 dbname=syncv3 host=/run/postgresql`` becomes
``postgresql:///syncv3?host=/run/postgresql&user=syncv3``.
"""

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from syncv3.errors import ConfigError

SCHEMES = ("postgres", "postgresql")

_NAMES = {"database": "dbname", "hostaddr": "host"}

# What libpq or other drivers do with a connection on their own side. The server would
# take such a name for one of its settings and refuse the connection.
_CLIENT_ONLY = frozenset({
    "binary_parameters", "channel_binding", "connect_timeout", "fallback_application_name",
    "gssencmode", "keepalives", "keepalives_count", "keepalives_idle", "keepalives_interval",
    "load_balance_hosts", "require_auth", "requirepeer", "sslcompression", "sslsni",
    "tcp_user_timeout",
})  # fmt: skip

_KEYWORD = re.compile(
    r"""\s*(?P<key>\w+)\s*=\s*(?:'(?P<quoted>(?:[^'\\]|\\.)*)'|(?P<bare>(?:[^\s'\\]|\\.)*))""",
    re.DOTALL,
)


def database_url(text: str) -> str:
    """The URL for a connection string of either form (rule O-11).

    Raises ``ConfigError`` when it is neither; the text says nothing of its content,
    which may be a password.
    """
    is_url = text.partition("://")[0] in SCHEMES and "://" in text
    parts = dict(_parts_of_url(text) if is_url else _parts_of_keywords(text))
    kept = {_NAMES.get(k, k): v for k, v in parts.items() if k not in _CLIENT_ONLY and v}
    if ":" in kept.get("host", ""):  # asyncpg would take what follows the colon for a port
        kept["host"] = ",".join(_bracketed(host) for host in kept["host"].split(","))
    database = kept.pop("dbname", "")
    path = "/" + quote(database, safe="") if database else ""
    return f"postgresql://{path}?" + urlencode(sorted(kept.items()), quote_via=quote, safe="/")


def _bracketed(host: str) -> str:
    """A host as it stands in front of a port: an IPv6 address has brackets; a path has none."""
    return f"[{host}]" if ":" in host and host[0] not in "[/" else host


def _parts_of_url(text: str) -> Iterator[tuple[str, str]]:
    try:
        url = urlsplit(text)
        user, password = url.username, url.password
    except ValueError as error:
        raise ConfigError("SYNCV3_DB is not a valid URL.") from error
    login, _, hosts = url.netloc.rpartition("@")
    if hosts:
        yield from _parts_of_hosts(hosts)
    if login:
        yield "user", unquote(user or "")
        yield "password", unquote(password or "")
    yield "dbname", unquote(url.path.lstrip("/"))
    yield from parse_qsl(url.query)


def _parts_of_hosts(hosts: str) -> Iterator[tuple[str, str]]:
    found = [re.fullmatch(r"(\[[^]]*\]|[^:]*)(?::(\d*))?", host) for host in hosts.split(",")]
    if not all(found):
        raise ConfigError("SYNCV3_DB has a host or port that cannot be read.")
    yield "host", ",".join(unquote(m[1]) for m in found if m)
    if any(m[2] for m in found if m):
        yield "port", ",".join(m[2] or "5432" for m in found if m)


def _parts_of_keywords(text: str) -> Iterator[tuple[str, str]]:
    rest = text.strip()
    while rest:
        found = _KEYWORD.match(rest)
        if found is None:
            raise ConfigError(
                "SYNCV3_DB is neither a postgresql:// URL nor words such as"
                " user=syncv3 dbname=syncv3 password=…"
            )
        value = found["quoted"] if found["quoted"] is not None else found["bare"]
        yield found["key"], re.sub(r"\\(.)", r"\1", value, flags=re.DOTALL)
        rest = rest[found.end() :].lstrip()
