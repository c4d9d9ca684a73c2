"""Export: choose what goes out, say what stays in and why, cut audio where a format needs it, write.

Formats for training take by default what is done, valid and has text; the rest is listed by reason and is
taken only when told (``include``).  A line never points at a file with several channels: for those,
one-channel audio is written beside the manifest.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from speechlabel import formats
from speechlabel.audio.clip import write_channel
from speechlabel.errors import ExportError, InputError, NotFoundError
from speechlabel.formats import Bundle, Export, Format, Labelled, Loss, Report
from speechlabel.records import Project, Recording, Segment, Speaker, Transcript
from speechlabel.store.workspace import Workspace
from speechlabel.version import __version__
from speechlabel.workflow.ingest import check_unchanged
from speechlabel.workflow.label import shown_transcript
from speechlabel.workflow.prepare import playable_path, proxy_path

__all__ = ["INCLUDABLE", "ExportReport", "Plan", "Preview", "Selection", "export", "plan", "preview"]

INCLUDABLE = ("machine", "draft", "unsure", "invalid", "no_text", "not_speech")
PREVIEW_SEGMENTS = 40


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
    """

    include: frozenset[str] = frozenset()
    recordings: tuple[str, ...] | None = None
    transcripts: Mapping[str, str] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]

    def __post_init__(self) -> None:
        if unknown := self.include - set(INCLUDABLE) - {"all"}:
            raise InputError(f"include {sorted(unknown)[0]!r} is not one of {', '.join(INCLUDABLE)}, all")
        if "all" in self.include:
            object.__setattr__(self, "include", frozenset(INCLUDABLE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an export would hold, read from the store at one moment."""

    project: Project
    bundle: Bundle
    n_in: int
    in_us: int
    excluded: dict[str, int]  # reason → number of segments
    excluded_ids: dict[str, str]  # segment id → reason
    not_prepared: tuple[str, ...]  # names of recordings without a transcript
    snapshot: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The first lines of each text file that an export would write."""

    plan: Plan
    files: dict[str, list[str]]
    losses: tuple[Loss, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport:
    """What was written, and what was not and why."""

    report: Report
    plan: Plan


def exclusion(segment: Segment, takes: Literal["training", "speech", "everything"]) -> str | None:
    """Return why a segment stays out of formats of that kind by default, or None if it goes in."""
    if takes == "everything":
        return None
    if segment.kind != "speech":
        return "not_speech"
    if segment.status != "done":
        return segment.status
    if not segment.is_valid:
        return "invalid"
    return "no_text" if takes == "training" and not (segment.text or "").strip() else None


def plan(workspace: Workspace, project_id: str, format: str, selection: Selection | None = None) -> Plan:
    """Choose what goes out.

    Raises
    ------
    NotFoundError
        A recording or transcript that is named does not exist.
    UnknownNameError
        There is no such format.
    """
    selection = selection or Selection()
    project = workspace.store.project(project_id)
    takes = formats.get(format).takes
    recordings, not_prepared = _recordings(workspace, project_id, selection)
    segments: dict[str, list[Segment]] = {}
    speakers: dict[str, tuple[Speaker, ...]] = {}
    labelled: dict[str, tuple[Labelled, ...]] = {}
    facts: dict[str, Any] = {}
    out: dict[str, str] = {}
    for recording in recordings:
        named = selection.transcripts.get(recording.id)
        chosen = (
            workspace.store.transcript(named)
            if named
            else shown_transcript(workspace, project_id, recording.id)
        )
        reading = workspace.store.read(chosen.id)
        reasons = {item.id: exclusion(item, takes) for item in reading.segments}
        left_out = {id: why for id, why in reasons.items() if why and why not in selection.include}
        out |= left_out
        segments[recording.id] = [item for item in reading.segments if item.id not in left_out]
        speakers[recording.id] = tuple(reading.speakers)
        labelled[recording.id] = labelled_spans(reading.segments, left_out, recording)
        facts[recording.id] = _transcript_facts(reading.transcript)
    going = [item for items in segments.values() for item in items]
    return Plan(
        project=project,
        bundle=Bundle(
            recordings=tuple(recordings),
            segments=segments,
            speakers=speakers,
            labelled=labelled,
            guideline=project.guideline,
        ),
        n_in=len(going),
        in_us=sum(item.duration_us for item in going),
        excluded=dict(sorted(Counter(out.values()).items())),
        excluded_ids=out,
        not_prepared=not_prepared,
        snapshot={
            "tool": "speechlabel",
            "tool_version": __version__,
            "project": project.id,
            "include": sorted(selection.include),
            "transcripts": dict(sorted(facts.items())),
            "excluded": dict(sorted(Counter(out.values()).items())),
        },
    )


def _recordings(
    workspace: Workspace, project_id: str, selection: Selection
) -> tuple[list[Recording], tuple[str, ...]]:
    """Return the recordings to export, and the names of those that nobody has prepared."""
    known = workspace.store.recordings(project_id)
    if selection.recordings is not None:
        by_name = {name: item for item in known for name in (item.name, item.id)}
        for wanted in selection.recordings:
            if wanted not in by_name:
                raise NotFoundError("recording", wanted, hint=f"in project {project_id}")
        known = list({by_name[wanted].id: by_name[wanted] for wanted in selection.recordings}.values())
    ready = [item for item in known if item.state == "ready"]
    return ready, tuple(item.name for item in known if item.state != "ready")


def _transcript_facts(transcript: Transcript) -> dict[str, Any]:
    return {"id": transcript.id, "author": transcript.author, "revision": transcript.revision}


def labelled_spans(
    segments: Sequence[Segment], left_out: Iterable[str], recording: Recording
) -> tuple[Labelled, ...]:
    """Return the stretches that somebody has labelled, so that the rest is not taken for silence.

    A segment that goes out is labelled; so is the pause between two neighbours that both go out, and the
    head and tail of a recording whose first and last segment do.  Channel by channel.
    """
    missing = set(left_out)
    channels = sorted({item.channel for item in segments}, key=lambda item: -1 if item is None else item)
    spans: list[Labelled] = []
    for channel in channels or [None]:
        mine = [item for item in segments if item.channel == channel]
        holes: list[tuple[int, int]] = []
        before = 0  # where the segments so far end
        for index, item in enumerate(mine):
            if item.id in missing:
                # Up to both neighbours: nobody has said that the pauses beside it are pauses.
                after = mine[index + 1].start_us if index + 1 < len(mine) else recording.duration_us
                holes.append((min(before, item.start_us), max(after, item.end_us)))
            before = max(before, item.end_us)
        spans += [Labelled(channel, *span) for span in _without(recording.duration_us, holes)]
    return tuple(spans)


def _without(duration_us: int, holes: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    at = 0
    for start, end in sorted(holes):
        if start > at:
            spans.append((at, start))
        at = max(at, end)
    if at < duration_us:
        spans.append((at, duration_us))
    return spans


def export(
    workspace: Workspace,
    project_id: str,
    format: str,
    out: Path,
    *,
    selection: Selection | None = None,
    overwrite: bool = False,
    **options: Any,  # noqa: ANN401 - options of the format
) -> ExportReport:
    """Write an export as the folder ``out``; it appears whole or not at all.

    Raises
    ------
    ExportError
        No segment goes out (the message says why each stays in), or the target cannot be written.
    ChangedError
        The audio of a recording is not the file that was taken in.
    """
    chosen = plan(workspace, project_id, format, selection)
    if chosen.n_in == 0:
        raise ExportError(f"no segment would be exported from {chosen.project.name!r}: {_why(chosen)}")
    writer = formats.get(format, **options)
    source = Export(
        bundle=chosen.bundle, make_audio=_audio_maker(workspace, writer, write=True), snapshot=chosen.snapshot
    )
    report = formats.dump(source, out, format, overwrite=overwrite, **options)
    return ExportReport(report=report, plan=chosen)


def _why(chosen: Plan) -> str:
    reasons = [f"{count} {reason}" for reason, count in chosen.excluded.items()]
    if chosen.not_prepared:
        reasons.append(f"{len(chosen.not_prepared)} recordings not prepared")
    return ", ".join(reasons) or "there are no segments"


def preview(
    workspace: Workspace, project_id: str, format: str, *, selection: Selection | None = None
) -> Preview:
    """Show the first lines that an export would write, without cutting any audio."""
    chosen = plan(workspace, project_id, format, selection)
    if chosen.n_in == 0:
        return Preview(plan=chosen, files={}, losses=(), warnings=())
    writer = formats.get(format)
    source = Export(
        bundle=_head(chosen.bundle),
        make_audio=_audio_maker(workspace, writer, write=False),
        snapshot=chosen.snapshot,
    )
    with TemporaryDirectory(prefix="speechlabel-") as folder:
        target = Path(folder, "export")
        report = formats.dump(source, target, format)
        files = {name: _first_lines(target / name) for name in report.files}
    return Preview(
        plan=chosen,
        files=files,
        losses=formats.losses(chosen.bundle, format),
        warnings=report.warnings,
    )


def _head(bundle: Bundle) -> Bundle:
    """Return the bundle with its first segments only."""
    room = PREVIEW_SEGMENTS
    recordings: list[Recording] = []
    segments: dict[str, list[Segment]] = {}
    for recording, items in bundle.stream():
        if items and room > 0:
            recordings.append(recording)
            segments[recording.id] = items[:room]
            room -= len(items)
    kept = {item.id for item in recordings}
    return dataclasses.replace(
        bundle,
        recordings=tuple(recordings),
        segments=segments,
        speakers={id: items for id, items in bundle.speakers.items() if id in kept},
        labelled={id: items for id, items in bundle.labelled.items() if id in kept},
    )


def _first_lines(path: Path, limit: int = PREVIEW_SEGMENTS) -> list[str]:
    with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
        return [line.rstrip("\n") for _, line in zip(range(limit), file, strict=False)]


def _audio_maker(
    workspace: Workspace, writer: Format, *, write: bool
) -> Callable[[Recording, int | None, Path], Path]:
    """Return the callback that gives a format its one-channel files."""

    def make(recording: Recording, channel: int | None, folder: Path) -> Path:
        has_copy = proxy_path(workspace, recording).exists()
        if recording.channels == 1 and not has_copy and _fits(recording, writer):
            return check_unchanged(recording)
        part = "" if recording.channels == 1 else "-mix" if channel is None else f"-ch{channel}"
        target = folder / f"{recording.id}{part}.{writer.audio.lower()}"
        if write:
            folder.mkdir(parents=True, exist_ok=True)
            wanted = channel if recording.channels > 1 else None
            write_channel(playable_path(workspace, recording), target, wanted, format=writer.audio)
        return target

    return make


def _fits(recording: Recording, writer: Format) -> bool:
    """Tell whether a format's readers open the recording's own container."""
    container = recording.container.lower()
    return container == "wav" if writer.audio == "WAV" else container in ("wav", "flac", "ogg")
