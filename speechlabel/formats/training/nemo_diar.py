"""NeMo's manifest for diarization: a line for each recording, with its RTTM, UEM and CTM beside.

Spec: NeMo, "Speaker diarization: datasets" and ``audio_rttm_map`` of its ``speaker_utils``.  A recording is
known by the base name of its files, so that of the audio, the RTTM, the UEM and the CTM agree.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar, Literal

from speechlabel.errors import ExportError
from speechlabel.formats.base import Export, Fault, Format, Written
from speechlabel.formats.json_lines import first_object, strict_objects
from speechlabel.formats.losses import Tally
from speechlabel.formats.names import STAND_INS, absolute_posix, without_blanks
from speechlabel.formats.times import on_grid, parse_time
from speechlabel.formats.training.nemo import SPEC
from speechlabel.formats.training.nemo_lines import dumped
from speechlabel.records import Recording, Segment
from speechlabel.timing import format_seconds, us_to_seconds

__all__ = ["NemoDiarFormat"]

MANIFEST = "diarization_manifest.json"
FOLDER = "annotations"  # of the files that lines name
KINDS = ("rttm", "uem", "ctm")
SEVERAL = STAND_INS[1]
NOBODY = "unknown"
STEP = 1000  # µs


@dataclass(frozen=True)
class NemoDiarFormat(Format):
    """Manifest for NeMo diarization."""

    paths: Literal["absolute", "relative"] = "absolute"  # NeMo starts from the working directory
    num_speakers: bool = True  # tell how many speak; else NeMo finds out

    name: ClassVar[str] = "nemo_diar"
    title: ClassVar[str] = "NeMo diarization manifest"
    extensions: ClassVar[tuple[str, ...]] = ()
    spec: ClassVar[str] = SPEC.replace("/asr/", "/asr/speaker_diarization/")
    carries: ClassVar[frozenset[str]] = frozenset({"speaker", "words", "labelled"})
    can_write: ClassVar[bool] = True
    takes: ClassVar[Literal["training", "speech", "everything"]] = "speech"
    audio: ClassVar[Literal["FLAC", "WAV"]] = "WAV"
    checked_by: ClassVar[tuple[str, ...]] = ("meeteval", "pyannote.database")

    @property
    def time_step_us(self) -> int:
        """A millisecond."""
        return STEP

    def sniff(self, path: Path) -> bool:
        """Tell it by the keys of its first object."""
        return {"audio_filepath", "label", "rttm_filepath"} <= first_object(_manifest(path)).keys()

    def write(self, export: Export, out: Path) -> Written:
        """Write the manifest, and below ``annotations`` the files that it names."""
        tally = Tally()
        count = 0
        known: dict[str, str] = {}
        for kind in KINDS:
            (out / FOLDER / kind).mkdir(parents=True)
        with (out / MANIFEST).open("wb") as file:
            for recording, segments in export.bundle.stream():
                turns = [one for one in segments if _is_turn(one, tally)]
                if not turns:
                    tally.add("recording", "nobody speaks in it: left out", recording.id)
                    continue
                _tell_lost_channels(recording, turns, tally)
                audio = export.audio_path(recording, None, out)
                base = _base(audio, recording, known)
                line = self._line(export, out, recording, segments, base)
                file.write(dumped({"audio_filepath": self._path(export, audio)} | line, recording.id))
                count += len(turns)
        if not count:
            raise ExportError("there is nothing to export: nobody speaks")
        return Written(segments=count, losses=tally.losses())

    def _line(
        self, export: Export, out: Path, recording: Recording, segments: list[Segment], base: str
    ) -> dict[str, Any]:
        names = _names(export, recording)
        paths = {kind: f"{FOLDER}/{kind}/{base}.{kind}" for kind in KINDS}
        spoke: set[str] = set()
        n_words = 0
        with ExitStack() as stack:
            rttm, uem, ctm = (
                stack.enter_context((out / paths[kind]).open("w", encoding="utf-8", newline="\n"))
                for kind in KINDS
            )
            for segment in segments:
                if not _is_turn(segment, None):
                    continue
                name = names.get(segment.speaker) or without_blanks(segment.speaker or "", names.values())
                names[segment.speaker] = name
                spoke.add(name)
                start, end = on_grid(segment.start_us, segment.end_us, STEP, recording.duration_us)
                rttm.write(f"SPEAKER {base} 1 {_span(start, end)} <NA> <NA> {name} <NA> <NA>\n")
                for word in _words(segment, base, name):
                    ctm.write(word)
                    n_words += 1
            for start, end in _scored(export, recording, segments):
                uem.write(f"{base} 1 {format_seconds(start, decimals=3)} {format_seconds(end, decimals=3)}\n")
        if not n_words:
            (out / paths["ctm"]).unlink()
        return {
            "offset": 0.0,
            "duration": us_to_seconds(recording.duration_us) or None,
            "label": "infer",
            "text": "-",
            "num_speakers": len(spoke) if self.num_speakers else None,
            "rttm_filepath": self._path(export, paths["rttm"]),
            "uem_filepath": self._path(export, paths["uem"]),
            "ctm_filepath": self._path(export, paths["ctm"]) if n_words else None,
        }

    def _path(self, export: Export, path: str) -> str:
        return absolute_posix(export.target / path) if self.paths == "absolute" else path

    def faults(self, path: Path) -> Iterator[Fault]:
        """Everything that NeMo refuses, in the manifest and in the files beside it that it names."""
        file = _manifest(path)
        seen: set[str] = set()
        count = 0
        for number, data in strict_objects(file, file.name):
            count += 1
            if isinstance(data, Fault):
                yield data
                continue
            for reason in _line_faults(data, seen):
                yield Fault(file.name, number, reason)
            for kind in KINDS:
                named = data.get(f"{kind}_filepath")
                inside = f"{FOLDER}/{kind}/{PurePosixPath(named).name}" if isinstance(named, str) else ""
                if inside and (file.parent / inside).is_file():
                    yield from _annotation_faults(file.parent / inside, inside, kind)
        if not count:
            yield Fault(file.name, None, "is empty")


def _is_turn(segment: Segment, tally: Tally | None) -> bool:
    if segment.kind == "speech" and segment.speaker != SEVERAL and segment.end_us > segment.start_us:
        return True
    if tally is not None:
        several = "several people, nobody said who: cut out of the UEM, so not scored"
        reason = several if segment.kind == "speech" else f"{segment.kind}, not speech: left out"
        tally.add("segment", reason, segment.id)
    return False


def _tell_lost_channels(recording: Recording, turns: list[Segment], tally: Tally) -> None:
    for segment in turns if recording.channels > 1 else ():
        if segment.channel is not None:
            tally.add("channel", "speakers are told apart in the mix of all channels", segment.id)


def _names(export: Export, recording: Recording) -> dict[str | None, str]:
    """Names of speakers as one word each, none of them twice."""
    names: dict[str | None, str] = {None: NOBODY}
    for speaker in export.bundle.speakers_of(recording.id).values():
        if speaker.id == NOBODY:
            names[speaker.id] = NOBODY
            continue
        names[speaker.id] = without_blanks(speaker.name, names.values())
    return names


def _base(audio: str, recording: Recording, known: dict[str, str]) -> str:
    """Return the base name of a recording's files, which NeMo takes for the name of the recording."""
    base = os.path.splitext(PurePosixPath(audio).name)[0]  # noqa: PTH122 - as NeMo does
    if base in known:
        raise ExportError(
            f"{known[base]!r} and {recording.name!r} have files of one name, {base!r}, and NeMo tells "
            "recordings apart by it; export with the audio, which names files after recordings"
        )
    if base.split() != [base] or ";" in base:
        raise ExportError(
            f"{recording.name!r}: RTTM cannot hold its name; export with the audio, or rename it"
        )
    known[base] = recording.name
    return base


