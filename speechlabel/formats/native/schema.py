"""JSON Schemas of the aligned manifest's lines, made from ``records.py`` and kept beside this file.

``python -m speechlabel.formats.native.schema`` writes them anew; a test holds them and the records together.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, cast

import orjson

from speechlabel.formats.native.lines import ALWAYS, LABELS, RECORDING_NOT_HERE, TIMES
from speechlabel.records import RECORDING_ID, SEGMENT_ID, Event, Recording, Segment, Speaker, Word

__all__ = ["KINDS", "file_of", "schema"]

Kind = Literal["segment", "recording", "speaker"]
KINDS: tuple[Kind, ...] = ("segment", "recording", "speaker")
SECONDS: dict[str, Any] = {"type": "number", "minimum": 0}
TEXT: dict[str, Any] = {"type": "string"}
PLAIN: dict[type, dict[str, Any]] = {
    str: TEXT,
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
}
RULES: dict[str, dict[str, Any]] = {
    "channel": {"minimum": 0},
    "channels": {"minimum": 1},
    "sample_rate": {"minimum": 1},
    "n_frames": {"minimum": 0},
    "confidence": {"minimum": 0, "maximum": 1},
    "noise_labels": {"uniqueItems": True},
    "tags": {"uniqueItems": True},
}


def schema(kind: Kind) -> dict[str, Any]:
    """JSON Schema (2020-12) of one line of ``segments.jsonl``, ``recordings.jsonl`` or ``speakers.jsonl``."""
    properties, required = {"segment": _segment, "recording": _recording, "speaker": _speaker}[kind]()
    out: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:speechlabel:schema:{kind}:1.0",
        "title": f"speechlabel aligned manifest, {kind}",
        "type": "object",
        "required": ["schema", *required],
        "properties": {
            "schema": {"type": "string", "pattern": rf"^speechlabel\.{kind}/1(\.[0-9]+)?$"},
            **{name: rule | RULES.get(name, {}) for name, rule in properties.items()},
        },
        "additionalProperties": False,
    }
    if kind == "segment":
        out["$defs"] = {"word": _part(Word), "event": _part(Event)}
    return out


def file_of(kind: Kind) -> Path:
    """Where the schema of a kind of line is kept."""
    return Path(__file__).with_name(f"{kind}-1.schema.json")


def _id(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^{pattern}$"}


def _segment() -> tuple[dict[str, Any], list[str]]:
    types_ = _types(Segment)
    properties = {
        "id": _id(SEGMENT_ID.pattern),
        "recording_id": _id(RECORDING_ID.pattern),
        "audio_filepath": {"type": "string", "minLength": 1},
        "recording_duration": SECONDS,
        "sample_rate": {"type": "integer"},
        "channel": types_["channel"],
        "start": SECONDS,
        "end": SECONDS,
        "duration": SECONDS,
    }
    for name in LABELS:
        properties[name] = types_[name]
        if name == "speaker":
            properties |= {"speaker_name": TEXT, "gender": _types(Speaker)["gender"]}
    return properties, ["id", "recording_id", "start", "end", "duration", *ALWAYS]


def _recording() -> tuple[dict[str, Any], list[str]]:
    types_ = _types(Recording)
    left_out = {*RECORDING_NOT_HERE, "id", "path"}
    properties = {"id": _id(RECORDING_ID.pattern), "path": types_["path"], "duration": SECONDS}
    properties |= {name: rule for name, rule in types_.items() if name not in left_out}
    stretch: dict[str, Any] = {
        "type": "object",
        "required": ["start", "end"],
        "properties": {"channel": {"type": "integer", "minimum": 0}, "start": SECONDS, "end": SECONDS},
        "additionalProperties": False,
    }
    properties["language"] = {"type": "string"}  # of the segments that name none
    properties["labelled"] = {"type": "array", "items": stretch}
    needed = ["id", "duration", "name", "sample_rate", "channels", "n_frames"]
    return properties, needed


def _speaker() -> tuple[dict[str, Any], list[str]]:
    types_ = _types(Speaker)
    del types_["version"]
    properties = {"recording_id": _id(RECORDING_ID.pattern)} | types_ | {"id": _id(SEGMENT_ID.pattern)}
    return properties, ["recording_id", "id", "name"]


def _part(kind: type[Any]) -> dict[str, Any]:
    types_ = {
        TIMES.get(name, name): SECONDS if name in TIMES else rule for name, rule in _types(kind).items()
    }
    return {
        "type": "object",
        "required": [next(iter(types_))],
        "properties": types_,
        "additionalProperties": False,
    }


def _types(kind: type[Any]) -> dict[str, dict[str, Any]]:
    hints = typing.get_type_hints(kind)
    return {name: _rule(hints[name]) for name in kind.__dataclass_fields__}


def _rule(hint: Any) -> dict[str, Any]:  # noqa: ANN401 - a type of the records
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):  # "or None": then the key is absent
        return _rule(next(arg for arg in args if arg is not type(None)))
    if origin is Literal:
        return {"enum": list(args)}
    if origin is tuple:
        named = {Word: "word", Event: "event"}.get(args[0])
        return {"type": "array", "items": {"$ref": f"#/$defs/{named}"} if named else _rule(args[0])}
    if origin is typing.get_origin(Mapping[str, Any]):
        return {"type": "object"} | ({"additionalProperties": TEXT} if args[1] is str else {})
    return dict(PLAIN[cast("type", hint)])


def as_json(kind: Kind) -> bytes:
    """Content of the kept file."""
    return orjson.dumps(schema(kind), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


if __name__ == "__main__":
    for each in KINDS:
        file_of(each).write_bytes(as_json(each))
