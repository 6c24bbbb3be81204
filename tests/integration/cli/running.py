"""Runs the command ``syncv3`` in a thread of its own, as it has an event loop of its own."""

import asyncio
import os
from typing import NamedTuple

from typer.testing import CliRunner

from syncv3.cli.main import app
from syncv3.errors import ConfigError


class Done(NamedTuple):
    """Exit status, and what it has written to either output."""

    status: int
    output: str
    out: str


async def syncv3(*words: str, answers: str = "", **variables: str) -> Done:
    """The command with these words; ``answers`` is what is typed."""
    unset = {name: None for name in os.environ if name.startswith("SYNCV3_")}
    environment: dict[str, str | None] = {**unset, **variables, "COLUMNS": "200", "NO_COLOR": "1"}
    result = await asyncio.to_thread(
        CliRunner().invoke, app, list(words), input=answers, env=environment
    )
    if isinstance(result.exception, ConfigError):  # which ``main`` makes a sentence of
        return Done(1, str(result.exception), "")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.output, result.stdout)
