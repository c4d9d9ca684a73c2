"""CTM files as records: words of one speaker without a long silence between them are one segment."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from speechlabel.errors import ParseError
from speechlabel.formats.base import Bundle, Segments, bare_recording
from speechlabel.formats.foreign import Collected
from speechlabel.formats.names import foreign_id
from speechlabel.formats.repairs import Repairs, printable
from speechlabel.formats.scoring.nist import (
    Channels,
    Columns,
    channel_read,
    fields_of,
    met_channel,
    read_names,
    seconds,
    unit_interval,
)
from speechlabel.formats.scoring.rttm_read import runs
from speechlabel.formats.spool import Spool
from speechlabel.formats.textlines import Encoding, TextLines
from speechlabel.records import Recording, Word

__all__ = ["CtmReader", "ctm_files"]

BEGIN, NEXT, END = "<ALT_BEGIN>", "<ALT>", "<ALT_END>"
NOBODY = {"NA", "<NA>", "unknown", "spkr", "UNK"}
Key = tuple[str, int, str]  # file column, channel as channel_read gives it, speaker


def ctm_files(folder: Path) -> Iterator[Path]:
    """CTM files of a folder."""
    return (path for path in folder.iterdir() if path.suffix.lower() == ".ctm" and path.is_file())


@dataclasses.dataclass
class _Group:
    """Alternatives to some words: all but the first are kept aside."""

    key: Key | None = None
    first: list[int] = dataclasses.field(default_factory=list[int])
    others: list[list[tuple[str, int, int]]] = dataclasses.field(
        default_factory=list[list[tuple[str, int, int]]]
    )


class CtmReader:
    """Takes in CTM files, then gives them as one bundle."""

    def __init__(self, silence_us: int, encoding: Encoding) -> None:
        self._silence_us = max(1, silence_us)
        self._encoding: Encoding = encoding
        self._found: dict[str, Collected] = {}
        self._spool = Spool()
        self._ids: dict[str, str] = {}
        self._channels = Channels()
        self._notes: list[str] = []
        self._repairs = Repairs()
        self._words: dict[Key, Columns] = {}
        self._types: dict[Key, list[str]] = {}
        self._untimed: set[tuple[Key, int]] = set()
        self._groups: list[_Group] = []

    def ctm(self, path: Path) -> None:
        """Take in one file.

        Raises
        ------
        ParseError
            A line has too few or too many fields, or times that are none.
        """
        recordings, speakers = read_names(path.parent / "id_map.tsv")
        lines = TextLines(path, self._encoding)
        self._notes += [f"{path.name}: {note}" for note in lines.notes]
        self._words, self._types, self._groups = {}, {}, []
        self._untimed = set()
        group: _Group | None = None
        for number, line in lines:
            fields = fields_of(printable(path, number, line, self._repairs))
            if not fields or fields[0].startswith(";;"):
                continue
            if not 5 <= len(fields) <= 8:
                raise ParseError(path, f"{len(fields)} fields, but CTM has 5 to 8", line=number)
            word = fields[4]
            if word in (BEGIN, NEXT, END):
                group = self._tag(path, number, word, group)
            else:
                self._word(path, number, fields, group)
        self._flush(path, recordings, speakers)

    def _tag(self, path: Path, number: int, word: str, group: _Group | None) -> _Group | None:
        if (word == BEGIN) == (group is not None):
            self._repairs.add(path, number, "alternatives that are not opened or closed as they should be")
        if word == END:
            return None
        if word == BEGIN or group is None:
            group = _Group()
            self._groups.append(group)
        if word == NEXT:
            group.others.append([])
        return group

    def _word(self, path: Path, number: int, fields: list[str], group: _Group | None) -> None:
        channel = channel_read(path, number, fields[1], self._repairs)
        speaker = fields[7] if len(fields) == 8 and fields[7] not in NOBODY else ""
        key = fields[0], channel, speaker
        columns = self._words.setdefault(key, Columns())
        is_untimed = fields[2] == "*" or fields[3] == "*"
        if is_untimed:
            start = end = columns.end[-1] if len(columns) else 0
            self._repairs.add(path, number, "a word without times: put after the one before it")
        else:
            start = seconds(path, number, fields[2])
            length = seconds(path, number, fields[3])
            if start < 0 or length < 0:
                self._repairs.add(path, number, "a time below 0 became 0")
            start, length = max(0, start), max(0, length)
            end = start + length
        if group is not None and group.others:
            group.others[-1].append((fields[4], start, end))
            self._repairs.add(path, number, "an alternative was kept aside; the first one is the text")
            return
        if group is not None:
            group.key = key
            group.first.append(len(columns))
        if is_untimed:
            self._untimed.add((key, len(columns)))
        score = unit_interval(fields[5]) if len(fields) > 5 else None
        columns.add(number, start, end, score, fields[4])
        self._types.setdefault(key, []).append(fields[6] if len(fields) > 6 else "lex")

    def _flush(self, path: Path, recordings: dict[str, str], speakers: dict[tuple[str, str], str]) -> None:
        groups = {(group.key, group.first[0]): group for group in self._groups if group.first}
        for group in self._groups:
            if group.others and not group.first:
                self._notes.append(
                    f"{path.name}: alternatives to no word were left out: {group.others!r:.200}"
                )
        for key, columns in self._words.items():
            id = self._recording(recordings.get(key[0], key[0]), key[0], path, key[1])
            for places in runs(columns, columns.order(), self._silence_us):
                line = columns.line[places[0]]
                start = columns.start[places[0]]
                name = speakers.get((key[0], key[2]), key[2])
                kinds = [self._types[key][place] for place in places]
                custom: dict[str, Any] = {"types": kinds} if any(kind != "lex" for kind in kinds) else {}
                others = [
                    {
                        "at": at,
                        "words": [columns.name[inner] for inner in groups[key, place].first],
                        "others": [[list(word) for word in other] for other in groups[key, place].others],
                    }
                    for at, place in enumerate(places)
                    if (key, place) in groups
                ]
                if others:
                    custom["alternatives"] = others
                self._found[id].segment(
                    line,
                    channel=met_channel(key[1]),
                    start_us=start,
                    end_us=max(start + 1000, *(columns.end[place] for place in places)),
                    text=" ".join(columns.name[place] for place in places),
                    words=tuple(self._made(key, columns, place) for place in places),
                    speaker=self._found[id].speaker(name, line) if name else None,
                    custom={"ctm": custom} if custom else {},
                )

    def _made(self, key: Key, columns: Columns, place: int) -> Word:
        if (key, place) in self._untimed:
            return Word(word=columns.name[place], score=columns.score_at(place))
        return columns.word(place)

    def _recording(self, wanted: str, name: str, path: Path, channel: int) -> str:
        if name not in self._ids:
            made = foreign_id(wanted, self._found)
            self._ids[name] = made
            self._found[made] = Collected(made, path, self._spool)
        made = self._ids[name]
        self._channels.seen(made, channel)
        return made

    def bundle(self) -> Bundle:
        """All that was read; where only channel 1 is named, it is the one channel or the mix: ``None``."""
        recordings: list[Recording] = []
        segments: dict[str, Segments] = {}
        for name, id in self._ids.items():
            found = self._found[id]
            recordings.append(bare_recording(id, name, found.end_us, channels=self._channels.count(id)))
            segments[id] = self._channels.segments(id, found)
        return Bundle(
            recordings=tuple(recordings),
            segments=segments,
            speakers={id: tuple(found.speakers.values()) for id, found in self._found.items()},
            notes=(*self._notes, *self._repairs.notes()),
        )
