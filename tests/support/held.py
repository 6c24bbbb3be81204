"""What an object keeps alive: measured, so that no test must know how it is kept.

A cache that forgets nothing fills the memory only after weeks. A test that looks whether some
dictionary of it is small says nothing of the next dictionary. So it is counted how many references
there are below an object: in everything that can be reached from it, but for code and the event
loop. As many before and after means that nothing has stayed.
"""

import asyncio
import gc
from collections.abc import Iterator, Sequence
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType

SHARED = (type, ModuleType, FunctionType, BuiltinFunctionType, MethodType)
"""What is there once for all. A method is not gone through, as its object has others."""


def held_by(root: object) -> Iterator[object]:
    """All objects that this one keeps alive, each once, itself first."""
    seen, waiting = {id(root)}, [root]
    while waiting:
        found = waiting.pop()
        yield found
        for other in _referents(found):
            is_shared = isinstance(other, (*SHARED, asyncio.AbstractEventLoop))
            if not is_shared and id(other) not in seen:
                seen.add(id(other))
                waiting.append(other)


def references(root: object) -> int:
    """How many references there are in all that an object keeps alive."""
    return sum(len(_referents(found)) for found in held_by(root))


def _referents(found: object) -> Sequence[object]:
    """What an object refers to. The garbage collector leaves out a dictionary's keys."""
    if isinstance(found, dict):
        return [*found.keys(), *found.values()]
    return gc.get_referents(found)
