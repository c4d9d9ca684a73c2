"""Texts of Gradio components that follow the page's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gradio.blocks import Block

from speechlabel.web.pages.updates import update
from speechlabel.web.words import pick_locale, word

__all__ = ["Label"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A component and the keys of its texts: property (``label``, ``value`` …) → key of the locale files."""

    component: Block
    keys: Mapping[str, str]
    choices: Mapping[str, str] | None = None  # value → key, for choices with words

    def in_words(self, locale: str) -> dict[str, Any]:
        """Return the update that puts its texts into a language."""
        chosen = pick_locale(locale)
        values: dict[str, Any] = {name: word(chosen, key) for name, key in self.keys.items()}
        if self.choices is not None:
            values["choices"] = [(word(chosen, key), value) for value, key in self.choices.items()]
        return update(**values)
