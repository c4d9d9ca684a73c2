"""Kaldi data directory (ESPnet reads the same): ``wav.scp``, ``segments``, ``text``, ``utt2spk`` and more.

Spec: https://kaldi-asr.org/doc/data_prep.html and the checks of its ``utils/validate_data_dir.sh``, which
``kaldi_check.py`` repeats.  Utterance ids are ``<speaker>-<segment id>``: Kaldi wants the speaker first, so
that both sort alike; nothing in them is a running number or a person's name, so they stay the same in later
exports.  ``wav.scp`` names one-channel files; commands only where they are asked for.
"""

from __future__ import annotations

import re
import shlex
import unicodedata
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, ClassVar, Literal

from speechlabel.errors import ExportError
from speechlabel.formats.base import Bundle, Export, Fault, Format, Loss, Written
from speechlabel.formats.examples import Example, examples, is_example, speaker_key, with_sound
from speechlabel.formats.losses import Tally
from speechlabel.formats.names import absolute_posix
from speechlabel.formats.times import on_grid
from speechlabel.formats.training.id_map import ID_MAP, header, id_map_row
from speechlabel.formats.training.kaldi_check import FORBIDDEN_WORDS, kaldi_faults
from speechlabel.formats.training.kaldi_read import read_kaldi
from speechlabel.formats.training.sorting import SortedRows
from speechlabel.records import Recording, Segment
from speechlabel.timing import format_seconds

__all__ = ["KaldiFormat", "plain_text"]

GENDERS = {"female": "f", "male": "m"}
NO_LETTER = ("Cc", "Cn", "Cs")


@dataclass(frozen=True)
class KaldiFormat(Format):
    """Data directory for Kaldi and ESPnet."""

    decimals: Literal[3, 4, 5, 6] = 3
    paths: Literal["absolute", "relative"] = "absolute"  # Kaldi starts from the working directory
    all_kinds: bool = False  # also noise, music … that have a text
    pipes: bool = False  # wav.scp may hold ffmpeg commands instead of files made of channels

    name: ClassVar[str] = "kaldi"
    title: ClassVar[str] = "Kaldi data directory"
    extensions: ClassVar[tuple[str, ...]] = ()
    spec: ClassVar[str] = "https://kaldi-asr.org/doc/data_prep.html"
    carries: ClassVar[frozenset[str]] = frozenset(
        {"text", "channel", "speaker", "language", "speaker.gender"}
    )
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True
    takes: ClassVar[Literal["training", "speech", "everything"]] = "training"
    needs_text: ClassVar[bool] = True
    audio: ClassVar[Literal["FLAC", "WAV"]] = "WAV"  # Kaldi opens nothing else
    checked_by: ClassVar[tuple[str, ...]] = ("Kaldi's own rules, repeated", "kaldi-native-io", "Lhotse")

    @property
    def time_step_us(self) -> int:
        """A unit of the last decimal."""
        return 10 ** (6 - self.decimals)

    def utterance_id(self, recording_id: str, segment: Segment) -> str:
        """Name it by its speaker first: that changes when somebody else turns out to speak."""
        return f"{speaker_key(recording_id, segment.speaker)}-{segment.id}"

    def sniff(self, path: Path) -> bool:
        """Tell it by its ``wav.scp``; one with a ``text.txt`` is FunASR's."""
        return (path / "wav.scp").is_file() and ((path / "text").exists() or not _is_funasr(path))

    def read(self, path: Path) -> Bundle:
        """Read a directory; the order of lines does not matter, nor whether there are ``segments``."""
        return read_kaldi(path)

    def faults(self, path: Path) -> Iterator[Fault]:
        """Everything that ``validate_data_dir.sh`` refuses."""
        return kaldi_faults(path)

    def write(self, export: Export, out: Path) -> Written:
        """Write the directory, with ``id_map.tsv`` to find a segment again."""
        made = _Directory(self, export, out)
        for recording, segments in export.bundle.stream():
            made.recording(recording, segments)
        if not made.rows.count:
            raise ExportError("there is nothing to export: no segment is speech with a text")
        made.write()
        warnings = (f"Kaldi itself opens only WAV; {made.n_not_wav} files are not",) if made.n_not_wav else ()
        return Written(segments=made.rows.count, losses=made.losses(), warnings=warnings)


