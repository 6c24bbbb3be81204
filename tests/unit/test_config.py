"""What an operator writes, and the sentence they get when it cannot be used."""

from ipaddress import ip_network
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from syncv3.config import VARIABLES, Config, help_text
from syncv3.dsn import database_url
from syncv3.errors import ConfigError
from syncv3.settings import ListenAddress

ENVIRON = {
    "SYNCV3_SERVER": "https://hs.test",
    "SYNCV3_SECRET": "s3cret of 16 chars",
    "SYNCV3_DB": "user=u",
}


def config(**more: str) -> Config:
    return Config.from_environ(ENVIRON | more)


def refusal(**more: str) -> str:
    with pytest.raises(ConfigError) as refused:
        config(**more)
    return str(refused.value)


def parts(dsn: str) -> dict[str, str]:
    url = urlsplit(database_url(dsn))
    found = {name: values[0] for name, values in parse_qs(url.query).items()}
    return found | ({"database": unquote(url.path[1:])} if url.path else {})


@pytest.mark.rules("O-10", "O-13", "O-20", "O-22", "O-23", "O-24", "O-25")
def test_three_variables_are_enough() -> None:
    made = config()
    assert (made.server, made.secret) == ("https://hs.test", "s3cret of 16 chars")
    assert made.bind == ListenAddress("0.0.0.0", 8008)
    assert (made.db_idle_s, made.http_timeout_s, made.http_initial_timeout_s) == (3600, 300, 1800)
    assert (made.log_level, made.debug, made.prom, made.limits.body_bytes) == (
        "info",
        False,
        None,
        1024 * 1024,
    )


def test_the_gateway_without_tls_is_for_this_machine_unless_told_otherwise() -> None:
    assert config(SYNCV3_GATEWAY="on").bind == ListenAddress("127.0.0.1", 8008)
    pair = {"SYNCV3_TLS_CERT": __file__, "SYNCV3_TLS_KEY": __file__}
    assert config(SYNCV3_GATEWAY="on", **pair).bind == ListenAddress("0.0.0.0", 8008)
    assert config(SYNCV3_GATEWAY="on", SYNCV3_BINDADDR=":8008").bind == ListenAddress("", 8008)
    assert config(SYNCV3_GATEWAY="off").bind == ListenAddress("0.0.0.0", 8008)


def test_proxies_are_addresses_and_networks() -> None:
    made = config(SYNCV3_TRUSTED_PROXIES="127.0.0.1, fd00::/8,unix")
    assert made.trusted_proxies == (ip_network("127.0.0.1"), ip_network("fd00::/8"), "unix")


@pytest.mark.rules("O-30")
def test_empty_counts_as_unset_and_the_server_is_required() -> None:
    sentence = refusal(SYNCV3_SERVER="")
    assert sentence.startswith("SYNCV3_SERVER is not set")


@pytest.mark.rules("O-30")
def test_the_help_text_lists_every_variable() -> None:
    shown = help_text()
    assert all(f"  {v.name}\n      {v.about}" in shown for v in VARIABLES)


@pytest.mark.rules("O-C3")
@pytest.mark.parametrize(
    ("given", "server"),
    [
        ("https://hs.test/", "https://hs.test"),
        ("http://127.0.0.1:8009", "http://127.0.0.1:8009"),
        ("https://hs.test/synapse/", "https://hs.test/synapse"),
        ("/run/hs.sock", "/run/hs.sock"),
    ],
)
def test_a_server_is_a_url_without_its_slash_or_a_socket(given: str, server: str) -> None:
    assert config(SYNCV3_SERVER=given).server == server


@pytest.mark.rules("O-13", "O-40")
@pytest.mark.parametrize(
    ("given", "bind"),
    [
        ("127.0.0.1:80", ListenAddress("127.0.0.1", 80)),
        (":8009", ListenAddress("", 8009)),
        ("[::1]:8008", ListenAddress("::1", 8008)),
        ("/run/s.sock", ListenAddress("", 0, "/run/s.sock")),
    ],
)
def test_an_address_has_three_forms(given: str, bind: ListenAddress) -> None:
    assert config(SYNCV3_BINDADDR=given).bind == bind
    assert str(bind) == given


