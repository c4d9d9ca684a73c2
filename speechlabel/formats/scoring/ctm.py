"""CTM, a word a line with its time and confidence, as recognisers write and NIST's scorers read it.

Spec: NIST SCTK, ``ctm`` (file, channel, start, duration, word, confidence, type, speaker); ``;;`` begins a
comment.  Lines are sorted by file, channel and start: sclite scores an unsorted file wrongly without a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple, cast

from speechlabel.formats.base import Bundle, Export, Fault, Format, Written
from speechlabel.formats.losses import Tally
from speechlabel.formats.names import STAND_INS
from speechlabel.formats.scoring.ctm_read import CtmReader, ctm_files
from speechlabel.formats.scoring.nist import Names, first_line
from speechlabel.formats.textlines import Encoding
from speechlabel.formats.times import on_grid
from speechlabel.records import Recording, Segment, Word
from speechlabel.timing import format_seconds

__all__ = ["CtmFormat"]

TYPES = ("lex", "frag", "fp", "un-lex", "for-lex", "non-lex", "misc", "noscore")
TAGS = re.compile(r"<ALT>|<ALT_BEGIN>|<ALT_END>")
NAME = re.compile(r"[A-Za-z0-9_-]+")
NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
STARTS = re.compile(r"([0-9]+(\.[0-9]*)?|\.[0-9]+|\*)")
BRACES = str.maketrans("{}<>", "[]()")
BLANKS = re.compile(r"[ \t\r\f\v]+")


class _Line(NamedTuple):
    channel: int  # from 1
    place_us: int  # where it is sorted in: alternatives stay together
    order: int
    start_us: int
    end_us: int
    word: str
    score: float | None
    kind: str
    speaker: str

    @property
    def is_tag(self) -> bool:
        return bool(TAGS.fullmatch(self.word))


@dataclass(frozen=True)
class CtmFormat(Format):
    """Words with their times.

    ``variant=nemo`` writes all eight columns as NeMo does, ``NA`` for what is not known; ``divide=true``
    shares the time of a segment without word times evenly among the words of its text.  Where ``silence``
    milliseconds hold no word of a speaker, a new segment begins on reading.
    """

    variant: Literal["nist", "nemo"] = "nist"
    decimals: Literal[2, 3, 4, 5, 6] = 3
    divide: bool = False
    silence: int = 1000
    encoding: Encoding = "auto"

    name: ClassVar[str] = "ctm"
    title: ClassVar[str] = "CTM"
    extensions: ClassVar[tuple[str, ...]] = (".ctm",)
    spec: ClassVar[str] = "https://github.com/usnistgov/SCTK, doc/infmts.htm"
    carries: ClassVar[frozenset[str]] = frozenset({"words", "channel"})
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True
    takes: ClassVar[Literal["training", "speech", "everything"]] = "speech"
    checked_by: ClassVar[tuple[str, ...]] = ("NIST ctmValidator", "NIST sclite")

    @property
    def time_step_us(self) -> int:
        """A unit of the last decimal."""
        return 10 ** (6 - self.decimals)

    def sniff(self, path: Path) -> bool:
        """Tell it by its name and the fields of its first line."""
        if path.is_dir():
            return any(ctm_files(path))
        if path.suffix.lower() != ".ctm":
            return False
        fields = first_line(path)
        return 5 <= len(fields) <= 9 and all(STARTS.fullmatch(field) for field in fields[2:4])

    def write(self, export: Export, out: Path) -> Written:
        """Write ``segments.ctm`` in NIST's order, and ``id_map.tsv`` with the names behind the names."""
        tally = Tally()
        names = Names.of(export.bundle)
        count = 0
        with (out / "segments.ctm").open("w", encoding="utf-8", newline="\n") as file:
            for recording in sorted(export.bundle.recordings, key=lambda item: names.recordings[item.id]):
                segments = sorted(
                    export.bundle.segments.get(recording.id, ()),
                    key=lambda item: (item.start_us, item.end_us, item.id),
                )
                lines, used = self._lines(export.bundle, recording, segments, names, tally)
                count += used
                file.writelines(self._text(names.recordings[recording.id], line) for line in lines)
        names.write(out, export.bundle)
        warnings = () if count else ("no segment has words with times; divide=true shares the time evenly",)
        return Written(segments=count, losses=tally.losses(), warnings=warnings)

    def _lines(
        self, bundle: Bundle, recording: Recording, segments: list[Segment], names: Names, tally: Tally
    ) -> tuple[list[_Line], int]:
        known = bundle.speakers_of(recording.id)
        lines: list[_Line] = []
        count = 0
        for segment in segments:
            words = self._words(segment, tally) if segment.kind == "speech" else []
            if not words:
                why = "without word times: left out" if segment.kind == "speech" else "not speech: left out"
                tally.add("segment", why, segment.id)
                continue
            count += 1
            tally.add("segment", "only its words are told, not where it starts and ends", segment.id)
            speaker = "NA"
            if segment.speaker is not None:
                whole = known[segment.speaker].name if segment.speaker in known else segment.speaker
                wanted = f"{recording.id}-{whole}" if segment.speaker in STAND_INS else whole
                speaker = names.speaker(recording.id, segment.speaker, wanted, ("NA", "unknown"))
            lines += self._of(segment, words, speaker, recording, 4 * len(lines))
        return sorted(lines), count

    def _words(self, segment: Segment, tally: Tally) -> list[Word]:
        timed: list[Word] = []
        for word in segment.words:
            if word.start_us is None or word.end_us is None:
                tally.add("words", "without a time: left out", segment.id)
                continue
            text = _one_word(word.word)
            if text != word.word:
                tally.add("words", "blanks, braces and comments in it were replaced", segment.id)
            if text:
                timed.append(
                    Word(
                        word=text,
                        start_us=word.start_us,
                        end_us=max(word.start_us, word.end_us),
                        score=word.score,
                    )
                )
        if timed or not self.divide:
            return timed
        texts = [_one_word(word) for word in (segment.text or "").split()]
        length = segment.duration_us
        return [
            Word(
                word=text,
                start_us=segment.start_us + length * at // len(texts),
                end_us=segment.start_us + length * (at + 1) // len(texts),
            )
            for at, text in enumerate(texts)
        ]

    def _of(
        self, segment: Segment, words: list[Word], speaker: str, recording: Recording, order: int
    ) -> Iterator[_Line]:
        own = _custom(segment)
        raw = own.get("types")
        kinds = [str(kind) for kind in cast("list[Any]", raw)] if isinstance(raw, list) else []
        kinds = kinds if len(kinds) == len(words) else ["lex"] * len(words)
        groups = dict(_alternatives(own.get("alternatives"), words))
        channel = 1 + (segment.channel or 0)
        others: list[list[tuple[str, int, int]]] = []
        until = -1
        for at, word in enumerate(words):
            start, end = on_grid(
                word.start_us or 0, word.end_us or 0, self.time_step_us, recording.duration_us
            )
            kind = kinds[at] if kinds[at] in TYPES else "lex"
            if at in groups:
                until, others = at + groups[at][0] - 1, groups[at][1]
                yield _Line(channel, start, order, start, start, "<ALT_BEGIN>", None, "lex", speaker)
            yield _Line(channel, start, order + 1, start, end, word.word, word.score, kind, speaker)
            order += 2
            if at == until:
                for other in [*others, None]:
                    tag = "<ALT_END>" if other is None else "<ALT>"
                    yield _Line(channel, start, order, start, start, tag, None, "lex", speaker)
                    for text, first, last in other or ():
                        order += 1
                        yield _Line(channel, start, order, first, last, text, None, "lex", speaker)
                    order += 1

    def _text(self, name: str, line: _Line) -> str:
        fields = [name, str(line.channel)]
        if line.is_tag:
            fields += ["*", "*", line.word]
            return " ".join(fields) + "\n"
        times = line.start_us, line.end_us - line.start_us
        fields += [*(format_seconds(time, decimals=self.decimals) for time in times), line.word]
        sure = None if line.score is None else f"{line.score:.9f}".rstrip("0").rstrip(".")
        if self.variant == "nemo":
            fields += [sure or "NA", line.kind, line.speaker]
        elif sure is not None:
            fields += [sure] + ([line.kind] if line.kind != "lex" else [])
        return " ".join(fields) + "\n"

    def read(self, path: Path) -> Bundle:
        """Read a file, or the CTM files of a folder; words that follow each other make a segment."""
        reader = CtmReader(self.silence * 1000, self.encoding)
        for file in sorted(ctm_files(path)) if path.is_dir() else [path]:
            reader.ctm(file)
        return reader.bundle()

    def faults(self, path: Path) -> Iterator[Fault]:
        """Tell what ctmValidator refuses (whatever the language), and what is not in NIST's order."""
        for file in sorted(ctm_files(path)) if path.is_dir() else [path]:
            yield from _faults(file, is_nemo=self.variant == "nemo")


