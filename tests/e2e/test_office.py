"""A labeller on plain http in the office: another machine's name, no secure context, the same work."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from .conftest import CHROMIUM, Server, Watched, open_context, start_server, wait_for_editor, wait_for_saved

NAME = "labels.office.test"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    started = start_server(tmp_path_factory.mktemp("office"), SPEECHLABEL_HOST="0.0.0.0")
    yield started
    started.stop()


@pytest.fixture(scope="module")
def elsewhere(playwright: Playwright) -> Iterator[Browser]:
    """A browser that reaches this machine by a name, as one across the room does."""
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=["--no-sandbox", "--disable-gpu", f"--host-resolver-rules=MAP {NAME} 127.0.0.1"],
    )
    yield browser
    browser.close()


def test_the_whole_loop_works_without_a_secure_context(office: Server, elsewhere: Browser) -> None:
    address = office.address.replace("0.0.0.0", NAME)
    context = open_context(elsewhere, "en-US")
    page = context.new_page()
    watched = Watched(page, address.split("/?")[0])
    page.goto(address)
    wait_for_editor(page)
    assert not page.evaluate("isSecureContext")
    assert "key=" not in page.url, "the key does not stay in the address"
    page.keyboard.press("Enter")
    expect(page.locator(".sl-play")).to_have_attribute("aria-label", "Pause")
    page.keyboard.type("typed across the room")
    page.keyboard.press("Control+1")
    wait_for_saved(page)
    id = page.locator(".sl-row[aria-current=true]").get_attribute("data-id")

    second = context.new_page()  # of the same person: it reads only
    second.goto(page.url)
    expect(second.locator(".sl-banner").first).to_be_visible()
    expect(box(second, id)).to_have_value("typed across the room")
    second.get_by_role("button", name="Edit here instead").click()
    expect(second.locator(".sl-banner").first).to_be_hidden()
    second.close()

    page.reload()
    wait_for_editor(page)
    expect(box(page, id)).to_have_value("typed across the room")
    # The browser says that it does not heed this header on plain http; it does no harm.
    assert [error for error in watched.errors if "Cross-Origin-Opener-Policy" not in error] == []
    assert watched.foreign == []
    context.close()


def box(page: Page, id: str | None) -> Locator:
    return page.locator(f'.sl-row[data-id="{id}"] textarea')


def test_without_the_key_nothing_is_shown(office: Server, elsewhere: Browser) -> None:
    context = open_context(elsewhere, "en-US")
    page = context.new_page()
    answer = page.goto(office.address.replace("0.0.0.0", NAME).split("?")[0])
    assert answer is not None and answer.status == 401
    assert "appointment" not in page.content()
    context.close()
