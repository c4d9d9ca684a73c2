"""What manifests for training share: which segments are examples, and names of speakers that last."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from speechlabel.formats.base import Clip, Export
from speechlabel.formats.gather import TO_THE_END_US
from speechlabel.formats.losses import Tally
from speechlabel.records import Recording, Segment

__all__ = ["UNKNOWN", "Example", "examples", "is_example", "speaker_key", "utterance_id", "with_sound"]

UNKNOWN = "unknown"
PLAIN = re.compile(r"[A-Za-z0-9.]{1,24}")


class Example(NamedTuple):
    """A segment and where its sound is to be found."""

    segment: Segment
    id: str  # see ``utterance_id``
    audio: str  # POSIX path as the export names it
    start_us: int  # in that file
    duration_us: int
    clip: Clip | None  # the file, where it holds this segment alone


def examples(
    export: Export,
    recording: Recording,
    segments: Iterable[Segment],
    out: Path,
    *,
    clips: Path | None = None,
    dots: bool = True,
) -> Iterator[Example]:
    """Give each segment its id and its sound: a stretch of a one-channel file, or a file of its own.

    Parameters
    ----------
    out
        The folder that is being written; paths are told from there.
    clips
        Folder for files of their own.  Given, every segment gets one; else they go to ``out / "clips"``
        if the export asks for them (``export.is_cut``).
    dots : whether ids may hold dots; see ``utterance_id``
    """
    if clips is None and not export.is_cut:
        for segment in segments:
            audio = export.audio_path(recording, segment.channel, out)
            id = utterance_id(recording.id, segment.id, dots=dots)
            yield Example(segment, id, audio, segment.start_us, segment.duration_us, None)
        return
    folder = clips or out / "clips"
    wanted = ((segment, utterance_id(recording.id, segment.id, dots=dots)) for segment in segments)
    for segment, clip in export.clips(recording, wanted, folder):
        id = utterance_id(recording.id, segment.id, dots=dots)
        yield Example(segment, id, clip.path.relative_to(out).as_posix(), 0, clip.duration_us, clip)


def with_sound(found: Iterable[Example], tally: Tally) -> Iterator[Example]:
    """Leave out files of their own that hold not one sample."""
    for example in found:
        if example.clip is None or example.clip.n_frames:
            yield example
            continue
        tally.add("segment", "shorter than a sample: left out", example.segment.id)
        if example.clip.is_written:
            example.clip.path.unlink(missing_ok=True)


def utterance_id(recording_id: str, segment_id: str, *, dots: bool = True) -> str:
    """Name of a segment among all recordings: the same in every later export, of letters, digits, ``_.-``.

    It holds no running number and nobody's name.  ``dots=False``: for targets that cut a name at its first
    dot; what had one then ends in a short hash, so that two ids stay two.
    """
    made = f"{recording_id}-{segment_id}"
    if dots or "." not in made:
        return made
    return f"{made.replace('.', '_')}-{_hash(made)[:8]}"


def is_example(segment: Segment, tally: Tally, *, all_kinds: bool) -> bool:
    """Whether a segment teaches something: it has a length and a text, and is speech if that is asked."""
    if segment.start_us == segment.end_us:
        tally.add("segment", "a point has no length: left out", segment.id)
    elif segment.end_us >= TO_THE_END_US:
        tally.add("segment", "its length is not known before its audio is: left out", segment.id)
    elif segment.text is None:
        tally.add("segment", "not transcribed: left out", segment.id)
    elif segment.kind != "speech" and not all_kinds:
        tally.add("segment", f"{segment.kind}, not speech: left out", segment.id)
    else:
        return True
    return False


@lru_cache(maxsize=4096)
def speaker_key(recording_id: str, speaker_id: str | None) -> str:
    """Name of a speaker among all recordings, of letters, digits, ``_`` and ``.`` only.

    It depends on the two ids alone, so it stays when people are renamed and other recordings come and go.
    Where nobody is told it is the same as where it is told that nobody knows: one stand-in a recording, so
    that the unknown people of two recordings are never one.  Kaldi sorts ``<speaker>-<anything>`` by speaker
    only where speakers' names hold no ``-``.
    """
    recording = recording_id
    if not re.fullmatch(r"[A-Za-z0-9_.]+", recording_id):
        recording = f"{recording_id.replace('-', '_')}.{_hash(recording_id)[:8]}"
    if speaker_id is None:
        return f"{recording}_{UNKNOWN}"
    return f"{recording}_{speaker_id if PLAIN.fullmatch(speaker_id) else _hash(speaker_id)[:10]}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
