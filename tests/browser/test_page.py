"""What somebody sees and does on the page, in each dialect."""

import json
import os
from pathlib import Path
from typing import Final

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Locator, Page, Route, expect

from tests.browser.conftest import PATIENCE_MS, OpenPage
from tests.support.account import Account
from tests.support.homeserver import FakeHomeserver

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]

DIALECTS: Final = ("msc3575", "simplified", "msc4186")
MANY: Final = 5_000
ELEMENTS: Final = 60
"""Rows that may exist at a time: what fits on the screen, and some above and below."""
SERIOUS: Final = ("serious", "critical")

expect.set_options(timeout=PATIENCE_MS)
in_each_dialect = pytest.mark.parametrize("dialect", DIALECTS)


def rooms(page: Page, title: str = "Rooms") -> Locator:
    """The rows of a list that have a room, in their order."""
    return page.get_by_role("region", name=title, exact=True).locator("button.room")


def row(page: Page, name: str, title: str = "Rooms") -> Locator:
    return rooms(page, title).filter(has_text=name)


async def height(page: Page, title: str) -> float:
    """Of a list, in pixels."""
    box = await page.get_by_role("region", name=title, exact=True).bounding_box()
    assert box is not None
    return box["height"]


async def picture(page: Page, name: str) -> None:
    """A screenshot for whoever wants to look, in the folder that ``SCREENSHOTS`` names."""
    if folder := os.environ.get("SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png")


@in_each_dialect
@pytest.mark.rules("O-50", "O-51", "O-52", "O-56", "O-57", "O-58")
async def test_rooms_are_listed_opened_and_talked_in(
    open_page: OpenPage, alice: Account, bob: Account, dialect: str
) -> None:
    quiet, lively = [await bob.create_room(name) for name in ("Quiet", "Lively")]
    chat = await bob.create_dm(alice)
    for room in (quiet, lively, chat):
        await alice.join(room)
    await alice.mark_direct(bob, chat)
    await bob.send(lively, "first words")
    page = await open_page(alice, dialect)
    await expect(rooms(page)).to_have_count(2)
    await expect(rooms(page, "Direct messages")).to_have_count(1)
    await row(page, "Quiet").click()
    await bob.send(quiet, "are you there?")
    await expect(page.get_by_role("log")).to_contain_text("are you there?")
    await expect(rooms(page).first).to_contain_text("Quiet")
    await page.get_by_label("Message", exact=True).fill("I am")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("log").locator(".own")).to_contain_text("I am")
    await picture(page, f"room-{dialect}")


@in_each_dialect
async def test_an_invitation_is_accepted(
    open_page: OpenPage, alice: Account, bob: Account, dialect: str
) -> None:
    room = await bob.create_room("Party", public=False, invite=[alice])
    page = await open_page(alice, dialect)
    await row(page, "Party").click()
    await page.get_by_role("button", name="Accept").click()
    await expect(page.get_by_role("button", name="Accept")).to_be_hidden()
    await bob.send(room, "welcome")
    await expect(page.get_by_role("log")).to_contain_text("welcome")
    await expect(row(page, "Party")).to_contain_text("welcome")


@in_each_dialect
async def test_an_invitation_that_is_declined_is_gone(
    open_page: OpenPage, alice: Account, bob: Account, dialect: str
) -> None:
    await bob.create_room("Party", public=False, invite=[alice])
    page = await open_page(alice, dialect)
    await row(page, "Party").click()
    await page.get_by_role("button", name="Decline").click()
    await expect(row(page, "Party")).to_have_count(0)


@in_each_dialect
@pytest.mark.rules("O-55")
async def test_rooms_are_found_by_name(open_page: OpenPage, alice: Account, dialect: str) -> None:
    for name in ("All cats", "Dogs", "Catamarans"):
        await alice.create_room(name)
    page = await open_page(alice, dialect)
    await expect(rooms(page)).to_have_count(3)
    await page.get_by_label("Filter rooms by name").fill("cat")
    await expect(rooms(page)).to_have_count(2)
    await page.get_by_label("Filter rooms by name").fill("")
    await expect(rooms(page)).to_have_count(3)


