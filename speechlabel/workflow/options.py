"""How to prepare recordings: what can be asked for, and whether it can be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from speechlabel import registry
from speechlabel.errors import OptionError
from speechlabel.records import Layout
from speechlabel.segment.base import parse_options

__all__ = ["ImportOptions", "LayoutChoice", "PrepareOptions", "Reading", "changes_layout", "check_options"]

LayoutChoice = Literal["auto", "mixed", "separate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareOptions:
    """How to prepare: which segmenter, with which options, how the channels are laid out, and whether again.

    ``layout`` says what to do with several channels: ``"mixed"`` labels them as one, the mix of all;
    ``"separate"`` gives each a lane of its own; ``"auto"`` lets the audio tell anew; None keeps what is known
    of the recording, and lets the audio tell the first time.
    """

    segmenter: str = "webrtc"
    values: Mapping[str, Any] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    layout: LayoutChoice | None = None
    again: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return as JSON what a recording keeps of it until it is prepared."""
        return {"segmenter": self.segmenter, "values": dict(self.values), "layout": self.layout}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> PrepareOptions:
        """Return what ``to_dict`` gave; nothing stands for the defaults."""
        return cls(**data)


class Reading(NamedTuple):
    """How one file or folder is to be read; ``format`` None: it is left out."""

    format: str | None
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """How to take in annotations: of which format (None: each is detected), its options, what its tiers mean.

    ``tiers`` maps the name of a tier to what it means, as ``workflow.tiers`` writes it; ``readings`` says of
    single files and folders, by their absolute path, how they are read, whatever they look like.
    """

    format: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    tiers: Mapping[str, str] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    readings: Mapping[Path, Reading] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON, but for what is said of single files."""
        return {"format": self.format, "values": dict(self.values), "tiers": dict(self.tiers)}


def check_options(options: PrepareOptions) -> None:
    """Refuse a segmenter or layout that there is not, or options that do not fit, before any work is done.

    Raises
    ------
    UnknownNameError, OptionError
        The message names what there is.
    """
    parse_options(registry.load("segmenter", options.segmenter), options.values)
    if options.layout not in (None, *get_args(LayoutChoice)):
        raise OptionError("layout", f"{options.layout!r} is none of {', '.join(get_args(LayoutChoice))}")


def changes_layout(choice: LayoutChoice | None, known: Layout | None, channels: int) -> bool:
    """Tell whether a choice may give other lanes than a recording has now.

    Which lanes ``"auto"`` gives shows only when the audio is heard again; the same sound on all channels was
    told from the audio and stays.
    """
    if choice is None or channels == 1:
        return False
    same: dict[LayoutChoice, tuple[Layout, ...]] = {
        "auto": ("dual_mono",),
        "mixed": ("dual_mono", "mixed"),
        "separate": ("separate",),
    }
    return known not in same[choice]
