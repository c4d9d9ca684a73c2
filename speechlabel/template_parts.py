"""The language of templates: which fields there are, and the parts that a layout is made of."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Literal, NamedTuple, cast

__all__ = [
    "ANYTHING",
    "EACH",
    "FIELDS",
    "INSIDE",
    "TIMES",
    "UNIT",
    "Leaf",
    "Loop",
    "Ref",
    "Scope",
    "flat",
    "known_fields",
    "node_of",
    "parse",
    "refs_in",
]

Scope = Literal["project", "recording", "segment", "speaker", "word", "event"]

UNIT = re.compile(r"s(:[0-6])?|ms|timecode")
PART = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
ANYTHING = ("metadata.", "custom.", "fields.")  # what comes behind is not known beforehand

# What each thing tells; in a thing that lies inside another the outer one is reached by its name and a dot.
FIELDS: Mapping[Scope, frozenset[str]] = {
    "project": frozenset({"id", "n_recordings"}),
    "recording": frozenset(
        {
            "id",
            "name",
            "stem",
            "duration",
            "sample_rate",
            "channels",
            "language",
            "layout",
            "container",
            "codec",
            "size_bytes",
            "content_hash",
            "created_at",
            "n_segments",
            "n_speakers",
            "valid_duration",
            "audio",
            "audio.name",
            "metadata",
        }
    ),
    "segment": frozenset(
        {
            "id",
            "utterance_id",
            "start",
            "end",
            "duration",
            "channel",
            "channel_number",
            "side",
            "kind",
            "text",
            "language",
            "speaker",
            "noise_labels",
            "tags",
            "events",
            "words",
            "valid",
            "is_valid",
            "invalid_reason",
            "fields",
            "custom",
            "status",
            "is_locked",
            "confidence",
            "note",
            "tier",
            "parent_id",
            "audio",
            "audio.name",
            "audio.channel",
        }
    ),
    "speaker": frozenset(
        {
            "id",
            "key",
            "name",
            "role",
            "gender",
            "age_band",
            "accent",
            "language",
            "channel",
            "channel_number",
            "side",
            "color",
            "custom",
        }
    ),
    "word": frozenset({"word", "start", "end", "duration", "score"}),
    "event": frozenset({"label", "start", "end", "duration", "score"}),
}
TIMES = frozenset({"start", "end", "duration", "valid_duration"})
EACH: Mapping[str, Scope] = {
    "recordings": "recording",
    "segments": "segment",
    "speakers": "speaker",
    "words": "word",
    "events": "event",
}
INSIDE: Mapping[Scope, tuple[str, ...]] = {
    "project": ("recordings", "segments", "speakers"),
    "recording": ("segments", "speakers"),
    "segment": ("words", "events"),
    "speaker": (),
    "word": (),
    "event": (),
}
OUTER: Mapping[Scope, tuple[Scope, ...]] = {
    "project": ("project",),
    "recording": ("recording", "project"),
    "segment": ("segment", "speaker", "recording", "project"),
    "speaker": ("speaker", "recording", "project"),
    "word": ("word", "segment", "speaker", "recording", "project"),
    "event": ("event", "segment", "speaker", "recording", "project"),
}


class Ref(NamedTuple):
    """A field in braces."""

    scope: Scope | Literal["index"]
    field: str  # without the name of its thing
    key: str  # behind ``metadata.``, ``custom.`` or ``fields.``; "" for the whole
    spec: str  # of a time its unit, of ``index`` its width; "" for none
    said: str  # as it is written


class Leaf(NamedTuple):
    """A value: text with fields in braces, and what becomes of it where nothing is told."""

    text: str
    default: object = None
    join: str | None = None
    required: bool = False


class Loop(NamedTuple):
    """A list with an item for each thing of a kind."""

    each: str
    item: object  # a node
    where: Mapping[str, object]


def flat(values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Give maps of values by the field's name; TOML makes a table in a table of ``speaker.gender = …``."""
    found: dict[str, dict[str, Any]] = {}
    for name, mapping in values.items():
        if not isinstance(mapping, dict):
            found[name] = {"": [mapping]}  # refused above
            continue
        inner = cast("dict[str, Any]", mapping)
        tables: dict[str, Any] = {key: value for key, value in inner.items() if isinstance(value, dict)}
        found |= {f"{name}.{key}": value for key, value in flat(tables).items()}
        if plain := {key: value for key, value in inner.items() if key not in tables}:
            found[name] = plain
    return found