def _span(start: int, end: int) -> str:
    return f"{format_seconds(start, decimals=3)} {format_seconds(end - start, decimals=3)}"


def _words(segment: Segment, base: str, name: str) -> Iterator[str]:
    """Lines of eight columns for the words that have times."""
    for word in segment.words:
        if word.start_us is None or word.end_us is None or word.end_us < word.start_us:
            continue
        said = without_blanks(word.word)
        sure = "NA" if word.score is None else f"{word.score:.6g}"
        start, end = on_grid(word.start_us, word.end_us, STEP)
        yield f"{base} 1 {_span(start, end)} {said} {sure} lex {name}\n"


def _scored(export: Export, recording: Recording, segments: list[Segment]) -> Iterator[tuple[int, int]]:
    """Stretches that are labelled, without what nobody can tell who speaks in."""
    end_us = recording.duration_us or max(segment.end_us for segment in segments)
    spans = [span for span in export.labelled_spans(recording) if span.channel in (None, 0)]
    holes = sorted(
        (one.start_us, one.end_us) for one in segments if one.kind == "ignore" or one.speaker == SEVERAL
    )
    wanted = [(span.start_us, span.end_us) for span in spans] or [(0, end_us)]
    for start, end in sorted(wanted):
        at = start
        for hole_start, hole_end in holes:
            if hole_start < end and hole_end > at:
                if hole_start > at:
                    yield on_grid(at, hole_start, STEP, end_us)
                at = hole_end
        if at < end:
            yield on_grid(at, end, STEP, end_us)


def _line_faults(data: dict[str, Any], seen: set[str]) -> Iterator[str]:
    audio = data.get("audio_filepath")
    if not isinstance(audio, str) or not audio:
        yield "audio_filepath is missing"
        return
    base = os.path.splitext(PurePosixPath(audio).name)[0]  # noqa: PTH122 - as NeMo does
    if base in seen:
        yield f"{base!r:.80} is there twice: NeMo tells recordings apart by it"
    seen.add(base)
    for kind in KINDS:
        named = data.get(f"{kind}_filepath")
        if named is not None and (not isinstance(named, str) or PurePosixPath(named).stem != base):
            yield f"{kind}_filepath must have the base name of the audio, {base!r:.80}"
    for key in ("offset", "duration"):
        value = data.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or value < 0):
            yield f"{key} must be a number of seconds or null"
    count = data.get("num_speakers")
    if count is not None and (type(count) is not int or count < 1):
        yield "num_speakers must be a number from 1, or null"


def _annotation_faults(path: Path, name: str, kind: str) -> Iterator[Fault]:
    wanted = {"rttm": 10, "uem": 4, "ctm": 8}[kind]
    count = 0
    with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
        for number, line in enumerate(file, 1):
            fields = line.split()
            count += 1
            if len(fields) != wanted:
                yield Fault(name, number, f"{len(fields)} fields, not {wanted}")
                continue
            first = {"rttm": 3, "uem": 2, "ctm": 2}[kind]
            try:
                start, other = (parse_time(field) for field in fields[first : first + 2])
            except ValueError as error:
                yield Fault(name, number, str(error))
                continue
            if start < 0 or (other <= start if kind == "uem" else other < 0):
                yield Fault(name, number, "is not a stretch of time")
            if fields[0 if kind != "rttm" else 1] != path.stem:
                yield Fault(name, number, f"is not of {path.stem}")
    if not count:
        yield Fault(name, None, "is empty")


def _manifest(path: Path) -> Path:
    return path / MANIFEST if path.is_dir() else path
