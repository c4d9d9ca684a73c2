"""Lines of a CHAT file, what its headers say of people, and its bullets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from speechlabel.errors import ParseError
from speechlabel.formats.base import Fault
from speechlabel.formats.jsonfile import clean

__all__ = ["BULLET", "CODE", "TERMINATOR", "Line", "Participant", "faults_of", "lines_of", "people_of"]

BULLET = re.compile(r'\x15(?:%\w+:"?[^"\x15]*?"?_)?(\d{1,12})_(\d{1,12})-?\x15')  # older ones name the file
CODE = re.compile(r"[A-Z][A-Z0-9]{0,6}")
HEAD = re.compile(r"([@*%])([^:\t]*)(?::(.*))?", re.DOTALL)
TERMINATOR = re.compile(
    r'(.*\s|)([.?!]|\+(\.\.\.|\.\.\?|!\?|//?\.|//?\?|"/?\.|\.))(\s*\[\+ [^\]]*\])*', re.DOTALL
)
MOST_NOTES = 500


@dataclass(slots=True)
class Line:
    """A line with those that continue it: a header (@), what is said (*), or what is told of that (%)."""

    number: int
    mark: str
    name: str
    text: str  # with its bullets, without other control characters
    is_tabbed: bool


@dataclass(slots=True)
class Participant:
    """Somebody who speaks; ``facts`` are the fields of the @ID line."""

    code: str
    name: str = ""
    role: str = ""
    facts: tuple[str, ...] = ()


def lines_of(text: str, path: Path, notes: list[str]) -> list[Line]:
    """Divide a file into its lines.

    Raises
    ------
    ParseError
        The first line is no header, or a line of a speaker has no colon.
    """
    found: list[Line] = []
    is_said = False
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        head = HEAD.fullmatch(line)
        if head is None:
            if not found:
                raise ParseError(path, "a CHAT file begins with a header such as @UTF8", line=number)
            if not line.startswith(("\t", " ")) and len(notes) < MOST_NOTES:
                notes.append(f"line {number}: begins with no @, *, % or tab; read as part of the line before")
            more = clean(line).strip() if found[-1].mark == "@" else _clean(line)
            found[-1].text = f"{found[-1].text} {more}".strip()
            continue
        mark, name, rest = head[1], head[2].strip(), head[3]
        if rest is None and mark != "@":
            raise ParseError(
                path, f"{line[:20]!r} has no colon after the name of the speaker or tier", line=number
            )
        is_said = is_said or mark == "*"
        if mark == "%" and not is_said:
            raise ParseError(path, "a tier that depends on what nobody has said yet", line=number)
        is_tabbed = rest is None or rest.startswith("\t")
        text = clean(rest or "").strip() if mark == "@" else _clean(rest or "")
        found.append(Line(number, mark, clean(name).strip(), text, is_tabbed))
    if not found:
        raise ParseError(path, "is empty", line=1)
    return found


def _clean(text: str) -> str:
    if "\x15" not in text:
        return clean(text).strip()
    parts = text.split("\x15")
    return "\x15".join(clean(part) for part in parts).strip()


def people_of(lines: list[Line]) -> dict[str, Participant]:
    """Participants by code, out of @Participants and @ID."""
    found: dict[str, Participant] = {}
    for line in lines:
        if line.mark != "@":
            continue
        if line.name == "Participants":
            for entry in line.text.split(","):
                words = entry.split()
                if words:
                    name = "_".join(words[1:-1]) if len(words) > 2 else ""
                    role = words[-1] if len(words) > 1 else ""
                    found.setdefault(words[0], Participant(words[0], name, role))
        elif line.name == "ID":
            facts = tuple(part.strip() for part in line.text.split("|"))
            if len(facts) > 2 and facts[2]:
                person = found.setdefault(facts[2], Participant(facts[2]))
                person.facts = facts
                person.role = person.role or (facts[7] if len(facts) > 7 else "")
    return found


def faults_of(lines: list[Line], name: str) -> Iterator[Fault]:
    """Give what CLAN would refuse of a file that could be read."""
    heads = [line.name for line in lines if line.mark == "@"]
    if lines[0].name != "UTF8" or lines[0].mark != "@":
        yield Fault(name, 1, "the first line is not @UTF8")
    if lines[-1].name != "End" or lines[-1].mark != "@":
        yield Fault(name, lines[-1].number, "the last line is not @End")
    for wanted in ("Begin", "Languages", "Participants"):
        if wanted not in heads:
            yield Fault(name, 1, f"has no @{wanted}")
    people = people_of(lines)
    for line in lines:
        if not line.is_tabbed:
            yield Fault(name, line.number, "has no tab behind its colon")
        if line.mark == "*":
            yield from _speech_faults(line, people, name)


def _speech_faults(line: Line, people: dict[str, Participant], name: str) -> Iterator[Fault]:
    if line.name not in people:
        yield Fault(name, line.number, f"{line.name!r:.60} is not among the @Participants")
    elif not people[line.name].facts:
        yield Fault(name, line.number, f"{line.name!r:.60} has no @ID")
    if not CODE.fullmatch(line.name):
        yield Fault(name, line.number, f"{line.name!r:.60} is no code of at most 7 capitals")
    text = BULLET.sub("", line.text).strip()
    terminated = TERMINATOR.fullmatch(text)
    if terminated is None:
        yield Fault(name, line.number, "does not end with a terminator, such as a full stop after a blank")
    elif not terminated[1].strip():
        yield Fault(name, line.number, "nothing stands before the terminator")
    for start, end in BULLET.findall(line.text):
        if int(start) >= int(end):
            yield Fault(name, line.number, "a bullet does not end after it starts")
