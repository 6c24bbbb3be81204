"""Errors, as classes by what the one who catches them does.

Exception
├── MatrixError            answer the client: errcode, text, HTTP status
│   ├── BadJSON            400  the body is not what the endpoint takes
│   ├── NotJSON            400  the body is no JSON at all
│   ├── InvalidParam       400  a value is out of its range
│   ├── MissingParam       400  a field that must be there is not
│   ├── UnknownPosition    400  the client starts its connection anew, at once
│   ├── MissingToken       401
│   ├── UnknownToken       401  (soft_logout passed on)
│   ├── Refused            401, 403  as the homeserver refuses this account's sync
│   ├── Forbidden          403
│   ├── Unrecognized       404  there is no such endpoint
│   ├── TooSlow            408  the client did not send what it had announced
│   ├── TooLarge           413
│   ├── LimitExceeded      429  the client tries again after the time that it is told
│   ├── Unavailable        503  the client tries again
│   │   └── Stopping       503  this process ends: after a moment, which it is told
│   └── BadGateway         502  the homeserver could not be asked
├── HomeserverError        upstream failed: pollers wait and ask again
├── LeaseLost              another worker polls this device now: stop
└── ConfigError            refuse to start with one sentence
"""

import math
from collections.abc import Mapping
from http import HTTPStatus


class MatrixError(Exception):
    """An answer to the client that is not a success; its text holds no secrets.

    ``limit`` names what the operator can set, or "", for the metric of refusals.
    """

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    errcode = "M_UNKNOWN"

    def __init__(self, message: str, *, limit: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.limit = limit

    def body(self) -> dict[str, object]:
        """The JSON object of the answer (rule H-8)."""
        error = f"HTTP {self.status.value} : {self.message}"
        return {"errcode": self.errcode, "error": error}

    def headers(self) -> Mapping[str, str]:
        """What the answer says beside its body."""
        return {}


class BadJSON(MatrixError):
    status = HTTPStatus.BAD_REQUEST
    errcode = "M_BAD_JSON"


class NotJSON(MatrixError):
    status = HTTPStatus.BAD_REQUEST
    errcode = "M_NOT_JSON"


class InvalidParam(MatrixError):
    status = HTTPStatus.BAD_REQUEST
    errcode = "M_INVALID_PARAM"


class MissingParam(MatrixError):
    status = HTTPStatus.BAD_REQUEST
    errcode = "M_MISSING_PARAM"


class UnknownPosition(MatrixError):
    """``reason`` is for the metric: ``unreadable``, ``unknown``, ``stale`` or ``lost``."""

    status = HTTPStatus.BAD_REQUEST
    errcode = "M_UNKNOWN_POS"

    def __init__(self, message: str, reason: str = "unknown") -> None:
        super().__init__(message)
        self.reason = reason


class MissingToken(MatrixError):
    status = HTTPStatus.UNAUTHORIZED
    errcode = "M_MISSING_TOKEN"


class UnknownToken(MatrixError):
    """The homeserver no longer knows the access token.

    Raised towards clients as 401, and to a poller by the upstream client: the poller
    stops using that token.
    """

    status = HTTPStatus.UNAUTHORIZED
    errcode = "M_UNKNOWN_TOKEN"

    def __init__(self, message: str, *, soft_logout: bool = False) -> None:
        super().__init__(message)
        self.soft_logout = soft_logout

    def body(self) -> dict[str, object]:
        return super().body() | ({"soft_logout": True} if self.soft_logout else {})


class Forbidden(MatrixError):
    status = HTTPStatus.FORBIDDEN
    errcode = "M_FORBIDDEN"


class Unrecognized(MatrixError):
    status = HTTPStatus.NOT_FOUND
    errcode = "M_UNRECOGNIZED"


class TooSlow(MatrixError):
    status = HTTPStatus.REQUEST_TIMEOUT


class TooLarge(MatrixError):
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    errcode = "M_TOO_LARGE"


class LimitExceeded(MatrixError):
    """Too much is asked of the service, or of the homeserver, at the moment."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    errcode = "M_LIMIT_EXCEEDED"

    def __init__(self, message: str, *, retry_after_s: float, limit: str = "") -> None:
        super().__init__(message, limit=limit)
        self.retry_after_s = retry_after_s

    def body(self) -> dict[str, object]:
        return super().body() | {"retry_after_ms": math.ceil(self.retry_after_s * 1000)}

    def headers(self) -> Mapping[str, str]:
        return {"Retry-After": str(math.ceil(self.retry_after_s))}


class Refused(MatrixError):
    """The homeserver will not sync for this account: it is locked, or lacks a consent.

    Its status and errcode are passed on, so that clients do what they do when the homeserver
    says so itself. The session goes on: a 401 of this kind is always a soft logout.
    """

    def __init__(self, message: str, *, status: int, errcode: str) -> None:
        super().__init__(message)
        self.status = HTTPStatus(status)
        self.errcode = errcode

    def body(self) -> dict[str, object]:
        soft = self.status == HTTPStatus.UNAUTHORIZED
        return super().body() | ({"soft_logout": True} if soft else {})


class BadGateway(MatrixError):
    status = HTTPStatus.BAD_GATEWAY
    errcode = "M_UNKNOWN"


class Unavailable(MatrixError):
    status = HTTPStatus.SERVICE_UNAVAILABLE
    errcode = "M_UNKNOWN"


class Stopping(Unavailable):
    """This process is being stopped; another, or its successor, answers in a moment."""

    def __init__(self) -> None:
        super().__init__("the service is stopping")

    def headers(self) -> Mapping[str, str]:
        return {"Retry-After": "2"}


class HomeserverError(Exception):
    """The homeserver could not be asked, or its answer could not be used.

    ``retry_after_s`` is what it asked us to wait, or None. ``status`` is the HTTP status
    of its answer, None when there was none (it could not be reached, or broke off).
    ``errcode`` is what it said, "" when there was none that has the form of one.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after_s: float | None = None,
        status: int | None = None,
        errcode: str = "",
    ) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.status = status
        self.errcode = errcode


class LeaseLost(Exception):
    """The poller no longer owns its device; what it was about to write was not written."""


class ConfigError(Exception):
    """The configuration cannot be used; the message is one plain sentence."""