def _one_word(text: str) -> str:
    text = "_".join(text.split()).replace(";;", ";")
    return text.translate(BRACES) if re.search(r"[{}]", text) or TAGS.search(text) else text


def _custom(segment: Segment) -> dict[str, Any]:
    own: Any = segment.custom.get("ctm")
    return cast("dict[str, Any]", own) if isinstance(own, dict) else {}


def _alternatives(
    raw: object, words: list[Word]
) -> Iterator[tuple[int, tuple[int, list[list[tuple[str, int, int]]]]]]:
    """Give groups as the file had them, where the words they stand for are still those."""
    for group in cast("list[Any]", raw) if isinstance(raw, list) else []:
        try:
            at, first = int(group["at"]), [str(word) for word in group["words"]]
            others = [[(_one_word(str(w)), int(a), int(b)) for w, a, b in other] for other in group["others"]]
        except (KeyError, TypeError, ValueError):
            continue
        if first and at >= 0 and [word.word for word in words[at : at + len(first)]] == first:
            yield at, (len(first), others)


def _faults(path: Path, *, is_nemo: bool) -> Iterator[Fault]:
    last: tuple[str, str, float] | None = None
    with path.open(encoding="latin-1", newline="\n") as file:  # bytes, as the validator reads them
        for number, raw in enumerate(file, 1):
            line = raw.removesuffix("\n")
            if line.startswith(";;"):
                continue
            fields = BLANKS.split(line)
            while fields and not fields[-1]:
                fields.pop()
            if not 5 <= len(fields) <= 8 or not fields[0]:
                yield Fault(path.name, number, "needs 5 to 8 fields and no blank before them")
                continue
            for reason in _line_faults(fields, is_nemo=is_nemo):
                yield Fault(path.name, number, reason)
            if TAGS.search(fields[4]):
                last = None  # alternatives go back in time
            elif NUMBER.fullmatch(fields[2]):
                place = fields[0], fields[1], float(fields[2])
                if last is not None and place < last:
                    yield Fault(path.name, number, "not in order of file, channel and start")
                last = place


def _line_faults(fields: list[str], *, is_nemo: bool) -> Iterator[str]:
    source, channel, start, length, word = fields[:5]
    sure, kind, speaker = (*fields[5:], *("0", "lex", "spkr")[len(fields) - 5 :])
    if not NAME.fullmatch(source):
        yield "the file may have only letters, digits, - and _"
    if not re.fullmatch("[0-9]+|[AB]", channel):
        yield "the channel is neither a number nor A or B"
    wanted = "*" if TAGS.search(word) else "a number"
    for name, text in (("start", start), ("duration", length)):
        if not (text == "*" if wanted == "*" else NUMBER.fullmatch(text)):
            yield f"the {name} is not {wanted}"
    if not NUMBER.fullmatch(sure) and not (is_nemo and sure == "NA"):
        yield "the confidence is not a number"
    if kind not in TYPES:
        yield "the type is not known"
    if not NAME.fullmatch(speaker):
        yield "the speaker may have only letters, digits, - and _"
