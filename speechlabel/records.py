"""The five nouns: Project, Recording, Transcript, Segment, Speaker (and the parts of a segment).

Frozen, keyword-only dataclasses without I/O.  A record that breaks a rule cannot be made: each one is
checked as it is built and raises ``RecordError`` with the field's name.  Times are integer microseconds
from the start of the recording, half-open ``[start_us, end_us)``.

The same names are used in SQL columns, JSON keys and JavaScript properties.  ``to_dict`` leaves out fields
that have their default, ``from_dict`` puts them back.
"""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, TypeVar, get_args, get_origin

import uuid_utils

from speechlabel.checks import (
    check_choice,
    check_id,
    check_labels,
    check_part,
    check_text,
    check_times,
    check_unit,
)
from speechlabel.errors import RecordError
from speechlabel.timing import samples_to_us

__all__ = [
    "Author",
    "Event",
    "Kind",
    "Project",
    "Recording",
    "Segment",
    "Speaker",
    "Status",
    "Transcript",
    "Word",
    "from_dict",
    "new_id",
    "to_dict",
]

Kind = Literal["speech", "nonspeech", "noise", "music", "silence", "event", "ignore"]
Status = Literal["machine", "draft", "done", "unsure"]
KINDS, STATUSES = get_args(Kind), get_args(Status)
Layout = Literal["mono", "dual_mono", "separate", "mixed"]  # mixed: channels that differ, labelled as one
State = Literal["new", "preparing", "ready", "failed"]
Gender = Literal["female", "male", "other"]
Author = str  # "vad:webrtc", "engine:whisper", "import:textgrid", "user:li", "gold"

SEGMENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,199}")
RECORDING_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,149}")


