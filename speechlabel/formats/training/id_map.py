"""The table that lies beside a training manifest and tells which segment each of its utterances is.

One row an utterance, in the order of the manifest.  ``start`` and ``end`` are there where the manifest's own
audio is the segment alone: the place of the segment in its recording, in seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from speechlabel.errors import ParseError
from speechlabel.formats.examples import speaker_key
from speechlabel.formats.names import tsv, tsv_row
from speechlabel.formats.times import parse_time
from speechlabel.records import RECORDING_ID, SEGMENT_ID, Recording, Segment, Speaker
from speechlabel.timing import format_seconds

__all__ = ["ID_MAP", "Origin", "Origins", "header", "id_map_row", "read_id_map"]

ID_MAP = "id_map.tsv"
COLUMNS = ("utterance_id", "recording_id", "channel", "segment_id", "speaker", "speaker_id", "speaker_name")
PLACE = ("start", "end")
ESCAPE = re.compile(r"\\(.)")
MEANT = {"t": "\t", "n": "\n"}
MOST_CHANNELS = 1000


class Origin(NamedTuple):
    """Where an utterance comes from."""

    utterance: str
    recording_id: str
    channel: int | None
    segment_id: str
    speaker_key: str
    speaker_id: str
    speaker_name: str
    start_us: int | None
    end_us: int | None


def header(*, is_cut: bool) -> str:
    """First line of the table."""
    return tsv((*COLUMNS, *PLACE) if is_cut else COLUMNS, ())


def id_map_row(
    utterance: str, recording: Recording, segment: Segment, speaker: Speaker | None, *, is_cut: bool
) -> str:
    """Line of a segment."""
    cells = [
        utterance,
        recording.id,
        "" if segment.channel is None else str(segment.channel),
        segment.id,
        speaker_key(recording.id, segment.speaker),
        segment.speaker or "",
        speaker.name if speaker else "",
    ]
    if is_cut:
        cells += [format_seconds(segment.start_us), format_seconds(segment.end_us)]
    return tsv_row(cells)


def read_id_map(path: Path, notes: list[str]) -> Iterator[tuple[Origin, int]]:
    """Yield each row with its line number; nothing, and a note, for a table that is somebody else's.

    Raises
    ------
    ParseError
        A row lacks a column, or names what cannot be an id or a time.
    """
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            try:
                line = raw.decode("utf-8").removesuffix("\n")
            except UnicodeDecodeError as error:
                raise ParseError(path, "is not UTF-8", line=number) from error
            cells = line.split("\t")
            if number == 1:
                if tuple(cells) not in (COLUMNS, (*COLUMNS, *PLACE)):
                    notes.append(f"{path.name}: is not a table of speechlabel: not used")
                    return
                continue
            yield _origin([ESCAPE.sub(_meant, cell) for cell in cells], path, number), number


def _meant(match: re.Match[str]) -> str:
    return MEANT.get(match[1], match[1])


def _origin(cells: list[str], path: Path, line: int) -> Origin:
    if len(cells) not in (len(COLUMNS), len(COLUMNS) + len(PLACE)):
        raise ParseError(path, f"{len(cells)} columns, but the table has {len(COLUMNS)} or 9", line=line)
    utterance, recording, channel, segment, *speaker = cells[: len(COLUMNS)]
    if not RECORDING_ID.fullmatch(recording) or not SEGMENT_ID.fullmatch(segment):
        raise ParseError(path, f"{recording!r:.80} or {segment!r:.80} is not an id", line=line)
    if channel and (not re.fullmatch("[0-9]{1,4}", channel) or int(channel) >= MOST_CHANNELS):
        raise ParseError(path, f"channel {channel!r:.80} is not a number", line=line)
    start = end = None
    if len(cells) > len(COLUMNS):
        try:
            start, end = (parse_time(cell) for cell in cells[len(COLUMNS) :])
        except ValueError as error:
            raise ParseError(path, str(error), line=line) from error
    number = int(channel) if channel else None
    return Origin(utterance, recording, number, segment, speaker[0], speaker[1], speaker[2], start, end)


class Origins:
    """Rows of a table, found by their utterance: at no cost while both go in the same order."""

    def __init__(self, folder: Path, notes: list[str]) -> None:
        path = folder / ID_MAP
        self._rows = read_id_map(path, notes) if path.is_file() else iter(())
        self._passed: dict[str, Origin] = {}

    def find(self, utterance: str) -> Origin | None:
        """Row of an utterance, each given once; None where the table has none."""
        if utterance in self._passed:
            return self._passed.pop(utterance)
        for origin, _ in self._rows:
            if origin.utterance == utterance:
                return origin
            self._passed[origin.utterance] = origin
        return None
