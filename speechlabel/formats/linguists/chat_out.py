"""CHAT files: headers, what is said with its time in a bullet, and tiers that depend on it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from anyascii import anyascii

from speechlabel.formats.linguists.chat_file import BULLET, CODE, TERMINATOR
from speechlabel.formats.linguists.chat_speech import LANGUAGES
from speechlabel.formats.linguists.eaf_out import values_of
from speechlabel.formats.linguists.eaf_tiers import NOBODY
from speechlabel.formats.losses import Tally
from speechlabel.formats.times import on_grid
from speechlabel.records import Recording, Segment, Speaker, Word

__all__ = ["STEP_US", "document"]

STEP_US = 1000
ROLE = re.compile(r"[A-Z][A-Za-z]*(_[A-Z][A-Za-z]*)*")
TIER = re.compile(r"[a-z][a-z0-9]{0,15}")
TIERS = frozenset(  # that CHAT knows; others have an x before their name
    {
        *("act", "add", "alt", "cod", "coh", "def", "eng", "err", "exp", "fac", "flo", "gls", "gpx"),
        *("gra", "grt", "int", "lan", "mod", "mor", "ort", "par", "pho", "sit", "spa", "tim", "trn"),
    }
)
OWN = ("kind", "noise", "tags", "status")
SILENT = "www ."  # what nobody has transcribed


def document(
    recording: Recording,
    segments: Sequence[Segment],
    speakers: Mapping[str, Speaker],
    language: str | None,
    tally: Tally,
) -> Iterator[str]:
    """Lines of a whole file."""
    codes = _codes(segments, speakers)
    kept: Any = recording.metadata.get("chat")
    headers = cast("dict[str, Any]", kept) if isinstance(kept, dict) else {}
    main = _language(language)
    yield "@UTF8\n"
    yield from _lines(headers.get("first"))
    yield f"@Begin\n@Languages:\t{main}\n"
    taken: set[str] = set()
    entries = [_participant(id, code, speakers.get(id or ""), taken, tally) for id, code in codes.items()]
    if entries:
        yield f"@Participants:\t{', '.join(' '.join(entry[:3]) for entry in entries)}\n"
    else:
        yield "@Participants:\tUNK Unidentified\n@ID:\tund|speechlabel|UNK|||||Unidentified|||\n"
    for entry, id in zip(entries, codes, strict=True):
        yield _id_line(entry[0], entry[2], speakers.get(id or ""), main, tally)
    yield f"@Media:\t{recording.id}, audio\n"
    yield from _lines(headers.get("headers"))
    for segment in segments:
        yield from _utterance(segment, codes[segment.speaker], recording.duration_us, tally)
    yield from _lines(headers.get("after"))
    yield "@End\n"


def _lines(kept: object) -> Iterator[str]:
    for line in cast("list[Any]", kept) if isinstance(kept, list) else ():
        if isinstance(line, str) and line.startswith("@"):
            yield " ".join(line.split("\n")) + "\n"


def _language(language: str | None) -> str:
    code = (language or "").lower().partition("-")[0]
    return LANGUAGES.get(code, code if re.fullmatch("[a-z]{3}", code) else "und")


def _codes(segments: Sequence[Segment], speakers: Mapping[str, Speaker]) -> dict[str | None, str]:
    """Give each speaker a code of at most 7 capitals: that of the file it comes from, else of its name."""
    wanted: dict[str | None, str] = dict.fromkeys((*speakers, *(item.speaker for item in segments)), "")
    codes: dict[str | None, str] = {}
    taken: set[str] = set()
    for id in wanted:
        speaker = speakers.get(id or "")
        kept: Any = speaker.custom.get("chat") if speaker else None
        code = str(cast("dict[str, Any]", kept).get("code")) if isinstance(kept, dict) else ""
        if not CODE.fullmatch(code) or code in taken:
            name = "NON" if id is None else speaker.name if speaker else id
            base = re.sub("[^A-Z]", "", anyascii(name).upper())[:3] or "SPK"
            code, number = base, 1
            while code in taken:
                number += 1
                code = f"{base[: 7 - len(str(number))]}{number}"
        taken.add(code)
        codes[id] = code
    return codes


def _participant(
    id: str | None, code: str, speaker: Speaker | None, taken: set[str], tally: Tally
) -> tuple[str, str, str]:
    name = NOBODY if id is None else speaker.name if speaker else id
    base = plain = re.sub(r"[\s,|\x15]+", "_", name).strip("_") or code
    number = 1
    while plain.replace("_", " ") in taken or (plain == NOBODY and id is not None):
        number += 1
        plain = f"{base}_{number}"
    taken.add(plain.replace("_", " "))
    if speaker is not None and plain.replace("_", " ").strip() != name:
        told = "commas and underscores became blanks, and a second one of that name got a number"
        tally.add("speaker.name", told, speaker.id)
    role = (speaker.role or "") if speaker else ""
    if speaker is not None and role and not ROLE.fullmatch(role):
        tally.add("speaker.role", "is no role of CHAT, such as Target_Child", speaker.id)
    return code, plain, role if ROLE.fullmatch(role) else "Participant"


def _id_line(code: str, role: str, speaker: Speaker | None, main: str, tally: Tally) -> str:
    kept: Any = speaker.custom.get("chat") if speaker else None
    known: Any = cast("dict[str, Any]", kept).get("id") if isinstance(kept, dict) else None
    facts = [str(part) for part in cast("list[Any]", known)] if isinstance(known, list) else []
    facts = [re.sub(r"[\s|]+", " ", part) for part in (*facts, *[""] * 10)[:10]]
    gender = (speaker.gender or "") if speaker else ""
    if speaker is not None and gender == "other":
        tally.add("speaker.gender", "is not told", speaker.id)
    language = _language(speaker.language) if speaker and speaker.language else "und"
    if speaker is not None and speaker.language and language == "und":
        tally.add("speaker.language", "is no code of three letters", speaker.id)
    if language != "und" and facts[0].replace(",", " ").split()[:1] != [language]:
        facts[0] = language  # else it may name further ones
    facts[0] = facts[0] or main
    facts[1], facts[2] = facts[1] or "speechlabel", code
    facts[4], facts[7] = gender if gender in ("male", "female") else "", role
    return f"@ID:\t{'|'.join(facts)}|\n"


def _bullet(start_us: int, end_us: int) -> str:
    return f"\x15{start_us // STEP_US}_{end_us // STEP_US}\x15"


def _utterance(segment: Segment, code: str, limit_us: int, tally: Tally) -> Iterator[str]:
    kept: Any = segment.custom.get("chat")
    custom = cast("dict[str, Any]", kept) if isinstance(kept, dict) else {}
    start, end = on_grid(segment.start_us, segment.end_us, STEP_US, limit_us)
    values = values_of(segment, tally)
    if segment.kind == "event":
        values["kind"] = "event"
    if start == end:
        tally.add("segment", "a point became a stretch of 1 ms", segment.id)
        end += STEP_US
    yield from _lines(custom.get("before"))
    said = _with_spans(segment, custom.get("spans"))
    if said is None:
        said = _said(segment, tally)
        if custom.get("untimed") != [segment.start_us, segment.end_us]:
            said += f" {_bullet(start, end)}"
    yield f"*{code}:\t{said}\n"
    if segment.text is None:
        yield "%xtext:\tnone\n"
    elif not segment.text:
        yield "%xtext:\tempty\n"
    yield from _tiers(segment, values, tally)
    yield from _wor(segment, tally)


def _said(segment: Segment, tally: Tally) -> str:
    text = segment.text or SILENT
    made = " ".join(text.replace("\t", "\n").split("\n")).strip()
    if not made:
        tally.add("text", "blanks alone; written as not transcribed", segment.id)
        return SILENT
    if made != text and segment.text:
        tally.add("text", "tabs and line ends became blanks; those around it are not kept", segment.id)
    if not TERMINATOR.fullmatch(made):
        tally.add("text", "a full stop behind a blank was put at its end, which CHAT asks for", segment.id)
        made += " ."
    if (found := TERMINATOR.fullmatch(made)) and not found[1].strip():
        tally.add("text", "a 0, for no speech, was put before a terminator that stands alone", segment.id)
        made = f"0 {made}"
    return made


def _with_spans(segment: Segment, kept: object) -> str | None:
    """Text with the bullets that it had inside, if it is still that text at that time."""
    rows = cast("list[Any]", kept) if isinstance(kept, list) else []
    spans = [cast("list[Any]", row) for row in rows if isinstance(row, list)]
    if not all(len(span) == 3 and isinstance(span[0], str) for span in spans):
        return None
    if not all(isinstance(time, int) and time >= -1 for span in spans for time in span[1:]):
        return None
    timed = [span for span in spans if span[1] >= 0]
    same_text = " ".join(span[0] for span in spans if span[0]) == segment.text
    if not timed or not same_text or "\n" in (segment.text or ""):
        return None
    if (min(span[1] for span in timed), max(span[2] for span in timed)) != (segment.start_us, segment.end_us):
        return None
    parts = (f"{span[0]} {_bullet(span[1], span[2])}".strip() if span[1] >= 0 else span[0] for span in spans)
    return " ".join(parts)


def _tiers(segment: Segment, values: Mapping[str, str], tally: Tally) -> Iterator[str]:
    for name, text in values.items():
        is_own = name in OWN
        is_note = name == "note" and "note" not in segment.fields
        where = "noise_labels" if name == "noise" else name if is_own or is_note else "fields"
        tier = "com" if is_note else name if name in TIERS else f"x{name}"
        is_taken = not is_own and tier in ("xtext", "xkind", "xstatus", "xnoise", "xtags")
        if is_taken or (not is_note and not TIER.fullmatch(name)) or (tier == "xwor" and not is_own):
            tally.add("fields", f"{name:.60}: is no name of a tier", segment.id)
            continue
        made = " ".join(BULLET.sub("", text).split())
        if made != text:
            tally.add(where, "line ends and tabs became blanks; further blanks are not kept", segment.id)
        if made:
            yield f"%{tier}:\t{made}\n"


def _wor(segment: Segment, tally: Tally) -> Iterator[str]:
    parts: list[str] = []
    for word in segment.words:
        text = "_".join(word.word.split())
        if not text or (word.start_us is None and TERMINATOR.fullmatch(text)):
            tally.add("words", "an empty one is left out", segment.id)
            continue
        parts.append(text)
        back = Word(word=text)
        if word.start_us is not None and word.end_us is not None:
            start, end = on_grid(word.start_us, word.end_us, STEP_US)
            parts.append(_bullet(start, end))
            back = Word(word=text, start_us=start, end_us=end)
        if back != word:
            tally.add("words", "scores, times below a millisecond and blanks are not kept", segment.id)
    if parts:
        yield f"%wor:\t{' '.join(parts)} .\n"
