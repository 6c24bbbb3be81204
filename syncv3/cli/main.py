"""``syncv3 <command>``: finds the command's module, and loads no other.

Importing everything that one command or another needs takes a second, which a health check
every few seconds should not. So typer is given the words at once, for the help, and a command's
module only when its word is used. For the help of all of them each is loaded.
"""

import importlib
import sys
from typing import Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_command

from syncv3.errors import ConfigError
from syncv3.version import service_commit, service_version

COMMANDS: Final = {
    "serve": "serve",
    "status": "status",
    "doctor": "doctor",
    "migrate": "migrate",
    "export": "export",
    "import": "import_",
    "purge": "purge",
    "reset": "reset",
    "healthcheck": "healthcheck",
}
"""Words, and the modules of ``syncv3.cli`` that have them; in the order of the help."""


class Commands(TyperGroup):
    """The words, each with its command from its own module."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None  # typer says that there is no such command
        module = importlib.import_module(f"syncv3.cli.{COMMANDS[cmd_name]}")
        # A module's app has one command, or a group of them: typer makes either.
        command = get_command(module.app)
        command.name = cmd_name
        return command


app = typer.Typer(cls=Commands, no_args_is_help=True, add_completion=False)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"Sync v3 [{service_version()}] ({service_commit()})")
        raise typer.Exit


@app.callback()
def syncv3(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Show the version."
    ),
) -> None:
    """Sliding sync for a Matrix homeserver that only has /sync v2.

    Commands read the same variables SYNCV3_… as the service does.
    """


def main() -> None:
    """Runs what the arguments say. An unusable configuration: one sentence, status 1."""
    try:
        app()
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from error
