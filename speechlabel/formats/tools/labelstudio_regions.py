"""What the results of one annotation of Label Studio say, region by region."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from speechlabel.errors import OptionError, ParseError
from speechlabel.formats.foreign import Collected
from speechlabel.formats.gather import TO_THE_END_US
from speechlabel.formats.jsonfile import clean, is_list, is_object, number, plain, time_us
from speechlabel.formats.tools.labelstudio_config import FIELD, NOBODY
from speechlabel.records import SEGMENT_ID, Kind
from speechlabel.timing import us_to_seconds

__all__ = ["Annotation", "Mapping", "Task"]

KINDS = {kind: kind for kind in get_args(Kind)} | {"non-speech": "nonspeech", "non speech": "nonspeech"}
NOT_TIMES = ("paragraphs", "paragraphlabels", "timeserieslabels", "timelinelabels", "hypertextlabels")
LABELS = ("labels", "region")
MEANINGS = {"speakers": "speaker", "kinds": "kind", "tags": "tag", "noises": "noise", "auto": "auto"}
TRANSCRIPTS = ("transcription", "transcript", "text")  # controls, in the order they are asked for the text


class Mapping:
    """What a label means: a speaker, a kind, a tag or a noise.

    Raises
    ------
    OptionError
        The option ``map`` is not of the form ``Agent=speaker, Cough=noise, Hold=kind:music``.
    """

    def __init__(self, labels: str, told: str) -> None:
        self._default = MEANINGS[labels]
        self._told: dict[str, str] = {}
        for part in filter(None, (part.strip() for part in told.split(","))):
            label, _, meaning = (piece.strip() for piece in part.rpartition("="))
            kind = meaning.removeprefix("kind:")
            if not label or (
                meaning not in ("speaker", "tag", "noise") and (kind == meaning or kind not in KINDS)
            ):
                raise OptionError(
                    "map", f"{part!r} is none of NAME=speaker, NAME=tag, NAME=noise, NAME=kind:KIND"
                )
            self._told[label] = meaning

    def meaning(self, label: str, control: str) -> tuple[str, str]:
        """Give what a label is, and its value, as ("speaker", its name) or ("kind", one of the kinds)."""
        meaning = self._told.get(label)
        if meaning is None and control == "speaker":  # as it is written here
            return ("nobody", label) if label == NOBODY else ("speaker", label)
        meaning = meaning or self._default
        kind = KINDS.get(label.lower())
        if meaning.startswith("kind:"):
            return "kind", KINDS[meaning.removeprefix("kind:")]
        if meaning == "auto":
            return ("kind", kind) if kind else ("speaker", label)
        if meaning == "kind":
            return ("kind", kind) if kind else ("tag", label)
        return meaning, label


@dataclass(frozen=True, slots=True)
class Task:
    """A task, and where it stands."""

    file: Path
    line: int
    item: dict[str, Any]
    data: dict[str, Any]
    mapping: Mapping


@dataclass(slots=True)
class _Region:
    """All results of one id."""

    id: str
    start_us: int
    end_us: int
    channel: int | None
    results: list[dict[str, Any]] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]


@dataclass(slots=True)
class _Said:
    """What the results of one region say, as fields of a segment."""

    kind: str = "speech"
    speaker: str | None = None
    texts: dict[str, str] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    language: str | None = None
    noises: dict[str, None] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    tags: dict[str, None] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    fields: dict[str, str] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    is_valid: bool = True
    notes: list[str] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    confidence: float | None = None
    others: list[Any] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]


class Annotation:
    """One annotation on its way into the segments of a recording."""

    def __init__(self, task: Task, recording_id: str, found: Collected, status: str) -> None:
        self.length_us = 0
        self.n_channels = 1
        self._task, self._found, self._status = task, found, status
        self._recording_id = recording_id
        self._odd: Counter[str] = Counter()
        self._ids: set[str] = set()

    def run(self, results: object, length_us: int) -> dict[str, Any]:
        """Take all results; give what is said of the whole recording, and relations."""
        self.length_us = length_us
        regions: dict[str, _Region] = {}
        whole: list[dict[str, Any]] = []
        relations: list[Any] = []
        for result in results if is_list(results) else ():
            if not is_object(result):
                self._odd["no object"] += 1
            elif result.get("type") == "relation":
                relations.append(plain(result))
            else:
                self._sort(result, regions, whole)
        for region in regions.values():
            self._region(region)
        kept = self._whole(whole, has_regions=bool(regions))
        if relations:
            kept["relations"] = relations
            self._say(f"{len(relations)} relations are kept with the recording")
        for reason, count in self._odd.items():
            self._say(f"{count} results left out: {reason}")
        return kept

    def _say(self, text: str) -> None:
        self._found.notes.append(f"line {self._task.line}: {text}")

    def _sort(self, result: dict[str, Any], regions: dict[str, _Region], whole: list[dict[str, Any]]) -> None:
        """Put a result to its region, or to what is said of the whole."""
        value, type = result.get("value"), result.get("type")
        if not is_object(value):
            self._odd["no value"] += 1
            return
        if type in NOT_TIMES or (type == "labels" and isinstance(value.get("text"), str)):
            self._odd[f"{type} are no times in a recording"] += 1
            return
        self.length_us = max(
            self.length_us, self._time(result.get("original_length"), "original_length") or 0
        )
        id = clean(str(result.get("id", "")))
        if value.get("start") is None or value.get("end") is None:
            if id in regions:
                regions[id].results.append(result)
            else:
                whole.append(result)
            return
        start, end = (self._time(value[key], f"region {id!r:.60}: {key}") or 0 for key in ("start", "end"))
        channel = number(value.get("channel"))
        made = _Region(id, start, end, int(channel) if channel is not None and 0 <= channel < 1000 else None)
        known = regions.setdefault(id or f"#{len(regions)}", made)
        if (known.start_us, known.end_us) != (start, end):
            self._say(f"region {id!r:.60} has two times; the second was made a region of its own")
            known = regions[f"{id}#{len(regions)}"] = made
        known.results.append(result)

    def _time(self, value: object, name: str) -> int | None:
        try:
            return time_us(value)
        except ValueError as error:
            raise ParseError(self._task.file, f"{name}: {error}", line=self._task.line) from error

    def _region(self, region: _Region) -> None:
        said = _Said()
        for result in region.results:
            self._result(result, said, region.id)
        start, end = max(region.start_us, 0), max(region.end_us, 0)
        if end < start:
            start, end = end, start
        if (start, end) != (region.start_us, region.end_us):
            told = f"{us_to_seconds(region.start_us)}, {us_to_seconds(region.end_us)}"
            self._say(f"region {region.id!r:.60}: ({told}) was put in order")
        if start == end and said.kind != "event":
            self._say(f"region {region.id!r:.60}: without length, so an event")
            said.kind = "event"
        text = next((said.texts.pop(name) for name in TRANSCRIPTS if name in said.texts), None)
        if text is None and said.texts:
            text = said.texts.pop(next(iter(said.texts)))
        if region.channel is not None:
            self.n_channels = max(self.n_channels, region.channel + 1)
        others = {"region": region.id, "results": said.others} if said.others else None
        self._found.segment(
            self._task.line,
            id=self._id(region.id),
            start_us=start,
            end_us=end,
            channel=region.channel,
            kind=said.kind,
            text=text,
            speaker=None if said.speaker is None else self._found.speaker(said.speaker, self._task.line),
            language=said.language,
            noise_labels=tuple(said.noises),
            tags=tuple(said.tags),
            is_valid=said.is_valid,
            invalid_reason=said.fields.pop("invalid_reason", None),
            fields=said.texts | said.fields,
            note="\n".join(said.notes) or None,
            confidence=said.confidence,
            status=self._status,
            custom={"labelstudio": others} if others else {},
        )

    def _id(self, id: str) -> str | None:
        """Id of the segment: that of the region, without the recording's that is put before it here."""
        own = id.removeprefix(f"{self._recording_id}-")
        if own in self._ids or not SEGMENT_ID.fullmatch(own):
            return None
        self._ids.add(own)
        return own

    def _result(self, result: dict[str, Any], said: _Said, id: str) -> None:
        type, value = result.get("type"), result["value"]
        control = clean(str(result.get("from_name", "")))
        score = number(result.get("score"))
        if score is not None and 0 <= score <= 1 and said.confidence is None:
            said.confidence = score
        meta: object = result.get("meta")
        if is_object(meta):
            said.notes += [note for note in _texts(meta.get("text")) if note.strip()]
        if type in LABELS:
            for label in _texts(value.get("labels")):
                self._label(label, control, said, id)
        elif type == "textarea":
            self._text("\n".join(_texts(value.get("text"))), control, said)
        elif type == "choices":
            self._choices(_texts(value.get("choices")), control, said)
        elif type in ("rating", "number") and number(value.get(type)) is not None:
            said.fields[control] = str(value[type])
        else:
            said.others.append(plain(result))

    def _label(self, label: str, control: str, said: _Said, id: str) -> None:
        meaning, value = self._task.mapping.meaning(label, control)
        if not value.strip():
            return
        if meaning == "kind":
            said.kind = value
        elif meaning == "tag":
            said.tags[value] = None
        elif meaning == "noise":
            said.noises[value] = None
        elif meaning == "speaker" and said.speaker is None:
            said.speaker = value
        elif meaning == "speaker":
            self._say(f"region {id!r:.60} has a second speaker, {value!r:.60}; kept as a tag")
            said.tags[value] = None

    def _text(self, text: str, control: str, said: _Said) -> None:
        if control == "note":
            said.notes.append(text)
        elif control == "invalid_reason":
            said.fields[control] = text
        elif control.startswith(FIELD):
            said.fields[control.removeprefix(FIELD)] = text
        else:
            said.texts[control] = f"{said.texts[control]}\n{text}" if control in said.texts else text

    def _choices(self, values: list[str], control: str, said: _Said) -> None:
        if not values:
            return
        if control == "kind" and values[0].lower() in KINDS:
            said.kind = KINDS[values[0].lower()]
        elif control == "language":
            said.language = values[0]
        elif control == "noise_labels":
            said.noises |= dict.fromkeys(values)
        elif control == "tags":
            said.tags |= dict.fromkeys(values)
        elif control == "validity":
            said.is_valid = values[0] != "invalid"
        else:
            said.fields[control] = "; ".join(values)

    def _whole(self, results: list[dict[str, Any]], *, has_regions: bool) -> dict[str, Any]:
        """Give what is said of the whole; a text that stands alone becomes a segment."""
        said = _Said()
        for result in results:
            self._result(result, said, "")
        text = next((said.texts[name] for name in TRANSCRIPTS if name in said.texts), None)
        if text is None and len(said.texts) == 1:
            text = next(iter(said.texts.values()))
        if text and not has_regions:
            if not self.length_us:
                self._say("one text for the whole, whose length is not told: taken to the end of the file")
            end = self.length_us or TO_THE_END_US
            self._found.segment(self._task.line, start_us=0, end_us=end, text=text, status=self._status)
        fields = said.texts | said.fields
        if said.language is not None:
            fields["language"] = said.language
        listed = {
            "tags": [*said.tags],
            "noise_labels": [*said.noises],
            "notes": said.notes,
            "others": said.others,
        }
        kept: dict[str, Any] = {"fields": fields} if fields else {}
        return kept | {name: value for name, value in listed.items() if value}


def _texts(value: object) -> list[str]:
    """Texts of a list, or of one that stands alone; numbers as they are written."""
    if isinstance(value, str):
        return [clean(value)]
    items = value if is_list(value) else []
    return [clean(str(item)) for item in items if isinstance(item, str | int | float)]
