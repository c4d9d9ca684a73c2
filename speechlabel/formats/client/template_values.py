"""Values as a template wants them: its units, its words for values, and what stands where nothing is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from speechlabel.errors import ExportError
from speechlabel.formats.client.template_fields import Place, Span
from speechlabel.formats.losses import Tally
from speechlabel.guideline import Guideline
from speechlabel.template import Template
from speechlabel.template_parts import TIMES, Leaf, Ref, Scope, flat, parse
from speechlabel.timing import format_seconds, us_to_seconds

__all__ = ["OMIT", "Values", "in_unit", "unit_text"]

OMIT: Final = object()  # the key is left out with its value
MOST_FAULTS = 20


class Values:
    """Gives the values of one template.

    ``tally`` counts values that a map of the template does not know: they are written as they are.
    """

    def __init__(self, template: Template, rules: Guideline | None) -> None:
        self.template = template
        self.tally = Tally()
        self.lacking: list[str] = []  # required and not told: the first of them
        self._maps = _titles(rules, template.titles) | flat(template.values)
        self._own = set(flat(template.values))

    def typed(self, leaf: Leaf, place: Place, scope: Scope, path: str) -> object:
        """Return a value for JSON or a typed cell: a field alone keeps its type, with text around it is text.

        ``path`` tells where it stands, should it be required and missing.
        """
        parts = parse(leaf.text, scope)
        ref = parts[0] if len(parts) == 1 else None
        if not isinstance(ref, Ref):
            return self._text(parts, leaf, place, path)
        value = self._mapped(ref, place)
        if value is None or (leaf.required and value == ""):
            return self._missing(leaf, place, path)
        if isinstance(value, Span):
            return in_unit(value, ref.spec or self.template.time)
        if ref.scope == "index" and ref.spec:
            return f"{value:{ref.spec}}"
        if isinstance(value, tuple):
            items = cast("tuple[object, ...]", value)
            return list(items) if leaf.join is None else leaf.join.join(map(_plain, items))
        return value

    def cell(self, leaf: Leaf, place: Place, scope: Scope, path: str) -> object:
        """Return a value for a cell, typed: lists are joined, and what is missing is ""."""
        value = self.typed(leaf, place, scope, path)
        if isinstance(value, list):
            return self._joined(cast("list[object]", value), leaf)
        if isinstance(value, dict):
            return _plain(cast("object", value))
        return "" if value is None or value is OMIT else value

    def number_text(self, leaf: Leaf, place: Place, scope: Scope) -> str | None:
        """Return the text of a cell that is a time alone, with all its decimals; None for another."""
        parts = parse(leaf.text, scope)
        if len(parts) != 1 or not isinstance(parts[0], Ref):
            return None
        value = self._mapped(parts[0], place)
        return unit_text(value, parts[0].spec or self.template.time) if isinstance(value, Span) else None

    def _text(self, parts: tuple[str | Ref, ...], leaf: Leaf, place: Place, path: str) -> object:
        made: list[str] = []
        for part in parts:
            if isinstance(part, str):
                made.append(part)
                continue
            value = self._mapped(part, place)
            if value is None:
                if leaf.required:
                    self._lack(place, path)
                made.append("" if leaf.default is None else str(leaf.default))
            elif isinstance(value, Span):
                made.append(unit_text(value, part.spec or self.template.time))
            elif isinstance(value, tuple):
                made.append(self._joined(cast("tuple[object, ...]", value), leaf))
            elif part.scope == "index" and part.spec:
                made.append(f"{value:{part.spec}}")
            else:
                made.append(_plain(value))
        return "".join(made)

    def _joined(self, items: tuple[object, ...] | list[object], leaf: Leaf) -> str:
        return (self.template.join if leaf.join is None else leaf.join).join(map(_plain, items))

    def _missing(self, leaf: Leaf, place: Place, path: str) -> object:
        if leaf.default is not None:
            return leaf.default
        if leaf.required:
            self._lack(place, path)
        return {"null": None, "empty": "", "omit": OMIT}[self.template.missing]

    def _lack(self, place: Place, path: str) -> None:
        thing = place.segment or place.speaker
        where = place.recording.name if place.recording else "the whole"
        if len(self.lacking) <= MOST_FAULTS:
            self.lacking.append(
                f"{path} is required and not told: {where}" + (f", {thing.id}" if thing else "")
            )

    def refuse_lacking(self) -> None:
        """Refuse an export that lacks what its template requires.

        Raises
        ------
        ExportError
            Names the first of what is lacking.
        """
        if self.lacking:
            more = " …" if len(self.lacking) > MOST_FAULTS else ""
            told = "; ".join(self.lacking[:MOST_FAULTS])
            raise ExportError(f"the template {self.template.name!r} is not satisfied: {told}{more}")

    def _mapped(self, ref: Ref, place: Place) -> Any:  # noqa: ANN401 - any value of a record
        value = place.value(ref)
        name = f"{ref.field}.{ref.key}" if ref.key else ref.field
        full = f"{ref.scope}.{name}"
        mapping = self._maps.get(full) or self._maps.get(name)
        if (
            mapping is None
            or value is None
            or ref.field in TIMES
            or not isinstance(value, str | int | float | tuple)
        ):
            return value  # pyright: ignore[reportUnknownVariableType]
        is_own = full in self._own or name in self._own
        thing = place.segment or place.speaker or place.recording
        id = thing.id if thing else ""
        if isinstance(value, tuple):
            return tuple(
                self._word(mapping, one, name, id, is_own) for one in cast("tuple[object, ...]", value)
            )
        return self._word(mapping, value, name, id, is_own)

    def _word(self, mapping: Mapping[str, Any], value: object, name: str, id: str, is_own: bool) -> object:
        key = _plain(value)
        if key in mapping:
            return mapping[key]
        if "*" in mapping:
            return mapping["*"]
        if is_own:
            self.tally.add(name, f"{key!r:.60} has no value in the template: written as it is", id)
        return value


def _titles(rules: Guideline | None, language: str | None) -> dict[str, dict[str, Any]]:
    """Give labels, reasons and choices their titles in a language."""
    if rules is None or language is None:
        return {}

    def titled(items: Any) -> dict[str, Any]:  # noqa: ANN401 - labels, reasons or choices
        return {item.name: item.title.get(language) or item.name for item in items}

    labels, reasons = titled(rules.labels), titled(rules.invalid_reasons)
    found = {"noise_labels": labels, "tags": labels, "events": labels, "label": labels}
    found["invalid_reason"] = reasons
    return found | {f"fields.{layer.name}": titled(layer.choices) for layer in rules.fields if layer.choices}


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    return str(value)


def in_unit(us: int, unit: str) -> object:
    """Time as a number of seconds or milliseconds, or as a timecode."""
    if unit == "s":
        return us_to_seconds(us)
    if unit == "timecode":
        return unit_text(us, unit)
    text = unit_text(us, unit)
    return float(text) if "." in text else int(text)


def unit_text(us: int, unit: str) -> str:
    """Time as text: with the decimals of its unit, ``s`` with as many as it takes."""
    if unit == "ms":
        return format_seconds(us * 1000, decimals=0)
    if unit == "timecode":
        seconds = format_seconds(us, decimals=3)
        whole, _, part = seconds.partition(".")
        minutes, second = divmod(int(whole), 60)
        hours, minute = divmod(minutes, 60)
        return f"{hours:02d}:{minute:02d}:{second:02d}.{part}"
    if unit == "s":
        return format_seconds(us).rstrip("0").rstrip(".")
    return format_seconds(us, decimals=int(unit[2:]))
