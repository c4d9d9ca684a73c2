"""audiofolder of Hugging Face's ``datasets``: a folder of clips and ``metadata.jsonl`` that tells of each.

Spec: ``datasets`` "Create an audio dataset".  Values keep one type over all rows, for the loader infers a
column's type from its first rows: what says nothing is "" (or -1 for ``channel`` and ``confidence``), lists
and objects are JSON in text.  metadata.csv is read, never written: the loader takes the speaker ``001`` for
the number 1 there, and the text ``NA`` for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import orjson

from speechlabel.errors import ExportError, ParseError
from speechlabel.formats.base import Bundle, Export, Fault, Format, Written
from speechlabel.formats.examples import examples, with_sound
from speechlabel.formats.gather import Gathered
from speechlabel.formats.json_lines import first_object, objects, strict_objects
from speechlabel.formats.losses import Tally
from speechlabel.formats.tables.table_text import find_dialect, rows
from speechlabel.formats.training.example_rows import COLUMNS, ExampleRows, card, example_row
from speechlabel.records import Segment

__all__ = ["AudiofolderFormat"]

METADATA = ("metadata.jsonl", "metadata.csv")
FILE_NAME = re.compile(r"(.*_)?file_names?$")
NOTHING: Mapping[str, Any] = {"bool": False, "number": -1.0, "integer": -1}
BODY = """Clips of speech with their labels, one line of `metadata.jsonl` each. Times are in seconds; `start`
and `end` lie in the recording that `recording_id` names, and the clip holds that stretch. A text that was
never given has `is_transcribed` false. An empty text, and -1 in `channel` and `confidence`, say nothing.
`noise_labels`, `tags`, `events`, `words`, `fields` and `custom` are JSON.
"""


@dataclass(frozen=True)
class AudiofolderFormat(Format):
    """A folder of clips that ``load_dataset("audiofolder")`` opens."""

    split: Literal["train", "validation", "test"] = "train"
    card: bool = True  # README.md
    as_clips: bool = False  # read each clip as a recording of its own

    name: ClassVar[str] = "audiofolder"
    title: ClassVar[str] = "Hugging Face audiofolder"
    extensions: ClassVar[tuple[str, ...]] = ()
    spec: ClassVar[str] = "https://huggingface.co/docs/datasets/audio_dataset"
    carries: ClassVar[frozenset[str]] = frozenset(
        {name for name in COLUMNS if name not in ("recording_id", "segment_id", "duration", "start", "end")}
        - {"speaker_id", "speaker_name", "gender", "is_transcribed"}
        | {"speaker.gender"}
    )
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True
    takes: ClassVar[Literal["training", "speech", "everything"]] = "training"
    checked_by: ClassVar[tuple[str, ...]] = ("soundfile, sample by sample", "pyarrow's JSON reader")

    def sniff(self, path: Path) -> bool:
        """Tell a folder by its metadata file, there or in the folders of its splits, that names files."""
        if path.is_dir():
            return any(_claims(file) for file in _metadata(path))
        return path.name in METADATA and _claims(path)

    def write(self, export: Export, out: Path) -> Written:
        """Write the clips and ``metadata.jsonl`` into the split's folder, and ``README.md``."""
        tally = Tally()
        count = 0
        languages: dict[str, None] = {}
        folder = out / self.split
        folder.mkdir()
        with (folder / METADATA[0]).open("wb") as file:
            for recording, segments in export.bundle.stream():
                known = export.bundle.speakers_of(recording.id)
                wanted = [segment for segment in segments if has_length(segment, tally)]
                for example in with_sound(examples(export, recording, wanted, out, clips=folder), tally):
                    speaker = known.get(example.segment.speaker or "")
                    row = example_row(export, recording, example, speaker)
                    languages.setdefault(row["language"] or "")
                    flat = {name: _flat(row[name], kind) for name, kind in COLUMNS.items()}
                    name = Path(example.audio).relative_to(self.split).as_posix()
                    file.write(_dumped({"file_name": name} | flat, example.id))
                    count += 1
        if self.card:
            files = f"  - split: {self.split}\n    path: {self.split}/**\n"
            text = card("Labelled speech", sorted(filter(None, languages)), BODY, files)
            (out / "README.md").write_text(text, encoding="utf-8", newline="\n")
        return Written(segments=count, losses=tally.losses())

    def read(self, path: Path) -> Bundle:
        """Read the metadata files of a folder and of its splits' folders, or one metadata file."""
        files = [file for file in _metadata(path) if _claims(file)] if path.is_dir() else [path]
        if not files:
            raise ParseError(path, "holds no metadata.jsonl or metadata.csv that names files")
        gathered = Gathered(path)
        for file in files:
            split = file.parent.name if len(files) > 1 else ""
            reader = ExampleRows(file, gathered, self.name, as_clips=self.as_clips, split=split)
            for line, row in _rows(file, gathered):
                if not isinstance(row.get("file_name"), str):
                    raise ParseError(file, "file_name: is missing, or not text", line=line)
                reader.add(line, {key: _told(key, value) for key, value in row.items()})
            reader.finish()
        return gathered.bundle()

    def faults(self, path: Path) -> Iterator[Fault]:
        """Lines that are not JSON or name no file, files named twice, values that change their type."""
        found = list(_metadata(path)) if path.is_dir() else [path]
        for file in found:
            name = file.relative_to(path).as_posix() if path.is_dir() else file.name
            if file.name == METADATA[0]:
                if file.with_name(METADATA[1]).is_file():
                    yield Fault(name, None, "lies beside metadata.csv; the loader takes only one of them")
                yield from _line_faults(file, name)
            elif file.name == METADATA[1] and file.with_name(METADATA[0]) not in found:
                yield from _csv_faults(file, name)


