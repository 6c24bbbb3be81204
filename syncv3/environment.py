"""The environment around the variables: secrets that stand in files, and names nobody reads."""

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final, NamedTuple

from syncv3.errors import ConfigError

FILE: Final = "_FILE"
"""Ends the name of a variable that names a file, in which the value is."""
PREFIX: Final = "SYNCV3_"
READ_ELSEWHERE: Final = frozenset({"SYNCV3_COMMIT"})
LARGEST: Final = 64 * 1024

_OF_KUBERNETES = re.compile(r"SYNCV3_(SERVICE_(HOST|PORT(_\w+)?)|PORT(_\w+)?)")
"""Kubernetes sets these in every container beside a Service that is called ``syncv3``."""


class UnknownName(NamedTuple):
    """A name that nothing reads, and the known one that it resembles; "": none.

    Usually it is a slip of the pen, and without a word the setting would just not be in force.
    """

    name: str
    near: str

    @property
    def advice(self) -> str:
        return f"perhaps {self.near} is meant" if self.near else "leave it out"

    def __str__(self) -> str:
        return f"{self.name} means nothing: {self.advice}."


def contents(environ: Mapping[str, str], secrets: Iterable[str]) -> dict[str, str]:
    """What is set, with the text of files where ``secrets`` are given by them.

    Docker, Kubernetes and systemd hand out secrets as files, as an environment is easily
    shown. Raises ``ConfigError`` with one sentence, which holds nothing of a file.
    """
    given = {name: value for name, value in environ.items() if value}
    for name in secrets:
        path = given.pop(f"{name}{FILE}", None)
        if path is None:
            continue
        if name in given:
            raise ConfigError(f"{name} and {name}{FILE} are both set: leave one of them out.")
        given[name] = _text(f"{name}{FILE}", path)
    return given


def _text(name: str, path: str) -> str:
    """The text of a file, without the line break that editors put behind it."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:  # ValueError: not UTF-8, or a NUL in the path
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        shown = f" {path}" if path.startswith("/") else ""  # else it may be the secret itself
        raise ConfigError(f"{name} names a file{shown} that cannot be read: {reason}.") from error
    if len(text) > LARGEST:
        raise ConfigError(f"{name} names a file that is too large for a secret: {path}.")
    if not text.strip():
        raise ConfigError(f"{name} names a file that is empty: {path}.")
    return text.rstrip("\r\n")


def unknown(environ: Iterable[str], known: Collection[str]) -> list[UnknownName]:
    """The names that begin as ours do and that nothing reads, in order."""
    found = sorted(
        name
        for name in environ
        if name.startswith(PREFIX)
        and name not in known
        and name not in READ_ELSEWHERE
        and not _OF_KUBERNETES.fullmatch(name)
    )
    return [UnknownName(name, _nearest(name, known)) for name in found]


def _nearest(name: str, known: Collection[str]) -> str:
    """The known name that resembles it: without what they all begin with, which counts for much."""
    short = {each.removeprefix(PREFIX): each for each in known}
    near = difflib.get_close_matches(name.removeprefix(PREFIX), short, n=1)
    return short[near[0]] if near else ""
