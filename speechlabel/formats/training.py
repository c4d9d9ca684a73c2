"""What manifests for training share: which segments are examples, and names of speakers that last."""

from __future__ import annotations

import hashlib
import re

from speechlabel.formats.losses import Tally
from speechlabel.records import Segment

__all__ = ["UNKNOWN", "is_example", "speaker_key"]

UNKNOWN = "unknown"
PLAIN = re.compile(r"[A-Za-z0-9.]{1,24}")


def is_example(segment: Segment, tally: Tally, *, all_kinds: bool) -> bool:
    """Whether a segment teaches something: it has a length and a text, and is speech if that is asked."""
    if segment.start_us == segment.end_us:
        tally.add("segment", "a point has no length: left out", segment.id)
    elif segment.text is None:
        tally.add("segment", "not transcribed: left out", segment.id)
    elif segment.kind != "speech" and not all_kinds:
        tally.add("segment", f"{segment.kind}, not speech: left out", segment.id)
    else:
        return True
    return False


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
