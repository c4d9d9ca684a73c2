"""Export: choose what goes out, say what stays in and why, cut audio where a format needs it, write.

Formats for training take by default what is done, valid and has text; the rest is listed by reason and is
taken only when told (``include``).  A line never points at a file with several channels: for those,
one-channel audio is written beside the manifest.
"""

from __future__ import annotations

import contextlib
import dataclasses
import glob
import re
import shutil
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from speechlabel import formats, registry
from speechlabel.audio.base import fits_flac
from speechlabel.audio.clip import write_channel
from speechlabel.errors import ExportError, InputError, NotFoundError
from speechlabel.formats import Bundle, Export, Format, Labelled, Loss, Report
from speechlabel.records import Project, Recording, Segment, Speaker, Transcript
from speechlabel.store.workspace import Workspace
from speechlabel.version import __version__
from speechlabel.workflow.ingest import check_unchanged, refuse_changed
from speechlabel.workflow.label import precedence
from speechlabel.workflow.labelled import labelled_spans
from speechlabel.workflow.prepare import playable_path, proxy_path
from speechlabel.workflow.projects import unique_id

__all__ = ["INCLUDABLE", "ExportReport", "Plan", "Preview", "Selection", "export", "plan", "preview"]

INCLUDABLE = ("machine", "draft", "unsure", "invalid", "no_text", "not_speech")
PREVIEW_SEGMENTS = 40
STALE_S = 3_600  # nobody writes to a part that was not touched for so long


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
    with_audio
        Copy one-channel originals beside the manifest too, so that the export can go to another machine;
        else it points at where they lie.
    """

    include: frozenset[str] = frozenset()
    recordings: tuple[str, ...] | None = None
    transcripts: Mapping[str, str] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    with_audio: bool = False

    def __post_init__(self) -> None:
        if unknown := self.include - set(INCLUDABLE) - {"all"}:
            raise InputError(f"include {sorted(unknown)[0]!r} is not one of {', '.join(INCLUDABLE)}, all")
        if "all" in self.include:
            object.__setattr__(self, "include", frozenset(INCLUDABLE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an export would hold: each transcript as it was at one moment."""

    project: Project
    bundle: Bundle
    n_in: int
    in_us: int
    excluded: dict[str, int]  # reason → number of segments
    excluded_ids: dict[tuple[str, str], str]  # (recording id, segment id) → reason
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


def exclusion(segment: Segment, writer: Format, include: Collection[str] = ()) -> str | None:
    """Return why a segment stays out of an export, or None if it goes in.

    Where a format ``needs_text``, what nobody has transcribed stays out whatever is included, and so does a
    point in time.
    """
    if writer.takes == "everything":
        return None
    reasons = (
        ("not_speech", segment.kind != "speech"),
        (segment.status, segment.status != "done"),
        ("invalid", not segment.is_valid),
        ("no_text", writer.takes == "training" and not (segment.text or "").strip()),
    )
    found = next((name for name, holds in reasons if holds and name not in include), None)
    if found is None and writer.needs_text and segment.text is None:
        return "no_text"
    if found is None and writer.needs_text and segment.start_us == segment.end_us:
        return "not_speech"
    return found


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
    writer = formats.get(format)
    recordings: list[Recording] = []
    not_prepared: list[str] = []
    segments: dict[str, list[Segment]] = {}
    speakers: dict[str, tuple[Speaker, ...]] = {}
    labelled: dict[str, tuple[Labelled, ...]] = {}
    facts: dict[str, Any] = {}
    out: dict[tuple[str, str], str] = {}
    for recording in _recordings(workspace, project_id, selection):
        transcript = _transcript(workspace, recording, selection.transcripts)
        if transcript is None:
            not_prepared.append(recording.name)
            continue
        reading = workspace.store.read(transcript.id)
        reasons = {item.id: exclusion(item, writer, selection.include) for item in reading.segments}
        left_out = {id: why for id, why in reasons.items() if why}
        out |= {(recording.id, id): why for id, why in left_out.items()}
        recordings.append(recording)
        segments[recording.id] = [item for item in reading.segments if item.id not in left_out]
        speakers[recording.id] = tuple(reading.speakers)
        labelled[recording.id] = labelled_spans(
            reading.segments, left_out, recording, by_person=not transcript.author.startswith("vad:")
        )
        facts[recording.id] = _transcript_facts(reading.transcript)
    going = [item for items in segments.values() for item in items]
    reasons_why = dict(sorted(Counter(out.values()).items()))
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
        excluded=reasons_why,
        excluded_ids=out,
        not_prepared=tuple(not_prepared),
        snapshot={
            "tool": "speechlabel",
            "tool_version": __version__,
            "project": project.id,
            "include": sorted(selection.include),
            "transcripts": dict(sorted(facts.items())),
            "excluded": reasons_why,
        },
    )


