"""RTTM files as records: turns become segments; words go to the turn of their speaker that covers them."""

from __future__ import annotations

import dataclasses
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from speechlabel.errors import ParseError
from speechlabel.formats.base import Bundle, Labelled, Segments, bare_recording
from speechlabel.formats.foreign import Collected
from speechlabel.formats.names import foreign_id
from speechlabel.formats.repairs import Repairs, printable
from speechlabel.formats.scoring.nist import (
    Channels,
    Columns,
    channel_read,
    fields_of,
    met_channel,
    seconds,
    unit_interval,
)
from speechlabel.formats.scoring.uem import read_uem
from speechlabel.formats.spool import Spool
from speechlabel.formats.textlines import TextLines
from speechlabel.records import Event, Recording

__all__ = ["NOBODY", "TYPES", "RttmReader", "runs"]

NOBODY = "speech"  # the name where no speaker is told
PLACED = {"SPEAKER", "NOSCORE", "LEXEME", "NON-LEX", "NON-SPEECH"}
TYPES = PLACED | {"SPKR-INFO", "NO_RT_METADATA", "SEGMENT", "SU", "EDIT", "FILLER", "IP", "CB", "A/P"}
GENDERS = {"adult_male": "male", "adult_female": "female"}
SOUNDS = {"noise": "noise", "music": "music"}
NOTHING = "<NA>"
NEAR_US = 1_000  # what rounding may have moved a word out of its turn
GAP_US = 1_000_000  # a silence as long as this parts words that no turn covers
MOST_BACK = 16  # turns of one speaker that may cover one word

Key = tuple[str, int, str]  # recording id, channel as channel_read gives it, name of the speaker


