"""EXMARaLDA basic transcriptions: a tier of what each speaker says, and one for each field in use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from speechlabel.formats.linguists.annotjson_levels import WORDISH
from speechlabel.formats.linguists.eaf_out import tier_names, values_of
from speechlabel.formats.linguists.eaf_tiers import FIELDS, LAYER, NOBODY
from speechlabel.formats.linguists.exb_tiers import BLANKS, CATEGORY
from speechlabel.formats.losses import Tally
from speechlabel.formats.xmlfile import attribute, content
from speechlabel.records import Recording, Segment, Speaker
from speechlabel.timing import format_seconds

__all__ = ["document"]

SEXES = {"male": "m", "female": "f"}
TOKEN = re.compile(r"[A-Za-z0-9._:-]+")
META = ("project-name", "transcription-name", "comment", "transcription-convention")


@dataclass
class _Tier:
    speaker: str | None
    category: str
    type: str
    events: list[tuple[int, int, str]] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]


class _Tiers:
    """Tiers while segments are put into them, in the order of time."""

    def __init__(self, recording: Recording, names: Mapping[str | None, str], tally: Tally) -> None:
        self.found: dict[tuple[str | None, str, str], _Tier] = {}
        self.doubled: list[str] = []
        self._length, self._names, self._tally = recording.duration_us, names, tally
        for id in names:
            if id is not None:
                self._tier(id, CATEGORY, "t")

    def _tier(self, speaker: str | None, category: str, type: str) -> _Tier:
        key = speaker, category, type
        if key not in self.found:
            self.found[key] = _Tier(*key)
        return self.found[key]

    def _free(self, speaker: str | None, category: str, type: str, start_us: int) -> tuple[_Tier, int]:
        """Tier of that kind that is free from a time on, and its number among those."""
        number = 1
        while True:
            tier = self._tier(speaker, _layer(category, number), type)
            if not tier.events or tier.events[-1][1] <= start_us:
                return tier, number
            number += 1

    def add(self, segment: Segment) -> None:
        """Put a segment into a tier of its speaker, and what is told of it into those below."""
        start, end = segment.start_us, segment.end_us
        if start == end:
            self._tally.add("segment", "a point became a stretch of 1 µs", segment.id)
            end += 1
            if self._length and end > self._length:
                start, end = max(start - 1, 0), max(end - 1, 1)
        custom = _custom(segment)
        category, type = _text_of(custom, "category") or CATEGORY, _text_of(custom, "type") or "t"
        if type not in ("t", "d", "a"):
            type = "t"
        if segment.tier is not None and (type == "t" or segment.tier != category):
            self._tally.add("tier", "is not carried", segment.id)
        text = self._text(segment, custom)
        if type != "t" and not text:
            category, type = CATEGORY, "t"
        tier, layer = self._free(segment.speaker, category, type, start)
        if layer > 1 and type == "t" and segment.speaker is not None:
            self.doubled.append(segment.id)
        tier.events.append((start, end, text))
        if type == "t":
            self._values(segment, (start, end), layer)
        elif segment.words or values_of(segment, Tally()).items() - {("kind", "nonspeech")}:
            self._tally.add("fields", "nothing is told of what is itself a description", segment.id)
        self._below(segment, custom)

    def _text(self, segment: Segment, custom: Mapping[str, Any]) -> str:
        text = segment.text or ""
        if segment.text == "":
            self._tally.add("text", "transcribed as nothing: it reads as not transcribed", segment.id)
        elif text != text.strip(BLANKS):
            self._tally.add("text", "blanks around it are not kept", segment.id)
        blanks: Any = custom.get("blanks")
        around = [str(part) for part in cast("list[Any]", blanks)] if isinstance(blanks, list) else []
        if text and len(around) == 2 and not "".join(around).strip(BLANKS):
            return f"{around[0]}{text}{around[1]}"
        return text

    def _values(self, segment: Segment, span: tuple[int, int], layer: int) -> None:
        values = values_of(segment, self._tally)
        if segment.kind == "event":
            values["kind"] = "event"
        for name, text in values.items():
            plain = name.removeprefix("fields.")
            is_field = name in segment.fields and name not in FIELDS
            category = f"fields.{name}" if is_field and WORDISH.fullmatch(name) else name
            if text != text.strip(BLANKS) or LAYER.fullmatch(name) or category != category.strip():
                self._tally.add(
                    "fields" if plain in segment.fields else plain,
                    "blanks around it are not kept",
                    segment.id,
                )
            tier = self._tier(segment.speaker, _layer(category, layer), "a")
            if tier.events and tier.events[-1][1] > span[0]:
                self._tally.add("fields", f"{name:.60}: over another one", segment.id)
                continue
            tier.events.append((*span, text))
        last = span[0]
        for word in segment.words:
            if word.start_us is None or word.end_us is None:
                self._tally.add("words", "a word without times is left out", segment.id)
            elif word.start_us < last or word.end_us > span[1] or word.end_us == word.start_us:
                self._tally.add(
                    "words", "a word outside of its segment, or over another, is left out", segment.id
                )
            else:
                last = word.end_us
                if word.score is not None or word.word != word.word.strip(BLANKS) or not word.word:
                    self._tally.add("words", "scores, and blanks around, are not kept", segment.id)
                tier = self._tier(segment.speaker, _layer("words", layer), "a")
                tier.events.append((word.start_us, word.end_us, word.word))

    def _below(self, segment: Segment, custom: Mapping[str, Any]) -> None:
        """Give back what stood in other tiers of the file that it comes from."""
        kept: Any = custom.get("below")
        for row in cast("list[Any]", kept) if isinstance(kept, list) else ():
            if not isinstance(row, list) or len(cast("list[Any]", row)) != 5:
                continue
            category, type, start, end, text = cast("list[Any]", row)
            is_text = isinstance(category, str) and isinstance(text, str) and type in ("a", "d", "l", "u")
            if is_text and isinstance(start, int) and isinstance(end, int) and 0 <= start < end:
                tier, _ = self._free(segment.speaker, category, type, start)
                tier.events.append((start, end, text))


def _layer(category: str, number: int) -> str:
    return category if number == 1 else f"{category} ({number})"


def _custom(segment: Segment) -> Mapping[str, Any]:
    found: Any = segment.custom.get("exb")
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _text_of(found: Mapping[str, Any], key: str) -> str:
    value: Any = found.get(key)
    return value if isinstance(value, str) else ""


def document(
    recording: Recording,
    segments: Sequence[Segment],
    speakers: Mapping[str, Speaker],
    audio: str,
    tally: Tally,
    doubled: list[str],
) -> Iterator[str]:
    """Lines of a whole file; ``doubled`` gets the ids of segments in a further tier of their speaker."""
    names = tier_names(speakers, tally)
    tiers = _Tiers(recording, names, tally)
    for segment in segments:
        tiers.add(segment)
    doubled += tiers.doubled
    found = [tier for tier in tiers.found.values() if tier.events or tier.type == "t"]
    ids: dict[str | None, str] = {}
    for tier in found:
        ids.setdefault(tier.speaker, f"SPK{len(ids)}")
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<basic-transcription>\n<head>\n'
    yield from _meta(recording, audio)
    yield "<speakertable>\n"
    for id, made in ids.items():
        yield from _speaker(made, names.get(id) or id or NOBODY, speakers.get(id or ""), tally)
    yield "</speakertable>\n</head>\n<basic-body>\n<common-timeline>\n"
    times = {0, recording.duration_us} | {
        time for tier in found for event in tier.events for time in event[:2]
    }
    points: dict[int, str] = {}
    for number, time in enumerate(sorted(times)):
        points[time] = f"T{number}"
        yield f'<tli id="T{number}" time="{format_seconds(time)}"/>\n'
    yield "</common-timeline>\n"
    for number, tier in enumerate(found):
        name = names.get(tier.speaker) or tier.speaker or NOBODY
        yield f'<tier id="TIE{number}" speaker="{ids[tier.speaker]}" category={attribute(tier.category)}'
        yield f' type="{tier.type}" display-name={attribute(f"{name} [{tier.category}]")}>\n'
        for start, end, text in tier.events:
            yield f'<event start="{points[start]}" end="{points[end]}">{content(text)}</event>\n'
        yield "</tier>\n"
    yield "</basic-body>\n</basic-transcription>\n"


def _meta(recording: Recording, audio: str) -> Iterator[str]:
    told = _texts(recording.metadata.get("exb"))
    told.setdefault("transcription-name", recording.name)
    project, name, comment, convention = (content(told.pop(key, "")) for key in META)
    yield f"<meta-information>\n<project-name>{project}</project-name>\n"
    yield f"<transcription-name>{name}</transcription-name>\n<referenced-file url={attribute(audio)}/>\n"
    yield f"<ud-meta-information>{_made_up(told)}</ud-meta-information>\n<comment>{comment}</comment>\n"
    yield f"<transcription-convention>{convention}</transcription-convention>\n</meta-information>\n"


def _texts(kept: object) -> dict[str, str]:
    found = cast("dict[str, Any]", kept) if isinstance(kept, dict) else {}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def _made_up(told: Mapping[str, str]) -> str:
    return "".join(
        f"<ud-information attribute-name={attribute(name)}>{content(text)}</ud-information>"
        for name, text in told.items()
    )


def _speaker(made: str, name: str, speaker: Speaker | None, tally: Tally) -> Iterator[str]:
    gender = speaker.gender if speaker else None
    if speaker is not None and gender == "other":
        tally.add("speaker.gender", "is written as unknown", speaker.id)
    language = (speaker.language or "") if speaker else ""
    if speaker is not None and language and not TOKEN.fullmatch(language):
        tally.add("speaker.language", "is no code", speaker.id)
        language = ""
    used = f"<language lang={attribute(language)}/>" if language else ""
    told = _texts(speaker.custom.get("exb") if speaker else None)
    comment = content(told.pop("comment", ""))
    yield f'<speaker id="{made}">\n<abbreviation>{content(name)}</abbreviation>\n'
    yield f'<sex value="{SEXES.get(gender or "", "u")}"/>\n<languages-used>{used}</languages-used>\n'
    yield f"<l1/>\n<l2/>\n<ud-speaker-information>{_made_up(told)}</ud-speaker-information>\n"
    yield f"<comment>{comment}</comment>\n</speaker>\n"
