"""Words of the pages in English and Simplified Chinese: the same files that the editor reads."""

from __future__ import annotations

from functools import cache

import orjson

from speechlabel.web.statics import LOCALES as FOLDER

__all__ = ["pick_locale", "word"]


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
