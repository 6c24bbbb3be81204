"""The variables, before anything is asked."""

import difflib
from collections.abc import Mapping
from typing import Final

from syncv3.config import VARIABLES, Config
from syncv3.doctor.finding import Finding, error, ok, warning
from syncv3.errors import ConfigError

OTHERS: Final = frozenset({"SYNCV3_COMMIT"})


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
    unknown = sorted(n for n in environ if n.startswith("SYNCV3_") and n not in known | OTHERS)
    return [_misspelt(name, known) for name in unknown]


def _misspelt(name: str, known: set[str]) -> Finding:
    near = difflib.get_close_matches(name, known, n=1)
    advice = f"perhaps {near[0]} is meant" if near else "leave it out"
    return warning("configuration: names", f"{name} means nothing", advice)
