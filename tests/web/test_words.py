"""Words of the pages: every key that is used exists in both languages, and none is left over."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from speechlabel.errors import InputError, NotFoundError, SpeechLabelError
from speechlabel.guideline import preset_names
from speechlabel.records import Project
from speechlabel.web.preparing import WAITS
from speechlabel.web.words import error_words, pick_locale, project_title, reason_words, word
from speechlabel.workflow.export import INCLUDABLE

WEB = Path(__file__).parents[2] / "speechlabel" / "web"
SOURCES = [*WEB.glob("pages/*.py"), *WEB.glob("static/page/*.js")]
WORDS = {name: json.loads((WEB / "locales" / f"{name}.json").read_text("utf-8")) for name in ("en", "zh-CN")}


def used() -> tuple[set[str], set[str]]:
    """Keys written out in the sources, and the starts of those that are put together."""
    whole: set[str] = set()
    starts: set[str] = set()
    for path in SOURCES:
        text = path.read_text("utf-8")
        whole |= set(re.findall(r"""["'`](page\.\w+)["'`]""", text))
        starts |= set(re.findall(r"""["'`](page\.\w+_)\$?\{""", text))
    return whole, starts


def test_every_key_that_is_used_exists() -> None:
    whole, starts = used()
    assert len(whole) > 40 and len(starts) >= 5
    for locale, words in WORDS.items():
        assert whole - set(words) == set(), locale
        for start in starts:
            assert any(key.startswith(start) for key in words), (locale, start)


def test_every_key_of_the_page_is_used() -> None:
    whole, starts = used()
    left = [
        key
        for key in WORDS["en"]
        if key.startswith("page.") and key not in whole and not any(key.startswith(start) for start in starts)
    ]
    assert left == []


@pytest.mark.parametrize("locale", WORDS)
def test_names_made_of_data_have_words(locale: str) -> None:
    wanted = [f"page.reason_{reason}" for reason in INCLUDABLE]
    wanted += [f"page.preset_{name}" for name in preset_names()]
    wanted += [f"page.state_{state}" for state in ("new", "preparing", "ready", "failed")]
    assert [key for key in wanted if word(locale, key) == key] == []


def test_the_samples_are_named_in_the_language_of_the_page_and_own_projects_as_they_are() -> None:
    samples = Project(id="samples", name="samples_2", language="en", guideline="")
    own = Project(id="calls", name="samples", language="en", guideline="")
    assert [project_title(locale, samples) for locale in ("en", "zh-CN")] == ["Samples", "示例"]
    assert [project_title(locale, own) for locale in ("en", "zh-CN")] == ["samples", "samples"]
    renamed = Project(id="samples", name="My samples", language="en", guideline="")
    assert [project_title(locale, renamed) for locale in ("en", "zh-CN")] == ["My samples", "My samples"]


def test_a_browser_gets_the_locale_that_fits() -> None:
    assert [pick_locale(tag) for tag in ("zh", "zh-TW", "zh-Hans-CN", "en-GB", "de", "", None)] == [
        *("zh-CN", "zh-CN", "zh-CN"),
        *("en", "en", "en", "en"),
    ]


def test_values_are_put_in() -> None:
    assert word("en", "page.n_failed", n=3) == "3 failed"


def kinds(root: type[SpeechLabelError]) -> list[type[SpeechLabelError]]:
    return [root, *(kind for child in root.__subclasses__() for kind in kinds(child))]


def test_every_kind_of_error_is_explained_in_both_languages() -> None:
    ours = {kind.code for kind in kinds(SpeechLabelError) if kind.__module__.startswith("speechlabel.")}
    ours |= set(WAITS)  # noted with a recording that waits
    assert {"audio", "changed", "error", "internal", "segmenter", "worker_died", "disk_full"} <= ours
    for locale, words in WORDS.items():
        assert [code for code in ours - {"offset"} if f"page.error_{code}" not in words] == [], locale
    error = NotFoundError("project", "x")
    assert error_words("en", error) == error.message
    assert error_words("zh-CN", error) == f"找不到（{error.message}）"
    assert "输入有误" in error_words("zh-CN", InputError("no"))


def test_a_reason_that_was_noted_is_told_in_the_language_of_the_page() -> None:
    for code, message in WAITS.items():
        assert reason_words("en", code, message).lower() == message
        assert message not in reason_words("zh-CN", code, message)
        assert "自动重试" in reason_words("zh-CN", code, message)
    assert reason_words("zh-CN", "audio", "is cut off") == "这个文件无法作为音频读取（is cut off）"
    assert reason_words("zh-CN", None, "is cut off") == "is cut off"  # noted before codes were
    assert reason_words("zh-CN", "of_a_plugin", "is cut off") == "is cut off"
