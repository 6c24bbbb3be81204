"""Where the folders are that are no modules: inside an installed package, beside it in the tree."""

from pathlib import Path

import pytest

from syncv3.resources import folder

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", ["client", "migrations"])
def test_the_source_tree_has_them_beside_the_package(name: str) -> None:
    assert folder(name) == ROOT / name


def test_an_installed_package_has_them_inside_and_takes_nobody_elses(tmp_path: Path) -> None:
    package = tmp_path / "syncv3"
    (tmp_path / "migrations").mkdir()  # somebody else's
    (package / "client").mkdir(parents=True)
    assert folder("client", package) == package / "client"
    assert folder("migrations", package) == package / "migrations"
    assert not folder("migrations", package).exists()
