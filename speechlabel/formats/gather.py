"""What is met in other programs' training manifests, gathered by recording: few of it in memory at a time."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, cast

from speechlabel.errors import ParseError, RecordError
from speechlabel.formats.base import Bundle, bare_recording
from speechlabel.formats.foreign import Collected
from speechlabel.formats.names import derived_id, foreign_id
from speechlabel.formats.spool import Spool
from speechlabel.records import RECORDING_ID, SEGMENT_ID, Recording, Segment, Speaker

__all__ = ["TO_THE_END_US", "Gathered", "Notes", "base_name", "beside"]

# A stretch whose end is not told, only that it is the end of the file; what takes it in cuts it off there.
TO_THE_END_US = 86_400_000_000
MOST_OF_A_KIND = 20
FIELDS = tuple(item.name for item in dataclasses.fields(Segment))


class Notes:
    """Notes on lines: of each kind some with their line, of the rest how many there are."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], tuple[int, list[str]]] = {}

    def add(self, file: str, line: int, reason: str, detail: str = "") -> None:
        """Note something about a line; ``detail`` is what differs among notes of one kind."""
        count, told = self._found.get((file, reason), (0, []))
        if count < MOST_OF_A_KIND:
            told.append(f"{file}: line {line}: {detail}{': ' if detail else ''}{reason}")
        self._found[file, reason] = count + 1, told

    def all(self) -> tuple[str, ...]:
        """All notes, in the order in which their kinds were first met."""
        out: list[str] = []
        for (file, reason), (count, told) in self._found.items():
            out += told
            if count > len(told):
                out.append(f"{file}: {count - len(told)} more lines: {reason}")
        return tuple(out)


