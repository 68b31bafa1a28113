"""Can somebody work at the desk in a browser: by keyboard, without JavaScript, on a narrow screen, with a screen reader?"""

import httpx2
import pytest
from axe_playwright_python.sync_playwright import Axe
from sqlalchemy import select, update

from serving.review.database import reading
from serving.review.people import Role

HOSTILE = "Ring Sam on 07700 900123 <img src=x onerror=\"document.title='taken'\"> about the curfew box \u202eabc"
NARROW = 320
ZOOMED = 640
"""A window of 1280 pixels at 200 %."""
WIDER = """() => document.documentElement.scrollWidth <= window.innerWidth ? [] :
    [...document.querySelectorAll("body *")].filter((each) => each.getBoundingClientRect().right > window.innerWidth + 1)
        .map((each) => `${each.tagName}.${each.className}`).slice(0, 8)"""


def hold(desk, text=HOSTILE, **changes):
    message = {"channel": "sms", **({} if "template" in changes else {"text": text}), **changes}
    return httpx2.post(f"{desk.url}/v1/score", json=message, timeout=60).json()["review"]["id"]


def sign_in(page, desk, *roles, name="Sam Okafor"):
    page.goto(desk.link(*roles, name=name))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/review")


def press(page, key):
    """Press a key once the page's script listens."""
    page.locator("body[data-ready]").wait_for()
    page.keyboard.press(key)


def judgements(desk):
    with reading(desk.keeper.store.engine) as connection:
        table = desk.keeper.store.tables.judgements
        return [dict(row) for row in connection.execute(select(table).order_by(table.c.at_ms)).mappings()]


def faults_of(page, state):
    """What axe finds at any width, and what is wider than the screen."""
    faults = []
    for width in (1280, ZOOMED, NARROW):
        page.set_viewport_size({"width": width, "height": 900})
        faults += [f"{state}: {each} is wider than {width}" for each in page.evaluate(WIDER)]
    for width in (NARROW, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page)
        faults += [f"{state} at {width}: {found.generate_report()}"] if found.violations_count else []
    return faults


@pytest.fixture
def noisy(request):
    """Collect what the console says: a refused script would be told there."""
    said = []

    def listen(page):
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        return page

    yield listen
    assert [each for each in said if "Failed to load resource" not in each] == []


def test_by_keyboard_in_two_presses_and_undone(desk, browser, noisy):
    review_id = hold(desk)
    page = noisy(browser())
    sign_in(page, desk, Role.REVIEWER)
    press(page, "n")
    page.wait_for_url(f"**/review/messages/{review_id}")
    press(page, "a")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Undo").wait_for()
    assert [each["agrees"] for each in judgements(desk)] == [True]
    press(page, "u")
    page.get_by_text("Your decision is undone").wait_for()
    press(page, "r")
    page.locator("[data-markable]").wait_for()
    assert "<img src=x onerror=" in page.locator("#text").inner_text()
    assert "U+202E right-to-left override" in page.locator("#text").inner_text()
    assert page.title() != "taken"
    press(page, "d")
    assert page.evaluate("document.activeElement.id") == "category"
    page.keyboard.press("ArrowUp")  # round to the last: sensitive
    assert page.get_by_role("radio", name="Sensitive", exact=True).is_checked()


def test_words_are_marked_by_selecting_them(desk, browser, noisy):
    hold(desk, "é𝄞 Ring about the curfew box")
    page = noisy(browser())
    sign_in(page, desk, Role.REVIEWER)
    press(page, "n")
    page.wait_for_url("**/review/messages/*")
    press(page, "r")
    page.locator("[data-markable]").wait_for()
    page.locator("body[data-ready]").wait_for()
    page.evaluate(
        """() => {
            const piece = [...document.querySelectorAll("#text [data-start]")].find((each) => each.textContent.includes("curfew"));
            const place = piece.textContent.indexOf("curfew");
            document.getSelection().setBaseAndExtent(piece.firstChild, place, piece.firstChild, place + 10);
        }"""
    )
    types = page.get_by_label("Mark the selected words as")
    types.focus()  # choosing an option by Playwright alone leaves the focus elsewhere
    types.select_option("criminal")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator("#marked-list").inner_text().startswith("curfew box (offences or proceedings)")
    assert page.evaluate("document.activeElement.textContent") == "Take out"
    page.get_by_role("radio", name="No", exact=True).check()
    page.get_by_role("radio", name="Sensitive", exact=True).check()
    page.get_by_role("radio", name="Block: it may not go").check()
    page.get_by_label("Reason").select_option("detail_missed")
    page.get_by_role("button", name="Record decision").click()
    page.get_by_role("button", name="Undo").wait_for()
    assert judgements(desk)[0]["spans"] == [[18, 28, "criminal"]]


def test_without_javascript_twice_and_adjudicated(desk, browser):
    """Two reviewers who differ, and a third who decides."""
    review_id = hold(desk)
    pages = {}
    for name, role in (("Sam", Role.REVIEWER), ("Kim", Role.REVIEWER), ("Ada", Role.ADJUDICATOR)):
        pages[name] = browser(java_script_enabled=False)
        sign_in(pages[name], desk, role, name=name)
    for name, tier, action in (("Sam", "Sensitive", "Block"), ("Kim", "Personal", "Block"), ("Ada", "Sensitive", "Block")):
        page = pages[name]
        page.goto(f"{desk.url}/review")
        page.get_by_role("button", name="Take the next one").click()
        page.wait_for_url(f"**/review/messages/{review_id}")
        assert ("What the reviewers said" in page.content()) == (name == "Ada")
        page.get_by_role("button", name="Reveal").click()
        page.get_by_role("radio", name="No", exact=True).check()
        page.get_by_role("radio", name=tier, exact=True).check()
        page.get_by_role("radio", name=action).check()
        page.get_by_label("Reason").select_option("other_tier")
        page.get_by_role("button", name="Record decision").click()
        page.wait_for_url("**/review")
    assert [each["stage"] for each in judgements(desk)] == ["first", "second", "adjudication"]


