"""What is said in a CHAT file, as segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from speechlabel.errors import RecordError
from speechlabel.formats.foreign import Collected
from speechlabel.formats.linguists.chat_file import BULLET, TERMINATOR, Line, Participant, people_of
from speechlabel.formats.linguists.eaf_tiers import NOBODY, split_list
from speechlabel.records import Kind, Status, Word

__all__ = ["FIRST", "LANGUAGES", "Facts", "read_speech"]

FIRST = ("PID", "Font", "Window", "Color words")  # headers that stand before @Begin
KNOWN = ("UTF8", "Begin", "End", "Languages", "Participants", "ID", "Media")
UNTIMED_US = 1_000_000
CODES = """
en eng, zh zho, de deu, fr fra, es spa, it ita, ja jpn, ko kor, ru rus, pt por, nl nld, pl pol, sv swe,
da dan, no nor, fi fin, tr tur, ar ara, he heb, hi hin, el ell, cs ces, hu hun, ro ron, uk ukr, th tha,
vi vie, ca cat, cy cym, hr hrv, et est, is isl, ga gle, eu eus, fa fas, id ind, ta tam, af afr
"""
LANGUAGES = {
    short: long
    for short, _, long in (pair.strip().partition(" ") for pair in CODES.replace("\n", " ").split(","))
}
SHORT = {long: short for short, long in LANGUAGES.items()}


@dataclass
class Facts:
    """What a file tells besides what is said."""

    media: str = ""
    language: str = ""
    details: dict[str, dict[str, Any]] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    headers: dict[str, list[str]] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]


@dataclass
class _Said:
    line: Line
    spans: list[tuple[str, int, int]]
    text: str
    tiers: list[Line] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    before: list[str] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    start_us: int = 0
    end_us: int = 0


def read_speech(lines: Sequence[Line], collected: Collected) -> Facts:
    """Make segments of all that is said."""
    facts = Facts()
    names = _names(people_of(list(lines)), facts, collected)
    said, waiting = list[_Said](), list[str]()
    for line in lines:
        if line.mark == "*":
            said.append(_said(line, waiting, collected))
            waiting = []
        elif line.mark == "%":
            said[-1].tiers.append(line)
        elif (told := _header(line, facts)) and said:
            waiting.append(told)
        elif told:
            facts.headers.setdefault("first" if line.name in FIRST else "headers", []).append(told)
    if waiting:
        facts.headers["after"] = waiting
    if lines[-1].name != "End":
        collected.notes.append("does not end with @End; may be cut off")
    _fill(said, collected)
    for one in said:
        _emit(one, names, collected)
    return facts


def _header(line: Line, facts: Facts) -> str:
    """Take what a header tells; return it where it is to be kept as it is."""
    if line.name == "Media":
        facts.media = line.text.split(",")[0].strip().strip('"')
    elif line.name == "Languages":
        code = line.text.replace(",", " ").split()[:1]
        facts.language = SHORT.get(code[0], code[0][:35]) if code and code[0] != "und" else ""
    elif line.name not in KNOWN:
        return f"@{line.name}:\t{line.text}" if line.text else f"@{line.name}"
    return ""


def _names(people: dict[str, Participant], facts: Facts, collected: Collected) -> dict[str, str | None]:
    names: dict[str, str | None] = {}
    for code, person in people.items():
        name = person.name.replace("_", " ").strip() or code
        if name == NOBODY:
            names[code] = None
            continue
        if name in names.values():
            name = f"{name} ({code})"
        names[code] = name[:200]
        told = (*person.facts, *[""] * 10)[:10]
        details: dict[str, Any] = {"custom": {"chat": {"code": code, "id": list(person.facts)}}}
        if told[4].lower() in ("male", "female"):
            details["gender"] = told[4].lower()
        if person.role:
            details["role"] = person.role[:500]
        if language := told[0].replace(",", " ").split()[:1]:
            details["language"] = SHORT.get(language[0], language[0][:35])
        facts.details[name[:200]] = details
        collected.speaker(name[:200], None)
    return names


def _said(line: Line, before: list[str], collected: Collected) -> _Said:
    spans: list[tuple[str, int, int]] = []
    last = 0
    for bullet in BULLET.finditer(line.text):
        start, end = int(bullet[1]) * 1000, int(bullet[2]) * 1000
        if end < start:
            collected.notes.append(
                f"line {line.number}: a bullet ends before it starts; its ends were swapped"
            )
            start, end = end, start
        spans.append((line.text[last : bullet.start()].replace("\x15", "").strip(), start, end))
        last = bullet.end()
    rest = line.text[last:].replace("\x15", "").strip()
    parts = [part for part, _, _ in spans] + [rest]
    if rest and spans:
        spans.append((rest, -1, -1))
    made = _Said(line, spans, " ".join(part for part in parts if part), before=before)
    if timed := [span for span in spans if span[1] >= 0]:
        made.start_us, made.end_us = min(span[1] for span in timed), max(span[2] for span in timed)
    return made


def _fill(said: Sequence[_Said], collected: Collected) -> None:
    """Give what has no bullet its part of the time between what has one."""
    last, waiting, n_untimed = 0, list[_Said](), 0
    is_timed = any(one.spans for one in said)
    for one in said:
        if not one.spans:
            waiting.append(one)
            n_untimed += 1
            continue
        _share(waiting, last, one.start_us)
        last, waiting = max(last, one.end_us), []
    _share(waiting, last, last + UNTIMED_US * len(waiting))
    if n_untimed:
        told = f"{n_untimed} utterances have no time; they share what lies between those beside them"
        collected.notes.append(
            told if is_timed else f"{n_untimed} utterances, and none has a time: a second each"
        )


def _share(waiting: Sequence[_Said], start_us: int, end_us: int) -> None:
    end_us = max(end_us, start_us + 1000 * len(waiting))
    for number, one in enumerate(waiting):
        one.start_us = start_us + (end_us - start_us) * number // len(waiting) // 1000 * 1000
        one.end_us = start_us + (end_us - start_us) * (number + 1) // len(waiting) // 1000 * 1000


def _emit(one: _Said, names: dict[str, str | None], collected: Collected) -> None:
    code = one.line.name
    if code not in names:
        collected.notes.append(f"line {one.line.number}: {code!r:.60} is not among the @Participants")
        names[code] = code[:200] or None
    custom: dict[str, Any] = {}
    if not one.spans:
        custom["untimed"] = [one.start_us, one.end_us]
    elif len(one.spans) > 1:
        custom["spans"] = [list(span) for span in one.spans]
    if one.before:
        custom["before"] = one.before
    name = names[code]
    try:
        parts = _parts(one)
    except RecordError as error:
        raise collected.error(f"word: {error.data['reason']}", one.line.number) from error
    if one.start_us == one.end_us:
        parts["kind"] = "event"
    text = parts.pop("text", one.text) or None
    collected.segment(
        one.line.number,
        start_us=one.start_us,
        end_us=one.end_us,
        text="" if parts.pop("is_empty", False) else text,
        speaker=collected.speaker(name, one.line.number) if name else None,
        custom={"chat": custom} if custom else {},
        **parts,
    )


def _parts(one: _Said) -> dict[str, Any]:
    """Fields of a segment out of the tiers that depend on it."""
    parts: dict[str, Any] = {}
    fields: dict[str, str] = {}
    for line in one.tiers:
        name, text = line.name, line.text
        if name == "wor" and "words" not in parts:
            parts["words"] = _words(text)
            continue
        text = BULLET.sub("", text).replace("\x15", "").strip()
        if name == "xtext" and text in ("none", "empty"):
            parts["text"], parts["is_empty"] = None, text == "empty"
        elif name == "xkind" and text in get_args(Kind):
            parts["kind"] = text
        elif name == "xstatus" and text in get_args(Status):
            parts["status"] = text
        elif name == "xnoise":
            parts["noise_labels"] = split_list(text)
        elif name == "xtags":
            parts["tags"] = split_list(text)
        elif name == "com" and "note" not in parts:
            parts["note"] = text
        else:
            name = name.removeprefix("x") or "x"
            fields[name] = f"{fields[name]}\n{text}" if name in fields else text
    return parts | {"fields": fields}


def _words(text: str) -> tuple[Word, ...]:
    """Words of a %wor tier: each may have a bullet behind it; the terminator is none of them."""
    found: list[Word] = []
    last = 0
    for bullet in BULLET.finditer(text):
        tokens = text[last : bullet.start()].replace("\x15", "").split()
        last = bullet.end()
        start, end = sorted((int(bullet[1]) * 1000, int(bullet[2]) * 1000))
        found += [Word(word=token) for token in tokens[:-1]]
        found += [Word(word=token, start_us=start, end_us=end) for token in tokens[-1:]]
    rest = text[last:].replace("\x15", "").split()
    if rest and TERMINATOR.fullmatch(rest[-1]):
        rest.pop()
    return tuple(found + [Word(word=token) for token in rest])