class RttmReader:
    """Takes in RTTM and UEM files, then gives them as one bundle."""

    def __init__(self) -> None:
        self._found: dict[str, Collected] = {}
        self._spool = Spool()
        self._ids: dict[str, str] = {}  # file column → recording id
        self._channels = Channels()
        self._labelled: dict[str, list[tuple[int, int, int]]] = {}
        self._genders: dict[tuple[str, str], str] = {}
        self._skipped: dict[str, int] = {}
        self._notes: list[str] = []
        self._repairs = Repairs()
        self._path = Path()
        self._turns: dict[Key, Columns] = {}
        self._words: dict[Key, Columns] = {}
        self._sounds: dict[Key, Columns] = {}
        self._kinds: dict[Key, list[str]] = {}  # of each word: "lex", "fp" …

    def _lines(self, path: Path) -> TextLines:
        lines = TextLines(path)
        self._notes += [f"{path.name}: {note}" for note in lines.notes]
        return lines

    def _recording(self, file_id: str, path: Path, channel: int) -> str:
        if file_id not in self._ids:
            made = foreign_id(file_id, self._found)
            self._ids[file_id] = made
            self._found[made] = Collected(made, path, self._spool)
        made = self._ids[file_id]
        self._channels.seen(made, channel)
        return made

    def rttm(self, path: Path) -> None:
        """Take in one RTTM file.

        Raises
        ------
        ParseError
            A line has an unknown type, a wrong number of fields, or no times.
        """
        self._path = path
        for number, line in self._lines(path):
            fields = fields_of(printable(path, number, line, self._repairs))
            if not fields or fields[0].startswith(";;"):
                continue
            kind = fields[0].upper()
            if kind not in TYPES:
                raise ParseError(path, f"{fields[0]!r:.80} is not an RTTM type", line=number)
            if len(fields) == 8 and kind == "SPEAKER":
                self._repairs.add(path, number, "8 fields, but RTTM has 9 or 10: the last ones are missing")
                fields += [NOTHING, NOTHING]
            if len(fields) not in (9, 10):
                raise ParseError(path, f"{len(fields)} fields, but RTTM has 9 or 10", line=number)
            if kind == "SPKR-INFO":
                self._genders[fields[1], fields[7]] = GENDERS.get(fields[6].lower(), "")
            elif kind in PLACED:
                self._placed(path, number, kind, fields)
            else:
                self._skipped[kind] = self._skipped.get(kind, 0) + 1
        self._flush()

    def _placed(self, path: Path, number: int, kind: str, fields: list[str]) -> None:
        start = seconds(path, number, fields[3].rstrip("*"))
        end = start + seconds(path, number, fields[4].rstrip("*"))
        if start < 0 or end < start:
            raise ParseError(path, f"{fields[3]} {fields[4]} is not a stretch of time", line=number)
        channel = channel_read(path, number, fields[2], self._repairs)
        word, subtype, name, sure = fields[5:9]
        recording = self._recording(fields[1], path, channel)
        key = recording, channel, name
        score = unit_interval(sure)
        if kind == "LEXEME":
            if word == NOTHING:
                self._repairs.add(path, number, "a word that nobody wrote down was left out")
                return
            self._words.setdefault(key, Columns()).add(number, start, end, score, word)
            kinds = self._kinds.setdefault(key, [])
            kinds.append("lex" if subtype.lower() == "lex" else subtype)
        elif kind == "NON-LEX":
            label = subtype if word == NOTHING else word
            self._sounds.setdefault(key, Columns()).add(number, start, end, score, label)
        elif start == end:
            self._repairs.add(path, number, "a turn of no length was left out")
        elif kind == "SPEAKER":
            self._turns.setdefault(key, Columns()).add(number, start, end, score)
        else:
            is_hidden = kind == "NOSCORE"
            self._found[recording].segment(
                number,
                channel=met_channel(channel),
                start_us=start,
                end_us=end,
                kind="ignore" if is_hidden else SOUNDS.get(subtype.lower(), "nonspeech"),
                confidence=score,
            )

    def _flush(self) -> None:
        """Make segments of what was collected of one file."""
        nothing = Columns()
        for key in dict.fromkeys([*self._turns, *self._words, *self._sounds]):
            turns = self._turns.get(key, nothing)
            words, sounds = self._words.get(key, nothing), self._sounds.get(key, nothing)
            order = turns.order()
            covered, others = _covered(turns, order, words)
            heard, loose = _covered(turns, order, sounds)
            for at in order:
                self._turn(key, turns, at, covered.get(at), heard.get(at))
            for places in runs(words, others, GAP_US):
                self._repairs.add(
                    self._path, words.line[places[0]], "words in no turn of their speaker became a segment"
                )
                self._turn(key, words, places[0], array("q", places), None)
            for at in loose:
                self._sound(key, sounds, at)
        self._turns, self._words, self._sounds, self._kinds = {}, {}, {}, {}

    def _speaker(self, key: Key, line: int) -> str | None:
        return None if key[2] in (NOBODY, NOTHING) else self._found[key[0]].speaker(key[2], line)

    def _turn(
        self, key: Key, turns: Columns, at: int, words: array[int] | None, sounds: array[int] | None
    ) -> None:
        fields: dict[str, Any] = {
            "start_us": turns.start[at],
            "end_us": turns.end[at],
            "confidence": turns.score_at(at),
        }
        if words is not None:
            columns = self._words[key]
            if turns is columns:  # words without a turn
                fields = {"start_us": turns.start[at], "end_us": max(columns.end[place] for place in words)}
                fields["end_us"] = max(fields["end_us"], fields["start_us"] + NEAR_US)
            fields["words"] = tuple(columns.word(place) for place in words)
            fields["text"] = " ".join(columns.name[place] for place in words)
            kinds = [self._kinds[key][place] for place in words]
            if any(kind != "lex" for kind in kinds):
                fields["custom"] = {"rttm": {"lexemes": kinds}}
        if sounds is not None:
            heard = self._sounds[key]
            fields["events"] = tuple(
                Event(
                    label=heard.name[place],
                    start_us=heard.start[place],
                    end_us=heard.end[place],
                    score=heard.score_at(place),
                )
                for place in sounds
            )
        line = turns.line[at]
        self._found[key[0]].segment(
            line, channel=met_channel(key[1]), speaker=self._speaker(key, line), **fields
        )

    def _sound(self, key: Key, sounds: Columns, at: int) -> None:
        line = sounds.line[at]
        self._found[key[0]].segment(
            line,
            channel=met_channel(key[1]),
            start_us=sounds.start[at],
            end_us=sounds.end[at],
            kind="event",
            speaker=self._speaker(key, line),
            noise_labels=(sounds.name[at],),
        )

    def uem(self, path: Path) -> None:
        """Take in the regions of one UEM file.

        Raises
        ------
        ParseError
            A line is none of UEM.
        """
        for name, channel, start, end in read_uem(path, self._lines(path), self._repairs):
            recording = self._recording(name, path, channel)
            self._labelled.setdefault(recording, []).append((channel, start, end))

    def bundle(self) -> Bundle:
        """All that was read; where only channel 1 is named, it is the one channel or the mix: ``None``."""
        recordings: list[Recording] = []
        segments: dict[str, Segments] = {}
        labelled: dict[str, tuple[Labelled, ...]] = {}
        for (file_id, name), gender in self._genders.items():
            found = self._found.get(self._ids.get(file_id, ""))
            if found is not None and name in found.speakers and gender:
                found.speakers[name] = dataclasses.replace(found.speakers[name], gender=gender)  # pyright: ignore[reportArgumentType]
        for file_id, id in self._ids.items():
            found, channels = self._found[id], self._channels
            regions = self._labelled.get(id, [])
            end = max([found.end_us, *(region[2] for region in regions)])
            recordings.append(bare_recording(id, file_id, end, channels=channels.count(id)))
            segments[id] = channels.segments(id, found)
            if regions:
                labelled[id] = tuple(
                    Labelled(channels.index(id, channel), start, end) for channel, start, end in regions
                )
        skipped = [f"{count} {kind} lines were left out" for kind, count in self._skipped.items()]
        return Bundle(
            recordings=tuple(recordings),
            segments=segments,
            speakers={id: tuple(found.speakers.values()) for id, found in self._found.items()},
            labelled=labelled,
            notes=(*self._notes, *self._repairs.notes(), *skipped),
        )


def _covered(turns: Columns, order: list[int], items: Columns) -> tuple[dict[int, array[int]], list[int]]:
    """Places of items by the place of the turn that covers their middle, and those that no turn does."""
    covered: dict[int, array[int]] = {}
    others: list[int] = []
    last = -1
    for place in items.order():
        middle = (items.start[place] + items.end[place]) // 2
        while last + 1 < len(order) and turns.start[order[last + 1]] <= middle + NEAR_US:
            last += 1
        for at in order[max(0, last - MOST_BACK + 1) : last + 1][::-1]:
            if turns.end[at] + NEAR_US >= middle:
                covered.setdefault(at, array("q")).append(place)
                break
        else:
            others.append(place)
    return covered, others


def runs(items: Columns, places: list[int], gap_us: int) -> Iterator[list[int]]:
    """Part places, sorted by start, where nothing lies for at least ``gap_us``."""
    run: list[int] = []
    end = 0
    for place in places:
        if run and items.start[place] - end >= gap_us:
            yield run
            run = []
        end = max(end, items.end[place]) if run else items.end[place]
        run.append(place)
    if run:
        yield run
