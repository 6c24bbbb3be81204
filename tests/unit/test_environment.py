"""Secrets that stand in files, and names that nothing reads."""

from pathlib import Path

import pytest

from syncv3.config import SECRETS, VARIABLES, Config, one, secrets_in
from syncv3.environment import unknown
from syncv3.errors import ConfigError

KNOWN = {variable.name for variable in VARIABLES}
ENVIRON = {"SYNCV3_SERVER": "https://hs.test"}
LONG = "a secret of a file"


@pytest.fixture
def in_file(tmp_path: Path) -> str:
    (tmp_path / "secret").write_text(f"{LONG}\n")
    return str(tmp_path / "secret")


def refusal(**environ: str) -> str:
    with pytest.raises(ConfigError) as refused:
        Config.from_environ(ENVIRON | environ)
    return str(refused.value)


@pytest.mark.rules("O-12", "O-C3")
def test_every_secret_may_stand_in_a_file(in_file: str, tmp_path: Path) -> None:
    assert set(SECRETS) == {
        "SYNCV3_DB",
        "SYNCV3_SECRET",
        "SYNCV3_OLD_SECRETS",
        "SYNCV3_SENTRY_DSN",
        "SYNCV3_OTLP_PASSWORD",
    }
    (tmp_path / "db").write_text("user=u password='p w'\n")
    (tmp_path / "old").write_text("first\nsecond\n")
    files = {
        "SYNCV3_SECRET_FILE": in_file,
        "SYNCV3_DB_FILE": str(tmp_path / "db"),
        "SYNCV3_OLD_SECRETS_FILE": str(tmp_path / "old"),
        "SYNCV3_OTLP_USERNAME": "u",
        "SYNCV3_OTLP_PASSWORD_FILE": in_file,
        "SYNCV3_SENTRY_DSN_FILE": in_file,
    }
    made = Config.from_environ(ENVIRON | files)
    assert made == Config.from_environ(
        ENVIRON
        | {
            "SYNCV3_SECRET": LONG,
            "SYNCV3_DB": "user=u password='p w'",
            "SYNCV3_OLD_SECRETS": "first,second",
            "SYNCV3_OTLP_USERNAME": "u",
            "SYNCV3_OTLP_PASSWORD": LONG,
            "SYNCV3_SENTRY_DSN": LONG,
        }
    )
    assert secrets_in(files) == (LONG, ("first", "second"))
    assert one(files, "SYNCV3_DB") == made.db


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_given_in_one_way_only(name: str, in_file: str) -> None:
    sentence = refusal(**{name: LONG, f"{name}_FILE": in_file})
    assert sentence == f"{name} and {name}_FILE are both set: leave one of them out."


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read: No such file"),
        (b"\n \n", "is empty"),
        (b"\xff\xfe", "cannot be read: it is not text"),
        (b"x" * 70_000, "too large"),
    ],
)
def test_a_file_that_holds_no_secret_is_one_sentence(
    content: bytes | None, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)
    sentence = refusal(SYNCV3_SECRET_FILE=str(path))
    assert sentence.startswith("SYNCV3_SECRET_FILE names a file")
    assert reason in sentence
    assert str(path) in sentence


def test_a_secret_that_was_taken_for_a_file_is_not_shown() -> None:
    assert "hidden" not in refusal(SYNCV3_SECRET_FILE="a hidden secret")


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("SYNCV3_SERVR", "SYNCV3_SERVER"),
        ("SYNCV3_BIND_ADDR", "SYNCV3_BINDADDR"),
        ("SYNCV3_DBFILE", "SYNCV3_DB_FILE"),
        ("SYNCV3_HTTP_TIMEOUT", "SYNCV3_HTTP_TIMEOUT_SECS"),
        ("SYNCV3_XYZZY", ""),
    ],
)
def test_a_name_that_nothing_reads_is_told_with_the_nearest(name: str, near: str) -> None:
    assert unknown({name: "x", "SYNCV3_SERVER": "y"}, KNOWN) == [(name, near)]


def test_what_others_set_is_no_mistake() -> None:
    others = ("SYNCV3_COMMIT", "SYNCV3_SERVICE_HOST", "SYNCV3_PORT_8008_TCP_ADDR", "SYNCV3_PORT")
    assert unknown([*others, "PATH"], KNOWN) == []
