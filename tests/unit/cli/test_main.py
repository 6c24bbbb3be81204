"""The words of the command ``syncv3``, and what they load."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from syncv3.cli.main import COMMANDS, app

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "commands.md").read_text()


def loaded_by(statement: str) -> set[str]:
    """The modules that a new interpreter has after a statement."""
    script = f"{statement}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_the_service_loads_nothing_of_the_command() -> None:
    loaded = loaded_by("import app, syncv3.service")
    assert not {name for name in loaded if name.split(".")[0] in ("typer", "rich")}
    assert "syncv3.cli" not in loaded


def test_a_health_check_loads_no_driver_and_no_other_command() -> None:
    loaded = loaded_by("import syncv3.cli.main, syncv3.cli.healthcheck")
    assert not loaded & {"asyncpg", "sanic", "tortoise", "syncv3.cli.status", "syncv3.cli.migrate"}


def test_every_command_is_documented_and_no_other() -> None:
    named = set(re.findall(r"^\| `syncv3 ([\w-]+)` \|", PAGE, re.MULTILINE))
    assert named == set(COMMANDS)


@pytest.mark.parametrize("word", COMMANDS)
def test_every_command_says_what_it_is_for(word: str) -> None:
    done = CliRunner().invoke(app, [word, "--help"])
    assert done.exit_code == 0 and "Usage" in done.output


def test_an_unknown_word_is_refused() -> None:
    assert CliRunner().invoke(app, ["sing"]).exit_code == 2