def has_length(segment: Segment, tally: Tally) -> bool:
    """Whether a segment has a length; a point has no clip."""
    if segment.start_us < segment.end_us:
        return True
    tally.add("segment", "a point has no length: left out", segment.id)
    return False


def _flat(value: Any, kind: str) -> Any:  # noqa: ANN401
    """Value of one type, whatever it says."""
    if kind in ("bool", "number", "integer"):
        return NOTHING[kind] if value is None else value
    if value is None or value in ({}, []):
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _told(key: str, value: object) -> object:
    """Value as a table has it: -1 where we say nothing with it is nothing."""
    return None if key in ("channel", "confidence") and value == -1 else value


def _dumped(row: Mapping[str, Any], id: str) -> bytes:
    try:
        return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError as error:
        raise ExportError(f"{id}: cannot be written as JSON: {error}") from error


def _metadata(folder: Path) -> Iterator[Path]:
    """Metadata files in a folder, and one and two folders below it."""
    for pattern in ("", "*/", "*/*/"):
        for name in METADATA:
            yield from sorted(path for path in folder.glob(f"{pattern}{name}") if path.is_file())


def _claims(path: Path) -> bool:
    if path.name == METADATA[0]:
        return isinstance(first_object(path).get("file_name"), str)
    try:
        with path.open("rb") as file:
            head = file.readline(65_536).decode("utf-8-sig", "replace")
    except OSError:
        return False
    return "file_name" in [cell.strip().strip('"') for cell in head.split(",")]


def _rows(file: Path, gathered: Gathered) -> Iterator[tuple[int, Mapping[str, object]]]:
    if file.suffix != ".csv":
        yield from objects(file, gathered.notes)
        return
    dialect = find_dialect(file, delimiter=",")
    stream = rows(file, dialect)
    _, header = next(stream, (1, [""]))
    for line, cells in stream:
        yield line, dict(zip(header, cells, strict=False))


def _line_faults(file: Path, name: str) -> Iterator[Fault]:
    types: dict[str, str] = {}
    named: set[str] = set()
    for line, row in strict_objects(file, name):
        if isinstance(row, Fault):
            yield row
            continue
        yield from _name_faults(row, named, name, line)
        for key, value in row.items():
            kind = _type(value)
            if kind and types.setdefault(key, kind) != kind:
                yield Fault(name, line, f"{key}: is of type {kind}, but of type {types[key]} before")


def _csv_faults(file: Path, name: str) -> Iterator[Fault]:
    named: set[str] = set()
    try:
        for line, row in _rows(file, Gathered(file)):
            yield from _name_faults(row, named, name, line)
    except ParseError as error:
        yield Fault(name, error.data["line"], error.data["reason"])


def _name_faults(row: Mapping[str, object], named: set[str], name: str, line: int) -> Iterator[Fault]:
    files = [value for key, value in row.items() if FILE_NAME.fullmatch(key)]
    if not files or not all(value and _type(value) in ("text", "list") for value in files):
        yield Fault(name, line, "file_name: is missing, or not text")
        return
    file = str(row.get("file_name", ""))
    if file in named:
        yield Fault(name, line, f"file_name: {file!r:.80} is there twice")
    named.add(file)
    if file.startswith("/") or ".." in file.split("/"):
        yield Fault(name, line, f"file_name: {file!r:.80} does not lie in the folder")


def _type(value: object) -> str:
    """Type as the loader infers it; "" for null, which fits all."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else "list" if isinstance(value, list) else "object"
