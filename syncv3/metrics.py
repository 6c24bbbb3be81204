"""What the service counts, under the names that dashboards and alerts know (O-70 to O-7I).

One ``Metrics`` is made at the start and handed to whoever counts. Names, labels and
label values are a contract. Counters keep their bare names: the library would add
``_total`` (O-B8), which ``exposition`` takes off again.

With several workers each counts for itself, into files that the process above them adds up
(``web/gathered.py``). Counters and histograms add up by themselves. A gauge must say what it means
of several: what all have together (``livesum``), or the highest of them (``livemax``), such as the
size of a table, which each of them measures.
"""

import re
from typing import Literal

from prometheus_client import (
    GC_COLLECTOR,
    PLATFORM_COLLECTOR,
    PROCESS_COLLECTOR,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

# Bounds of the histograms' buckets: upper ends, both included.
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
TIMELINE_SIZES = (0, 1, 2, 5, 10, 20, 50)
STATE_SIZES = (1, 10, 100, 1000, 10000)

_API = "sliding_sync_api_"
_POLLER = "sliding_sync_poller_"

_TOTAL = re.compile(rb"(?m)^((?:# (?:HELP|TYPE) )?sliding_sync_\w+?)_total(?=[ {])")


OfAll = Literal["livesum", "livemax"]
"""What a gauge of several workers shows: what theirs are together, or the highest of them."""


def exposition_of(registry: CollectorRegistry) -> bytes:
    """A registry as Prometheus' text format, counters under their bare names."""
    return _TOTAL.sub(rb"\1", generate_latest(registry))


class Metrics:
    """One attribute a metric; ``exposition`` is the page of them all."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        for collector in (PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR):
            self.registry.register(collector)
        self._count_api()
        self._count_pollers()
        self._count_edge()
        self._count_upstream()
        self._count_failures()
        self._count_history()

    def _count_api(self) -> None:
        """O-70 to O-78."""
        self.active_conns = self._gauge(_API + "num_active_conns", "Live connections.")
        self.conns_timed_out = self._counter(
            _API + "expiry_conn_timed_out", "Connections removed because nobody used them."
        )
        self.conns_buffer_full = self._counter(
            _API + "expiry_conn_buffer_full",
            "Connections that began anew because too much had happened meanwhile.",
        )
        self.destroyed_conns = self._counter(
            _API + "destroyed_conns",
            "Connections that began anew because the database has lost what they were told.",
        )
        self.setup_duration = self._histogram(
            _API + "setup_duration_secs", "Arrival to start of calculation.", SECONDS, "initial"
        )
        self.process_duration = self._histogram(
            _API + "process_duration_secs", "Calculation of an answer.", SECONDS, "initial"
        )
        self.slow_requests = self._counter(
            _API + "slow_requests", "Requests that took over 50 seconds."
        )
        self.devices_pending = self._gauge(
            _API + "num_devices_pending_ensure_polling",
            "Devices whose clients wait for a first sync.",
        )
        self.api_payloads = self._counter(
            _API + "num_payloads", "Wishes to the pollers.", "payload_type"
        )

    def _count_pollers(self) -> None:
        """O-79 to O-7F."""
        self.pollers = self._gauge(_POLLER + "num_pollers", "Running pollers.")
        self.resting = self._gauge(
            _POLLER + "num_resting", "Pollers that pause, as nobody waits for their devices."
        )
        self.gaps = self._counter(
            _POLLER + "num_gaps",
            "Gaps in timelines of rooms, by whether the poll that met it had paused.",
            "paused",
        )
        self.gap_questions = self._counter(
            _POLLER + "num_gap_questions",
            "Calls of /joined_members because of gaps, by whether the poll had paused.",
            "paused",
        )
        self.outstanding_polls = self._gauge(
            _POLLER + "num_outstanding_sync_v2_reqs", "Requests to the homeserver in flight."
        )
        self.polls = self._counter(_POLLER + "total_num_polls", "Poll iterations started.")
        self.ingest_duration = self._histogram(
            _POLLER + "process_duration_secs", "Taking in a response.", SECONDS, "initial", "first"
        )
        self.timeline_size = self._histogram(
            _POLLER + "timeline_size", "Events in a room's timeline.", TIMELINE_SIZES, "limited"
        )
        self.gappy_state_size = self._histogram(
            _POLLER + "gappy_state_size", "Events in the state of a limited room.", STATE_SIZES
        )
        self.poller_payloads = self._counter(
            _POLLER + "num_payloads", "What pollers have brought, by kind.", "payload_type"
        )

    def _count_edge(self) -> None:
        """What clients ask, beside the reference (O-C5)."""
        self.http_responses = self._counter(_API + "num_responses", "Answers to clients.", "status")
        self.surplus_conns = self._counter(
            _API + "expiry_conn_surplus", "Connections dropped because the device opened more."
        )
        self.expiries = self._counter(
            _API + "num_expiries", "Connections that ended, and positions not known.", "reason"
        )
        self.answer_duration = self._histogram(
            _API + "answer_duration_secs", "Answers to sync, without the wait for news.", SECONDS
        )
        self.refused = self._counter(
            _API + "num_refused", "Requests refused by a limit that can be set.", "limit"
        )
        self.versions = self._counter(
            _API + "num_versions",
            "Requests for /versions, answered by the homeserver, a recent answer, memory or none.",
            "source",
        )
        self.gateway_requests = self._gauge(
            "sliding_sync_gateway_num_requests", "Requests passed on that are not answered yet."
        )
        self.unhandled_errors = self._counter(
            _API + "num_unhandled_errors", "Requests answered 500 because of a bug."
        )

    def _count_upstream(self) -> None:
        """What the homeserver is asked and how it is taken in, beside the reference (O-C5)."""
        self.upstream_requests = self._counter(
            _POLLER + "num_upstream_responses",
            "Answers of the homeserver; status is 0 when there was none.",
            "status",
        )
        self.upstream_duration = self._histogram(
            _POLLER + "upstream_duration_secs", "Requests to the homeserver.", SECONDS, "request"
        )
        self.ingest_queue = self._gauge(
            _POLLER + "num_batches_waiting", "Parts of batches that wait to be written."
        )
        self.ingest_lag = self._histogram(
            _POLLER + "ingest_lag_secs",
            "First byte of an answer of the homeserver until all of it is stored.",
            SECONDS,
            "initial",
        )
        self.poller_lag = self._gauge(
            _POLLER + "lag_secs",
            "For how long the poller that is furthest behind has had no answer.",
            of_all="livemax",
        )
        self.skipped_rooms = self._counter(
            _POLLER + "num_skipped_rooms", "Rooms of a batch that could not be stored."
        )
        self.rooms_to_come = self._gauge(
            _POLLER + "num_rooms_to_come",
            "Rooms of first syncs that have arrived but are not stored yet.",
        )
        self.malformed = self._counter(
            _POLLER + "num_malformed",
            "Things of the homeserver's answers that could not be used.",
            "kind",
        )

    def _count_failures(self) -> None:
        """What extensions and the database could not do (O-C5)."""
        self.extension_failures = self._counter(
            "sliding_sync_extension_num_failures", "Hooks that raised or hung.", "extension", "hook"
        )
        self.set_aside = self._counter(
            "sliding_sync_extension_num_set_aside",
            "Things that an extension could not take in; kept for a replay, or over the bounds.",
            "extension",
            "kept",
        )
        self.database_faults = self._counter(
            "sliding_sync_database_num_faults",
            "Tries that failed because the database could not do its work.",
            "work",
            "error",
        )
        self.table_bytes = self._gauge(
            "sliding_sync_database_table_bytes",
            "Size of a table with its indexes.",
            "table",
            of_all="livemax",
        )
        self.cached = self._gauge(
            "sliding_sync_cache_size", "What is held in memory: rooms, users.", "of"
        )
        self.unreadable_events = self._counter(
            "sliding_sync_database_num_unreadable_events",
            "Stored events that cannot be read, and are left out of answers.",
        )

    def _count_history(self) -> None:
        """Older messages that are fetched in the background."""
        self.history_fills = self._counter(
            "sliding_sync_history_num_fills", "Rooms whose older messages were looked for."
        )
        self.history_events = self._counter(
            "sliding_sync_history_num_events", "Older messages that were stored for a user."
        )
        self.history_failures = self._counter(
            "sliding_sync_history_num_failures",
            "Tries to fetch older messages that failed.",
            "kind",
        )
        self.history_duration = self._histogram(
            "sliding_sync_history_duration_secs", "Fetching older messages of a room.", SECONDS
        )
        self.history_waiting = self._gauge(
            "sliding_sync_history_num_waiting", "Rooms whose older messages are to be fetched."
        )

    def expired(self, reason: str, number: int = 1) -> None:
        """Count connections that ended; the Go proxy has names of its own for three reasons."""
        self.expiries.labels(reason).inc(number)
        older = {
            "idle": self.conns_timed_out,
            "stale": self.conns_buffer_full,
            "lost": self.destroyed_conns,
            "surplus": self.surplus_conns,
        }
        if reason in older:
            older[reason].inc(number)

    def exposition(self) -> bytes:
        """All metrics as Prometheus' text format, counters under their bare names."""
        return exposition_of(self.registry)

    def _gauge(self, name: str, about: str, *labels: str, of_all: OfAll = "livesum") -> Gauge:
        return Gauge(name, about, labels, registry=self.registry, multiprocess_mode=of_all)

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(name, about, labels, registry=self.registry)

    def _histogram(
        self, name: str, about: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        return Histogram(name, about, labels, buckets=buckets, registry=self.registry)
