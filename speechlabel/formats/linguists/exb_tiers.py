"""Tiers of an EXMARaLDA basic transcription as segments."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, get_args
from urllib.parse import unquote

from speechlabel.errors import RecordError
from speechlabel.formats.foreign import Collected
from speechlabel.formats.jsonfile import clean
from speechlabel.formats.linguists.annotjson_levels import WORDISH
from speechlabel.formats.linguists.eaf_tiers import LAYER, NOBODY, RESERVED, split_list
from speechlabel.formats.times import parse_time
from speechlabel.formats.xmlfile import Node
from speechlabel.records import Kind, Status, Word

__all__ = ["BLANKS", "CATEGORY", "Facts", "read_tiers"]

BLANKS = " \t\r\n"
CATEGORY = "v"  # of a tier of what is said
SOUND = re.compile(r".*\.(wav|mp3|flac|ogg|m4a|aiff?|au)", re.IGNORECASE | re.DOTALL)
GENDERS = {"m": "male", "f": "female"}
UNTIMED_US = 1_000_000  # from one untimed point to the next, where no later one has a time
MOST_NOTES = 500
NEAR = 20  # events before one among which that which it stands for is looked for


@dataclass
class Facts:
    """What a file tells besides its tiers."""

    audio: str = ""
    end_us: int = 0
    details: dict[str, dict[str, Any]] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    meta: dict[str, str] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]


@dataclass
class _Said:
    """An event that becomes a segment, and what other tiers say of it."""

    line: int
    start_us: int
    end_us: int
    text: str
    category: str
    layer: int
    type: str
    speaker: str | None
    fields: dict[str, str] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    words: list[Word] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    below: list[list[Any]] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]


def read_tiers(root: Node, collected: Collected) -> Facts:
    """Make segments of all events.

    Raises
    ------
    ParseError
        It is no basic transcription, or an event lies at a point that is not on the timeline.
    """
    if root.tag != "basic-transcription":
        raise collected.error(f"a basic transcription is not a {root.tag!r:.60}", root.line)
    reader = _Reader(collected)
    for head in root.all("head"):
        reader.head(head)
    for body in root.all("basic-body"):
        reader.timeline(body)
        reader.tiers(list(body.all("tier")))
    return reader.facts


class _Reader:
    def __init__(self, collected: Collected) -> None:
        self.facts = Facts()
        self._collected = collected
        self._names: dict[str, str] = {}
        self._times: dict[str, int] = {}

    def _note(self, node: Node, text: str) -> None:
        if len(self._collected.notes) < MOST_NOTES:
            self._collected.notes.append(f"line {node.line}: {text}")

    def head(self, head: Node) -> None:
        """Read where the audio lies, and who speaks."""
        for meta in head.all("meta-information"):
            urls = [url for node in meta.all("referenced-file") if (url := (node.get("url") or "").strip())]
            self.facts.audio = next((url for url in urls if SOUND.fullmatch(url)), urls[0] if urls else "")
            self.facts.audio = _path(self.facts.audio)
            for tag in ("project-name", "transcription-name", "comment", "transcription-convention"):
                node = meta.first(tag)
                if node is not None and (text := node.text.strip(BLANKS)):
                    self.facts.meta[tag] = text
            self.facts.meta |= _told(meta.first("ud-meta-information"))
        for table in head.all("speakertable"):
            for node in table.all("speaker"):
                self._speaker(node)

    def _speaker(self, node: Node) -> None:
        id = node.get("id")
        if id is None or id in self._names:
            raise self._collected.error("a speaker has no id, or that of another one", node.line)
        short = node.first("abbreviation")
        name = (short.text.strip(BLANKS) if short is not None else "") or id
        if name in self._names.values():
            name = f"{name} ({id})"
            self._note(node, f"there are two speakers of that name; {id} became {name!r:.60}")
        self._names[id] = name
        if name == NOBODY:
            return
        details: dict[str, Any] = {}
        sex = node.first("sex")
        if sex is not None and (gender := GENDERS.get(sex.get("value") or "")):
            details["gender"] = gender
        for tag in ("l1", "languages-used"):
            known = node.first(tag)
            codes = [code for part in known.all("language") if (code := part.get("lang"))] if known else []
            if codes and "language" not in details:
                details["language"] = clean(codes[0])[:35]
        more = _told(node.first("ud-speaker-information"))
        comment = node.first("comment")
        if comment is not None and comment.text.strip(BLANKS):
            more["comment"] = comment.text.strip(BLANKS)
        if more:
            details["custom"] = {"exb": more}
        self._collected.speaker(name, node.line)
        self.facts.details[name] = details

    def timeline(self, body: Node) -> None:
        """Give each point its time; those without one lie evenly between their neighbours."""
        points: list[tuple[str, int | None]] = []
        for node in (point for line in body.all("common-timeline") for point in line.all("tli")):
            id, text = node.get("id"), (node.get("time") or "").strip()
            if id is None or id in self._times:
                raise self._collected.error("a point has no id, or that of another one", node.line)
            self._times[id] = 0
            try:
                time = parse_time(text) if text else None
            except ValueError as error:
                raise self._collected.error(str(error), node.line) from error
            if time is not None and time < 0:
                self._note(node, "a time before 0; taken as 0")
                time = 0
            points.append((id, time))
        self._fill(points)
        self.facts.end_us = max(self._times.values(), default=0)

    def _fill(self, points: Sequence[tuple[str, int | None]]) -> None:
        last, waiting, n_untimed = 0, list[str](), 0
        for n, (id, time) in enumerate(points):
            if time is None:
                waiting.append(id)
                n_untimed += 1
                continue
            parts = len(waiting) + (0 if n == len(waiting) else 1)  # the first point of all lies at 0
            for number, other in enumerate(waiting, 1 if n > len(waiting) else 0):
                self._times[other] = last + (time - last) * number // parts
            self._times[id], last, waiting = time, time, []
        is_start = len(waiting) == len(points)
        for number, other in enumerate(waiting, 0 if is_start else 1):
            self._times[other] = last + number * UNTIMED_US
        if n_untimed:
            told = f"{n_untimed} points without a time were put evenly between those beside them"
            if waiting:
                told += f"; {len(waiting)} at the end a second apart: their times mean nothing"
            self._collected.notes.append(told)

    def tiers(self, tiers: Sequence[Node]) -> None:
        """Read what is said first, then what other tiers say of that."""
        said: dict[str | None, list[_Said]] = {}
        rest: list[_Said] = []
        for tier in tiers:
            is_said = tier.get("type") == "t"
            for event in self._events(tier):
                (said.setdefault(event.speaker, []) if is_said else rest).append(event)
        for group in said.values():
            group.sort(key=lambda event: (event.start_us, event.end_us))
        starts = {speaker: [event.start_us for event in group] for speaker, group in said.items()}
        alone: list[_Said] = []
        for event in rest:
            group = said.get(event.speaker, [])
            home = _home(event, group, starts.get(event.speaker, []))
            if home is None:
                alone.append(event)
            else:
                self._put(event, home)
        for event in [event for group in said.values() for event in group] + alone:
            self._emit(event)

    def _events(self, tier: Node) -> list[_Said]:
        speaker = tier.get("speaker")
        if speaker and speaker not in self._names:
            self._note(tier, f"the speaker {speaker!r:.60} is not declared")
            self._names[speaker] = speaker
        name = self._names[speaker] if speaker else None
        name = None if name == NOBODY else name
        category = (tier.get("category") or tier.get("display-name") or "").strip() or "tier"
        layer = LAYER.fullmatch(category)
        found: list[_Said] = []
        for node in tier.all("event"):
            ends: list[int] = []
            for key in ("start", "end"):
                time = self._times.get(node.get(key) or "")
                if time is None:
                    told = f"{key}: there is no point {node.get(key)!r:.60} on the timeline"
                    raise self._collected.error(told, node.line)
                ends.append(time)
            if ends[1] < ends[0]:
                self._note(node, "ends before it starts; its ends were swapped")
                ends.reverse()
            text = node.text + "".join(child.tail for child in node.children)
            found.append(
                _Said(
                    line=node.line,
                    start_us=ends[0],
                    end_us=ends[1],
                    text=text,
                    category=layer[1] if layer else category,
                    layer=int(layer[2][:6]) if layer else 1,
                    type=tier.get("type") or "a",
                    speaker=name,
                )
            )
        return found

    def _put(self, event: _Said, home: _Said) -> None:
        text = event.text.strip(BLANKS)
        if WORDISH.fullmatch(event.category) and text and home.start_us <= event.start_us:
            try:
                home.words.append(Word(word=text, start_us=event.start_us, end_us=event.end_us))
            except RecordError as error:
                raise self._collected.error(f"word: {error.data['reason']}", event.line) from error
        elif (event.start_us, event.end_us) == (home.start_us, home.end_us) and text:
            name = event.category
            home.fields[name] = f"{home.fields[name]}\n{text}" if name in home.fields else text
        elif text:
            home.below.append([event.category, event.type, event.start_us, event.end_us, text])

    def _emit(self, event: _Said) -> None:
        text = event.text.strip(BLANKS)
        is_said = event.type == "t"
        custom: dict[str, Any] = {}
        if not is_said:
            if not text:
                return
            custom |= {"category": event.category, "type": event.type}
        elif event.category != CATEGORY:
            custom["category"] = event.category
        if text != event.text and text:
            custom["blanks"] = event.text.split(text, 1)
        if event.below:
            custom["below"] = event.below
        parts = _parts(event.fields)
        if event.start_us == event.end_us:
            parts["kind"] = "event"
        elif event.type == "d":
            parts.setdefault("kind", "nonspeech")
        self._collected.segment(
            event.line,
            start_us=event.start_us,
            end_us=event.end_us,
            text=text or None,
            speaker=self._collected.speaker(event.speaker, event.line) if event.speaker else None,
            tier=None if is_said else event.category[:500],
            words=tuple(sorted(event.words, key=lambda word: word.start_us or 0)),
            custom={"exb": custom} if custom else {},
            **parts,
        )


def _path(url: str) -> str:
    """Path out of what stands for one: a path, or a file URL."""
    if url.lower().startswith("file:"):
        path = unquote(url[5:])
        return "/" + path.lstrip("/") if path.startswith("/") else path
    return url if "\0" not in url else ""


def _told(node: Node | None) -> dict[str, str]:
    """Attributes that people made up themselves."""
    found: dict[str, str] = {}
    for part in node.all("ud-information") if node is not None else ():
        if (name := (part.get("attribute-name") or "").strip()) and part.text.strip(BLANKS):
            found[name] = part.text.strip(BLANKS)
    return found


def _home(event: _Said, group: Sequence[_Said], starts: Sequence[int]) -> _Said | None:
    """Find what a speaker says that an event stands for: the same stretch, else one it lies in or meets."""
    at = bisect_right(starts, event.start_us)
    near = [*group[max(0, at - NEAR) : at], *group[at : at + 1]]

    def rank(other: _Said) -> int:
        is_same = (event.start_us, event.end_us) == (other.start_us, other.end_us)
        meets = other.start_us < event.end_us and event.start_us < other.end_us
        covers = other.start_us <= event.start_us and event.end_us <= other.end_us
        return (1 + 4 * is_same + 2 * covers + (other.layer == event.layer)) if is_same or meets else 0

    best = max(near, key=rank, default=None)
    return best if best is not None and rank(best) else None


def _parts(fields: dict[str, str]) -> dict[str, Any]:
    """Fields of a segment out of tiers of a category each."""
    parts: dict[str, Any] = {}
    rest = dict(fields)
    if rest.get("kind") in get_args(Kind):
        parts["kind"] = rest.pop("kind")
    if rest.get("status") in get_args(Status):
        parts["status"] = rest.pop("status")
    if "note" in rest:
        parts["note"] = rest.pop("note")
    for name, key in (("noise", "noise_labels"), ("tags", "tags")):
        if name in rest:
            parts[key] = split_list(rest.pop(name))
    names = {name: name.removeprefix("fields.") for name in rest}
    is_ours = {name for name, plain in names.items() if plain in RESERVED or WORDISH.fullmatch(plain)}
    parts["fields"] = {names[name] if name in is_ours else name: text for name, text in rest.items()}
    return parts
