"""What is reported to Sentry: an error and where it happened, and nothing that is private."""

import gzip
import logging
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
import sentry_sdk

from syncv3.web import reports

log = logging.getLogger(__name__)


class Sink(HTTPServer):
    """Takes reports as Sentry does."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Taking)
        self.reports: list[str] = []

    @property
    def dsn(self) -> str:
        return f"http://key@127.0.0.1:{self.server_port}/1"


class Taking(BaseHTTPRequestHandler):
    server: Sink

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.reports.append(body.decode())
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        sentry_sdk.init()
        server.shutdown()
        thread.join()


PRIVATE = "-".join(("syt", "hidden"))  # in parts, as a report has the lines of the source


def fails_with(text: str) -> None:
    raise LookupError(f"nothing of {len(text)} characters")


@pytest.mark.filterwarnings("ignore:The send_default_pii option")
@pytest.mark.rules("O-83")
def test_a_report_has_the_error_and_no_local_variables(sink: Sink) -> None:
    flush = reports.start(sink.dsn)
    log.info("something that only happened")
    try:
        fails_with(PRIVATE)
    except LookupError:
        log.exception("it has failed")
    flush()
    (report,) = sink.reports
    assert all(said in report for said in ("LookupError", "of 10 characters", "fails_with"))
    assert '"release"' in report and '"dist"' in report
    assert PRIVATE not in report
