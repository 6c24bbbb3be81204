"""A few hundred hostile values; ``make soak HOSTILE=n`` plays as many as asked."""

import aiohttp
import pytest

from tests.integration.hostile.cases import PLACES, Case, cases_of, choose, houses
from tests.integration.hostile.run import play
from tests.integration.hostile.values import VALUES
from tests.support.homeserver import FakeHomeserver
from tests.support.service import Service

GIVEN = [
    Case(PLACES[place], VALUES[value], first)
    for place, value in (
        ("message.content.x", "nested 1,000 deep"),
        ("message.content.x", "nested 10,000 deep"),
        ("member.reason", "nested 1,000 deep"),
        ("m.room.name.name", "NUL in a text"),
        ("m.room.avatar.url", "NUL in a text"),
        ("m.room.canonical_alias.alias", "NUL in a text"),
        ("m.room.tombstone.replacement_room", "NUL in a text"),
        ("space.child", "NUL in a text"),
        ("member.displayname", "NUL in a text"),
        ("tag.content.tags", "a key with NUL"),
        ("m.direct.content.@x:hs", "an array of odd things"),
        ("m.direct.content", "a key with NUL"),
        ("m.ignored_user_list.content.ignored_users", "a key with NUL"),
        ("invite.member.origin_server_ts", "-67914"),
        ("invite.member.origin_server_ts", "2^63"),
        ("invite.member.content", "an object"),
        ("message.event_id", "4,000 wide characters"),
        ("state.type", "10 kB of text"),
        ("state.state_key", "4,000 wide characters"),
        ("room.timeline.limited", "1e400"),
        ("room.unread_notifications.notification_count", "2^63"),
    )
    for first in (True, False)
]
"""What was found by hand: each stopped, silenced or hid something."""

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.rules("U-44", "U-81", "U-170", "U-171", "U-176", "U-192")
@pytest.mark.timeout(300)
async def test_a_hostile_value_costs_at_most_itself(
    homeserver: FakeHomeserver, http: aiohttp.ClientSession, service: Service
) -> None:
    cases = [*GIVEN, *choose(list(PLACES.values()), 250, seed=1)]
    failures = await play(cases, homeserver, http, service)
    assert not failures, "\n".join(map(str, failures))


async def test_the_same_seed_chooses_the_same_cases_and_every_place_has_some() -> None:
    places = list(PLACES.values())
    chosen = choose(places, 500, seed=7)
    assert chosen == choose(places, 500, seed=7) != choose(places, 500, seed=8)
    assert {case.place.name for case in chosen} == PLACES.keys()
    everything = sum(len(cases_of(place)) for place in places)
    assert len(choose(places, 10**9, seed=1)) == everything
    assert sorted(map(str, chosen)) == sorted(str(c) for house in houses(chosen) for c in house)