def know_change(desk, review_id, *places):
    """Write down a smallest change, as a service with a model does."""
    change = {"without": [{"start": start, "end": end} for start, end in places], "category": "routine"}
    reviews = desk.keeper.store.tables.reviews
    with desk.keeper.store.engine.begin() as connection:
        connection.execute(update(reviews).where(reviews.c.id == review_id).values(change=change))


def test_messages_of_a_template_are_decided_together_by_keyboard(desk, browser, noisy):
    ids = [hold(desk, template="Ring ((name)) on 07700 900123", personalisation={"name": f"Sam{letter}"}) for letter in "abc"]
    know_change(desk, ids[0], (13, 25))
    page = noisy(browser())
    sign_in(page, desk, Role.REVIEWER)
    press(page, "n")
    page.wait_for_url(f"**/review/messages/{ids[0]}")
    assert page.locator("#change-heading + p").inner_text() == "Without phone it would be routine, and might go."
    press(page, "t")
    page.wait_for_url("**/alike")
    press(page, "r")
    page.get_by_text("One of them", exact=True).wait_for()
    press(page, "a")
    page.keyboard.press("Enter")
    page.get_by_text("Recorded for 3 messages").wait_for()
    assert {each["review_id"] for each in judgements(desk)} == set(ids)
    press(page, "u")
    page.get_by_text("Your decision is undone").wait_for()
    assert page.url.endswith(ids[0])
    assert all(each["undone_at_ms"] for each in judgements(desk))


def test_axe_finds_nothing_on_reports_and_on_messages_of_a_template(desk, browser):
    for name in ("a", "b"):
        last = hold(desk, template="Ring ((name)) on 07700 900123", personalisation={"name": name})
        know_change(desk, last, (0, 4), (10, 22))
    hold(desk, sender={"business_area": "housing"})
    blocked = {"text": "Your sort code is 20-00-00, account 55779911", "sender": {"business_area": "housing"}}
    httpx2.post(f"{desk.url}/v1/score", json=blocked, timeout=60)
    faults = []
    page = browser()
    sign_in(page, desk, Role.REVIEWER, Role.MANAGER, Role.AUDITOR)
    for name in ("overview", "incidents", "audit"):
        page.goto(f"{desk.url}/review/{name}")
        faults += faults_of(page, f"{name}, empty")
    page.goto(f"{desk.url}/review/messages/{last}")
    page.locator("#change-heading").wait_for()
    faults += faults_of(page, "masked, with a change")
    page.get_by_role("link", name="decide them together").click()
    page.wait_for_url("**/alike")
    faults += faults_of(page, "of a template")
    page.get_by_role("button", name="Reveal").click()
    page.get_by_text("One of them", exact=True).wait_for()
    page.get_by_role("button", name="Record for all 2").click()
    page.get_by_text("Something is missing").wait_for()
    for summary in page.locator("summary").all():
        summary.click()
    faults += faults_of(page, "of a template, revealed, errors")
    page.get_by_role("radio", name="Yes").check()
    page.get_by_role("button", name="Record for all 2").click()
    page.get_by_text("Recorded for 2 messages").wait_for()
    faults += faults_of(page, "notice")
    for name in ("overview", "incidents", "audit"):
        page.goto(f"{desk.url}/review/{name}")
        faults += faults_of(page, name)
    assert faults == []


def test_axe_finds_nothing_in_any_state(desk, browser):
    hold(desk)
    faults = []
    page = browser()
    page.goto(f"{desk.url}/review/sign-in")
    faults += faults_of(page, "sign-in")
    page.goto(desk.link(Role.REVIEWER, Role.ADJUDICATOR, Role.MANAGER))
    faults += faults_of(page, "link")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/review")
    faults += faults_of(page, "queue")
    page.get_by_role("button", name="Take the next one").click()
    page.wait_for_url("**/review/messages/*")
    faults += faults_of(page, "masked")
    page.get_by_role("button", name="Reveal").click()
    page.locator("[data-markable]").wait_for()
    faults += faults_of(page, "revealed")
    page.get_by_role("radio", name="No", exact=True).check()
    page.locator("body[data-ready]").wait_for()
    for places in ((0, 4), (5, 8)):  # one marked, one about to be
        page.evaluate(
            """([start, end]) => {
                const words = document.querySelector("#text [data-start]").firstChild;
                document.getSelection().setBaseAndExtent(words, start, words, Math.min(end, words.length));
            }""",
            places,
        )
        page.locator("#mark-button").wait_for()
        if places[0] == 0:
            page.keyboard.press("m")
    for summary in page.locator("summary").all():
        summary.click()
    faults += faults_of(page, "everything open")
    page.get_by_role("button", name="Record decision").click()
    page.get_by_text("Something is missing").wait_for()
    faults += faults_of(page, "errors")
    page.get_by_role("radio", name="Yes").check()
    page.get_by_role("button", name="Record decision").click()
    page.get_by_role("button", name="Undo").wait_for()
    faults += faults_of(page, "notice, nothing waiting")
    page.goto(f"{desk.url}/review/nowhere")
    faults += faults_of(page, "fault")
    assert faults == []
