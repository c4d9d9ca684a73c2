"""Parquet as Hugging Face's hub and ``datasets`` keep speech: a row a segment, its sound in it.

Spec: Apache Parquet; the column ``audio`` is a struct of bytes and path, and the schema's metadata names it
an Audio feature.  Row groups of sound hold at most 100 rows, so that the hub shows them; files are split by
their size.
pyarrow is no dependency of speechlabel: it comes with the extra ``parquet``.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import orjson

from speechlabel.errors import ExportError, InputError, OptionError, ParseError
from speechlabel.formats.base import Bundle, Export, Format, Written
from speechlabel.formats.examples import Example, examples, utterance_id, with_sound
from speechlabel.formats.gather import Gathered
from speechlabel.formats.losses import Tally
from speechlabel.formats.training.example_rows import COLUMNS, ExampleRows, card, example_row
from speechlabel.records import Recording, Segment

__all__ = ["ParquetFormat"]

ROWS = 100  # in a row group of sound
LABEL_ROWS = 10_000  # in one of labels alone: what a file tells of its groups is all in memory
MAGIC = b"PAR1"
FOLDER = "data"
CLIPS = "clips"  # where each clip lies until it is in a row
BODY = """Segments of speech with their labels, one a row. Times are in seconds; `start` and `end` lie in the
recording that `recording_id` names. A text that was never given is null. `fields` and `custom` are JSON.
"""
FEATURES: Mapping[str, Any] = {
    "string": {"dtype": "string", "_type": "Value"},
    "json": {"dtype": "string", "_type": "Value"},
    "bool": {"dtype": "bool", "_type": "Value"},
    "number": {"dtype": "float64", "_type": "Value"},
    "integer": {"dtype": "int64", "_type": "Value"},
    "strings": [{"dtype": "string", "_type": "Value"}],  # a list as old and new versions of datasets take it
}
TIMED = {"start": "number", "end": "number", "score": "number"}


@dataclass(frozen=True)
class ParquetFormat(Format):
    """Rows of speech with their sound inside, which ``load_dataset("parquet")`` opens; or of labels alone."""

    with_audio: bool = True  # false: labels alone, with the path of each one-channel file
    split: Literal["train", "validation", "test"] = "train"
    shard_mb: int = 500  # a file is closed when it has so many megabytes
    card: bool = True  # README.md
    as_clips: bool = False  # read each row as a recording of its own

    name: ClassVar[str] = "parquet"
    title: ClassVar[str] = "Parquet (Hugging Face)"
    extensions: ClassVar[tuple[str, ...]] = (".parquet",)
    spec: ClassVar[str] = "https://huggingface.co/docs/datasets/audio_load"
    carries: ClassVar[frozenset[str]] = frozenset(
        {name for name in COLUMNS if name not in ("recording_id", "segment_id", "duration", "start", "end")}
        - {"speaker_id", "speaker_name", "gender", "is_transcribed"}
        | {"speaker.gender"}
    )
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True
    takes: ClassVar[Literal["training", "speech", "everything"]] = "training"
    checked_by: ClassVar[tuple[str, ...]] = ("pyarrow", "soundfile, sample by sample")

    def __post_init__(self) -> None:
        if not 1 <= self.shard_mb <= 100_000:
            raise OptionError("shard_mb", "must lie between 1 and 100000")

    def sniff(self, path: Path) -> bool:
        """Tell a file by its first and last bytes, a folder by such files in it or in ``data``."""
        if path.is_dir():
            return bool(_files(path))
        return _is_parquet(path)

    def write(self, export: Export, out: Path) -> Written:
        """Write ``data/<split>-00000-of-0000n.parquet`` and ``README.md``."""
        tally = Tally()
        languages: dict[str, None] = {}
        shards = _Shards(out / FOLDER, self.split, has_audio=self.with_audio, most=self.shard_mb * 1_000_000)
        for recording, segments in export.bundle.stream():
            known = export.bundle.speakers_of(recording.id)
            for example in self._examples(export, recording, segments, out, tally):
                row = example_row(export, recording, example, known.get(example.segment.speaker or ""))
                languages.setdefault(row["language"] or "")
                shards.put(row, example)
        n_files = shards.close()
        if (clips := out / CLIPS).exists():
            clips.rmdir()
        if self.card:
            files = f"  - split: {self.split}\n    path: {FOLDER}/{self.split}-*.parquet\n"
            text = card("Labelled speech", sorted(filter(None, languages)), BODY, files)
            (out / "README.md").write_text(text, encoding="utf-8", newline="\n")
        told = (f"the rows are in {n_files} files",) if n_files > 1 else ()
        return Written(segments=shards.n_rows, losses=tally.losses(), warnings=told)

    def _examples(
        self,
        export: Export,
        recording: Recording,
        segments: Sequence[Segment],
        out: Path,
        tally: Tally,
    ) -> Iterator[Example]:
        if not self.with_audio:
            for segment in segments:
                audio = ""
                if export.has_audio(recording, segment.channel):
                    audio = export.audio_path(recording, segment.channel, out)
                id = utterance_id(recording.id, segment.id)
                yield Example(segment, id, audio, segment.start_us, segment.duration_us, None)
            return
        wanted: list[Segment] = []
        for segment in segments:
            if segment.start_us < segment.end_us:
                wanted.append(segment)
            else:
                tally.add("segment", "a point has no length: left out", segment.id)
        yield from with_sound(examples(export, recording, wanted, out, clips=out / CLIPS), tally)

    def read(self, path: Path) -> Bundle:
        """Read a file, or all of a folder; the sound itself stays where it is."""
        files = _files(path) if path.is_dir() else [path]
        if not files:
            raise ParseError(path, "holds no Parquet file")
        arrow, parquet = _arrow()
        gathered = Gathered(path)
        for file in files:
            try:
                self._read(parquet, file, gathered, split=_split(file) if len(files) > 1 else "")
            except (arrow.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
                raise ParseError(file, f"is not Parquet that can be read: {error}"[:300], line=1) from error
        return gathered.bundle()

    def _read(self, parquet: Any, file: Path, gathered: Gathered, *, split: str) -> None:  # noqa: ANN401
        reader = ExampleRows(file, gathered, self.name, as_clips=self.as_clips, split=split)
        with parquet.ParquetFile(file) as table:
            columns = _columns(table.schema_arrow)
            names = [name for name, _ in columns]
            if not reader.has_labels(dict.fromkeys(names)):
                shown = ", ".join(names)[:500]
                raise ParseError(
                    file, f"no column is known for a text or for times; there are {shown}", line=1
                )
            if any(name == "audio" and path == "audio.path" for name, path in columns):
                gathered.plain_notes.append(
                    f"{file.name}: the sound lies inside of this file; bring the audio beside"
                )
            line = 0
            for batch in table.iter_batches(batch_size=1000, columns=[path for _, path in columns]):
                for row in batch.to_pylist():
                    line += 1
                    reader.add(line, {name: _value(name, value) for name, value in row.items()})
        reader.finish()


def _value(name: str, value: object) -> object:
    """Value of a row; of sound only its path."""
    if name == "audio" and isinstance(value, dict):
        return value.get("path")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return value


def _columns(schema: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - of pyarrow
    """Name of each column, and what of it to read: of sound and pictures nothing but the path."""
    out: list[tuple[str, str]] = []
    for field in schema:
        inner: set[str] = {part.name for part in field.flatten()} if _is_struct(field) else set()
        if {f"{field.name}.bytes", f"{field.name}.path"} <= inner:
            out.append((field.name, f"{field.name}.path"))
        elif "binary" not in str(field.type) and not field.name.startswith("__index_level_"):  # of pandas
            out.append((field.name, field.name))
    return out


def _is_struct(field: Any) -> bool:  # noqa: ANN401
    return str(field.type).startswith("struct<")


def _split(file: Path) -> str:
    stem = file.stem.split("-")[0]
    return stem if stem in ("train", "validation", "valid", "dev", "test") else file.parent.name


def _files(folder: Path) -> list[Path]:
    for pattern in ("*.parquet", f"{FOLDER}/*.parquet", "*/*.parquet"):
        if found := sorted(path for path in folder.glob(pattern) if _is_parquet(path)):
            return found
    return []


def _is_parquet(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            if file.read(4) != MAGIC:
                return False
            file.seek(-4, 2)
            return file.read(4) == MAGIC
    except OSError:
        return False


def _arrow() -> tuple[Any, Any]:
    """Return pyarrow and its part for Parquet, which come with an extra.

    Raises
    ------
    InputError
        They are not installed.
    """
    try:
        return importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise InputError("Parquet needs pyarrow: pip install 'speechlabel[parquet]'") from error


class _Shards:
    """Rows being written, a row group at a time, over as many files as it takes."""

    def __init__(self, folder: Path, split: str, *, has_audio: bool, most: int) -> None:
        self.n_rows = 0
        self._arrow, self._parquet = _arrow()
        self._folder, self._split, self._has_audio, self._most = folder, split, has_audio, most
        self._most_rows = ROWS if has_audio else LABEL_ROWS
        self._rows: list[dict[str, Any]] = []
        self._files: list[Path] = []
        self._writer: Any = None
        self._rate: int | None = None
        self._schema: Any = None
        folder.mkdir()

    def put(self, row: dict[str, Any], example: Example) -> None:
        for name, kind in COLUMNS.items():
            if kind == "json" and row[name] is not None:
                row[name] = _dumped(row[name], example.id)
        if self._has_audio:
            assert example.clip is not None
            self._rate = self._rate or example.clip.sample_rate
            row["audio"] = {"bytes": example.clip.read_bytes(), "path": example.clip.path.name}
            if example.clip.is_written:
                example.clip.path.unlink()
        else:
            row["audio_filepath"] = example.audio or None
        self._rows.append(row)
        self.n_rows += 1
        if len(self._rows) >= self._most_rows:
            self._flush()

    def close(self) -> int:
        """Write what is left, name the files; give their number."""
        self._flush()
        (self._writer or self._open()).close()
        for number, path in enumerate(self._files):
            path.rename(self._folder / f"{self._split}-{number:05}-of-{len(self._files):05}.parquet")
        return len(self._files)

    def _flush(self) -> None:
        if not self._rows:
            return
        if self._writer is not None and self._files[-1].stat().st_size >= self._most:
            self._writer.close()
            self._writer = None
        writer = self._writer or self._open()
        try:
            table = self._arrow.Table.from_pylist(self._rows, schema=self._schema)
        except (self._arrow.ArrowException, OverflowError) as error:
            raise ExportError(f"cannot be written as Parquet: {error}") from error
        writer.write_table(table, row_group_size=self._most_rows)
        self._rows = []

    def _open(self) -> Any:  # noqa: ANN401 - of pyarrow
        if self._schema is None:
            self._schema = _schema(self._arrow, self._rate if self._has_audio else None, self._has_audio)
        path = self._folder / f".{self._split}-{len(self._files):05}"
        self._files.append(path)
        self._writer = self._parquet.ParquetWriter(path, self._schema, compression="zstd", store_schema=True)
        return self._writer


def _dumped(value: object, id: str) -> str:
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError as error:
        raise ExportError(f"{id}: cannot be written as JSON: {error}") from error


def _schema(arrow: Any, rate: int | None, has_audio: bool) -> Any:  # noqa: ANN401
    """Return the schema, with the features of ``datasets`` in its metadata."""
    plain = {
        "string": arrow.string(),
        "json": arrow.string(),
        "bool": arrow.bool_(),
        "number": arrow.float64(),
        "integer": arrow.int64(),
        "strings": arrow.list_(arrow.string()),
        "words": arrow.list_(
            arrow.struct([("word", arrow.string()), *((n, arrow.float64()) for n in TIMED)])
        ),
        "events": arrow.list_(
            arrow.struct([("label", arrow.string()), *((n, arrow.float64()) for n in TIMED)])
        ),
    }
    fields: list[tuple[str, Any]] = []
    features: dict[str, Any] = {}
    if has_audio:
        fields.append(("audio", arrow.struct([("bytes", arrow.binary()), ("path", arrow.string())])))
        features["audio"] = {"sampling_rate": rate, "_type": "Audio"}
    else:
        fields.append(("audio_filepath", arrow.string()))
        features["audio_filepath"] = FEATURES["string"]
    for name, kind in COLUMNS.items():
        fields.append((name, plain[kind]))
        features[name] = FEATURES.get(kind) or _parts("word" if kind == "words" else "label")
    info = orjson.dumps({"info": {"features": features}})
    return arrow.schema(fields).with_metadata({"huggingface": info})


def _parts(name: str) -> list[dict[str, Any]]:
    return [{name: FEATURES["string"], **{key: FEATURES[kind] for key, kind in TIMED.items()}}]