async def test_another_dialect_is_spoken_at_once(open_page: OpenPage, alice: Account) -> None:
    await alice.create_room("Only")
    page = await open_page(alice)
    await expect(rooms(page)).to_have_count(1)
    async with page.expect_response(lambda answer: answer.url.endswith("/v4/sync")) as answered:
        await page.get_by_label("Dialect").select_option("MSC4186")
    assert (await answered.value).status == 200
    await expect(rooms(page)).to_have_count(1)
    await page.reload()
    await expect(page.get_by_label("Dialect")).to_have_value("msc4186")


@in_each_dialect
@pytest.mark.rules("O-5A")
async def test_a_forgotten_connection_is_shown_and_survived(
    open_page: OpenPage, alice: Account, bob: Account, complaints: list[str], dialect: str
) -> None:
    room = await bob.create_room("Harbour")
    await alice.join(room)
    page = await open_page(alice, dialect)
    await expect(rooms(page)).to_have_count(1)

    async def forget(route: Route) -> None:
        error = json.dumps({"errcode": "M_UNKNOWN_POS", "error": "never heard of it"})
        await route.fulfill(status=400, content_type="application/json", body=error)

    await page.route("**/sync*", forget, times=1)
    await bob.send(room, "one")  # ends the request that waits
    await expect(page.get_by_role("status").first).to_contain_text("M_UNKNOWN_POS")
    await expect(rooms(page)).to_have_count(1)
    await bob.send(room, "two")
    await expect(rooms(page).first).to_contain_text("two")
    await page.get_by_role("button", name="Developer view").click()
    await expect(page.locator(".counters")).to_contain_text("Begun anew1")
    await expect(page.locator(".log")).to_contain_text("M_UNKNOWN_POS")
    [refused] = complaints
    assert "status of 400" in refused
    complaints.clear()


@pytest.mark.rules("O-53")
async def test_an_empty_list_leaves_its_place_to_the_other(
    open_page: OpenPage, alice: Account
) -> None:
    for number in range(20):
        await alice.create_room(f"Room {number}")
    page = await open_page(alice)
    await expect(row(page, "Room 19")).to_be_visible()
    short, long = [await height(page, title) for title in ("Direct messages", "Rooms")]
    assert short < 100 < 450 < long
    await picture(page, "empty-list")


@pytest.mark.rules("O-59")
async def test_bytes_and_times_of_answers_are_drawn(open_page: OpenPage, alice: Account) -> None:
    await alice.create_room("Only")
    page = await open_page(alice)
    await expect(rooms(page)).to_have_count(1)
    await page.get_by_role("button", name="Developer view").click()
    for title, unit in (("Bytes of an answer", "KB"), ("Time to an answer", "ms")):
        graph = page.get_by_role("img", name=title)
        painted = await graph.evaluate(
            "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)"
            ".data.some(Boolean)"
        )
        assert painted
        assert unit in str(await graph.get_attribute("aria-label"))
    await picture(page, "developer")


async def test_everything_can_be_done_with_the_keyboard(
    open_page: OpenPage, alice: Account, bob: Account
) -> None:
    for number in range(30):
        await alice.create_room(f"Room {number:02}")
    page = await open_page()
    await page.keyboard.press("Tab")
    await page.keyboard.insert_text(alice.token)
    await page.keyboard.press("Enter")
    await expect(row(page, "Room 29")).to_be_visible()
    await page.get_by_label("Filter rooms by name").focus()
    for _ in range(4):
        await page.keyboard.press("Tab")
        if await rooms(page).first.evaluate("row => row === document.activeElement"):
            break
    await expect(rooms(page).first).to_be_focused()
    await page.keyboard.press("End")
    await expect(row(page, "Room 00")).to_be_focused()
    await page.keyboard.press("Home")
    await page.keyboard.press("ArrowDown")
    await expect(row(page, "Room 28")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Room 28")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_axe_finds_nothing_serious(
    open_page: OpenPage, alice: Account, bob: Account, dark: bool
) -> None:
    room = await bob.create_room("Harbour", state=[{"type": "m.room.topic",
                                                    "content": {"topic": "Boats"}}])  # fmt: skip
    await alice.join(room)
    await bob.create_room("Party", public=False, invite=[alice])
    await bob.send(room, "hello")
    await alice.send(room, "hello yourself")
    page = await open_page(dark=dark)
    assert await serious(page) == []
    await page.get_by_label("Access token").fill(alice.token)
    await page.get_by_role("button", name="Start Sync").click()
    await row(page, "Harbour").click()
    await expect(page.get_by_role("log")).to_contain_text("hello yourself")
    await page.get_by_role("button", name="Developer view").click()
    assert await serious(page) == []
    await row(page, "Party").click()
    await expect(page.get_by_role("button", name="Accept")).to_be_visible()
    assert await serious(page) == []
    await picture(page, f"axe-{'dark' if dark else 'light'}")


