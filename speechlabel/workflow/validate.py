"""Validate: hold an annotation to the rules of the program it is meant for, and against its audio."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from speechlabel import formats
from speechlabel.audio.decode import probe
from speechlabel.errors import AudioError, InputError, ParseError
from speechlabel.formats import Bundle, Fault
from speechlabel.formats.gather import TO_THE_END_US
from speechlabel.records import Recording
from speechlabel.timing import format_seconds, samples_to_us

__all__ = ["Validation", "validate"]

LATE_US = 1_000  # Lhotse's tolerance for what ends after its recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """What was found in a file or folder."""

    format: str
    title: str
    faults: tuple[Fault, ...]
    recordings: int
    segments: int
    audio: int  # files that were opened
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "format": self.format,
            "recordings": self.recordings,
            "segments": self.segments,
            "audio": self.audio,
            "faults": [fault._asdict() for fault in self.faults],
            "notes": list(self.notes),
        }


def validate(
    path: Path,
    *,
    format: str | None = None,
    options: Mapping[str, Any] | None = None,
    audio_root: tuple[str, str] | None = None,
    with_audio: bool = True,
) -> Validation:
    """Check a file or folder: the rules of its target first, then what it says against its audio.

    Parameters
    ----------
    format : with its ``options``; else it is detected
    audio_root : (old, new): audio that is named below the first is opened below the second
    with_audio : open every file of audio that is named

    Raises
    ------
    InputError, UnknownNameError, OptionError
        Nothing is there, its format cannot be told, or there is no such format or option.
    """
    if not path.exists():
        raise InputError(f"there is no {str(path)!r}")
    name = format or formats.detect(path)
    reader = formats.get(name, **(options or {}))
    faults = list(reader.faults(path))
    bundle: Bundle | None = None
    if reader.can_read:
        try:
            bundle = formats.load(path, name, **(options or {}))
        except ParseError as error:
            fault = Fault.of(error, path)
            if not any(item.line == fault.line and item.reason == fault.reason for item in faults):
                faults.append(fault)
    n_segments, checked = 0, _Audio(audio_root)
    for recording, segments in bundle.stream() if bundle else ():
        n_segments += len(segments)
        if with_audio and bundle:
            ends: dict[int | None, int] = {}
            for segment in segments:
                if segment.end_us == TO_THE_END_US:
                    continue
                ends[segment.channel] = max(ends.get(segment.channel, 0), segment.end_us)
            faults += checked.faults(bundle, recording, ends)
    return Validation(
        format=name,
        title=reader.title,
        faults=tuple(faults),
        recordings=len(bundle.recordings) if bundle else 0,
        segments=n_segments,
        audio=checked.n_opened,
        notes=bundle.notes if bundle else (),
    )


class _Audio:
    """Opens audio and holds it against what is said of it."""

    def __init__(self, audio_root: tuple[str, str] | None) -> None:
        self._root = audio_root
        self._lengths: dict[Path, int | str] = {}  # microseconds, or why it cannot be opened
        self._channels: dict[Path, int] = {}

    @property
    def n_opened(self) -> int:
        return sum(isinstance(found, int) for found in self._lengths.values())

    def faults(self, bundle: Bundle, recording: Recording, ends: Mapping[int | None, int]) -> Iterator[Fault]:
        """Give what is wrong with the audio of a recording whose channels' last segments end at ``ends``."""
        named = {channel: path for (id, channel), path in bundle.audio.items() if id == recording.id}
        whole = Path(recording.path) if recording.path else None
        for channel, end_us in ends.items():
            path = named.get(channel, whole)
            if path is None:
                continue
            found = self._open(self._here(path))
            if isinstance(found, str):
                yield Fault("", None, f"{recording.id}: {found}")
            elif end_us > found + LATE_US:
                late = format_seconds(end_us - found, decimals=3)
                yield Fault("", None, f"{recording.id}: a segment ends {late} s after its audio, {path}")
            elif channel is not None and path == whole and channel >= self._channels[self._here(path)]:
                yield Fault("", None, f"{recording.id}: {path} has no channel {channel + 1}")

    def _here(self, path: Path) -> Path:
        if self._root is not None and path.is_relative_to(self._root[0]):
            return Path(self._root[1]) / path.relative_to(self._root[0])
        return path

    def _open(self, path: Path) -> int | str:
        if path not in self._lengths:
            try:
                info = probe(path)
            except AudioError as error:
                self._lengths[path] = error.message
            else:
                self._lengths[path] = samples_to_us(info.n_frames, info.sample_rate)
                self._channels[path] = info.channels
        return self._lengths[path]