def _recordings(workspace: Workspace, project_id: str, selection: Selection) -> list[Recording]:
    """Return the recordings that are wanted, each once; a name that several bear means all of them."""
    known = workspace.store.recordings(project_id)
    by_id = {item.id: item for item in known}
    for wanted in selection.transcripts:
        if wanted not in by_id:
            raise NotFoundError("recording", wanted, hint=f"in project {project_id}")
    if selection.recordings is None:
        return known
    chosen: dict[str, Recording] = {}
    for wanted in selection.recordings:
        found = [by_id[wanted]] if wanted in by_id else [item for item in known if item.name == wanted]
        if not found:
            raise NotFoundError("recording", wanted, hint=f"in project {project_id}")
        chosen |= {item.id: item for item in found}
    return list(chosen.values())


def _transcript(workspace: Workspace, recording: Recording, named: Mapping[str, str]) -> Transcript | None:
    """Return the transcript to export: the one that is named, else the one that is shown, if any is."""
    found = workspace.store.transcripts(recording.project_id, recording.id)
    if recording.id in named:
        for transcript in found:
            if transcript.id == named[recording.id]:
                return transcript
        raise NotFoundError("transcript", named[recording.id], hint=f"of recording {recording.id}")
    # One that is being prepared for the first time may have one already, of which the length is not known.
    is_done = recording.state == "ready" or any(item.author.startswith("user:") for item in found)
    return max(found, key=precedence) if found and is_done else None


