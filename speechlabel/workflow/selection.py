"""What of a project goes out: which recordings and transcripts, and why a segment would stay in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from speechlabel.errors import InputError, NotFoundError
from speechlabel.formats import Format
from speechlabel.records import Recording, Segment, Transcript
from speechlabel.store.workspace import Workspace
from speechlabel.workflow.filtering import EVERYTHING, Filter
from speechlabel.workflow.label import precedence

__all__ = [
    "INCLUDABLE",
    "Selection",
    "chosen_transcript",
    "exclusion",
    "lacking",
    "remedy",
    "wanted_recordings",
]

INCLUDABLE = ("machine", "draft", "unsure", "invalid", "no_text", "not_speech")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What to export.

    Parameters
    ----------
    include
        Reasons for which a segment would stay out that do not count: any of ``INCLUDABLE``, or ``all``.
    recordings
        Ids or names; None: all that are prepared.
    transcripts
        Recording id → transcript id, where another than the newest by a person is wanted.
    filter
        Which segments are wanted of those that are left.
    snapshot
        Number of a snapshot to take them from; None: as they are now.
    only
        Recording and segment ids; None: all.
    with_audio
        Put all audio that the export names beside it, the recordings themselves included where it names
        them, so that it can go to another machine; else it points at where they lie.
    """

    include: frozenset[str] = frozenset()
    recordings: tuple[str, ...] | None = None
    transcripts: Mapping[str, str] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    filter: Filter = EVERYTHING
    snapshot: int | None = None
    only: Collection[tuple[str, str]] | None = None
    with_audio: bool = False

    def __post_init__(self) -> None:
        if unknown := self.include - set(INCLUDABLE) - {"all"}:
            raise InputError(f"include {sorted(unknown)[0]!r} is not one of {', '.join(INCLUDABLE)}, all")
        if "all" in self.include:
            object.__setattr__(self, "include", frozenset(INCLUDABLE))


def wanted_recordings(known: Sequence[Recording], project_id: str, selection: Selection) -> list[Recording]:
    """Return those recordings that are wanted, each once; a name that several bear means all of them.

    Raises
    ------
    NotFoundError
        A recording that is named does not exist.
    """
    by_id = {item.id: item for item in known}
    for wanted in selection.transcripts:
        if wanted not in by_id:
            raise NotFoundError("recording", wanted, hint=f"in project {project_id}")
    if selection.recordings is None:
        return list(known)
    chosen: dict[str, Recording] = {}
    for wanted in selection.recordings:
        found = [by_id[wanted]] if wanted in by_id else [item for item in known if item.name == wanted]
        if not found:
            raise NotFoundError("recording", wanted, hint=f"in project {project_id}")
        chosen |= {item.id: item for item in found}
    return list(chosen.values())


def chosen_transcript(
    workspace: Workspace, recording: Recording, named: Mapping[str, str]
) -> Transcript | None:
    """Return the transcript to export: the one that is named, else the one that is shown, if any is.

    Raises
    ------
    NotFoundError
        The recording has no transcript of the id that is named.
    """
    found = workspace.store.transcripts(recording.project_id, recording.id)
    if recording.id in named:
        for transcript in found:
            if transcript.id == named[recording.id]:
                return transcript
        raise NotFoundError("transcript", named[recording.id], hint=f"of recording {recording.id}")
    # One that is being prepared for the first time may have one already, of which the length is not known.
    is_done = recording.state == "ready" or any(item.author.startswith("user:") for item in found)
    return max(found, key=precedence) if found and is_done else None


def exclusion(segment: Segment, writer: Format, include: Collection[str] = ()) -> str | None:
    """Return why a segment stays out of an export, or None if it goes in.

    Where a format ``needs_text``, what nobody has transcribed stays out whatever is included, and so does a
    point in time.
    """
    waivable = _waivable(segment, writer, include)
    return waivable[0] if waivable else _hindrance(segment, writer)


def lacking(segment: Segment, writer: Format, include: Collection[str] = ()) -> frozenset[str]:
    """Return what would have to be included as well for a segment to go in; empty if nothing would help."""
    if _hindrance(segment, writer):
        return frozenset()
    return frozenset(_waivable(segment, writer, include))


def remedy(lacks: Mapping[frozenset[str], int]) -> tuple[str, ...]:
    """Return what to include where nothing goes out, in the order of ``INCLUDABLE``: what frees the most.

    ``lacks`` counts the segments that stay out by what they lack.
    """
    helpful = {names: count for names, count in lacks.items() if names}
    if not helpful:
        return ()
    best = max(helpful, key=lambda names: (helpful[names], -len(names), sorted(names)))
    return tuple(name for name in INCLUDABLE if name in best)


def _waivable(segment: Segment, writer: Format, include: Collection[str]) -> list[str]:
    """List the reasons against a segment that nobody has waived."""
    if writer.takes == "everything":
        return []
    reasons = (
        ("not_speech", segment.kind != "speech"),
        (segment.status, segment.status != "done"),
        ("invalid", not segment.is_valid),
        ("no_text", writer.takes == "training" and not (segment.text or "").strip()),
    )
    return [name for name, holds in reasons if holds and name not in include and name not in writer.includes]


def _hindrance(segment: Segment, writer: Format) -> str | None:
    """Tell why a format cannot write a segment, whatever is asked."""
    if writer.takes == "everything" or not writer.needs_text:
        return None
    if segment.text is None:
        return "no_text"
    return "not_speech" if segment.start_us == segment.end_us else None
