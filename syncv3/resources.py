"""The folders of the project that are no modules: ``migrations`` and ``client``.

In the source tree they lie beside the package. A wheel has them inside the package, as
names so general, on the same level as it, could be anybody's (see ``pyproject.toml``).
"""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str, package: Path = _PACKAGE) -> Path:
    """Where the folder of this name is, or would have to be if the installation lacks it.

    Beside the package it is looked for only in the source tree: there may be somebody
    else's ``migrations`` beside an installed one.
    """
    inside, beside = package / name, package.parent / name
    if not inside.is_dir() and (package.parent / "pyproject.toml").is_file():
        return beside
    return inside
