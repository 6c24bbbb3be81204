"""What a server can do wrong: one thing at a time, and how the oracle calls it.

``Reference`` does each of them when it is told to. A kind is the first word of a violation.
"""

from typing import Final

FAULTS: Final[dict[str, frozenset[str]]] = {
    name: frozenset(kinds.split())
    for name, kinds in {
        # timelines
        "an event is left out": "lost",
        "an event is repeated": "repeated lost",
        "more events than asked for": "unasked",
        "a gap is not limited": "lost",
        "a first timeline is not limited": "lost",
        "always limited": "careless",
        "prev_batch is too old": "lost",
        "all events are live": "live",
        "no events are live": "live",
        "live since the room was told": "live",
        "what comes after the end is told": "leak",
        "a longer timeline has to wait": "short lost",
        "expanded is not said": "repeated careless",
        "any device is told the transaction ID": "leak",
        # which rooms, and how they begin
        "a room outside the windows counts as told": "lost",
        "a lost answer counts as taken": "lost repeated membership state",
        "every entry is initial": "needless endless",
        "a new stay is not initial": "initial lost name state",
        "an end outside the windows is not told": "stuck",
        "own member events are not told": "stuck membership state members",
        "an invite is repeated": "repeated endless",
        "an invite is never taken back": "invite membership",
        "a pos of somebody else is taken": "forged",
        # state
        "state changes in a gap are not told": "state members",
        "new state of the selection has to wait": "state members",
        "members who changed in a gap stay as they were": "state",
        "senders come without their member events": "members state",
        "members come again and again": "repeated endless",
        "all state comes": "unasked",
        "state is not bounded by the end": "leak state",
        # fields
        "count is that of the window": "count",
        "counts are told once": "counts",
        "the user is a hero": "heroes",
        "null is not said": "name avatar",
        "a change of is_dm is not told": "is_dm",
        "membership is always join": "membership stuck",
        "stamps are of the connection": "bump",
        "stamps fall": "bump",
        # extensions
        "an extension that nobody asked for": "unreadable",
        "to-device messages are never acknowledged": "repeated lost",
        "what exceeds the limit is lost": "lost",
        "changed devices are not told": "lost",
        "what comes while an extension is off is lost": "lost",
        "data of rooms outside the windows counts as told": "lost",
        "private receipts are told to all": "leak",
        "own receipts are forgotten": "lost",
    }.items()
}
