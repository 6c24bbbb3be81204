"""What ``pyproject.toml`` cannot say: which folders a wheel has inside the package.

``migrations`` and ``client`` lie beside ``syncv3`` in the source tree. On that level of an
environment their names could be anybody's, so a wheel has them inside ``syncv3``;
``syncv3/resources.py`` finds them in either place.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

FOLDERS = ("client", "migrations")
LEFT_OUT = ("__pycache__", "*.test.js", "package.json")


class BuildWithFolders(build_py):
    """Copies the folders into the package when a wheel or a source archive is made."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        for name in FOLDERS:
            target = Path(self.build_lib, "syncv3", name)
            shutil.rmtree(target, ignore_errors=True)  # what an earlier build has left
            shutil.copytree(name, target, ignore=shutil.ignore_patterns(*LEFT_OUT))

    def get_source_files(self) -> list[str]:
        found = [path for name in FOLDERS for path in Path(name).rglob("*") if path.is_file()]
        ours = [str(path) for path in found if "__pycache__" not in path.parts]
        return [*super().get_source_files(), *ours]


setup(cmdclass={"build_py": BuildWithFolders})
