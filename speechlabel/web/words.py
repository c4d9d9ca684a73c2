"""Words of the pages in English and Simplified Chinese: the same files that the editor reads."""

from __future__ import annotations

import re
from functools import cache

import orjson

from speechlabel.errors import SpeechLabelError
from speechlabel.records import Project
from speechlabel.web.statics import LOCALES as FOLDER
from speechlabel.workflow.projects import SAMPLES_PROJECT

__all__ = ["error_words", "pick_locale", "project_title", "reason_words", "word"]


def pick_locale(wanted: str | None) -> str:
    """Return the locale of ours that fits best."""
    return "zh-CN" if (wanted or "").lower().startswith("zh") else "en"


@cache
def _words(locale: str) -> dict[str, str]:
    return orjson.loads((FOLDER / f"{locale}.json").read_bytes())


def word(locale: str, key: str, **values: object) -> str:
    """Return the text of a key; a missing key shows itself (a test holds both files complete)."""
    text = _words(locale).get(key, key)
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def error_words(locale: str, error: SpeechLabelError) -> str:
    """Return what went wrong in a language; the error's own words, which have the details, come with it."""
    return reason_words(locale, error.code, error.message)


def reason_words(locale: str, code: str | None, message: str) -> str:
    """Return in a language what was noted of an error: its code and its own words, which have the details.

    None, a code of before codes were noted, and one of another package leave the words as they are.
    """
    key = f"page.error_{code}"
    text = word(locale, key, message=message)
    return message if text == key else text


def project_title(locale: str, project: Project) -> str:
    """Return what people call a project: its name; the samples have one in each language until renamed."""
    is_as_made = project.id == SAMPLES_PROJECT and re.fullmatch(rf"{SAMPLES_PROJECT}(_\d+)?", project.name)
    return word(locale, "page.samples") if is_as_made else project.name