class _Directory:
    """Rows by utterance, put in order however many there are, and what is told of recordings and speakers."""

    def __init__(self, format: KaldiFormat, export: Export, out: Path) -> None:
        self.rows: SortedRows[tuple[str, str, str, str, str, str, str]] = SortedRows()
        self.n_not_wav = 0
        self._format, self._export, self._out = format, export, out
        self._tally, self._languages = Tally(), Tally()
        self._n_languages = 0
        self._wav: dict[str, str] = {}
        self._durations: dict[str, str] = {}
        self._sides: dict[str, tuple[str, int]] = {}
        self._genders: dict[str, str | None] = {}

    def recording(self, recording: Recording, segments: list[Segment]) -> None:
        speakers = self._export.bundle.speakers_of(recording.id)
        wanted = [
            segment
            for segment in segments
            if is_example(segment, self._tally, all_kinds=self._format.all_kinds)
        ]
        for example in self._examples(recording, wanted):
            segment = example.segment
            key = speaker_key(recording.id, segment.speaker)
            utterance = self._format.utterance_id(recording.id, segment)
            speaker = speakers.get(segment.speaker or "")
            self._genders[key] = GENDERS.get(speaker.gender or "") if speaker else None
            is_cut = example.clip is not None
            place = self._clip(recording, example) if is_cut else self._stretch(recording, example)
            text = plain_text(segment.text or "")
            if text != segment.text:
                self._tally.add(
                    "text", "blanks, line breaks and what Kaldi forbids were taken out", segment.id
                )
            language = self._export.bundle.language_of(recording.id, segment) or ""
            if language:
                self._n_languages += 1
                self._languages.add("language", "utt2lang needs it of every segment", segment.id)
            origin = id_map_row(utterance, recording, segment, speaker, is_cut=is_cut)
            self.rows.add((utterance, *place, text, key, language, origin))

    def _examples(self, recording: Recording, segments: list[Segment]) -> Iterator[Example]:
        if self._is_pipe(recording):
            for segment in segments:
                pipe = _pipe(recording, segment.channel)
                yield Example(segment, "", pipe, segment.start_us, segment.duration_us, None)
            return
        yield from with_sound(examples(self._export, recording, segments, self._out), self._tally)

    def _is_pipe(self, recording: Recording) -> bool:
        return self._format.pipes and not self._export.is_cut and _can_pipe(recording)

    def _clip(self, recording: Recording, example: Example) -> tuple[str, str]:
        """Path of a file of one utterance, and its length."""
        length = max(example.duration_us // self._format.time_step_us, 1) * self._format.time_step_us
        return self._named(recording, example.audio), format_seconds(length, decimals=self._format.decimals)

    def _stretch(self, recording: Recording, example: Example) -> tuple[str, str]:
        """Return recording and times of an utterance."""
        segment, step, decimals = example.segment, self._format.time_step_us, self._format.decimals
        channel = None if recording.channels == 1 else segment.channel
        reco = recording.id if channel is None else f"{recording.id}+ch{channel}"
        if reco not in self._wav:
            self._wav[reco] = self._named(recording, example.audio)
            self._sides[reco] = recording.id, channel or 0
            if recording.n_frames:
                length = max(recording.duration_us // step, 1) * step
                self._durations[reco] = format_seconds(length, decimals=decimals)
        start, end = on_grid(segment.start_us, segment.end_us, step, recording.duration_us)
        return reco, " ".join(format_seconds(time, decimals=decimals) for time in (start, end))

    def _named(self, recording: Recording, path: str) -> str:
        if self._is_pipe(recording):
            return path
        if self._format.paths == "absolute":
            path = absolute_posix(self._export.target / path)
        if path != path.strip() or re.search(r"[~\n\r\ud800-\udfff]|\|$|^\||:[0-9]+$", path):
            raise ExportError(f"Kaldi cannot open a file named {path!r}; rename it")
        self.n_not_wav += not path.lower().endswith(".wav")
        return path

    def write(self) -> None:
        """Write every file in one pass over the rows, which come by utterance."""
        is_cut = self._export.is_cut
        names = ("wav.scp", "utt2dur") if is_cut else ("segments",)
        with ExitStack() as stack:
            files: dict[str, IO[str]] = {
                name: stack.enter_context((self._out / name).open("w", encoding="utf-8", newline="\n"))
                for name in (*names, "text", "utt2spk", "spk2utt", ID_MAP)
            }
            has_languages = self._n_languages == self.rows.count
            if has_languages:
                path = self._out / "utt2lang"
                files["utt2lang"] = stack.enter_context(path.open("w", encoding="utf-8", newline="\n"))
            files[ID_MAP].write(header(is_cut=is_cut))
            self._write_rows(files, is_cut=is_cut)
        self._write_tables()

    def _write_rows(self, files: dict[str, IO[str]], *, is_cut: bool) -> None:
        languages = files.get("utt2lang")
        speaker = ""
        for utterance, place, times, text, key, language, origin in self.rows:
            if is_cut:
                files["wav.scp"].write(f"{utterance} {place}\n")
                files["utt2dur"].write(f"{utterance} {times}\n")
            else:
                files["segments"].write(f"{utterance} {place} {times}\n")
            files["text"].write(f"{utterance} {text}".rstrip(" ") + "\n")
            files["utt2spk"].write(f"{utterance} {key}\n")
            # Utterances of one speaker are neighbours: speakers' names hold no ``-``.
            begins = "" if key == speaker else f"{key}" if not speaker else f"\n{key}"
            files["spk2utt"].write(f"{begins} {utterance}")
            speaker = key
            files[ID_MAP].write(origin)
            if languages is not None:
                languages.write(f"{utterance} {language}\n")
        files["spk2utt"].write("\n")

    def _write_tables(self) -> None:
        tables: dict[str, dict[str, str]] = {"wav.scp": self._wav}
        if len(self._durations) == len(self._wav):
            tables["reco2dur"] = self._durations
        if self._sides and max(side for _, side in self._sides.values()) == 1:
            tables["reco2file_and_channel"] = {
                reco: f"{id} {'AB'[side]}" for reco, (id, side) in self._sides.items()
            }
        if all(self._genders.values()):
            tables["spk2gender"] = {key: gender or "" for key, gender in self._genders.items()}
        for name, table in tables.items():
            if table:
                with (self._out / name).open("w", encoding="utf-8", newline="\n") as file:
                    file.writelines(f"{key} {table[key]}\n" for key in sorted(table))

    def losses(self) -> tuple[Loss, ...]:
        """Tell what was changed or left out: Kaldi takes some tables whole or not at all."""
        if not all(self._genders.values()):
            for key, gender in self._genders.items():
                if gender:
                    self._tally.add("speaker.gender", "spk2gender needs it of every speaker", key)
        partly = self._n_languages < self.rows.count
        return self._tally.losses() + (self._languages.losses() if partly else ())


def plain_text(text: str) -> str:
    """Words of a transcript with one blank between, without what Kaldi's checks refuse.

    Source: ``utils/validate_text.pl``: no blanks but the plain one, nothing unprintable, no ``<s>``, ``</s>``
    or ``#0`` as words.
    """
    printable = text
    if not text.isprintable():
        printable = "".join(
            letter for letter in text if letter.isspace() or unicodedata.category(letter) not in NO_LETTER
        )
    return " ".join(word for word in printable.split() if word not in FORBIDDEN_WORDS)


def _is_funasr(path: Path) -> bool:
    return (path / "text.txt").is_file()


def _can_pipe(recording: Recording) -> bool:
    """Whether ffmpeg gives the very samples that were labelled: containers that pad nothing."""
    is_plain = recording.container.upper() in ("WAV", "FLAC")
    is_one_wav = recording.channels == 1 and recording.container.upper() == "WAV"
    return bool(recording.path) and is_plain and not is_one_wav and "\n" not in recording.path


def _pipe(recording: Recording, channel: int | None) -> str:
    """Command that gives one channel (None: the mix of all) as WAV."""
    n = recording.channels
    picked = f"c{channel}" if channel is not None else "+".join(f"{1 / n:.9g}*c{i}" for i in range(n))
    taken = f"-af 'pan=mono|c0={picked}' " if n > 1 else ""
    path = shlex.quote(absolute_posix(Path(recording.path)))
    return f"ffmpeg -nostdin -v error -i {path} {taken}-c:a pcm_s16le -f wav - |"
