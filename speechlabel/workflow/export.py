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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from speechlabel import formats, registry
from speechlabel.errors import ExportError
from speechlabel.formats import Bundle, Export, Format, Loss, Report
from speechlabel.formats.losses import ExpectedLosses
from speechlabel.formats.output import staged_folder
from speechlabel.records import Recording
from speechlabel.store.workspace import Workspace
from speechlabel.workflow.annotations import source_of
from speechlabel.workflow.delivery import Delivery
from speechlabel.workflow.export_audio import AudioFiles
from speechlabel.workflow.ingest import refuse_changed
from speechlabel.workflow.outgoing import Spool, bundle_of, changed_bundle, part_of
from speechlabel.workflow.planning import PLAIN, Plan, Survey, nothing_goes_out, plan
from speechlabel.workflow.selection import (
    INCLUDABLE,
    Selection,
)
from speechlabel.workflow.showing import first_lines
from speechlabel.workflow.sources import settled
from speechlabel.workflow.splits import Split, unit_of
from speechlabel.workflow.wording import Wording

__all__ = [
    "INCLUDABLE",
    "ExportReport",
    "Plan",
    "Preview",
    "Selection",
    "export",
    "keep_sources",
    "plan",
    "preview",
]

PREVIEW_SEGMENTS = 40
STALE_S = 3_600  # nobody writes to a part that was not touched for so long


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The first lines of each text file that an export would write.

    They are those of the first recordings, by id, that have enough segments.  ``recordings`` is how many
    those are; where more go out, what a format says while it writes (a part of ``losses``, and ``warnings``)
    is of these alone, and what sums up the whole (``snapshot.json``) is not shown.
    """

    plan: Plan
    files: dict[str, list[str]]
    losses: tuple[Loss, ...]
    warnings: tuple[str, ...]
    recordings: int

    @property
    def is_whole(self) -> bool:
        """Whether the lines are taken from all that goes out."""
        return self.recordings == len(self.plan.bundle.recordings)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport:
    """What was written, and what was not and why."""

    report: Report
    plan: Plan


def export(  # noqa: PLR0913 - what, where to, how
    workspace: Workspace,
    project_id: str,
    format: str,
    out: Path,
    *,
    selection: Selection | None = None,
    delivery: Delivery = PLAIN,
    overwrite: bool = False,
    target: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    **options: Any,  # noqa: ANN401 - options of the format
) -> ExportReport:
    """Write an export as the folder ``out``; it appears whole or not at all.

    Parameters
    ----------
    target
        Where ``out`` will lie in the end, where that is a part of something larger.
    progress
        Called with (segments cut out, segments in all) where audio is cut.

    Raises
    ------
    ExportError
        No segment goes out (the message says why each stays in), the target cannot be written, or what
        would be overwritten holds the workspace or a recording of it.
    ChangedError
        The audio of a recording is not the file that was taken in.
    """
    selection = settled(workspace, project_id, selection)
    writer = _writer(format, selection, options)
    with Spool() as spool:
        survey = Survey(
            workspace,
            project_id,
            writer,
            selection,
            delivery=delivery,
            keep=lambda item, part: spool.put(item.id, part),
        )
        chosen = survey.run()
        if chosen.n_in == 0:
            raise nothing_goes_out(chosen)
        recordings = chosen.bundle.recordings
        gone = [item.name for item in recordings if not refuse_changed(item)]
        if overwrite:
            keep_sources(workspace, out)
        _sweep(out)
        bundle = bundle_of(chosen.project, recordings, spool.get)
        writer = survey.writer
        audio = _Audio(workspace, writer, selection, delivery, survey.wording, progress, chosen.n_in)
        source = audio.source(bundle, chosen.snapshot)
        if delivery.merge_back:
            source = dataclasses.replace(source, originals=_originals(workspace, chosen, writer))
        if delivery.split is None:
            report = formats.dump_as(writer, source, out, overwrite=overwrite, target=target)
        else:
            report = _dump_parts(writer, source, bundle, out, delivery.split, audio, overwrite=overwrite)
    report = dataclasses.replace(report, losses=(*report.losses, *chosen.taken))
    if gone:
        warning = f"the audio of {len(gone)} recordings is not where it was taken in: {', '.join(gone[:3])}"
        report = dataclasses.replace(report, warnings=(*report.warnings, warning + " …" * (len(gone) > 3)))
    return ExportReport(report=report, plan=chosen)


def _originals(workspace: Workspace, chosen: Plan, writer: Format) -> dict[str, Path]:
    """Give the files of this format that the transcripts which go out were once imported from.

    Raises
    ------
    ExportError
        None of them was.
    """
    found: dict[str, Path] = {}
    for recording in chosen.bundle.recordings:
        transcript = workspace.store.transcript(chosen.snapshot["transcripts"][recording.id]["id"])
        source = source_of(workspace, recording, transcript)
        if source is not None and source[0] == writer.name:
            found[recording.id] = source[1]
    if not found:
        raise ExportError(
            f"none of these recordings was imported from {writer.title}: no file to write back into; "
            "export without merging back"
        )
    return found


@dataclass(frozen=True, slots=True)
class _Audio:
    """Gives a bundle its audio."""

    workspace: Workspace
    writer: Format
    selection: Selection
    delivery: Delivery
    wording: Wording
    progress: Callable[[int, int], None] | None = None
    total: int = 0
    write: bool = True

    def source(self, bundle: Bundle, snapshot: Mapping[str, Any]) -> Export:
        """Return the bundle on its way out, worded for the format; its files of audio are its own."""
        progress, total = self.progress, self.total
        files = AudioFiles(
            self.workspace,
            self.writer,
            write=self.write,
            with_audio=self.selection.with_audio,
            options=self.delivery.audio,
            progress=None if progress is None else lambda done: progress(done, total),
        )
        return Export(
            bundle=changed_bundle(bundle, self.wording.changed) if self.wording else bundle,
            make_audio=files.channel,
            copy_recording=files.original if self.selection.with_audio else None,
            cut_clips=files.clips.cut,
            is_cut=self.delivery.audio.cut,
            audio_root=self.delivery.audio_root,
            snapshot=snapshot,
        )


def _dump_parts(  # noqa: PLR0913 - what, where to, how
    writer: Format,
    source: Export,
    bundle: Bundle,
    out: Path,
    split: Split,
    audio: _Audio,
    *,
    overwrite: bool,
) -> Report:
    """Write a folder for each part of a split, all or none.

    Raises
    ------
    ExportError
        Somebody came since the split was made, or a part is empty.
    """
    new = {
        unit_of(recording.id, speaker, split.spec.by)
        for recording, segments in bundle.stream()
        for segment in segments
        for speaker in [bundle.speakers_of(recording.id).get(segment.speaker or "")]
        if split.of(recording.id, speaker) is None
    }
    if new:
        names = ", ".join(sorted(new)[:3]) + " …" * (len(new) > 3)
        raise ExportError(
            f"{len(new)} of what goes out came since the split {split.name!r} was made ({names}); split again"
        )
    reports: list[Report] = []
    with staged_folder(out, overwrite=overwrite) as folder:
        for name in split.spec.shares:
            part = part_of(bundle, lambda item, _, who, name=name: split.of(item.id, who) == name)
            if not part.recordings:
                raise ExportError(f"{name} of the split {split.name!r} is empty; split again")
            facts = {**source.snapshot, "split": {"name": split.name, "part": name, "seed": split.spec.seed}}
            export = dataclasses.replace(audio.source(part, facts), originals=source.originals)
            reports.append(formats.dump_as(writer, export, folder / name, target=out / name))
    losses: dict[tuple[str, str], Loss] = {}
    for loss in (loss for report in reports for loss in report.losses):
        known = losses.get((loss.field, loss.reason))
        losses[loss.field, loss.reason] = (
            dataclasses.replace(known, count=known.count + loss.count) if known else loss
        )
    return dataclasses.replace(
        reports[0],
        path=out,
        recordings=len(bundle.recordings),
        segments=sum(report.segments for report in reports),
        files=tuple(sorted(f"{report.path.name}/{name}" for report in reports for name in report.files)),
        losses=tuple(losses.values()),
        warnings=tuple(dict.fromkeys(note for report in reports for note in report.warnings)),
    )


def keep_sources(workspace: Workspace, out: Path) -> None:
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


def preview(
    workspace: Workspace,
    project_id: str,
    format: str,
    *,
    selection: Selection | None = None,
    delivery: Delivery = PLAIN,
    out: Path | None = None,
    **options: Any,  # noqa: ANN401 - options of the format
) -> Preview:
    """Show the first lines that an export would write, without cutting any audio.

    ``out`` is where the export would lie: the paths in it may depend on that.
    """
    selection = settled(workspace, project_id, selection)
    writer = _writer(format, selection, options)
    survey = Survey(
        workspace,
        project_id,
        writer,
        selection,
        delivery=delivery,
        keep=lambda item, part: expected.add(
            item, *survey.wording.changed(part.segments, part.speakers), part.labelled
        ),
    )
    expected, writer = ExpectedLosses(survey.writer), survey.writer
    chosen = survey.run()
    if chosen.n_in == 0:
        return Preview(plan=chosen, files={}, losses=(), warnings=(), recordings=0)
    shown = _first_recordings(chosen.bundle.recordings, survey.n_in)
    target = out or workspace.root / "exports" / "preview" / f"{project_id}-{format}"
    audio = _Audio(workspace, writer, selection, delivery, survey.wording, write=False)
    source = dataclasses.replace(
        audio.source(survey.bundle(shown), chosen.snapshot),
        target=target,
        is_part=len(shown) < len(chosen.bundle.recordings),
    )
    try:
        with TemporaryDirectory(prefix="speechlabel-") as name:
            folder = Path(name)
            # All of these: formats that sort cannot tell their first lines before they know the last.
            written = writer.write(source, folder)
            files = {
                path.relative_to(folder).as_posix(): first_lines(path, PREVIEW_SEGMENTS)
                for path in sorted(folder.rglob("*"))
                if path.is_file()
            }
    except OSError as error:
        raise ExportError(f"the preview cannot be written: {error.strerror or error}") from error
    losses = (*expected.losses(chosen.bundle.guideline), *written.losses, *chosen.taken)
    return Preview(plan=chosen, files=files, losses=losses, warnings=written.warnings, recordings=len(shown))


def _first_recordings(recordings: Sequence[Recording], n_in: Mapping[str, int]) -> list[Recording]:
    """Return the recordings that an export begins with, up to the one that has the last line to be shown."""
    shown: list[Recording] = []
    missing = PREVIEW_SEGMENTS
    for recording in sorted(recordings, key=lambda item: item.id):
        if missing <= 0:
            break
        shown.append(recording)
        missing -= n_in[recording.id]
    return shown
