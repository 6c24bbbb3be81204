"""Errors told to Sentry, and nothing that is private (O-83).

Only who sets a DSN pays for the library: it takes a tenth of what all imports take.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import sentry_sdk
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.types import Event, Hint
from sentry_sdk.utils import BadDsn

from syncv3 import logs
from syncv3.errors import ConfigError
from syncv3.version import service_commit, service_version

FLUSH_S = 5.0


def start(dsn: str) -> Callable[[], None]:
    """Send what is logged as an error with its traceback; gives what sends the last of it.

    Raises ``ConfigError`` for an invalid DSN (O-4).
    """
    try:
        sentry_sdk.init(
            dsn=dsn,
            release=service_version(),
            dist=service_commit(),
            auto_enabling_integrations=False,
            integrations=[LoggingIntegration(level=None)],  # errors alone, without what led to them
            include_local_variables=False,  # they may hold a token or a message
            max_request_body_size="never",
            send_default_pii=False,
            max_breadcrumbs=0,
            before_send=_told_of_errors,
        )
    except BadDsn as error:
        raise ConfigError("SYNCV3_SENTRY_DSN is not a valid Sentry DSN.") from error
    return partial(sentry_sdk.flush, FLUSH_S)


def _told_of_errors(event: Event, _hint: Hint) -> Event:
    """A report as it is sent: whose request it was, and nothing of what was in it (O-83)."""
    noted = logs.noted()
    event["user"] = {"username": str(noted.get("u", "")), "id": str(noted.get("dev", ""))}
    event.pop("request", None)
    event["contexts"] = {
        **event.get("contexts", {}),
        "sliding-sync": {key: str(noted[key]) for key in ("c", "p", "t") if key in noted},
    }
    scrubbed: Event = _scrubbed(event)
    return scrubbed


def _scrubbed(value: Any) -> Any:
    """A report in which no text has what looks like a token, or the value an error is about."""
    if isinstance(value, str):
        return logs.without_tokens(logs.without_values(value))
    if isinstance(value, dict):
        return {key: _scrubbed(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_scrubbed(each) for each in value]
    return value
