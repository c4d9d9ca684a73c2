"""Turns of a Transcriber file as segments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from speechlabel.errors import RecordError
from speechlabel.formats.foreign import Collected
from speechlabel.formats.times import parse_time
from speechlabel.formats.xmlfile import Node
from speechlabel.records import Event

__all__ = ["BLANKS", "NOBODY", "TURN", "Facts", "read_turns"]

BLANKS = " \t\r\n"
NOBODY = "segments"  # the speaker whose turns are nobody's
TURN = ("mode", "fidelity", "channel")  # what a turn says of how it sounds
GENDERS = {"male": "male", "female": "female"}
MOST_NOTES = 500


@dataclass
class Facts:
    """What a file tells besides its turns."""

    end_us: int = 0
    language: str = ""
    details: dict[str, dict[str, Any]] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]


@dataclass
class _Part:
    """What one speaker says between two points."""

    line: int
    start_us: int
    end_us: int
    speaker: str | None
    text: str = ""
    events: list[tuple[int, dict[str, str]]] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    is_shared: bool = False  # stands in a turn of several speakers
    about: dict[str, Any] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]

    @property
    def is_silent(self) -> bool:
        return not self.text.strip(BLANKS) and not self.events

    def add(self, text: str) -> None:
        """Add text; where lines end a blank stands, and none at the beginning."""
        made = " ".join(line.strip(BLANKS) for line in text.strip(BLANKS).split("\n"))
        if text[:1] in BLANKS and text and self.text and not self.text.endswith(" "):
            self.text += " "
        self.text += made + (" " if made and text[-1] in BLANKS else "")


def read_turns(root: Node, collected: Collected) -> Facts:
    """Make segments of all turns.

    Raises
    ------
    ParseError
        It is no Transcriber file, or a time is none.
    """
    if root.tag != "Trans":
        raise collected.error(f"a Transcriber file is a Trans, not {root.tag!r:.60}", root.line)
    reader = _Reader(root, collected)
    for episode in root.all("Episode"):
        for section in episode.all("Section"):
            for turn in section.all("Turn"):
                reader.turn(section, turn)
    reader.finish()
    return reader.facts


class _Reader:
    def __init__(self, root: Node, collected: Collected) -> None:
        self.facts = Facts(language=(root.get("xml:lang") or "").strip()[:35])
        self._collected = collected
        self._names: dict[str, str] = {}
        self._topics: dict[str, str] = {}
        self._open: dict[str | None, _Part] = {}  # the last part of each speaker
        for speakers in root.all("Speakers"):
            for node in speakers.all("Speaker"):
                self._speaker(node)
        for topics in root.all("Topics"):
            for node in topics.all("Topic"):
                self._topics[node.get("id") or ""] = node.get("desc") or ""

    def _speaker(self, node: Node) -> None:
        id = node.get("id")
        if id is None:
            raise self._collected.error("Speaker has no id", node.line)
        name = (node.get("name") or "").strip(BLANKS) or id
        if name in self._names.values():
            name = f"{name} ({id})"
            self._note(node, f"there are two speakers of that name; {id} became {name!r:.60}")
        self._names[id] = name
        details: dict[str, Any] = {}
        if (gender := GENDERS.get(node.get("type") or "")) is not None:
            details["gender"] = gender
        if accent := (node.get("accent") or "").strip(BLANKS):
            details["accent"] = accent[:500]
        self.facts.details[name] = details
        if name != NOBODY:
            self._collected.speaker(name, node.line)

    def _note(self, node: Node, text: str) -> None:
        if len(self._collected.notes) < MOST_NOTES:
            self._collected.notes.append(f"line {node.line}: {text}")

    def _time(self, node: Node, name: str) -> int:
        text = node.get(name)
        if text is None:
            raise self._collected.error(f"{node.tag} has no {name}", node.line)
        try:
            time = parse_time(text.strip())
        except ValueError as error:
            raise self._collected.error(str(error), node.line) from error
        if time < 0:
            raise self._collected.error(f"{name} lies before 0", node.line)
        return time

    def turn(self, section: Node, turn: Node) -> None:
        """Read one turn."""
        start, end = self._time(turn, "startTime"), self._time(turn, "endTime")
        if end < start:
            raise self._collected.error("a turn that ends before it starts", turn.line)
        self.facts.end_us = max(self.facts.end_us, end)
        speakers = (turn.get("speaker") or "").split()
        for id in speakers:
            if id not in self._names:
                self._note(turn, f"the speaker {id!r:.60} is not declared")
                self._names[id] = id
        about: dict[str, Any] = {name: value for name in TURN if (value := turn.get(name))}
        if (kind := section.get("type")) not in (None, "report"):
            about["section"] = kind
        if topic := self._topics.get(section.get("topic") or ""):
            about["topic"] = topic
        names: list[str | None] = [self._names[id] for id in speakers]
        names = names or [None]
        self._parts(turn, (start, end), names, about)

    def _parts(
        self, turn: Node, span: tuple[int, int], names: list[str | None], about: dict[str, Any]
    ) -> None:
        """Cut a turn at its points, and what stands between them by who says it."""
        start, end = span
        who = 0
        found: list[_Part] = []

        def begin(time: int, line: int) -> None:
            nonlocal found, who
            who = 0
            found = [_Part(line, time, end, name, is_shared=len(names) > 1, about=about) for name in names]

        begin(start, turn.line)
        found[0].add(turn.text)
        for node in turn.children:
            if node.tag == "Sync":
                time = self._time(node, "time")
                if not found[0].start_us <= time <= end:
                    self._note(node, "a point that lies outside of its turn, or goes back, was left out")
                else:
                    if time > found[0].start_us:
                        self._close(found, time)
                        begin(time, node.line)
                    who = 0
            elif node.tag == "Who":
                number = node.get("nb") or "1"
                who = int(number) - 1 if number.isdecimal() and 0 < int(number[:3]) <= len(names) else 0
            elif node.tag in ("Event", "Comment", "Background", "Vocal"):
                part = found[who]
                part.events.append((len(part.text), {"tag": node.tag, **node.attributes}))
            found[who].add(node.tail)
        self._close(found, end)

    def _close(self, found: list[_Part], end_us: int) -> None:
        """Take what was said between two points; who says nothing more beside another one goes on."""
        for part in found:
            part.end_us = end_us
            if part.end_us <= part.start_us:
                if not part.is_silent:
                    self._collected.notes.append(f"line {part.line}: text that lasts no time was left out")
                continue
            before = self._open.get(part.speaker)
            touches = before is not None and before.end_us == part.start_us
            if before is not None and touches and part.is_silent and (part.is_shared or before.is_shared):
                before.end_us = part.end_us
                before.is_shared = part.is_shared
                continue
            if part.is_silent and (part.speaker is None or part.is_shared):
                continue
            if before is not None:
                self._emit(before)
            self._open[part.speaker] = part

    def finish(self) -> None:
        """Take what is still open."""
        for part in sorted(self._open.values(), key=lambda part: (part.start_us, part.line)):
            self._emit(part)
        self._open = {}

    def _emit(self, part: _Part) -> None:
        text = part.text.strip(BLANKS)
        custom = dict(part.about)
        labels = [(max(0, at), data) for at, data in part.events]
        if labels:
            custom["events"] = [[at, data] for at, data in labels]
        try:
            events = tuple(
                Event(label=(data.get("desc") or data["tag"]).strip() or data["tag"])
                for _, data in labels
                if data["tag"] == "Event"
            )
        except RecordError as error:
            raise self._collected.error(f"event: {error.data['reason']}", part.line) from error
        is_named = part.speaker not in (None, NOBODY)
        self._collected.segment(
            part.line,
            start_us=part.start_us,
            end_us=part.end_us,
            text=text or None,
            speaker=self._collected.speaker(part.speaker or "", part.line) if is_named else None,
            events=events,
            custom={"trs": custom} if custom else {},
        )
