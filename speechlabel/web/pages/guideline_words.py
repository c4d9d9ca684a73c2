"""A guideline in words: what it offers at a glance, what is wrong in it, what a change would mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import cast

from speechlabel.errors import ParseError, RecordError
from speechlabel.guideline import Guideline, Label, Layer
from speechlabel.web.words import word
from speechlabel.workflow.guidelines import Orphan
from speechlabel.workflow.showing import Shown

__all__ = ["orphan_words", "samples", "summary", "wrong_words"]

# What the rules of the records say → the end of the key of the same in the page's language.
WHY = (
    (r"not a field; fields are (?P<known>.*)", "unknown"),
    (r"is missing", "missing"),
    (r"is given twice", "twice"),
    (r"must look like #1a2b3c", "color"),
    (r"must be one of 1 to 9", "key"),
    (r"a name holds only .*", "name"),
    (r"a field of kind choice names .*", "no_choices"),
    (r"only a field of kind = .*", "has_choices"),
    (r"only a field of text has lines", "lines"),
    (r"is an abbreviation without blanks", "short"),
    (r"is empty", "empty"),
    (r"a term is one line that is not empty", "term"),
    (r"must be one of (?P<known>.*)", "one_of"),
    (r"must be text, or \{ mark = .*", "export"),
    (r"is not a layer; layers are (?P<known>.*)", "layer"),
    (r"not a format; formats are (?P<known>.*)", "format"),
    (r"is no field of a \w+; fields are (?P<known>.*)", "template_field"),
    (r"is no list of a \w+; lists are (?P<known>.*)", "template_list"),
    (r"a brace alone: .*", "brace"),
    (r"only a time has a unit: .*", "unit"),
    (r"is no field that a template can name", "values"),
    (r"(is a file's name|a file each recording needs|one file of all has only) ?.*", "file"),
    (r"\w+ (has columns, not a document|has a document, not columns|needs (columns|a document))", "layout"),
    (r"(a list is|a value is|keys holds|where is|is no text,|a width is|gives each value) .*", "shape"),
    (r"must be a list", "list"),
    (r"must be an object", "table"),
    (r"must hold only text", "text"),
    (r"must be of type str", "text"),
    (r"must be of type int", "number"),
    (r"must be of type bool", "yes_no"),
)


def wrong_words(locale: str, error: ParseError) -> str:
    """Return what is wrong in a guideline: line, field and reason."""
    line, cause = error.data["line"], error.__cause__
    if not isinstance(cause, RecordError):
        reason = re.sub(r" \(at [^()]*\)$", "", str(error.data["reason"]))
        if line is None:
            return reason
        return word(locale, "page.rules_syntax", line=line, reason=reason)
    field, reason = cause.data["field"], _why(locale, cause)
    if line is None:
        return word(locale, "page.rules_wrong", field=field, reason=reason)
    return word(locale, "page.rules_wrong_at", line=line, field=field, reason=reason)


def _why(locale: str, error: RecordError) -> str:
    for pattern, end in WHY:
        if found := re.fullmatch(pattern, error.data["reason"]):
            value = error.data["value"]
            shown = ", ".join(cast("list[str]", value)) if isinstance(value, list) else str(value)
            return word(locale, f"page.rules_why_{end}", value=shown, **found.groupdict())
    return error.data["reason"]


def orphan_words(locale: str, orphan: Orphan) -> str:
    """Return what becomes of the segments that carry a name which goes."""
    return word(
        locale,
        f"page.rules_orphan_{orphan.kind}",
        title=_title(locale, orphan.title, orphan.name),
        n=orphan.segments,
        m=orphan.recordings,
    )


def summary(locale: str, rules: Guideline) -> str:
    """Return what a guideline offers, as HTML: a line for each kind of thing, nothing for what is empty."""
    kinds = (
        ("page.rules_labels", [_label(locale, item) for item in rules.labels]),
        (
            "page.rules_reasons",
            [_chip(_title(locale, item.title, item.name)) for item in rules.invalid_reasons],
        ),
        ("page.rules_fields", [_layer(locale, item) for item in rules.fields]),
        ("page.rules_languages", _chips(rules.languages)),
        ("page.rules_roles", _chips(rules.speaker_roles)),
        ("page.rules_ages", _chips(rules.age_bands)),
        ("page.rules_terms", _some(rules.terms)),
        ("page.rules_templates", [_chip(_title(locale, item.title, item.name)) for item in rules.templates]),
        ("page.rules_snippets", _some(f"{item.short} → {item.text}" for item in rules.snippets)),
    )
    lines = (
        f"<dt>{escape(word(locale, key))}</dt><dd>{''.join(chips)}</dd>" for key, chips in kinds if chips
    )
    return f'<dl class="slp-rules">{"".join(lines)}</dl>'


def samples(locale: str, shown: Iterable[Shown]) -> str:
    """Return what templates give of the first segments, as HTML."""
    made: list[str] = []
    for item in shown:
        title = _title(locale, item.template.title, item.template.name)
        key = "page.rules_template" if item.text or item.error else "page.rules_template_empty"
        head = escape(word(locale, key, title=title))
        if item.error:
            made.append(f'<p>{head}</p><p class="slp-error" role="alert">{escape(item.error)}</p>')
        elif item.text:
            body = f"<pre>{escape(item.text)}</pre>"
            made.append(f"<details open><summary>{head} · {escape(item.file)}</summary>{body}</details>")
        else:
            made.append(f"<p>{head}</p>")
    return f'<div class="slp-samples">{"".join(made)}</div>' if made else ""


def _title(locale: str, titles: Mapping[str, str], name: str) -> str:
    return titles.get(locale) or titles.get("en") or name


def _chip(text: str, before: str = "", after: str = "") -> str:
    return f"<span>{before}{escape(text)}{after}</span>"


def _chips(texts: Iterable[str]) -> list[str]:
    return [_chip(text) for text in texts]


def _some(texts: Iterable[str], most: int = 12) -> list[str]:
    """Return chips of the first, and how many more there are."""
    all_of_them = list(texts)
    more = len(all_of_them) - most
    return _chips(all_of_them[:most]) + ([_chip(f"+ {more}")] if more > 0 else [])


def _label(locale: str, label: Label) -> str:
    dot = f'<i style="background:{label.color}"></i>'  # checked to look like #1a2b3c
    key = f"<kbd>Alt+{label.key}</kbd>" if label.key else ""
    inline = f" <small>{escape(word(locale, 'page.rules_inline'))}</small>" if label.scope == "inline" else ""
    return _chip(_title(locale, label.title, label.name), dot, inline + key)


def _layer(locale: str, layer: Layer) -> str:
    choices = " / ".join(_title(locale, item.title, item.name) for item in layer.choices)
    about = [choices] if choices else []
    if layer.required:
        about.append(word(locale, "page.rules_required"))
    after = f" <small>{escape(', '.join(about))}</small>" if about else ""
    return _chip(_title(locale, layer.title, layer.name), after=after)