class Gathered:
    """Recordings, speakers and segments of one reading."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notes = Notes()
        self.plain_notes: list[str] = []
        self.audio: dict[tuple[str, int | None], Path] = {}
        self.languages: dict[str, str] = {}
        self._spool = Spool()
        self._found: dict[str, Collected] = {}
        self._names: dict[str, str] = {}  # key → recording id
        self._facts: dict[str, dict[str, Any]] = {}
        self._whole: dict[str, Recording] = {}
        self._ids: set[int] = set()

    def recording(
        self, key: str, *, name: str | None = None, stem: str | None = None, id: str | None = None
    ) -> str:
        """Id of the recording that a file calls ``key``, made where it is new; a legal ``id`` stays."""
        if key not in self._names:
            if id is not None and not RECORDING_ID.fullmatch(id):
                id, stem = None, stem or id
            made = id if id is not None else foreign_id(stem or name or key)
            if id is None and made in self._found:  # many folders may each hold an ``audio.wav``
                made = f"{made[:140]}-{derived_id(key)[:8]}"
            self._names[key] = made
            if made not in self._found:
                self._found[made] = Collected(made, self.path, self._spool)
                self._facts[made] = {"name": name or key, "path": "", "channels": 1, "end": 0}
        return self._names[key]

    def known(self, key: str) -> str | None:
        """Id of a recording that was met already."""
        return self._names.get(key)

    def tell(
        self,
        recording_id: str,
        *,
        path: str = "",
        end_us: int = 0,
        channel: int | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        """Tell more of a recording: where its audio lies, how long it is, a channel that it has."""
        facts = self._facts[recording_id]
        facts["path"] = facts["path"] or path
        facts["end"] = max(facts["end"], end_us)
        facts["channels"] = max(facts["channels"], 1 if channel is None else channel + 1)
        if metadata:
            facts["metadata"] = facts.get("metadata", {}) | metadata

    def put(self, recording: Recording) -> None:
        """Tell all of a recording that was met."""
        self._whole[recording.id] = recording

    def speaker(
        self,
        recording_id: str,
        key: str,
        line: int,
        *,
        id: str | None = None,
        name: str | None = None,
        gender: str | None = None,
    ) -> str:
        """Id of the speaker that a file calls ``key`` in a recording, made where it is new."""
        found = self._found[recording_id]
        if id is None:
            made = found.speaker(key, line)
            if gender and found.speakers[key].gender is None:
                found.speakers[key] = dataclasses.replace(found.speakers[key], gender=cast("Any", gender))
            return made
        if (own := f"\x00{id}") not in found.speakers:  # no name of a person begins so
            try:
                found.speakers[own] = Speaker(id=id, name=name or id, gender=cast("Any", gender))
            except RecordError as error:
                raise ParseError(self.path, f"speaker: {error.data['reason']}", line=line) from error
        return found.speakers[own].id

    def put_speaker(self, recording_id: str, speaker: Speaker) -> None:
        """Add a speaker of whom all is known."""
        self._found[recording_id].speakers[f"\x00{speaker.id}"] = speaker

    def segment(self, recording_id: str, line: int, *, id: str | None, **fields: Any) -> None:  # noqa: ANN401
        """Add a segment, under its own id where that is legal and free."""
        if id is not None and not (SEGMENT_ID.fullmatch(id) and self._is_free(recording_id, id, line)):
            id = None
        self._found[recording_id].segment(line, id=id, **fields)

    def put_segment(self, recording_id: str, line: int, segment: Segment) -> None:
        """Add a segment that is made already; it gets another id where its own is taken."""
        if self._is_free(recording_id, segment.id, line):
            self._found[recording_id].put(segment)
            return
        fields = {name: getattr(segment, name) for name in FIELDS if name != "id"}
        self._found[recording_id].segment(line, **fields)

    def _is_free(self, recording_id: str, id: str, line: int) -> bool:
        mark = hash((recording_id, id))  # the ids themselves would take four times the memory
        if mark in self._ids:
            self.notes.add(self.path.name, line, "the id is there twice: given another", repr(id)[:80])
            return False
        self._ids.add(mark)
        return True

    def n_segments(self) -> int:
        """Count all segments so far."""
        return sum(found.n_segments for found in self._found.values())

    def bundle(self, **fields: Any) -> Bundle:  # noqa: ANN401 - of Bundle
        """All that was gathered."""
        collected = tuple(note for found in self._found.values() for note in found.notes)
        return Bundle(
            recordings=tuple(self._whole.get(id) or self._bare(id) for id in self._found),
            segments={id: found.segments for id, found in self._found.items()},
            speakers={id: tuple(found.speakers.values()) for id, found in self._found.items()},
            languages=self.languages,
            audio=self.audio,
            notes=(*self.plain_notes, *self.notes.all(), *collected),
            **fields,
        )

    def _bare(self, id: str) -> Recording:
        facts = self._facts[id]
        end = self._found[id].end_us
        if end >= TO_THE_END_US:  # nobody knows
            end = 0
        made = bare_recording(
            id, facts["name"], max(end, facts["end"]), channels=facts["channels"], path=facts["path"]
        )
        metadata = facts.get("metadata")
        return dataclasses.replace(made, metadata=metadata) if metadata else made


def base_name(path: str) -> str:
    """Name of a file without folders and its last ending, of any system."""
    name = PureWindowsPath(path).name if "\\" in path else PurePosixPath(path).name
    return name.rpartition(".")[0] or name


def beside(file: Path, named: str) -> str:
    """Path that a file names, made absolute against its folder; "" for what is no path."""
    if not named or "\x00" in named or "://" in named:
        return ""
    is_windows = (":" in named or named[0] == "\\") and PureWindowsPath(named).is_absolute()
    if is_windows and named[0] != "/":
        return named
    if named[0] == os.sep == "/":
        return os.path.normpath(named)
    folder = os.path.abspath(file if file.is_dir() else file.parent)  # noqa: PTH100 - links are the person's
    return os.path.normpath(os.path.join(folder, named))  # noqa: PTH118 - see names.py
