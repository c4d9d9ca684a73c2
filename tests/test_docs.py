"""Generated pages are as fresh as the program, and every link in the docs leads somewhere."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = runpy.run_path(str(ROOT / "docs" / "generate.py"))["PAGES"]
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


@pytest.mark.parametrize("name", PAGES)
def test_generated_pages_are_fresh(name):
    kept = (ROOT / "docs" / name).read_text("utf-8")
    assert kept == PAGES[name](), "stale: run `make docs`"


def test_every_page_of_the_reference_that_says_it_is_generated_is():
    for path in (ROOT / "docs").rglob("*.md"):
        if "Made by `python" in path.read_text("utf-8"):
            assert path.relative_to(ROOT / "docs").as_posix() in PAGES


@pytest.mark.parametrize(
    "page", [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"], ids=lambda path: path.name
)
def test_links_lead_somewhere(page):
    for target in LINK.findall(page.read_text("utf-8")):
        assert (page.parent / target).exists(), f"{page}: {target}"
