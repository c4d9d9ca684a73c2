"""A real server, started the README's way, and a real Chromium."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from speechlabel.store.workspace import open_workspace
from speechlabel.workflow.ingest import ingest
from speechlabel.workflow.projects import create_project

Open = Callable[..., Page]
ROOT = Path(__file__).parents[2]
ABANDONED = re.compile("AbortError|Failed to fetch|Connection errored out")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.hookimpl(tryfirst=True)  # before pytest drops what -m does not want
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark whatever drives a browser."""
    for item in items:
        if "playwright" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


@dataclass
class Server:
    """A running server and the words it said at its start."""

    address: str
    workspace: Path
    said: str
    process: subprocess.Popen[str]

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        os.killpg(self.process.pid, how)
        self.process.wait(timeout=15)


def start_server(workspace: Path, port: int | None = None, **settings: str) -> Server:
    """Run ``make run`` and wait until it says where it is; ``settings`` are further variables for it."""
    if port is None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
    environment = (
        os.environ | {"SPEECHLABEL_WORKSPACE": str(workspace), "SPEECHLABEL_PORT": str(port)} | settings
    )
    process = subprocess.Popen(
        ["make", "--no-print-directory", "run"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    said = ""
    for line in process.stdout:
        said += line
        if "Ctrl+C" in line:
            break
    else:
        raise AssertionError(f"the server did not start:\n{said}")
    address = next(word for word in said.split() if word.startswith("http://"))
    return Server(address=address, workspace=workspace, said=said, process=process)


@pytest.fixture(scope="module")  # not longer: while it lives, its thread has a running event loop
def playwright() -> Iterator[Playwright]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here; on Debian: apt-get install chromium")
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=[
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    )
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    started = start_server(tmp_path_factory.mktemp("workspace"))
    yield started
    if started.process.poll() is None:
        started.stop()


# A browser with a window gives no sound before the first gesture; a headless one always does.  (What a
# driver evaluates counts as a gesture for navigator.userActivation, so keys and clicks are counted here.)
NO_SOUND_BEFORE_A_GESTURE = """
const Real = AudioContext;
let acted = false;
for (const type of ["keydown", "pointerdown"]) addEventListener(type, () => (acted = true), true);
window.AudioContext = class extends Real {
  #made = acted;
  constructor(options) {
    super(options);
    if (!acted) void super.suspend();
  }
  get state() {
    return acted || this.#made ? super.state : "suspended";
  }
  resume() {
    return acted ? super.resume() : new Promise(() => {});
  }
};
"""


class Watched:
    """What went wrong in a page, and where it tried to go."""

    def __init__(self, page: Page, address: str) -> None:
        self.errors: list[str] = []
        self.foreign: list[str] = []
        page.on("pageerror", lambda error: self._note(str(error), error.stack or ""))
        page.on("console", lambda m: self._note(m.text, m.location["url"]) if m.type == "error" else None)
        page.on(
            "request",
            lambda r: None if r.url.startswith((address, "blob:", "data:")) else self.foreign.append(r.url),
        )

    def _note(self, text: str, where: str) -> None:
        # A page that is left while Gradio asks its server something: nobody is there to see it fail.
        if not (ABANDONED.search(text) and "/assets/" in where + text):
            self.errors.append(text)


def ask(server: Server, path: str, body: dict[str, Any] | None = None, method: str | None = None) -> Any:
    """Ask the server over REST; with a body, POST it, if no other method is named."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        server.address + path, data, {"Content-Type": "application/json"}, method=method
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


@contextlib.contextmanager
def serve_talks(folder: Path, paths: Sequence[Path]) -> Iterator[Server]:
    """Serve a project "talks" of these recordings, in a workspace below the folder."""
    with open_workspace(folder / "workspace") as workspace:
        create_project(workspace, "talks")
        ingest(workspace, "talks", paths)
    started = start_server(folder / "workspace")
    yield started
    started.stop()


def wait_until_ready(server: Server, page: Page) -> None:
    """Wait until nothing of "talks" is being prepared."""
    for _ in range(300):
        rows = ask(server, "/api/projects/talks/recordings")
        if all(row["state"] == "ready" and row["progress"] is None for row in rows):
            return
        page.wait_for_timeout(100)
    raise AssertionError("the recordings are not ready")


def open_context(chromium: Browser, locale: str, width: int = 1366, height: int = 768) -> BrowserContext:
    context = chromium.new_context(
        locale=locale, viewport={"width": width, "height": height}, accept_downloads=True
    )
    context.add_init_script(NO_SOUND_BEFORE_A_GESTURE)
    return context


def wait_for_editor(page: Page) -> None:
    page.wait_for_selector(".sl-editor .sl-row textarea", timeout=20_000)
    page.wait_for_function("document.activeElement.matches('.sl-row[aria-current=true] textarea')")


def wait_for_saved(page: Page, timeout_s: float = 10) -> None:
    """Wait until the page itself says that everything is on disk."""
    page.wait_for_selector('.sl-save[data-state="saved"]', timeout=timeout_s * 1000)
    time.sleep(0.05)


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = open_context(chromium, "en-US")
    yield context
    context.close()


@pytest.fixture
def open_talk(server: Server, context: BrowserContext) -> Open:
    """Give what opens a recording of "talks", once all of them are prepared."""

    def open_talk(name: str, context: BrowserContext = context) -> Page:
        page = context.new_page()
        wait_until_ready(server, page)
        page.goto(f"{server.address}/?project=talks&recording={name}")
        wait_for_editor(page)
        return page

    return open_talk


@pytest.fixture
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    """The English dialogue, just opened in a browser of its own; no error may be left in its console."""
    context = open_context(chromium, "en-US")
    page = context.new_page()
    watched = Watched(page, server.address)
    page.goto(server.address)
    wait_for_editor(page)
    yield page
    assert watched.errors == []
    context.close()
