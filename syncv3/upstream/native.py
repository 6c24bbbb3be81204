"""Notices a homeserver that has sliding sync of its own, and says what an operator can do."""

import logging
from typing import Final

from syncv3.upstream.client import Versions

log = logging.getLogger(__name__)

FEATURE: Final = "org.matrix.simplified_msc3575"
ADVICE: Final = (
    "The homeserver has sliding sync of its own, in its simplified form. Clients that speak that"
    " form can use it directly; this service is needed for those of MSC3575 only. A device should"
    " use one of the two: both take its encryption messages"
)


class NativeNotice:
    """One line each time that it becomes so: at a start, or when the homeserver is upgraded."""

    def __init__(self) -> None:
        self._is_native = False

    def look(self, versions: Versions) -> None:
        is_native = versions.unstable_features.get(FEATURE) is True
        if is_native and not self._is_native:
            log.warning(ADVICE)
        self._is_native = is_native