def _transcript_facts(transcript: Transcript) -> dict[str, Any]:
    return {"id": transcript.id, "author": transcript.author, "revision": transcript.revision}


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
        No segment goes out (the message says why each stays in), the target cannot be written, or what
        would be overwritten holds the workspace or a recording of it.
    ChangedError
        The audio of a recording is not the file that was taken in.
    """
    selection = selection or Selection()
    chosen = plan(workspace, project_id, format, selection)
    if chosen.n_in == 0:
        raise ExportError(f"no segment would be exported from {chosen.project.name!r}: {_why(chosen)}")
    gone = [item.name for item in chosen.bundle.recordings if not refuse_changed(item)]
    if overwrite:
        _keep_sources(workspace, out)
    writer = _writer(format, selection, options)
    source = Export(
        bundle=chosen.bundle,
        make_audio=_audio_maker(workspace, writer, write=True, with_audio=selection.with_audio),
        snapshot=chosen.snapshot,
    )
    _sweep(out)
    report = formats.dump_as(writer, source, out, overwrite=overwrite)
    if gone:
        warning = f"the audio of {len(gone)} recordings is not where it was taken in: {', '.join(gone[:3])}"
        report = dataclasses.replace(report, warnings=(*report.warnings, warning + " …" * (len(gone) > 3)))
    return ExportReport(report=report, plan=chosen)


def _keep_sources(workspace: Workspace, out: Path) -> None:
    """Refuse to put an export in the place of a folder that holds the workspace or a recording of it."""
    place = out.resolve()
    if workspace.root.resolve().is_relative_to(place):
        raise ExportError(f"{str(out)!r} holds the workspace, which would be deleted; give another folder")
    for project in workspace.store.projects():
        for recording in workspace.store.recordings(project.id):
            if Path(recording.path).resolve().is_relative_to(place):
                why = f"holds the recording {recording.name!r}, which would be deleted; give another folder"
                raise ExportError(f"{str(out)!r} {why}")


def _sweep(out: Path) -> None:
    """Remove what an export to the same place left there when it was killed: it may be gigabytes."""
    for part in out.parent.glob(f".{glob.escape(out.name)}.*.part"):
        with contextlib.suppress(OSError):
            newest = max(path.stat().st_mtime for path in (part, *part.rglob("*")))
            if re.fullmatch(r".*\.[0-9a-f]{8}\.part", part.name) and time.time() - newest > STALE_S:
                shutil.rmtree(part, ignore_errors=True)


def _writer(format: str, selection: Selection, options: Mapping[str, Any]) -> Format:
    """Make the format; one that by itself leaves out what is not speech takes it if that is asked for."""
    wants_all = "not_speech" in selection.include
    kind = registry.load("format", format)
    known = {item.name for item in dataclasses.fields(kind)} if dataclasses.is_dataclass(kind) else set[str]()
    if wants_all and "all_kinds" in known:
        options = {"all_kinds": True} | dict(options)
    if selection.with_audio and "paths" in known:
        options = {"paths": "relative"} | dict(options)
    return formats.get(format, **options)


def _why(chosen: Plan) -> str:
    reasons = [f"{count} {reason}" for reason, count in chosen.excluded.items()]
    if chosen.not_prepared:
        reasons.append(f"{len(chosen.not_prepared)} recordings not prepared")
    return ", ".join(reasons) or "there are no segments"


def preview(
    workspace: Workspace,
    project_id: str,
    format: str,
    *,
    selection: Selection | None = None,
    out: Path | None = None,
    **options: Any,  # noqa: ANN401 - options of the format
) -> Preview:
    """Show the first lines that an export would write, without cutting any audio.

    ``out`` is where the export would lie: the paths in it may depend on that.
    """
    selection = selection or Selection()
    chosen = plan(workspace, project_id, format, selection)
    if chosen.n_in == 0:
        return Preview(plan=chosen, files={}, losses=(), warnings=())
    writer = _writer(format, selection, options)
    source = Export(
        bundle=chosen.bundle,
        make_audio=_audio_maker(workspace, writer, write=False, with_audio=selection.with_audio),
        snapshot=chosen.snapshot,
        target=out or workspace.root / "exports" / "preview" / f"{project_id}-{format}",
    )
    try:
        with TemporaryDirectory(prefix="speechlabel-") as name:
            folder = Path(name)
            # The whole of it: formats that sort cannot tell their first lines before they know all.
            written = writer.write(source, folder)
            files = {
                path.relative_to(folder).as_posix(): _first_lines(path)
                for path in sorted(folder.rglob("*"))
                if path.is_file()
            }
    except OSError as error:
        raise ExportError(f"the preview cannot be written: {error.strerror or error}") from error
    losses = (*formats.losses(chosen.bundle, format, **options), *written.losses)
    return Preview(plan=chosen, files=files, losses=losses, warnings=written.warnings)


def _first_lines(path: Path, limit: int = PREVIEW_SEGMENTS) -> list[str]:
    with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
        return [line.rstrip("\n") for _, line in zip(range(limit), file, strict=False)]


def _audio_maker(
    workspace: Workspace, writer: Format, *, write: bool, with_audio: bool
) -> Callable[[Recording, int | None, Path], Path]:
    """Return the callback that gives a format its one-channel files; it is asked once for each."""
    taken: set[str] = set()

    def place(folder: Path, stem: str, suffix: str) -> Path:
        """Return where a file goes; two are told apart also where case does not count."""
        stem = unique_id(stem, lambda wanted: f"{wanted}{suffix}".casefold() in taken)
        taken.add(f"{stem}{suffix}".casefold())
        if write:
            folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{stem}{suffix}"

    def make(recording: Recording, channel: int | None, folder: Path) -> Path:
        has_copy = proxy_path(workspace, recording).exists()
        if recording.channels == 1 and not has_copy and _fits(recording, writer):
            source = check_unchanged(recording)
            if not with_audio:
                return source
            target = place(folder, recording.id, source.suffix.lower())
            if write:  # byte for byte, so that the export can be moved
                shutil.copyfile(source, target)
            return target
        part = "" if recording.channels == 1 else "-mix" if channel is None else f"-ch{channel}"
        kind = writer.audio if fits_flac(recording.sample_rate, 1) else "WAV"
        target = place(folder, f"{recording.id}{part}", f".{kind.lower()}")
        if write:
            wanted = channel if recording.channels > 1 else None
            write_channel(playable_path(workspace, recording), target, wanted, format=kind)
        return target

    return make


def _fits(recording: Recording, writer: Format) -> bool:
    """Tell whether a format's readers open the recording's own container."""
    container = recording.container.lower()
    return container == "wav" if writer.audio == "WAV" else container in ("wav", "flac", "ogg")
