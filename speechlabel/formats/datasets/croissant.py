"""Croissant: a description of the data set that data set searches and loaders read, beside two tables.

Spec: http://mlcommons.org/croissant/1.0 (JSON-LD).  The tables are JSON lines of plain values: loaders turn a
null in a column of whole numbers into a fault, so nothing is null; what is not known is an empty text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import orjson

from speechlabel.errors import ExportError, ParseError
from speechlabel.formats.base import Export, Fault, Format, Written
from speechlabel.formats.examples import Example, examples, is_example, speaker_key
from speechlabel.formats.jsonfile import is_list, is_object, read_json
from speechlabel.formats.losses import Tally
from speechlabel.records import Recording, Speaker
from speechlabel.timing import us_to_seconds

__all__ = ["CroissantFormat"]

DESCRIPTION = "croissant.json"
ASKED = ("license", "url", "creator", "published", "version")
CONFORMS_TO = "http://mlcommons.org/croissant/1.0"
CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
TEXT, NUMBER, WHOLE, TRUTH = "sc:Text", "sc:Float", "sc:Integer", "sc:Boolean"
TABLES: dict[str, dict[str, tuple[str, str]]] = {
    "recordings": {
        "id": (TEXT, "Id of the recording."),
        "name": (TEXT, "Name of its file."),
        "duration": (NUMBER, "Length in seconds."),
        "sample_rate": (WHOLE, "Samples a second of the recording."),
        "channels": (WHOLE, "Channels of the recording."),
        "sha256": (TEXT, "Fingerprint of its file."),
    },
    "segments": {
        "id": (TEXT, "Id of the segment among all recordings."),
        "recording_id": (TEXT, "Id of its recording."),
        "segment_id": (TEXT, "Id of the segment in its recording."),
        "audio": (TEXT, "Path of a file of one channel, from the folder of this description."),
        "start": (NUMBER, "Start in that file, in seconds."),
        "duration": (NUMBER, "Length in seconds."),
        "channel": (TEXT, "Channel of the recording, from 0; empty for all of them."),
        "text": (TEXT, "What is said."),
        "language": (TEXT, "Language, as BCP 47 has it."),
        "speaker": (TEXT, "Id of the speaker among all recordings."),
        "speaker_name": (TEXT, "Name of the speaker."),
        "kind": (TEXT, "What is heard: speech, noise, music …"),
        "is_valid": (TRUTH, "Whether the labeller found it fit for use."),
    },
}


@dataclass(frozen=True)
class CroissantFormat(Format):
    """Tables of recordings and segments with a Croissant description of both."""

    name_of_set: str = "speech"  # the name that the data set is found by
    description: str = "Speech cut into segments and transcribed."
    license: str = ""  # a URL
    url: str = ""  # where the data set is published
    creator: str = ""
    published: str = ""  # a date, as 2026-11-24
    version: str = ""  # as 1.0.0
    all_kinds: bool = False  # also noise, music … that have a text

    name: ClassVar[str] = "croissant"
    title: ClassVar[str] = "Croissant"
    extensions: ClassVar[tuple[str, ...]] = ()
    spec: ClassVar[str] = CONFORMS_TO
    carries: ClassVar[frozenset[str]] = frozenset(
        {"text", "language", "speaker", "channel", "kind", "is_valid", "recording"}
    )
    can_write: ClassVar[bool] = True
    takes: ClassVar[Literal["training", "speech", "everything"]] = "training"
    needs_text: ClassVar[bool] = True
    checked_by: ClassVar[tuple[str, ...]] = ("mlcroissant",)

    def sniff(self, path: Path) -> bool:
        """Tell it by a description that says what it conforms to."""
        file = path / DESCRIPTION if path.is_dir() else path
        if file.name != DESCRIPTION or not file.is_file():
            return False
        try:
            found = read_json(file).value
        except (OSError, ParseError):
            return False
        return is_object(found) and "croissant" in str(found.get("conformsTo"))

    def write(self, export: Export, out: Path) -> Written:
        """Write ``recordings.jsonl``, ``segments.jsonl`` and ``croissant.json``."""
        tally = Tally()
        count = 0
        with _Table(out, "recordings") as recordings, _Table(out, "segments") as segments:
            for recording, found in export.bundle.stream():
                recordings.add(_recording_row(recording))
                speakers = export.bundle.speakers_of(recording.id)
                kept = [item for item in found if is_example(item, tally, all_kinds=self.all_kinds)]
                for example in examples(export, recording, kept, out):
                    language = export.bundle.language_of(recording.id, example.segment)
                    speaker = speakers.get(example.segment.speaker or "")
                    segments.add(_segment_row(example, recording, speaker, language))
                    count += 1
        if not count:
            raise ExportError("there is nothing to export: no segment is speech with a text")
        description = self._description([recordings, segments])
        (out / DESCRIPTION).write_bytes(
            orjson.dumps(description, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        )
        missing = [key for key in ASKED if not getattr(self, key)]
        told = f"not told, and asked for by Croissant: {', '.join(missing)}"
        return Written(segments=count, losses=tally.losses(), warnings=(told,) if missing else ())

    def _description(self, tables: list[_Table]) -> dict[str, Any]:
        made: dict[str, Any] = {
            "@context": CONTEXT,
            "@type": "sc:Dataset",
            "name": self.name_of_set,
            "description": self.description,
            "conformsTo": CONFORMS_TO,
        }
        told = {
            "license": self.license,
            "url": self.url,
            "datePublished": self.published,
            "version": self.version,
        }
        made |= {key: value for key, value in told.items() if value}
        if self.creator:
            made["creator"] = {"@type": "sc:Organization", "name": self.creator}
        made["distribution"] = [table.file_object() for table in tables]
        made["recordSet"] = [table.record_set() for table in tables]
        return made

    def faults(self, path: Path) -> Iterator[Fault]:
        """Find what loaders refuse: a file that is not there or not the one described, a column it lacks."""
        try:
            document = read_json(path / DESCRIPTION if path.is_dir() else path)
        except ParseError as error:
            yield Fault(DESCRIPTION, error.data["line"], error.data["reason"])
            return
        except OSError as error:
            yield Fault(DESCRIPTION, None, error.strerror or "cannot be read")
            return
        folder = document.path.parent
        listed: object = document.value.get("distribution") if is_object(document.value) else None
        if not is_list(listed):
            yield Fault(DESCRIPTION, 1, "lists no files")
            return
        for place, item in enumerate(listed):
            url: object = item.get("contentUrl") if is_object(item) else None
            if not isinstance(url, str) or "://" in url:
                continue
            reason = _fault_of(folder / url, item.get("sha256"))
            if reason:
                yield Fault(DESCRIPTION, document.line("distribution", place), f"{url}: {reason}")


def _fault_of(file: Path, sha256: object) -> str | None:
    if not file.is_file():
        return "is not there"
    if not isinstance(sha256, str):
        return "is listed without its sha256"
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    return None if found == sha256 else "is not the file whose sha256 is listed"


class _Table:
    """A table on its way into a file, and what the description says of it."""

    def __init__(self, out: Path, name: str) -> None:
        self._name, self._size = name, 0
        self._path = out / f"{name}.jsonl"
        self._hash = hashlib.sha256()

    def __enter__(self) -> _Table:
        self._file = self._path.open("wb")
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, row: dict[str, Any]) -> None:
        line = orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
        self._file.write(line)
        self._hash.update(line)
        self._size += len(line)

    def file_object(self) -> dict[str, Any]:
        return {
            "@type": "cr:FileObject",
            "@id": self._path.name,
            "name": self._path.name,
            "contentUrl": self._path.name,
            "contentSize": f"{self._size} B",
            "encodingFormat": "application/jsonlines",
            "sha256": self._hash.hexdigest(),
        }

    def record_set(self) -> dict[str, Any]:
        return {
            "@type": "cr:RecordSet",
            "@id": self._name,
            "name": self._name,
            "key": {"@id": f"{self._name}/id"},
            "field": [
                {
                    "@type": "cr:Field",
                    "@id": f"{self._name}/{column}",
                    "name": f"{self._name}/{column}",
                    "description": description,
                    "dataType": type,
                    "source": {"fileObject": {"@id": self._path.name}, "extract": {"column": column}},
                }
                for column, (type, description) in TABLES[self._name].items()
            ],
        }


def _recording_row(recording: Recording) -> dict[str, Any]:
    return {
        "id": recording.id,
        "name": recording.name,
        "duration": us_to_seconds(recording.duration_us),
        "sample_rate": recording.sample_rate,
        "channels": recording.channels,
        "sha256": recording.content_hash,
    }


def _segment_row(
    example: Example, recording: Recording, speaker: Speaker | None, language: str | None
) -> dict[str, Any]:
    segment = example.segment
    return {
        "id": example.id,
        "recording_id": recording.id,
        "segment_id": segment.id,
        "audio": example.audio,
        "start": us_to_seconds(example.start_us),
        "duration": us_to_seconds(example.duration_us),
        "channel": "" if segment.channel is None else str(segment.channel),
        "text": segment.text,
        "language": language or "",
        "speaker": "" if segment.speaker is None else speaker_key(recording.id, segment.speaker),
        "speaker_name": speaker.name if speaker else "",
        "kind": segment.kind,
        "is_valid": segment.is_valid,
    }
