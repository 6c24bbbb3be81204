"""Notices whether the homeserver has sliding sync of its own, and says what an operator can do.

Nothing is changed by it: which of the two serves is the operator's decision. A device that uses
both loses to-device messages, since those that one of them has fetched the other is not given.
"""

import logging
from typing import Final

from syncv3.upstream.client import Versions

log = logging.getLogger(__name__)

FEATURE: Final = "org.matrix.simplified_msc3575"
ADVICE: Final = (
    "The homeserver has sliding sync of its own, in its simplified form. Clients that speak that"
    " form can use it directly: SYNCV3_NATIVE_SYNC=homeserver leaves it to the homeserver. This"
    " service is needed for those of MSC3575 only. A device should use one of the two: both take"
    " its encryption messages"
)
MISSING: Final = (
    "SYNCV3_NATIVE_SYNC leaves simplified sliding sync to the homeserver, which does not say that"
    " it has it: clients of that form find none"
)


class NativeNotice:
    """Tells the log what the operator can do: at a start, and when the homeserver has changed
    since.

    ``left``: the operator leaves simplified sliding sync to the homeserver.
    """

    def __init__(self, *, left: bool = False) -> None:
        self._left = left
        self._said = False

    def look(self, versions: Versions) -> None:
        """The homeserver has said what it can do."""
        is_native = versions.unstable_features.get(FEATURE) is True
        amiss = is_native is not self._left
        if amiss and not self._said:
            log.warning(MISSING if self._left else ADVICE)
        self._said = amiss