@pytest.mark.rules("O-C3", "O-31", "O-32", "O-33")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SYNCV3_SERVER", "hs.test"),
        ("SYNCV3_SERVER", "ftp://hs.test"),
        ("SYNCV3_SERVER", "https://"),
        ("SYNCV3_SERVER", "https://hs.test:99999"),
        ("SYNCV3_SERVER", "https://user:hidden@hs.test"),
        ("SYNCV3_SERVER", "https://hs.test?hidden"),
        ("SYNCV3_GATEWAY", "maybe"),
        ("SYNCV3_BASE_URL", "own.test"),
        ("SYNCV3_TRUSTED_PROXIES", "caddy"),
        ("SYNCV3_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("SYNCV3_BINDADDR", "8008"),
        ("SYNCV3_BINDADDR", "host:0"),
        ("SYNCV3_BINDADDR", "host:70000"),
        ("SYNCV3_DB", "hidden"),
        ("SYNCV3_DB", "mysql://u:hidden@h/d"),
        ("SYNCV3_DB", "postgres://u:hidden@h:port/d"),
        ("SYNCV3_DB", "user=u password='hidden"),
        ("SYNCV3_TLS_CERT", __file__),
        ("SYNCV3_TLS_KEY", __file__),
        ("SYNCV3_TLS_CERT", "/no/such/file"),
        ("SYNCV3_MAX_DB_CONN", "many"),
        ("SYNCV3_DB_IDLE_TIMEOUT_SECS", "1.5"),
        ("SYNCV3_HTTP_TIMEOUT_SECS", "-1"),
        ("SYNCV3_HTTP_INITIAL_TIMEOUT_SECS", "1_000"),
        ("SYNCV3_OTLP_URL", "https://collector:4318/"),
        ("SYNCV3_OTLP_URL", "collector:4318"),
        ("SYNCV3_LOG_LEVEL", "loud"),
        ("SYNCV3_LOG_FORMAT", "xml"),
        ("SYNCV3_BUS", "carrier-pigeon"),
        ("SYNCV3_PUBLIC_SERVER", "/run/hs.sock"),
        ("SYNCV3_MAX_BODY_BYTES", "0"),
        ("SYNCV3_REQUESTS_PER_SECOND", "9"),
        ("SYNCV3_UNKNOWN_TOKENS_PER_SECOND", "-1"),
        ("SYNCV3_MAX_LISTS", "0"),
        ("SYNCV3_ALLOW_USERS", "alice"),
        ("SYNCV3_ALLOW_USERS", "*"),
        ("SYNCV3_DENY_USERS", "@alice:hs,@bob"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_one_sentence_that_names_the_variable(name: str, value: str) -> None:
    sentence = refusal(**{name: value})
    assert name in sentence
    assert "\n" not in sentence
    assert "hidden" not in sentence


@pytest.mark.rules("O-32")
def test_a_number_that_is_none_is_repeated() -> None:
    assert "invalid value for SYNCV3_MAX_DB_CONN: many" in refusal(SYNCV3_MAX_DB_CONN="many")


@pytest.mark.rules("O-21")
@pytest.mark.parametrize(("given", "connections"), [("", 16), ("0", 16), ("-1", 16), ("3", 3)])
def test_no_number_of_database_connections_is_the_default(given: str, connections: int) -> None:
    assert config(SYNCV3_MAX_DB_CONN=given).db_connections == connections


@pytest.mark.rules("O-14")
def test_certificate_and_key_go_together() -> None:
    both = config(SYNCV3_TLS_CERT=__file__, SYNCV3_TLS_KEY=__file__)
    assert both.tls == (Path(__file__), Path(__file__))


@pytest.mark.rules("O-18")
def test_a_login_needs_both_halves() -> None:
    half = config(SYNCV3_OTLP_USERNAME="u")
    both = config(SYNCV3_OTLP_USERNAME="u", SYNCV3_OTLP_PASSWORD="p")
    assert (half.otlp_login, both.otlp_login) == (None, ("u", "p"))


@pytest.mark.rules("O-20", "O-25")
@pytest.mark.parametrize(
    ("given", "debug", "level"),
    [("ERR", "", "error"), ("Warn", "0", "warn"), ("error", "1", "trace")],
)
def test_the_log_level_is_lenient_and_debugging_shows_all(
    given: str, debug: str, level: str
) -> None:
    made = config(SYNCV3_LOG_LEVEL=given, SYNCV3_DEBUG=debug)
    assert made.effective_log_level == level


@pytest.mark.rules("O-12")
def test_a_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    made = [config(SYNCV3_SECRET="", SYNCV3_DATA_DIR=str(tmp_path / "data")) for _ in range(2)]
    file = tmp_path / "data" / "secret"
    assert made[0].secret == made[1].secret == file.read_text().strip()
    assert len(made[0].secret) == 64
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["secret"]


@pytest.mark.rules("O-12")
def test_a_secret_that_a_user_could_find_is_refused_with_the_ways_out(tmp_path: Path) -> None:
    sentence = refusal(SYNCV3_SECRET="x" * 15)
    assert "fewer than 16 characters" in sentence
    assert "SYNCV3_OLD_SECRETS" in sentence
    assert "SYNCV3_ALLOW_SHORT_SECRET=1" in sentence
    assert "xxx" not in sentence
    assert refusal(SYNCV3_SECRET="a", SYNCV3_ALLOW_SHORT_SECRET="yes") == sentence
    (tmp_path / "secret").write_text("short\n")
    assert refusal(SYNCV3_SECRET="", SYNCV3_DATA_DIR=str(tmp_path)) == sentence


@pytest.mark.rules("O-12", "O-C7")
def test_a_short_secret_is_taken_from_the_go_proxys_database_or_as_an_old_one() -> None:
    assert config(SYNCV3_SECRET="a", SYNCV3_ALLOW_SHORT_SECRET="1").secret == "a"
    assert config(SYNCV3_SECRET="x" * 16, SYNCV3_OLD_SECRETS="a, b").old_secrets == ("a", "b")


@pytest.mark.rules("O-30")
def test_a_refused_configuration_leaves_no_secret_behind(tmp_path: Path) -> None:
    refusal(SYNCV3_SECRET="", SYNCV3_DATA_DIR=str(tmp_path / "data"), SYNCV3_BUS="?")
    assert not (tmp_path / "data").exists()


@pytest.mark.rules("O-CA")
def test_a_socket_is_not_shown_to_clients() -> None:
    assert config(SYNCV3_SERVER="/run/hs.sock").shown_server() == ""
    assert config(SYNCV3_PUBLIC_SERVER="https://p.test/").shown_server() == "https://p.test"


@pytest.mark.rules("O-11")
@pytest.mark.parametrize(
    ("dsn", "expected"),
    [
        pytest.param(
            r"user=u dbname=d password='p @:/\'\\=' host=/run/pg sslmode=disable",
            {"user": "u", "database": "d", "password": r"p @:/'\=", "host": "/run/pg",
             "sslmode": "disable"},
            id="keywords",
        ),
        pytest.param("user = u  dbname='a b' connect_timeout=5",
                     {"user": "u", "database": "a b"}, id="spaces-and-client-only"),
        pytest.param("postgres://u:p%40ss%2F@db.test:5433/d?sslmode=require",
                     {"user": "u", "password": "p@ss/", "host": "db.test", "port": "5433",
                      "database": "d", "sslmode": "require"}, id="url"),
        pytest.param("postgresql:///d?host=/run/pg&user=u",
                     {"database": "d", "host": "/run/pg", "user": "u"}, id="socket-url"),
        pytest.param("postgresql://[::1]:1/d",
                     {"host": "[::1]", "port": "1", "database": "d"}, id="v6"),
        pytest.param("host=::1 user=u", {"host": "[::1]", "user": "u"}, id="v6-keyword"),
        pytest.param("postgresql://a,b:2/d",
                     {"host": "a,b", "port": "5432,2", "database": "d"}, id="two-hosts"),
    ],
)  # fmt: skip
def test_both_forms_of_a_connection_string_mean_the_same(
    dsn: str, expected: dict[str, str]
) -> None:
    assert parts(dsn) == expected
    assert database_url(database_url(dsn)) == database_url(dsn)
