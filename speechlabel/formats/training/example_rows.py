"""A segment with its sound as one row: what the data sets of Hugging Face hold, written and read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from speechlabel.formats.base import Export
from speechlabel.formats.examples import Example, speaker_key
from speechlabel.formats.gather import Gathered
from speechlabel.formats.native.lines import segment_line
from speechlabel.formats.tables.columns import guess_columns
from speechlabel.formats.tables.table_cells import cell_text
from speechlabel.formats.tables.table_rows import Rows, Setting
from speechlabel.records import Recording, Speaker

__all__ = ["COLUMNS", "ExampleRows", "card", "example_row"]

# Column → type, in the order in which they are written.
COLUMNS: Mapping[str, str] = {
    "text": "string",
    "is_transcribed": "bool",
    "language": "string",
    "speaker_id": "string",
    "duration": "number",
    "recording_id": "string",
    "segment_id": "string",
    "channel": "integer",
    "start": "number",
    "end": "number",
    "kind": "string",
    "speaker": "string",
    "speaker_name": "string",
    "gender": "string",
    "noise_labels": "strings",
    "tags": "strings",
    "events": "events",
    "is_valid": "bool",
    "invalid_reason": "string",
    "fields": "json",
    "words": "words",
    "status": "string",
    "is_locked": "bool",
    "confidence": "number",
    "note": "string",
    "tier": "string",
    "parent_id": "string",
    "custom": "json",
}
DERIVED = ("speaker_id", "duration", "audio", "file_name")
PLACES = ("recording_id", "segment_id", "channel", "start", "end", "recording_duration")
MOST_SHAPES = 200  # sets of keys in one file


def example_row(
    export: Export, recording: Recording, example: Example, speaker: Speaker | None
) -> dict[str, Any]:
    """Values by column; None where there is nothing to say, lists and objects as they are."""
    segment = example.segment
    line = segment_line(segment, recording, speaker, None)
    row: dict[str, Any] = {name: line.get(name) for name in COLUMNS}
    row |= {
        "is_transcribed": segment.text is not None,
        "language": export.bundle.language_of(recording.id, segment),
        "speaker_id": speaker_key(recording.id, segment.speaker),
        "duration": example.duration_us / 1_000_000,
        "segment_id": segment.id,
        "is_locked": segment.is_locked,
    }
    return row


class ExampleRows:
    """Reads rows of named values; ours go back to the recordings that they were cut from.

    Parameters
    ----------
    name : key of the format in ``custom``
    as_clips : each clip is a recording of its own, also where the row tells what it was cut from
    """

    def __init__(self, file: Path, gathered: Gathered, name: str, *, as_clips: bool, split: str = "") -> None:
        self._file, self._gathered, self._name = file, gathered, name
        self._as_clips, self._split = as_clips, split
        self._readers: dict[tuple[str, ...], tuple[Rows, list[str]]] = {}

    def add(self, line: int, row: Mapping[str, object]) -> None:
        """Take a row.

        Raises
        ------
        ParseError
            A time is no time, or a text is longer than a segment may hold.
        """
        reader, keys = self._reader(tuple(row))
        reader.add(line, [cell_text(row[key]) for key in keys])

    def _reader(self, shape: tuple[str, ...]) -> tuple[Rows, list[str]]:
        if (known := self._readers.get(shape)) is None:
            if len(self._readers) >= MOST_SHAPES:
                self._readers.clear()
            is_ours = {"recording_id", "segment_id", "start", "end"} <= set(shape)
            left_out: Sequence[str] = (
                () if not is_ours else (*PLACES, "speaker_id") if self._as_clips else DERIVED
            )
            keys = [key for key in shape if key not in left_out]
            mapped = guess_columns(keys)
            setting = Setting(self._name, tuple(keys), mapped, split=self._split)
            known = self._readers[shape] = Rows(self._file, self._gathered, setting), keys
        return known

    def finish(self) -> None:
        """Take the rows whose end nothing told."""
        for reader, _ in self._readers.values():
            reader.finish()

    def has_labels(self, row: Mapping[str, object]) -> bool:
        """Whether a row tells a text or times."""
        return guess_columns(tuple(row)).is_table


def card(title: str, languages: Sequence[str], body: str, data_files: str) -> str:
    """README.md of a data set, with the front matter that Hugging Face's hub and loader read."""
    told = "".join(f"- {language}\n" for language in languages)
    return (
        "---\n"
        + (f"language:\n{told}" if told else "")
        + "task_categories:\n- automatic-speech-recognition\n"
        + f"configs:\n- config_name: default\n  data_files:\n{data_files}---\n\n# {title}\n\n{body}"
    )
