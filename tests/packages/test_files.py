"""The Dockerfile, the systemd unit and the Helm chart, asked of hadolint, systemd and Helm."""

import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "docs" / "deploy"
CHART = DEPLOY / "chart"
UNIT = DEPLOY / "syncv3.service"
MOST_EXPOSED = "20"  # in tenths: systemd's "OK" ends at 5.0, and this is what we promise
SET = ("server=https://matrix.example.org", "existingSecret=of-ours")
KUBERNETES = "1.31.0"


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


def helm(*arguments: str | Path, settings: tuple[str, ...] = SET) -> tuple[int, str]:
    """Its status and all that it says."""
    given = [part for setting in settings for part in ("--set", setting)]
    done = run("helm", *arguments, *given)
    return done.returncode, done.stdout + done.stderr


@cache
def manifests(*settings: str) -> dict[str, Any]:
    """What the chart makes, by kind."""
    status, said = helm(
        "template", "test", CHART, "--kube-version", KUBERNETES, settings=(*SET, *settings)
    )
    assert status == 0, said
    return {each["kind"]: each for each in yaml.safe_load_all(said)}


def pod(made: dict[str, Any]) -> Any:
    return made["Deployment"]["spec"]["template"]


def test_hadolint_has_nothing_to_say_of_the_image() -> None:
    done = run("hadolint", ROOT / "Dockerfile")
    assert (done.returncode, done.stdout) == (0, "")


def test_the_unit_leaves_little_open() -> None:
    done = run("systemd-analyze", "security", "--offline=yes", "--no-pager",
               f"--threshold={MOST_EXPOSED}", UNIT)  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_systemd_knows_every_line_of_the_unit() -> None:
    said = run("systemd-analyze", "verify", UNIT).stderr
    assert "Unknown" not in said and "Failed to parse" not in said, said


def test_helm_finds_no_fault_with_the_chart() -> None:
    status, said = helm("lint", "--strict", CHART)
    assert status == 0, said


@pytest.mark.parametrize(
    "wrong",
    [
        "server=matrix.example.org",
        "existingSecret=",
        "env.SYNCV4_GATEWAY=on",
        "replica=2",
        "secretKeys[2]=SYNCV3_SERVER",
    ],
)
def test_helm_refuses_a_mistake(wrong: str) -> None:
    status, said = helm("template", CHART, "--kube-version", KUBERNETES, settings=(*SET, wrong))
    assert status != 0
    assert "values don't meet the specifications" in said


def probes(container: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name, probe in container.items():
        if name.endswith("Probe"):
            yield name, probe["httpGet"]["path"], probe["httpGet"]["port"]


def test_the_probes_ask_the_port_that_is_listened_on() -> None:
    [container] = pod(manifests())["spec"]["containers"]
    assert set(probes(container)) == {
        ("startupProbe", "/health/live", "http"),
        ("livenessProbe", "/health/live", "http"),
        ("readinessProbe", "/health/ready", "http"),
    }
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    env = {each["name"]: each.get("value") for each in container["env"]}
    assert env["SYNCV3_BINDADDR"] == f":{ports['http']}"
    assert env["SYNCV3_PROM"] == f":{ports['metrics']}"


@pytest.mark.parametrize(
    ("settings", "keys"),
    [
        ((), ("SYNCV3_SECRET", "SYNCV3_DB")),
        (
            ("secretKeys={SYNCV3_SECRET,SYNCV3_DB,SYNCV3_OTLP_PASSWORD}",),
            ("SYNCV3_SECRET", "SYNCV3_DB", "SYNCV3_OTLP_PASSWORD"),
        ),
    ],
)
def test_the_secrets_are_files_of_a_secret(settings: tuple[str, ...], keys: list[str]) -> None:
    spec = pod(manifests(*settings))["spec"]
    [container] = spec["containers"]
    [mount] = [each for each in container["volumeMounts"] if each["name"] == "secrets"]
    [volume] = [each for each in spec["volumes"] if each["name"] == "secrets"]
    files = {
        f"{item['key']}_FILE": f"{mount['mountPath']}/{item['path']}"
        for item in volume["secret"]["items"]
    }
    assert (volume["secret"]["secretName"], mount["readOnly"]) == ("of-ours", True)
    assert volume["secret"]["defaultMode"] == 0o440  # readable by the pod's group, fsGroup
    given = {each["name"]: each["value"] for each in container["env"]}
    assert {name: path for name, path in given.items() if name.endswith("_FILE")} == files
    assert set(files) == {f"{key}_FILE" for key in keys}
    assert set(keys).isdisjoint(given)


def test_pods_meet_the_restricted_standard() -> None:
    spec = pod(manifests())["spec"]
    [container] = spec["containers"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_service_policy_and_budget_are_of_these_pods() -> None:
    made = manifests()
    labels = pod(made)["metadata"]["labels"].items()
    for kind, selector in (
        ("Service", made["Service"]["spec"]["selector"]),
        ("NetworkPolicy", made["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"]),
        ("PodDisruptionBudget", made["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"]),
        ("Deployment", made["Deployment"]["spec"]["selector"]["matchLabels"]),
    ):
        assert selector and selector.items() <= labels, kind


def test_the_policy_lets_in_whom_it_is_told_to() -> None:
    chosen = "networkPolicy.clients[0].podSelector.matchLabels.app=ingress"
    spec = manifests(chosen)["NetworkPolicy"]["spec"]
    assert spec["policyTypes"] == ["Ingress", "Egress"]
    clients, prometheus = spec["ingress"]
    assert clients["from"] == [{"podSelector": {"matchLabels": {"app": "ingress"}}}]
    assert [port["port"] for port in prometheus["ports"]] == ["metrics"]
    names, *others = spec["egress"]
    assert {port["port"] for port in names["ports"]} == {53}
    assert {port["port"] for rule in others for port in rule["ports"]} == {443, 8008, 5432}


def test_what_is_switched_off_is_not_there() -> None:
    made = manifests("metrics.enabled=false", "networkPolicy.enabled=false", "replicas=1")
    assert {"NetworkPolicy", "PodDisruptionBudget"}.isdisjoint(made)
    [container] = pod(made)["spec"]["containers"]
    assert "SYNCV3_PROM" not in {each["name"] for each in container["env"]}
