"""The guideline: what labellers of a project may choose from, as data.

One TOML text a project, versioned and exported with its data.  It drives the editor's toolbar and the
exports.  Presets lie beside this file in ``presets/``; a project starts with a copy of one.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, Literal, cast

from speechlabel.errors import ParseError, RecordError, UnknownNameError
from speechlabel.guideline_lines import line_of
from speechlabel.records import from_dict
from speechlabel.template import Template

__all__ = [
    "STAND_INS",
    "Choice",
    "Guideline",
    "Label",
    "Layer",
    "Reason",
    "Snippet",
    "StandIn",
    "load",
    "preset",
    "preset_names",
]

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
COLOR = re.compile(r"#[0-9a-fA-F]{6}")
STAND_INS = ("unknown", "several", "outside")  # speakers that are nobody in particular, as in formats.names


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A label for noise or anything else that a segment or a spot in its text can carry."""

    name: str
    title: Mapping[str, str]  # by language: "en", "zh-CN"
    key: str | None = None  # "1" … "9": Alt+key in the editor
    color: str = "#64748b"
    scope: Literal["segment", "inline"] = "segment"
    mark: str | None = None  # how it is written inside a text
    # By format, "*" for the others: how the mark is written there and, of a label of segments, its name; ""
    # takes it out.  A table { mark = …, name = … } tells the two apart.
    export: Mapping[str, Any] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]

    def __post_init__(self) -> None:
        _check_name("label", self.name)
        for written in self.export.values():
            parts = _parts(written)
            if parts.keys() - {"mark", "name"} or not all(isinstance(item, str) for item in parts.values()):
                raise RecordError(
                    f"label {self.name}", "export", written, "must be text, or { mark = text, name = text }"
                )
        if not COLOR.fullmatch(self.color):
            raise RecordError(f"label {self.name}", "color", self.color, "must look like #1a2b3c")
        if self.key is not None and self.key not in set("123456789"):
            raise RecordError(f"label {self.name}", "key", self.key, "must be one of 1 to 9")