def new_id() -> str:
    """Make a UUIDv7: sorts by the time it was made, and can be made offline by anyone."""
    return str(uuid_utils.uuid7())


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word with its time in the recording; times are None where an engine left it untimed."""

    word: str
    start_us: int | None = None
    end_us: int | None = None
    score: float | None = None

    def __post_init__(self) -> None:
        check_text("word", "word", self.word)
        check_part("word", self.start_us, self.end_us, self.score)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A timed sound inside a segment: a cough, a door."""

    label: str
    start_us: int | None = None
    end_us: int | None = None
    score: float | None = None

    def __post_init__(self) -> None:
        check_text("event", "label", self.label, max_length=200)
        check_part("event", self.start_us, self.end_us, self.score)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of one channel (or of the mix, ``channel=None``) and what is said about it."""

    id: str = field(default_factory=new_id)
    channel: int | None = None
    start_us: int
    end_us: int
    kind: Kind = "speech"
    text: str | None = None  # None: not transcribed; "": transcribed as nothing
    language: str | None = None
    speaker: str | None = None
    noise_labels: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
    is_valid: bool = True
    invalid_reason: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    words: tuple[Word, ...] = ()
    status: Status = "machine"
    is_locked: bool = False
    confidence: float | None = None
    note: str | None = None
    tier: str | None = None
    parent_id: str | None = None
    custom: Mapping[str, Any] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    version: int = field(default=0, compare=False)  # the revision that last changed it; 0: never saved

    def __post_init__(self) -> None:
        me = f"segment {self.id}"  # millions are made: what has its default is not asked about
        check_id("segment", "id", self.id, SEGMENT_ID)
        if not 0 <= self.start_us < self.end_us:
            check_times(me, self.start_us, self.end_us, may_be_point=self.kind == "event")
        if self.channel is not None and self.channel < 0:
            raise RecordError(me, "channel", self.channel, "channels count from 0")
        if self.kind not in KINDS or self.status not in STATUSES:
            check_choice(me, "kind", self.kind, Kind)
            check_choice(me, "status", self.status, Status)
        check_unit(me, "confidence", self.confidence)
        if self.text is not None:
            check_text(me, "text", self.text)
        if self.speaker is not None:
            check_text(me, "speaker", self.speaker, max_length=500)
        if self.language is not None:
            check_text(me, "language", self.language, max_length=500)
        if self.note or self.invalid_reason or self.tier or self.parent_id:
            check_text(me, "note", self.note or "")
            for name in ("invalid_reason", "tier", "parent_id"):
                check_text(me, name, getattr(self, name) or "", max_length=500)
        if self.noise_labels or self.tags or self.fields:
            check_labels(me, self.noise_labels, self.tags, self.fields)

    @property
    def duration_us(self) -> int:
        """Length in microseconds."""
        return self.end_us - self.start_us


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """A voice in a recording.  ``id`` never changes; ``name`` may, and reaches every export."""

    id: str
    name: str
    role: str | None = None
    gender: Gender | None = None
    age_band: str | None = None
    accent: str | None = None
    language: str | None = None
    channel: int | None = None  # the channel this voice is alone on, as in a two-channel call
    color: str | None = None  # "#rrggbb"
    custom: Mapping[str, Any] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    version: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        check_id("speaker", "id", self.id, SEGMENT_ID)
        me = f"speaker {self.id}"
        check_text(me, "name", self.name, max_length=200)
        if not self.name.strip():
            raise RecordError(me, "name", self.name, "is empty")
        if self.gender is not None:
            check_choice(me, "gender", self.gender, Gender)
        for name in ("role", "age_band", "accent", "language", "color"):
            if (value := getattr(self, name)) is not None:
                check_text(me, name, value, max_length=500)
        if self.channel is not None and self.channel < 0:
            raise RecordError(me, "channel", self.channel, "channels count from 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One audio file (or container track), never modified by us.

    ``duration_us`` and ``n_frames`` are those of the decoder in ``audio.decode``, the one time line that
    segments, peaks, playback and exports share.
    """

    id: str
    project_id: str
    name: str  # what people see: the file's own name
    path: str  # where the file lies
    is_stored: bool = False  # True: an upload, kept in the workspace; False: referenced where it lies
    content_hash: str  # SHA-256 of the file's bytes, hex
    size_bytes: int
    modified_ns: int
    container: str  # "WAV", "FLAC", "mp3", "mov,mp4,m4a" …
    codec: str  # "PCM_16", "VORBIS", "aac" …
    sample_rate: int  # Hz
    channels: int
    n_frames: int  # 0 until known
    layout: Layout | None = None  # told by prepare; a person can change it
    state: State = "new"
    error: str | None = None  # why it is not prepared, or not anew, in English
    error_code: str | None = None  # the code of that error, for words in other languages
    # How it was asked to be prepared, until that is done.
    preparation: Mapping[str, Any] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    metadata: Mapping[str, Any] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    created_at: str = ""

    def __post_init__(self) -> None:
        check_id("recording", "id", self.id, RECORDING_ID)
        if self.sample_rate <= 0 or self.channels <= 0 or self.n_frames < 0:
            raise RecordError(f"recording {self.id}", "sample_rate", self.sample_rate, "is not a real format")

    @property
    def duration_us(self) -> int:
        """Length in microseconds."""
        return samples_to_us(self.n_frames, self.sample_rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """One author's labelled version of one recording; its segments are read from the store."""

    id: str = field(default_factory=new_id)
    project_id: str
    recording_id: str
    author: Author
    stage: str = "label"
    parent_id: str | None = None
    parent_revision: int | None = None
    span_start_us: int | None = None  # None: the whole recording
    span_end_us: int | None = None
    revision: int = 0
    created_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One labelling job.  ``guideline`` is the guideline's TOML text; ``guideline.load`` reads it."""

    id: str
    name: str
    language: str
    guideline: str
    created_at: str = ""

    def __post_init__(self) -> None:
        check_id("project", "id", self.id, SEGMENT_ID)
        check_text("project", "name", self.name, max_length=200)
        if not self.name.strip():
            raise RecordError("project", "name", self.name, "is empty")


T = TypeVar("T")


@cache
def _shape(kind: type[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Field name → type, and field name → default (for those that have a plain one)."""
    hints = typing.get_type_hints(kind)
    defaults: dict[str, Any] = {}
    for item in dataclasses.fields(kind):
        if item.default is not dataclasses.MISSING:
            defaults[item.name] = item.default
        elif item.default_factory is dict:
            defaults[item.name] = {}
    return {item.name: hints[item.name] for item in dataclasses.fields(kind)}, defaults


@cache
def reading(kind: type[Any]) -> tuple[dict[str, frozenset[type]], tuple[str, ...]]:
    """Field name → types whose values are taken as they are, and the fields that must be there.

    Most values are of such a type; to ask ``typing`` about each would take half the time of a million lines.
    """
    shape, defaults = _shape(kind)
    own_id = {"id"} if kind in (Segment, Transcript) else set[str]()
    plain = {
        name: frozenset(
            item
            for item in (get_args(hint) if get_origin(hint) is types.UnionType else (hint,))
            if item in (str, int, bool, float, types.NoneType)
        )
        for name, hint in shape.items()
    }
    return plain, tuple(name for name in shape if name not in defaults.keys() | own_id)


def to_dict(record: Any) -> dict[str, Any]:  # noqa: ANN401 - any record of this module
    """JSON-ready dict of a record, in field order, without the fields that have their default."""
    types_, defaults = _shape(typing.cast("type[Any]", type(record)))
    out: dict[str, Any] = {}
    for name in types_:
        value = getattr(record, name)
        if name in defaults and value == defaults[name]:
            continue
        if isinstance(value, tuple):
            value = [_plain(item) for item in typing.cast("tuple[Any, ...]", value)]
        out[name] = value
    return out


def _plain(value: Any) -> Any:  # noqa: ANN401
    return to_dict(value) if dataclasses.is_dataclass(value) else value


def from_dict(kind: type[T], data: Mapping[str, Any]) -> T:
    """Build a record from a dict such as ``to_dict`` makes.

    Raises
    ------
    RecordError
        A key is unknown or missing, a value has the wrong type, or a rule is broken.
    """
    name_of = kind.__name__.lower()
    shape, _ = _shape(kind)
    plain, needed = reading(kind)
    values: dict[str, Any] = {}
    for name, value in data.items():
        if name not in shape:
            raise RecordError(name_of, str(name), value, f"not a field; fields are {', '.join(shape)}")
        as_it_is = type(value) in plain[name]
        values[name] = value if as_it_is else _convert(name_of, name, value, shape[name])
    for name in needed:
        if name not in values:
            raise RecordError(name_of, name, None, "is missing")
    return kind(**values)


def convert_field(kind: type[Any], name: str, value: Any) -> Any:  # noqa: ANN401
    """Check and convert one JSON value to the type of a record's field (see ``from_dict``)."""
    shape, _ = _shape(kind)
    if name not in shape:
        raise RecordError(kind.__name__.lower(), name, value, f"not a field; fields are {', '.join(shape)}")
    return _convert(kind.__name__.lower(), name, value, shape[name])


def _convert(record: str, name: str, value: Any, wanted: Any) -> Any:  # noqa: ANN401
    origin = get_origin(wanted)
    if origin in (types.UnionType, typing.Union):
        if value is None:
            return None
        wanted = next(arg for arg in get_args(wanted) if arg is not type(None))
        origin = get_origin(wanted)
    if origin is Literal:
        check_choice(record, name, value, wanted)
        return value
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise RecordError(record, name, value, "must be a list")
        items = typing.cast("list[Any]", value)
        return tuple(_item(record, name, n, item, get_args(wanted)[0]) for n, item in enumerate(items))
    if dataclasses.is_dataclass(wanted):
        if isinstance(value, Mapping):
            return from_dict(typing.cast("type[Any]", wanted), typing.cast("Mapping[str, Any]", value))
        if isinstance(value, typing.cast("type[Any]", wanted)):
            return value
        raise RecordError(record, name, value, "must be an object")
    return _convert_plain(record, name, value, wanted)


def _item(record: str, name: str, number: int, value: Any, wanted: Any) -> Any:  # noqa: ANN401
    """Convert one item of a list; what is wrong inside it is named by its place, ``words[3].end_us``."""
    try:
        return _convert(record, name, value, wanted)
    except RecordError as error:
        field = error.data["field"]
        if not dataclasses.is_dataclass(wanted) or field == name:
            raise
        raise RecordError(
            record, f"{name}[{number}].{field}", error.data["value"], error.data["reason"]
        ) from error


def _convert_plain(record: str, name: str, value: Any, wanted: Any) -> Any:  # noqa: ANN401
    if wanted is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    for plain in (int, str, bool):
        if wanted is plain and type(value) is not plain:
            raise RecordError(record, name, value, f"must be of type {plain.__name__}")
    if wanted is float:
        raise RecordError(record, name, value, "must be a number")
    if get_origin(wanted) is get_origin(Mapping[str, Any]):
        if not isinstance(value, Mapping):
            raise RecordError(record, name, typing.cast("object", value), "must be an object")
        mapping = typing.cast("Mapping[str, Any]", value)
        if get_args(wanted)[1] is str and not all(isinstance(item, str) for item in mapping.values()):
            raise RecordError(record, name, mapping, "must hold only text")
        return dict(mapping)
    return value