def node_of(data: object) -> object:
    """Tell what a part of a document is: a Leaf, a Loop, a dict or list of parts, or a plain value.

    Raises
    ------
    ValueError
        ``(reason, what)``: a list or a value that is not told as it must be.
    """
    if isinstance(data, str):
        return Leaf(data)
    if not isinstance(data, Mapping):
        return data
    table = cast("Mapping[str, Any]", data)
    keys = set(table)
    if keys == {"keys"}:  # an object whose keys would be taken for something else
        inner = table["keys"]
        if not isinstance(inner, dict):
            raise ValueError("keys holds the table of an object's keys", "keys")
        return dict(cast("dict[str, object]", inner))
    if "each" in keys and keys <= {"each", "item", "where"}:
        if "item" not in keys or not isinstance(table["each"], str):
            raise ValueError('a list is { each = "segments", item = … }', "each")
        where = table.get("where", {})
        if not isinstance(where, Mapping) or not all(
            map(_is_wanted, cast("Mapping[str, object]", where).values())
        ):
            raise ValueError("where is a table of fields and the values that are wanted", "where")
        return Loop(table["each"], table["item"], cast("Mapping[str, object]", where))
    if "value" in keys and keys <= {"value", "default", "join", "required"}:
        join, required = table.get("join"), table.get("required", False)
        if (
            not isinstance(table["value"], str)
            or not isinstance(join, str | None)
            or type(required) is not bool
            or not _is_plain(table.get("default", ""))
        ):
            raise ValueError(
                'a value is { value = "{field}", default = …, join = text, required = true }', "value"
            )
        return Leaf(table["value"], table.get("default"), join, required)
    return dict(table)


def _is_plain(value: object) -> bool:
    return isinstance(value, str | bool | int) or (isinstance(value, float) and math.isfinite(value))


def _is_wanted(value: object) -> bool:
    if isinstance(value, list):
        return all(map(_is_plain, cast("list[object]", value)))
    return _is_plain(value)


@cache
def parse(text: str, scope: Scope) -> tuple[str | Ref, ...]:
    """Text and the fields in it, as seen from a thing.

    Raises
    ------
    ValueError
        ``(reason, what)``: a brace alone, or what is no field there.
    """
    parts: list[str | Ref] = []
    at = 0
    for found in PART.finditer(text):
        parts.append(text[at : found.start()])
        at = found.end()
        if found[1] is not None:
            parts.append(_ref(found[1], scope))
        elif found[0] in ("{{", "}}"):
            parts.append(found[0][0])
        else:
            raise ValueError("a brace alone: write {{ or }} for a brace", text)
    parts.append(text[at:])
    return tuple(part for part in parts if part)


def _ref(said: str, scope: Scope) -> Ref:
    name, _, spec = said.partition(":")
    wrong = "{" + said + "}"
    if name == "index":
        if spec and not re.fullmatch(r"0\d", spec):
            raise ValueError("a width is given as {index:03}", wrong)
        return Ref("index", "", "", spec, said)
    if name == "project":
        name = "project.id"
    thing, _, rest = name.partition(".")
    for outer in OUTER[scope]:
        inside = rest if thing == outer and rest else name if outer == scope else ""
        base, _, key = inside.partition(".")
        if inside and (inside in FIELDS[outer] or (base in FIELDS[outer] and f"{base}." in ANYTHING and key)):
            is_any = f"{base}." in ANYTHING
            made = Ref(outer, base if is_any else inside, key if is_any else "", spec, said)
            if spec and (made.field not in TIMES or not UNIT.fullmatch(spec)):
                raise ValueError("only a time has a unit: s, s:0 to s:6, ms or timecode", wrong)
            return made
    raise ValueError(f"is no field of a {scope}; fields are {', '.join(known_fields(scope))}", wrong)


def known_fields(scope: Scope) -> list[str]:
    """Every field that can be named from a thing."""
    own = sorted(FIELDS[scope])
    return (
        own + [f"{outer}.{name}" for outer in OUTER[scope][1:] for name in sorted(FIELDS[outer])] + ["index"]
    )


def _text_refs(text: str, scope: Scope) -> Iterator[Ref]:
    yield from (part for part in parse(text, scope) if isinstance(part, Ref))


def refs_in(node: object, scope: Scope) -> Iterator[Ref]:
    """Every field that a node names."""
    if isinstance(node, Leaf):
        yield from _text_refs(node.text, scope)
    elif isinstance(node, Loop):
        yield from refs_in(node_of(node.item), EACH[node.each])
    elif isinstance(node, dict):
        for value in cast("dict[str, object]", node).values():
            yield from refs_in(node_of(value), scope)
    elif isinstance(node, list):
        for value in cast("list[object]", node):
            yield from refs_in(node_of(value), scope)
