"""What is loaded only if it is switched on: it needs libraries that load for long, or are not
there unless they were asked for."""

import importlib
from types import ModuleType

from syncv3.errors import ConfigError


def load(module: str, variable: str, extra: str) -> ModuleType:
    """A module of ours whose libraries come with an extra of the package.

    Raises ``ConfigError`` if they are not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("syncv3"):
            raise
        raise ConfigError(
            f"{variable} needs libraries that are not installed ({error.name}):"
            f" install this service with [{extra}] behind its name or folder,"
            f" as of pip install '/opt/syncv3/source[{extra}]'."
        ) from error
