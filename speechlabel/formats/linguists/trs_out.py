"""Transcriber files: segments cut into turns of one or two speakers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any, cast

from speechlabel.formats.linguists.trs_turns import BLANKS, NOBODY, TURN
from speechlabel.formats.losses import Tally
from speechlabel.formats.times import on_grid
from speechlabel.formats.xmlfile import attribute, content
from speechlabel.records import Recording, Segment, Speaker
from speechlabel.timing import format_seconds

__all__ = ["STEP_US", "document"]

STEP_US = 1000
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE Trans SYSTEM "trans-14.dtd">\n'


@dataclass
class _Voice:
    """A segment on its way into turns; it is said in the first piece of it."""

    speaker: str | None
    start_us: int
    end_us: int
    text: str
    segment: Segment
    is_said: bool = False


@dataclass
class _Turn:
    voices: tuple[str | None, ...]
    about: dict[str, str]
    pieces: list[tuple[int, int, list[_Voice]]] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]


def document(
    recording: Recording,
    segments: Sequence[Segment],
    speakers: Mapping[str, Speaker],
    language: str | None,
    tally: Tally,
) -> Iterator[str]:
    """Lines of a whole file."""
    voices = _voices(recording, segments, tally)
    end_us = max([on_grid(0, recording.duration_us, STEP_US)[1], *(voice.end_us for voice in voices)])
    ids: dict[str | None, str] = {id: f"spk{number}" for number, id in enumerate(speakers, 1)}
    for voice in voices:
        ids.setdefault(voice.speaker, f"spk{len(ids) + 1}")
    lang = f" xml:lang={attribute(language)}" if language else ""
    audio = PurePosixPath(recording.path or recording.name).stem
    yield f'{HEAD}<Trans scribe="" audio_filename={attribute(audio)} version="1" version_date=""{lang}>\n'
    if ids:
        yield "<Speakers>\n"
        yield from _speakers(ids, speakers, tally)
        yield "</Speakers>\n"
    last = format_seconds(end_us, decimals=3)
    yield f'<Episode program="" air_date="">\n<Section type="report" startTime="0" endTime="{last}">\n'
    for turn in _turns(voices, end_us):
        yield from _turn_lines(turn, ids)
    yield "</Section>\n</Episode>\n</Trans>\n"


def _speakers(ids: Mapping[str | None, str], speakers: Mapping[str, Speaker], tally: Tally) -> Iterator[str]:
    taken = {NOBODY}
    for id, made in ids.items():
        speaker = speakers.get(id or "")
        name = NOBODY if id is None else speaker.name.strip(BLANKS) if speaker else id
        while id is not None and name in taken:
            name = f"{name}_"
        taken.add(name)
        if speaker is not None and name != speaker.name:
            tally.add("speaker.name", "another speaker has that name", speaker.id)
        gender = speaker.gender if speaker and speaker.gender in ("male", "female") else None
        if speaker is not None and speaker.gender is not None and gender is None:
            tally.add("speaker.gender", "is written as unknown", speaker.id)
        accent = (speaker.accent or "") if speaker else ""
        kind = f' type="{gender or "unknown"}"'
        yield f'<Speaker id="{made}" name={attribute(name)} check="no"{kind} dialect="native"'
        yield f' accent={attribute(accent)} scope="local"/>\n'


def _voices(recording: Recording, segments: Sequence[Segment], tally: Tally) -> list[_Voice]:
    """Segments by start, no more than two at once and one of a speaker: later ones wait for their turn."""
    voices: list[_Voice] = []
    busy: list[_Voice] = []
    ends: dict[str | None, int] = {}
    for segment in segments:
        start, end = on_grid(segment.start_us, segment.end_us, STEP_US, recording.duration_us)
        if start == end:
            tally.add("segment", "a point became a stretch of 1 ms", segment.id)
            end += STEP_US
        text = _text(segment, tally)
        voice = _Voice(segment.speaker, start, end, text, segment)
        busy = [other for other in busy if other.end_us > start]
        begin = _free_from(start, voice.speaker, busy)
        if begin >= end:
            tally.add("segment", "two voices at once are all that it holds: left out", segment.id)
            continue
        if begin > start:
            tally.add("segment", "two voices at once are all that it holds: begins later", segment.id)
            voice.start_us = begin
        if ends.get(voice.speaker) == begin and not text and not segment.events:
            tally.add("segment", "without text after another one of its speaker: may read as one", segment.id)
        ends[voice.speaker] = end
        busy.append(voice)
        voices.append(voice)
    return sorted(voices, key=lambda voice: voice.start_us)


def _free_from(start_us: int, speaker: str | None, busy: Sequence[_Voice]) -> int:
    """Give the first time from which a speaker is alone or beside one other voice."""
    while True:
        beside = [other for other in busy if other.end_us > start_us]
        own = [other.end_us for other in beside if other.speaker == speaker]
        if not own and len(beside) < 2:
            return start_us
        start_us = max(own) if own else min(other.end_us for other in beside)


def _text(segment: Segment, tally: Tally) -> str:
    text = segment.text or ""
    made = " ".join(line.strip(BLANKS) for line in text.strip(BLANKS).split("\n"))
    if made != text or segment.text == "":
        tally.add(
            "text", "line ends became blanks, those around it are lost, as is that it is empty", segment.id
        )
    for event in segment.events:
        if (event.start_us, event.end_us, event.score) != (
            None,
            None,
            None,
        ) or event.label != event.label.strip():
            tally.add("events", "their times and scores are not told", segment.id)
    return made


def _turns(voices: list[_Voice], end_us: int) -> Iterator[_Turn]:
    """Fill all the time with turns: a new one where who speaks changes."""
    cuts = sorted({0, end_us, *(voice.start_us for voice in voices), *(voice.end_us for voice in voices)})
    turn: _Turn | None = None
    at, active = 0, list[_Voice]()
    for start, end in pairwise(cuts):
        active = [voice for voice in active if voice.end_us > start]
        while at < len(voices) and voices[at].start_us <= start:
            active.append(voices[at])
            at += 1
        who = tuple(voice.speaker for voice in active)
        about = _about(active)
        if turn is None or turn.voices != who or turn.about != about or not active:
            if turn is not None:
                yield turn
            turn = _Turn(who, about)
        turn.pieces.append((start, end, list(active)))
    if turn is not None:
        yield turn


def _about(active: Sequence[_Voice]) -> dict[str, str]:
    told = _custom(active[0].segment) if active else {}
    return {name: value for name in TURN if isinstance(value := told.get(name), str)}


def _custom(segment: Segment) -> dict[str, Any]:
    found: Any = segment.custom.get("trs")
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _turn_lines(turn: _Turn, ids: Mapping[str | None, str]) -> Iterator[str]:
    start, end = (format_seconds(time, decimals=3) for time in (turn.pieces[0][0], turn.pieces[-1][1]))
    speaker = f' speaker="{" ".join(ids[id] for id in turn.voices)}"' if turn.voices else ""
    more = "".join(f" {name}={attribute(value)}" for name, value in turn.about.items())
    yield f'<Turn startTime="{start}" endTime="{end}"{speaker}{more}>\n'
    for begin, _, active in turn.pieces:
        yield f'<Sync time="{format_seconds(begin, decimals=3)}"/>\n'
        for number, voice in enumerate(active, 1):
            if len(active) > 1:
                yield f'<Who nb="{number}"/>\n'
            if not voice.is_said:
                voice.is_said = True
                yield _said(voice) + "\n"
    yield "</Turn>\n"


def _said(voice: _Voice) -> str:
    """Text with its events where they were, if it is still the text that they were in, else after it."""
    known: Any = _custom(voice.segment).get("events")
    places = _places(cast("list[Any]", known)) if isinstance(known, list) else []
    labels = [event.label.strip() for event in voice.segment.events]
    if [data.get("desc", "").strip() for _, data in places if data["tag"] == "Event"] != labels:
        asides = [(at, data) for at, data in places if data["tag"] != "Event"]
        places = asides + [
            (len(voice.text), {"tag": "Event", "desc": label, "type": "noise", "extent": "instantaneous"})
            for label in labels
        ]
    made, last = "", 0
    for place, data in sorted(places, key=lambda item: item[0]):
        at = min(place, len(voice.text))
        attributes = "".join(f" {name}={attribute(value)}" for name, value in data.items() if name != "tag")
        made += content(voice.text[last:at]) + f"<{data['tag']}{attributes}/>"
        last = at
    return made + content(voice.text[last:])


def _places(known: list[Any]) -> list[tuple[int, dict[str, str]]]:
    """Places of events as the reader left them, as far as they still are that."""
    found: list[tuple[int, dict[str, str]]] = []
    for item in known:
        if isinstance(item, list) and len(cast("list[Any]", item)) == 2:
            at, data = cast("tuple[Any, Any]", tuple(cast("list[Any]", item)))
            if isinstance(at, int) and at >= 0 and isinstance(data, dict):
                texts = cast("dict[Any, Any]", data)
                is_plain = all(isinstance(part, str) for pair in texts.items() for part in pair)
                if is_plain and texts.get("tag") in ("Event", "Comment", "Background", "Vocal"):
                    found.append((at, cast("dict[str, str]", data)))
    return found
