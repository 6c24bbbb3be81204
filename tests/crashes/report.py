"""The figures of a run as text."""

from collections.abc import Iterable
from statistics import median

from tests.crashes.matrix import Outcome

SHOWN = 30  # findings; one cause has many


def table(outcome: Outcome) -> str:
    """Markdown: one row a kind of fault, then what was checked and found."""
    rows = [
        "| fault | times | lasted | from its beginning | from its end | delay of an event |",
        "|---|---|---|---|---|---|",
        *(_row(kind, outcome) for kind in dict.fromkeys(w.kind for w in outcome.watches)),
        "",
        f"{outcome.seconds:.0f} s, {outcome.sent} events sent, {outcome.events} received and"
        f" checked in {outcome.answers} answers ({outcome.lost_answers} more lost on purpose),"
        f" {outcome.messages} to-device messages; {outcome.superseded} answers said nothing"
        " because a request that was given up came later.",
        f"{outcome.behind_gaps} times a user left within a gap and was told only that.",
        f"Requests that failed: {outcome.failed}. What happened: {outcome.acts}.",
        f"{outcome.returned} returns after being away, {outcome.cleaned_up} more to a"
        " position that had been cleaned up.",
        f"Findings: {len(outcome.findings)}",
        *(finding[:500] for finding in outcome.findings[:SHOWN]),
    ]
    return "\n".join(rows)


def _row(kind: str, outcome: Outcome) -> str:
    watches = [w for w in outcome.watches if w.kind == kind]
    lasted = [w.ended - w.began for w in watches if w.ended is not None]
    cells = [
        kind, str(len(watches)), _two(lasted),
        _two(_all(w.after_begin for w in watches)), _two(_all(w.after_end for w in watches)),
        _two(_all(w.delay for w in watches)),
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _all(found: Iterable[dict[int, float]]) -> list[float]:
    return [seconds for times in found for seconds in times.values()]


def _two(seconds: list[float]) -> str:
    """Median and worst."""
    return f"{median(seconds):.2f} / {max(seconds):.2f}" if seconds else "-"