def _parts(written: object) -> Mapping[str, object]:
    return cast("dict[str, object]", written) if isinstance(written, dict) else {"mark": written}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a segment is not valid."""

    name: str
    title: Mapping[str, str]
    # By format, "*" for the others: its name there; "" takes it out.
    export: Mapping[str, str] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]

    def __post_init__(self) -> None:
        _check_name("reason", self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """How a speaker that is nobody in particular goes out."""

    name: Literal["unknown", "several", "outside"]
    # By format, "*" for the others; "": nobody is told
    export: Mapping[str, str] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One value of a layer of kind ``choice``."""

    name: str
    title: Mapping[str, str]

    def __post_init__(self) -> None:
        _check_name("choice", self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A further layer beside the text of a segment, such as a normalised text, a translation or an emotion.

    Its value is kept in the segment's ``fields`` under the layer's name.
    """

    name: str
    title: Mapping[str, str]
    kind: Literal["text", "choice"] = "text"
    choices: tuple[Choice, ...] = ()  # of kind "choice": what may be chosen
    language: str | None = None  # of what is written here; None: that of the segment
    multiline: bool = False  # text of several lines
    required: bool = False  # a segment with a text is not finished without it

    def __post_init__(self) -> None:
        me = f"field {self.name}"
        _check_name("field", self.name)
        names = [choice.name for choice in self.choices]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise RecordError(me, "choices", twice, "is given twice")
        if self.kind == "choice" and not names:
            raise RecordError(me, "choices", [], "a field of kind choice names what may be chosen")
        if self.kind == "text" and names:
            raise RecordError(me, "choices", names, 'only a field of kind = "choice" has choices')
        if self.kind == "choice" and self.multiline:
            raise RecordError(me, "multiline", True, "only a field of text has lines")


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """An abbreviation and the text that it stands for."""

    short: str
    text: str

    def __post_init__(self) -> None:
        if not self.short or any(sign.isspace() for sign in self.short):
            raise RecordError("snippet", "short", self.short, "is an abbreviation without blanks")
        if not self.text:
            raise RecordError(f"snippet {self.short}", "text", self.text, "is empty")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guideline:
    """Everything a project lets its labellers choose from."""

    version: int
    name: str
    languages: tuple[str, ...]
    labels: tuple[Label, ...] = ()
    invalid_reasons: tuple[Reason, ...] = ()
    speaker_roles: tuple[str, ...] = ()
    age_bands: tuple[str, ...] = ()
    fields: tuple[Layer, ...] = ()  # further layers beside the text, in the order in which they are written
    stand_ins: tuple[StandIn, ...] = ()
    text_layers: Mapping[str, str] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    terms: tuple[str, ...] = ()  # names and words of the subject, proposed while typing
    snippets: tuple[Snippet, ...] = ()
    templates: tuple[Template, ...] = ()  # layouts of deliveries
    extra: Mapping[str, Any] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]

    def __post_init__(self) -> None:
        for kind, names in (
            ("labels", [label.name for label in self.labels]),
            ("invalid_reasons", [reason.name for reason in self.invalid_reasons]),
            ("fields", [layer.name for layer in self.fields]),
            ("stand_ins", [item.name for item in self.stand_ins]),
            ("snippets", [snippet.short for snippet in self.snippets]),
            ("templates", [template.name for template in self.templates]),
            ("keys", [label.key for label in self.labels if label.key]),
        ):
            twice = {name for name in names if names.count(name) > 1}
            if twice:
                raise RecordError("guideline", kind, sorted(twice), "is given twice")
        layers = [layer.name for layer in self.fields]
        for layer in self.text_layers.values():
            if layer not in layers:
                known = ", ".join(layers) or "none"
                raise RecordError("guideline", "text_layers", layer, f"is not a layer; layers are {known}")
        for at, template in enumerate(self.templates):
            for ref in template.refs():
                if ref.field == "fields" and ref.key and ref.key not in layers:
                    where = f"templates[{at}].{'columns' if template.is_table else 'document'}"
                    known = ", ".join(layers) or "none"
                    raise RecordError(
                        "guideline", where, f"{{{ref.said}}}", f"is not a layer; layers are {known}"
                    )
        for term in self.terms:
            if not term.strip() or "\n" in term:
                raise RecordError("guideline", "terms", term, "a term is one line that is not empty")


def _check_name(kind: str, name: str) -> None:
    if not NAME.fullmatch(name):
        raise RecordError(kind, "name", name, "a name holds only a-z 0-9 _ -")


def load(text: str, *, path: str = "guideline.toml") -> Guideline:
    """Read a guideline from TOML text.

    Raises
    ------
    ParseError
        The text is not TOML, or not a guideline; ``line`` (from 1) says where, if that can be told.  When a
        field is wrong, the ``RecordError`` that names it is the cause.
    """
    try:
        data = tomllib.loads(text)
        return from_dict(Guideline, data)
    except tomllib.TOMLDecodeError as error:
        match = re.search(r"line (\d+)", str(error))
        line = int(match.group(1)) if match else len(text.splitlines()) or 1  # "at end of document"
        raise ParseError(path, str(error), line=line) from error
    except RecursionError as error:
        raise ParseError(path, "is nested too deeply") from error
    except RecordError as error:
        line = line_of(text, error.data["field"], error.data["value"])
        raise ParseError(path, error.message, line=line) from error


def preset_names() -> list[str]:
    """Names of the shipped presets, ``default`` first."""
    found = sorted(
        item.name.removesuffix(".toml")
        for item in files("speechlabel").joinpath("presets").iterdir()
        if item.name.endswith(".toml")
    )
    return sorted(found, key=lambda name: (name != "default", name))


def preset(name: str) -> str:
    """TOML text of a shipped preset.

    Raises
    ------
    UnknownNameError
        There is no such preset.
    """
    if name not in preset_names():
        raise UnknownNameError("preset", name, preset_names())
    return files("speechlabel").joinpath("presets").joinpath(f"{name}.toml").read_text("utf-8")
