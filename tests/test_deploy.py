"""What docs/deploy and the Dockerfile say, against the code: nothing here starts anything.

``make packages`` has the programs that know these files look at them (tests/packages).
"""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from syncv3.cli.main import COMMANDS
from syncv3.config import SECRETS, VARIABLES
from syncv3.web.edge import VERSIONS
from syncv3.web.sync import PATHS, V3_SYNC

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "docs" / "deploy"
CHART = DEPLOY / "chart"
DOCKERFILE = ROOT / "Dockerfile"
COMPOSE = DEPLOY / "compose.yaml"
UNIT = DEPLOY / "syncv3.service"
FILES = (DOCKERFILE, COMPOSE, UNIT, *sorted(path for path in CHART.rglob("*") if path.is_file()))
PLAIN_YAML = (COMPOSE, DEPLOY / "traefik.yaml", CHART / "Chart.yaml", CHART / "values.yaml")
OF_THE_BUILD = {"SYNCV3_COMMIT"}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def instructions(word: str) -> list[str]:
    """What stands behind a word of the Dockerfile, in its order."""
    return re.findall(rf"^ *{word} (.+)$", DOCKERFILE.read_text(), re.MULTILINE)


@pytest.mark.parametrize("path", PLAIN_YAML, ids=name_of)
def test_yaml_is_yaml(path: Path) -> None:
    assert isinstance(loaded(path), dict)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_only_variables_that_exist_are_set(path: Path) -> None:
    known = {variable.name for variable in VARIABLES} | OF_THE_BUILD
    assert set(re.findall(r"\bSYNCV3_[A-Z_]*[A-Z]\b", path.read_text())) <= known


def test_secrets_come_as_files_in_compose() -> None:
    """Each ``_FILE`` names a secret that its service is given, and no variable has one."""
    made = loaded(COMPOSE)
    for service in made["services"].values():
        given, handed = service["environment"], service["secrets"]
        files = {name: path for name, path in given.items() if name.endswith("_FILE")}
        assert sorted(files.values()) == sorted(f"/run/secrets/{name}" for name in handed)
        assert set(handed) <= set(made["secrets"])
        assert not {"SYNCV3_SECRET", "SYNCV3_DB", "POSTGRES_PASSWORD"} & set(given)
    used = re.findall(r"secrets/(\w+)", COMPOSE.read_text())
    assert set(used) == set(made["secrets"])


def test_the_chart_can_be_given_every_secret() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    assert set(schema["properties"]["secretKeys"]["items"]["enum"]) == set(SECRETS)
    assert set(loaded(CHART / "values.yaml")["secretKeys"]) == {"SYNCV3_SECRET", "SYNCV3_DB"}


@pytest.mark.rules("O-B0")
def test_the_image_has_what_profiles_and_traces_need() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    [extras] = re.findall(r"^ARG EXTRAS=(.+)$", DOCKERFILE.read_text(), re.MULTILINE)
    of_the_service = set(project["optional-dependencies"]) - {"dev", "browser"}
    assert set(extras.split(",")) == of_the_service
    [installed] = [line for line in DOCKERFILE.read_text().splitlines() if "--compile" in line]
    assert installed.endswith('"$1${EXTRAS:+[$EXTRAS]}"')  # empty brackets are refused


def test_the_required_variables_are_set_everywhere() -> None:
    required = {variable.name for variable in VARIABLES if variable.required}
    assert required <= set(loaded(COMPOSE)["services"]["syncv3"]["environment"])
    assert all(name in (CHART / "templates" / "deployment.yaml").read_text() for name in required)


@pytest.mark.rules("O-B0")
def test_the_image_runs_as_a_number_that_is_not_root() -> None:
    [user] = instructions("USER")
    assert int(user) > 0
    deployment = (CHART / "templates" / "deployment.yaml").read_text()
    assert f"runAsUser: {user}\n" in deployment
    assert f"/data:uid={user},mode=700" in loaded(COMPOSE)["services"]["syncv3"]["tmpfs"]


@pytest.mark.rules("O-B0")
def test_the_image_listens_on_8008_and_needs_no_arguments_and_no_curl() -> None:
    text = DOCKERFILE.read_text()
    assert "SYNCV3_BINDADDR=0.0.0.0:8008" in text
    assert "SYNCV3_DATA_DIR=/data" in text
    assert instructions("EXPOSE") == ["8008"]
    words = re.findall(r'"syncv3", "(\w+)"', text)
    assert words == ["healthcheck", "serve"]
    assert set(words) <= set(COMMANDS)
    assert "curl" not in text


def test_the_image_is_made_of_all_that_a_wheel_is_made_of() -> None:
    copied = {name for line in instructions("COPY") for name in line.split()[:-1]}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    found = project["tool"]["setuptools"]["packages"]["find"]["include"]
    modules = [f"{name}.py" for name in project["tool"]["setuptools"]["py-modules"]]
    needed = {name.rstrip("*") for name in found} | {*modules, "client", "migrations"}
    assert copied >= needed | {"pyproject.toml", "setup.py", *project["project"]["license-files"]}


def test_no_container_can_write_to_its_image_or_gain_privileges() -> None:
    service = loaded(COMPOSE)["services"]["syncv3"]
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    for each in loaded(COMPOSE)["services"].values():
        assert each["security_opt"] == ["no-new-privileges:true"]
    assert loaded(COMPOSE)["networks"]["database"] == {"internal": True}


def test_the_unit_starts_the_command() -> None:
    [command] = re.findall(r"^ExecStart=(.+)$", UNIT.read_text(), re.MULTILINE)
    program, word = command.split()
    assert (Path(program).name, word in COMMANDS) == ("syncv3", True)


def test_the_chart_is_of_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    chart = loaded(CHART / "Chart.yaml")
    assert (chart["version"], chart["appVersion"]) == (version, version)


def test_the_chart_says_which_paths_to_route() -> None:
    notes = (CHART / "templates" / "NOTES.txt").read_text()
    assert set(re.findall(r"/_matrix/[\w./-]+", notes)) == {*PATHS, VERSIONS} - {V3_SYNC}
