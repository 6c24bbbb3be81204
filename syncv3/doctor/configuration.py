"""The variables, before anything is asked."""

from collections.abc import Mapping

from syncv3.config import VARIABLES, Config
from syncv3.doctor.finding import Finding, error, ok, warning
from syncv3.environment import unknown
from syncv3.errors import ConfigError


def read(environ: Mapping[str, str]) -> tuple[Config | None, Finding]:
    """The configuration, if it can be used."""
    check = "configuration"
    try:
        return Config.from_environ(environ), ok(check, "it can be used")
    except ConfigError as reason:
        return None, error(check, str(reason), "docs/configuration.md has what it may be")


def misspelt(environ: Mapping[str, str]) -> list[Finding]:
    """Variables that nothing reads."""
    known = {variable.name for variable in VARIABLES}
    return [
        warning("configuration: names", f"{each.name} means nothing", each.advice)
        for each in unknown(environ, known)
    ]
