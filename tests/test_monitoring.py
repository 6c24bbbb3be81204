"""The files of docs/monitoring: Prometheus and Grafana can read them, and what they ask exists."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from syncv3.metrics import Metrics
from tests.test_docs import names_of_metrics

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "monitoring"
OTHERS = {"up", "process_resident_memory_bytes", "process_cpu_seconds_total"}
"""Made by Prometheus, and by its client library for every process."""
PARTS = ("_bucket", "_count", "_sum")


def dashboard() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((FOLDER / "grafana.json").read_text())
    return read


def panels() -> list[dict[str, Any]]:
    return [panel for panel in dashboard()["panels"] if panel["type"] != "row"]


def alerts() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    rules: list[dict[str, Any]] = group["rules"]
    return rules


def asked() -> Iterator[tuple[str, str]]:
    """Where a query stands, and the query with the dashboard's variables filled in."""
    for panel in panels():
        for target in panel["targets"]:
            yield panel["title"], target["expr"].replace("$window_size", "5m")
    for rule in alerts():
        yield rule["alert"], rule["expr"]


QUERIES = [pytest.param(query, id=f"{where}-{n}") for n, (where, query) in enumerate(asked())]


def selectors(query: str) -> Iterator[Any]:
    """The parts of a query that name a metric."""

    def below(node: Any) -> Iterator[Any]:
        if isinstance(node, promql_parser.VectorSelector):
            yield node
        for name in ("expr", "lhs", "rhs", "param", "vector_selector"):
            if (inner := getattr(node, name, None)) is not None:
                yield from below(inner)
        for inner in getattr(node, "args", None) or ():
            yield from below(inner)

    yield from below(promql_parser.parse(query))


def labels_of(metric: str) -> set[str]:
    """The labels that a metric of ours can have, beside those of a scrape."""
    metrics = Metrics()
    found = next(
        each for each in vars(metrics).values() if getattr(each, "_name", None) == metric
    )  # the library tells labels only of what was counted
    return {*found._labelnames, "le", "job", "instance"}


def family(name: str) -> str:
    """The metric that a series belongs to: a histogram has three."""
    known = names_of_metrics()
    return next((n for n in (name, *(name.removesuffix(p) for p in PARTS)) if n in known), name)


@pytest.mark.parametrize("query", QUERIES)
def test_what_is_asked_exists(query: str) -> None:
    found = list(selectors(query))
    assert found
    for selector in found:
        assert selector.name in OTHERS or family(selector.name) in names_of_metrics()
        if selector.name not in OTHERS:
            used = {matcher.name for matcher in selector.matchers.matchers}
            assert used <= labels_of(family(selector.name))


def test_no_series_of_ours_is_missed_by_the_test() -> None:
    """Each name in the files is seen by it, however deep in a query it stands."""
    for _, query in asked():
        named = set(re.findall(r"sliding_sync_\w+", query))
        assert {selector.name for selector in selectors(query)} >= named


PANELS = {
    "O-A1": ("Active connections", "num_active_conns"),
    "O-A2": ("Outstanding first syncs", "num_devices_pending_ensure_polling"),
    "O-A3": ("Time to compute answers", "process_duration_secs"),
    "O-A4": ("Request set-up", "setup_duration_secs"),
    "O-A5": ("Slow requests", "slow_requests"),
    "O-A6": ("Computing first requests", 'process_duration_secs_bucket{initial="1"}'),
    "O-A7": ("Computing later requests", 'process_duration_secs_bucket{initial="0"}'),
    "O-A8": ("Pollers", "num_pollers"),
    "O-A9": ("Time to process v2 responses", 'process_duration_secs_bucket{initial="0"}'),
    "O-AA": ("Pollers waiting for a response", "num_outstanding_sync_v2_reqs"),
    "O-AB": ("Poll iterations", "total_num_polls"),
    "O-AC": ("Timeline size (unlimited)", 'timeline_size_bucket{limited="unlimited"}'),
    "O-AD": ("Payloads", "num_payloads"),
    "O-AE": ("Time to process v2 responses, quantiles", "histogram_quantile(0.99"),
}


@pytest.mark.rules("O-A1", "O-A2", "O-A3", "O-A4", "O-A5", "O-A6", "O-A7", "O-A8", "O-A9",
                   "O-AA", "O-AB", "O-AC", "O-AD", "O-AE")  # fmt: skip
@pytest.mark.parametrize(("title", "asks"), PANELS.values(), ids=PANELS)
def test_each_panel_of_the_go_proxys_is_there(title: str, asks: str) -> None:
    (panel,) = (panel for panel in panels() if panel["title"] == title)
    assert asks in panel["targets"][0]["expr"]
    assert panel["description"]


@pytest.mark.rules("O-A0")
def test_the_dashboard_is_the_one_that_operators_know() -> None:
    read = dashboard()
    assert (read["title"], read["uid"]) == ("Sliding Sync", "slidingsync")
    assert (read["time"]["from"], read["graphTooltip"]) == ("now-1h", 1)
    source, window = read["templating"]["list"]
    assert (source["type"], source["query"]) == ("datasource", "prometheus")
    assert (window["name"], window["auto_count"], window["auto_min"]) == ("window_size", 100, "30s")
    assert window["query"] == "30s,1m,2m,5m,10m,15m,30m,1h,2h"
    kinds = [panel["type"] for panel in panels()]
    assert kinds.count("heatmap") == 5 and set(kinds) == {"heatmap", "timeseries"}


def test_panels_do_not_overlap_and_have_ids_of_their_own() -> None:
    everything = dashboard()["panels"]
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in everything)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert len({panel["id"] for panel in everything}) == len(everything)


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: rule["alert"])
def test_an_alert_says_what_it_means_and_how_urgent_it_is(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"].keys() == {"summary", "description"}
    assert re.fullmatch(r"\d+m|None", str(rule.get("for")))


def test_the_job_that_is_scraped_is_the_one_that_alerts_ask_for() -> None:
    config = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
    (job,) = config["scrape_configs"]
    named = {m for _, query in asked() for m in re.findall(r'job="([^"]+)"', query)}
    assert named == {job["job_name"]}
    assert config["rule_files"] == ["alerts.yml"]
