"""How an export is made, once it is known what goes out: which text, which audio, seen from where."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from speechlabel.errors import OptionError
from speechlabel.records import Segment
from speechlabel.store.base import Reading
from speechlabel.workflow.clips import AudioOptions
from speechlabel.workflow.splits import Split

__all__ = ["Delivery", "parse_audio_root"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How an export is made.

    Parameters
    ----------
    layer : the field of a segment that goes out as its text; None: the text itself.  A segment that lacks the
        field has no text then.
    audio_root : (old, new): paths below the first are told below the second, where the training host has them
    split : one folder for each of its parts; None: one for all
    merge_back : write into a copy of the file that a transcript was once imported from, where the format can
    """

    audio: AudioOptions = field(default_factory=AudioOptions)
    layer: str | None = None
    audio_root: tuple[str, str] | None = None
    split: Split | None = None
    merge_back: bool = False

    def worded(self, reading: Reading) -> Reading:
        """Give a transcript with the text that goes out."""
        if self.layer is None:
            return reading
        return dataclasses.replace(reading, segments=[self._worded(item) for item in reading.segments])

    def _worded(self, segment: Segment) -> Segment:
        assert self.layer is not None
        text = segment.fields.get(self.layer)
        # The times of words are those of the text that was spoken.
        return dataclasses.replace(segment, text=text, words=())


def parse_audio_root(text: str) -> tuple[str, str]:
    """Read ``OLD=NEW``, both absolute.

    Raises
    ------
    OptionError
        It is not that.
    """
    old, found, new = text.partition("=")
    if not found or not PurePosixPath(new).is_absolute() or not old.strip():
        raise OptionError("audio_root", f"{text!r} is not OLD=NEW, such as /data/calls=/mnt/train/calls")
    return old, new
