from pathlib import Path

from speechlabel import registry
from speechlabel.formats.reference import page

PAGE = Path(__file__).parents[2] / "docs/reference/formats.md"


def test_the_page_is_fresh():
    told = "run: python -m speechlabel.formats.reference docs/reference/formats.md"
    assert PAGE.read_text(encoding="utf-8") == page(), told


def test_each_format_has_its_section():
    assert all(f"\n## {name}\n" in page() for name in registry.names("format"))