async def serious(page: Page) -> list[str]:
    """What axe-core holds against the page, with the elements."""
    found = await Axe().run(page)
    return [f"{each['id']}: {[node['html'] for node in each['nodes']]}"
            for each in found.response["violations"] if each["impact"] in SERIOUS]  # fmt: skip


async def test_the_policy_forbids_markup_from_strings_and_other_servers(
    open_page: OpenPage, homeserver: FakeHomeserver, complaints: list[str]
) -> None:
    page = await open_page()
    said: str = await page.evaluate(
        "() => { try { document.body.innerHTML = '<b>x'; return 'done' }"
        " catch (error) { return error.name } }"
    )
    assert said == "TypeError"
    asked = f"() => fetch('{homeserver.url}/x').then(() => 'done', (error) => error.name)"
    assert await page.evaluate(asked) == "TypeError"
    assert all(seen.path != "/x" for seen in homeserver.seen)
    assert any("Content Security Policy" in each for each in complaints)
    complaints.clear()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("dialect", ["msc3575", "msc4186"])
async def test_an_account_of_5000_rooms_scrolls(
    open_page: OpenPage, homeserver: FakeHomeserver, alice: Account, dialect: str
) -> None:
    for number in range(MANY):
        homeserver.world.create_room(alice.user_id, name=f"Room {number:04}")
    page = await open_page(alice, dialect)
    page.set_default_timeout(300_000)
    await expect(row(page, f"Room {MANY - 1}")).to_be_visible(timeout=300_000)
    await expect(page.locator(".list .count").last).to_have_text(str(MANY), timeout=300_000)
    asked: list[str] = []
    page.on(
        "request", lambda request: asked.append(request.url) if "/sync" in request.url else None
    )
    box = page.get_by_role("region", name="Rooms", exact=True).locator(".viewport")
    most, pace = await box.evaluate(SCROLL)
    assert most <= ELEMENTS
    assert pace["long"] <= pace["frames"] / 10, pace
    await expect(row(page, "Room 0000")).to_be_visible(timeout=300_000)
    assert len(asked) < 30, "scrolling asks once it has come to rest"
    await picture(page, f"many-{dialect}")


SCROLL: Final = """async (box) => {
    const frame = () => new Promise(requestAnimationFrame);
    const idle = [];
    let before = await frame();
    for (let count = 0; count < 60; count += 1) {
        const now = await frame(); idle.push(now - before); before = now;
    }
    const usual = idle.sort((one, other) => one - other)[Math.floor(idle.length * 0.9)];
    let [most, frames, long] = [0, 0, 0];
    const step = (box.scrollHeight - box.clientHeight) / 200;
    for (let count = 1; count <= 200; count += 1) {
        box.scrollTop = count * step;
        const now = await frame();
        frames += 1;
        if (now - before > 3 * usual + 16) long += 1;
        before = now;
        most = Math.max(most, document.querySelectorAll('.rows li').length);
    }
    box.scrollTop = box.scrollHeight;
    return [most, {frames, long, usual}];
}"""
"""Scrolls from top to bottom in 200 frames: the most rows that existed, and how many frames took
much longer than 9 of 10 frames in which nothing happened."""
