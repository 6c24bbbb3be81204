"""Delta debugging: the shortest part of a story that still fails in the same way."""

from collections.abc import Awaitable, Callable

from tests.simulation.story import Story

Fails = Callable[[Story], Awaitable[str | None]]


async def shrink(story: Story, fails: Fails) -> tuple[Story, str] | None:
    """Leaves out what is not needed: halves first, single actions last.

    None if the story does not fail. A part must fail of the same kind (the first words of
    the message up to the place), or it is another story.
    """
    reason = await fails(story)
    if reason is None:
        return None
    size = max(1, len(story.actions) // 2)
    while size:
        at = 0
        while at < len(story.actions):
            part = story.only(story.actions[:at] + story.actions[at + size :])
            now = await fails(part)
            if now is not None and kind_of(now) == kind_of(reason):
                story, reason = part, now
            else:
                at += size
        size //= 2
    return story, reason


def kind_of(reason: str) -> str:
    return reason.partition(":")[0]
