"""The variables, before anything is asked.

A variable that is wrong keeps the service from starting; one that is misspelt does nothing, which
is harder to find. Both are told here.
"""

from collections.abc import Mapping

from syncv3.config import VARIABLES, Config
from syncv3.doctor.finding import Finding, error, ok, warning
from syncv3.environment import unknown
from syncv3.errors import ConfigError


def read(environ: Mapping[str, str]) -> tuple[Config | None, Finding]:
    """The configuration and that it can be used; or None and why it cannot."""
    check = "configuration"
    try:
        return Config.from_environ(environ), ok(check, "it can be used")
    except ConfigError as reason:
        return None, error(check, str(reason), "docs/configuration.md has what it may be")


def misspelt(environ: Mapping[str, str]) -> list[Finding]:
    """A warning for each variable that begins as ours do and that nothing reads."""
    known = {variable.name for variable in VARIABLES}
    return [
        warning("configuration: names", f"{each.name} means nothing", each.advice)
        for each in unknown(environ, known)
    ]
