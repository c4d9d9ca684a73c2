"""Kaldi data directory (ESPnet reads the same): ``wav.scp``, ``segments``, ``text``, ``utt2spk`` and more.

Spec: https://kaldi-asr.org/doc/data_prep.html and the checks of its ``utils/validate_data_dir.sh``, which
``kaldi_check.py`` repeats.  Utterance ids are ``<speaker>-<segment id>``: Kaldi wants the speaker first, so
that both sort alike; nothing in them is a running number or a person's name, so they stay the same in later
exports.  ``wav.scp`` names one-channel files, never a command.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

from speechlabel.errors import ExportError
from speechlabel.formats.base import Export, Format, Written
from speechlabel.formats.losses import Tally
from speechlabel.formats.names import tsv
from speechlabel.formats.times import on_grid
from speechlabel.formats.training import is_example, speaker_key
from speechlabel.records import Recording, Segment
from speechlabel.timing import format_seconds

__all__ = ["KaldiFormat", "plain_text"]

FORBIDDEN_WORDS = {"<s>", "</s>", "#0"}
GENDERS = {"female": "f", "male": "m"}
ID_MAP = ("utterance_id", "recording_id", "channel", "segment_id", "speaker", "speaker_id", "speaker_name")


@dataclass
class _Tables:
    """The files of the directory, as key → value."""

    wav: dict[str, str] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    durations: dict[str, str] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    segments: dict[str, str] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    text: dict[str, str] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    speakers: dict[str, str] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    languages: dict[str, str] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    genders: dict[str, str] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    ids: list[tuple[str, ...]] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]


@dataclass(frozen=True)
class KaldiFormat(Format):
    """Data directory for Kaldi and ESPnet."""

    decimals: Literal[3, 4, 5, 6] = 3
    paths: Literal["absolute", "relative"] = "absolute"  # Kaldi starts from the working directory
    all_kinds: bool = False  # also noise, music … that have a text

    name: ClassVar[str] = "kaldi"
    title: ClassVar[str] = "Kaldi data directory"
    extensions: ClassVar[tuple[str, ...]] = ()
    spec: ClassVar[str] = "https://kaldi-asr.org/doc/data_prep.html"
    carries: ClassVar[frozenset[str]] = frozenset(
        {"text", "channel", "speaker", "language", "speaker.gender"}
    )
    can_write: ClassVar[bool] = True
    takes: ClassVar[Literal["training", "speech", "everything"]] = "training"
    needs_text: ClassVar[bool] = True
    audio: ClassVar[Literal["FLAC", "WAV"]] = "WAV"  # Kaldi opens nothing else
    checked_by: ClassVar[tuple[str, ...]] = ("Kaldi's own rules, repeated", "kaldi-native-io")

    @property
    def time_step_us(self) -> int:
        """A unit of the last decimal."""
        return 10 ** (6 - self.decimals)

    def sniff(self, path: Path) -> bool:
        """Tell it by its ``wav.scp``."""
        return (path / "wav.scp").is_file()

    def write(self, export: Export, out: Path) -> Written:
        """Write the directory, with ``id_map.tsv`` to find a segment again."""
        tally, tables = Tally(), _Tables()
        genders: dict[str, str | None] = {}
        for recording, segments in export.bundle.stream():
            speakers = export.bundle.speakers_of(recording.id)
            for segment in segments:
                if not is_example(segment, tally, all_kinds=self.all_kinds):
                    continue
                speaker = speakers.get(segment.speaker or "")
                key = speaker_key(recording.id, segment.speaker)
                genders[key] = GENDERS.get(speaker.gender or "") if speaker else None
                self._add(export, out, tables, recording, segment, tally)
                row = (segment.id, key, segment.speaker or "", speaker.name if speaker else "")
                channel = "" if segment.channel is None else str(segment.channel)
                tables.ids.append((f"{key}-{segment.id}", recording.id, channel, *row))
        if not tables.text:
            raise ExportError("there is nothing to export: no segment is speech with a text")
        _add_optional(tables, genders, tally)
        _write_tables(tables, out)
        not_wav = [path for path in tables.wav.values() if not path.lower().endswith(".wav")]
        warnings = (f"Kaldi itself opens only WAV; {len(not_wav)} files are not",) if not_wav else ()
        return Written(segments=len(tables.text), losses=tally.losses(), warnings=warnings)

    def _add(
        self,
        export: Export,
        out: Path,
        tables: _Tables,
        recording: Recording,
        segment: Segment,
        tally: Tally,
    ) -> None:
        channel = None if recording.channels == 1 else segment.channel
        reco = recording.id if channel is None else f"{recording.id}+ch{channel}"
        key = speaker_key(recording.id, segment.speaker)
        utterance = f"{key}-{segment.id}"
        if reco not in tables.wav:
            tables.wav[reco] = self._audio(export, out, recording, channel)
            length = max(recording.duration_us // self.time_step_us, 1) * self.time_step_us
            tables.durations[reco] = format_seconds(length, decimals=self.decimals)
        start, end = on_grid(segment.start_us, segment.end_us, self.time_step_us, recording.duration_us)
        times = " ".join(format_seconds(time, decimals=self.decimals) for time in (start, end))
        tables.segments[utterance] = f"{reco} {times}"
        tables.text[utterance] = plain_text(segment.text or "")
        if tables.text[utterance] != segment.text:
            tally.add("text", "blanks, line breaks and what Kaldi forbids were taken out", segment.id)
        tables.speakers[utterance] = key
        if language := export.bundle.language_of(recording.id, segment):
            tables.languages[utterance] = language

    def _audio(self, export: Export, out: Path, recording: Recording, channel: int | None) -> str:
        if self.paths == "relative":
            path = export.audio_path(recording, channel, out)
        else:
            path = export.audio_for(recording, channel, out).absolute().as_posix()
        if path != path.strip() or re.search(r"[~\n\r\ud800-\udfff]|\|$|^\||:[0-9]+$", path):
            raise ExportError(f"Kaldi cannot open a file named {path!r}; rename it")
        return path


def plain_text(text: str) -> str:
    """Words of a transcript with one blank between, without what Kaldi's checks refuse.

    Source: ``utils/validate_text.pl``: no blanks but the plain one, nothing unprintable, no ``<s>``, ``</s>``
    or ``#0`` as words.
    """
    printable = "".join(
        letter
        for letter in text
        if letter.isspace() or unicodedata.category(letter) not in ("Cc", "Cn", "Cs")
    )
    return " ".join(word for word in printable.split() if word not in FORBIDDEN_WORDS)


def _add_optional(tables: _Tables, genders: Mapping[str, str | None], tally: Tally) -> None:
    """Keep the tables that Kaldi takes whole or not at all."""
    known = {key: gender for key, gender in genders.items() if gender is not None}
    if len(known) == len(genders):
        tables.genders = known
    else:
        for key in known:
            tally.add("speaker.gender", "spk2gender needs it of every speaker", key)
    if len(tables.languages) < len(tables.text):
        for utterance in tables.languages:
            tally.add("language", "utt2lang needs it of every segment", utterance)
        tables.languages = {}


def _write_tables(tables: _Tables, out: Path) -> None:
    of_speaker: dict[str, list[str]] = {}
    for utterance in sorted(tables.speakers):
        of_speaker.setdefault(tables.speakers[utterance], []).append(utterance)
    files: dict[str, Mapping[str, str]] = {
        "wav.scp": tables.wav,
        "reco2dur": tables.durations,
        "segments": tables.segments,
        "text": tables.text,
        "utt2spk": tables.speakers,
        "spk2utt": {speaker: " ".join(found) for speaker, found in of_speaker.items()},
        "utt2lang": tables.languages,
        "spk2gender": tables.genders,
    }
    for name, table in files.items():
        if table:
            _write_lines(out / name, (f"{key} {table[key]}".rstrip(" ") for key in sorted(table)))
    with (out / "id_map.tsv").open("w", encoding="utf-8", newline="\n") as file:
        file.write(tsv(ID_MAP, sorted(tables.ids)))


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines)
