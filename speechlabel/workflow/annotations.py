"""Annotations that other programs made: recognised, matched to their audio, shown, and taken in.

``survey`` reads and changes nothing; ``take_in`` makes a transcript ``import:<format>`` of each recording
whose audio was found.  What is there already, segment for segment, is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from speechlabel.errors import InputError, RecordError
from speechlabel.formats.gather import TO_THE_END_US
from speechlabel.records import Recording, Transcript
from speechlabel.store.workspace import Workspace
from speechlabel.timing import now
from speechlabel.workflow.documents import Document, find_documents
from speechlabel.workflow.fitting import fit, is_same, latest
from speechlabel.workflow.ingest import ingest, plain_reason
from speechlabel.workflow.matching import Match, Matcher
from speechlabel.workflow.options import ImportOptions
from speechlabel.workflow.tiers import Meaning, TierCount, count_tiers, parse_meaning

__all__ = [
    "ImportReport",
    "Item",
    "Outlook",
    "Survey",
    "bring_in",
    "foretell",
    "source_of",
    "survey",
    "take_in",
]

MOST_NOTES = 200
DETECT = ImportOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One recording that a document tells of."""

    document: Document
    recording: Recording  # as the document has it
    match: Match | None  # None: its audio was not found
    segments: int
    duration_us: int  # of all segments together
    speakers: tuple[str, ...]
    tiers: tuple[TierCount, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        match = self.match
        audio = None if match is None else match.recording.name if match.recording else str(match.path)
        return {
            "path": str(self.document.path),
            "format": self.document.format,
            "recording": self.recording.name,
            "audio": audio,
            "how": match.how if match else None,
            "segments": self.segments,
            "duration_us": self.duration_us,
            "speakers": list(self.speakers),
            "tiers": [tier._asdict() for tier in self.tiers],
        }


@dataclass(kw_only=True)
class Survey:
    """What was found among files: annotations with their audio, audio alone, and what could not be read."""

    items: list[Item] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    audio: list[Path] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    failed: list[tuple[Path, str]] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    notes: list[str] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    skipped: list[Path] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    claims: dict[Path, list[str]] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]

    @property
    def n_skipped(self) -> int:
        """How many files are neither audio nor an annotation."""
        return len(self.skipped)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON: ``{"items", "audio", "failed", "notes", "skipped"}``."""
        return {
            "items": [item.to_dict() for item in self.items],
            "audio": [str(path) for path in self.audio],
            "failed": [{"path": str(path), "reason": reason} for path, reason in self.failed],
            "notes": self.notes,
            "skipped": self.n_skipped,
        }


class Outlook(NamedTuple):
    """What taking in a recording's annotation would do."""

    notes: tuple[str, ...]  # what would be changed or lost
    is_same: bool  # nothing: it is there already


@dataclass(kw_only=True)
class ImportReport:
    """What became of each recording that documents tell of."""

    imported: list[dict[str, Any]] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    unchanged: list[dict[str, Any]] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    unmatched: list[dict[str, Any]] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    failed: list[tuple[Path, str]] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    added: list[Recording] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    notes: list[str] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON; ``added`` names the recordings that are new."""
        return {
            "imported": self.imported,
            "unchanged": self.unchanged,
            "unmatched": self.unmatched,
            "failed": [{"path": str(path), "reason": reason} for path, reason in self.failed],
            "added": [item.id for item in self.added],
            "notes": self.notes,
        }


def survey(
    workspace: Workspace,
    project_id: str,
    paths: Sequence[Path],
    *,
    options: ImportOptions = DETECT,
    audio: Iterable[Path] = (),
    may_open: Callable[[Path], bool] = lambda _: True,
) -> Survey:
    """Recognise annotations and match them to audio; nothing is changed.

    Parameters
    ----------
    paths : files, or folders that are walked whole
    options : of all annotations; their tiers are mapped by ``take_in``
    audio : where audio would lie among the annotations that was taken in apart from them; ``take_in`` and
        ``foretell`` are told which recordings these are
    may_open : whether a path that an annotation names may be looked at

    Raises
    ------
    NotFoundError, UnknownNameError, OptionError
        No such project, format or option.
    """
    known = workspace.store.recordings(workspace.store.project(project_id).id)
    files = find_documents(
        paths, format=options.format, options=options.values, beside=workspace.root, readings=options.readings
    )
    found = Survey(
        audio=files.audio,
        failed=files.failed,
        notes=list(files.notes),
        skipped=files.skipped,
        claims=files.claims,
    )
    matcher = Matcher(known, [*found.audio, *audio], may_open=may_open)
    for document in files.documents:
        bundle = document.bundle
        found.notes += [_told(document.path, note) for note in bundle.notes]
        for recording, segments in bundle.stream():
            if not segments:
                found.notes.append(_told(document.path, f"{recording.name}: no segments"))
                continue
            named = {path for (id, _), path in bundle.audio.items() if id == recording.id}
            speakers = bundle.speakers.get(recording.id, ())
            item = Item(
                document=document,
                recording=recording,
                match=matcher.find(recording, sorted(named), document.path),
                segments=len(segments),
                duration_us=sum(
                    segment.duration_us for segment in segments if segment.end_us != TO_THE_END_US
                ),
                speakers=tuple(speaker.name for speaker in speakers),
                tiers=tuple(count_tiers(segments, speakers)),
            )
            found.items.append(item)
    return found


def take_in(
    workspace: Workspace,
    project_id: str,
    found: Survey,
    *,
    tiers: Mapping[str, str] | None = None,
    audio: Mapping[Path, Recording] | None = None,
) -> ImportReport:
    """Make a transcript of each recording whose audio was found.

    Parameters
    ----------
    tiers : what tiers mean, see ``workflow.tiers``
    audio : files that were taken in meanwhile

    Raises
    ------
    InputError
        A tier is given a meaning that is none.
    WorkspaceError
        The workspace cannot be written; what was taken in so far stays.
    """
    meanings = {name: parse_meaning(text) for name, text in (tiers or {}).items()}
    report = ImportReport(failed=list(found.failed), notes=list(found.notes))
    for item in found.items:
        told = {"path": str(item.document.path), "format": item.document.format}
        if item.match is None:
            report.unmatched.append(told | {"recording": item.recording.name, "segments": item.segments})
            continue
        try:
            recording = _recording(workspace, project_id, item.match, report, audio or {})
            _take(workspace, recording, item, meanings, report, told)
        except (InputError, RecordError) as error:
            report.failed.append((item.document.path, f"{item.recording.name}: {plain_reason(error)}"))
    _tell_several(report)
    del report.notes[MOST_NOTES:]
    return report


def _tell_several(report: ImportReport) -> None:
    """Say of recordings with several annotations which of them is shown: the last one that came."""
    last: dict[str, dict[str, Any]] = {}
    several: set[str] = set()
    for told in report.imported:
        id = told["recording"]
        several |= {id} if id in last else set()
        last[id] = told
    report.notes += [
        f"{id}: of several annotations the {last[id]['format']} of {Path(last[id]['path']).name} is shown"
        for id in sorted(several)
    ]


def foretell(
    workspace: Workspace,
    found: Survey,
    *,
    tiers: Mapping[str, str] | None = None,
    audio: Mapping[Path, Recording] | None = None,
) -> list[Outlook]:
    """Tell of each item what ``take_in`` would do with it; nothing is changed.

    Parameters
    ----------
    tiers, audio : as of ``take_in``

    Raises
    ------
    InputError
        A tier is given a meaning that is none.
    """
    meanings = {name: parse_meaning(text) for name, text in (tiers or {}).items()}
    made: list[Outlook] = []
    for item in found.items:
        recording = item.match and (item.match.recording or (audio or {}).get(item.match.path or Path()))
        if recording is None:
            made.append(Outlook((), is_same=False))
            continue
        fitted = fit(item.document.bundle, item.recording.id, recording, meanings)
        before = latest(workspace, recording, f"import:{item.document.format}")
        notes = tuple(_told(item.document.path, note) for note in fitted.notes)
        made.append(Outlook(notes, before is not None and is_same(workspace, before, fitted)))
    return made


def bring_in(
    workspace: Workspace,
    project_id: str,
    paths: Sequence[Path],
    *,
    options: ImportOptions = DETECT,
    progress: Callable[[int, int], None] | None = None,
    may_open: Callable[[Path], bool] = lambda _: True,
) -> dict[str, Any]:
    """Take in all that lies at paths: recordings, then annotations of them.

    Returns
    -------
    dict
        What ``IngestReport.to_dict`` and ``ImportReport.to_dict`` tell, in one.

    Raises
    ------
    NotFoundError, UnknownNameError, OptionError, InputError
        No such project, format, option or meaning of a tier.
    WorkspaceError
        The workspace cannot be written; what was taken in so far stays.
    """
    for text in options.tiers.values():
        parse_meaning(text)
    found = survey(workspace, project_id, paths, options=options, may_open=may_open)
    taken = ingest(workspace, project_id, found.audio, progress=progress)
    recordings = {Path(item.path): item for item in taken.added} | dict(taken.known)
    report = take_in(workspace, project_id, found, tiers=options.tiers, audio=recordings)
    told, imported = taken.to_dict(), report.to_dict()
    return (
        told
        | imported
        | {
            "added": told["added"] + imported["added"],
            "failed": told["failed"] + imported["failed"],
            "skipped": found.n_skipped,
        }
    )


def _recording(
    workspace: Workspace,
    project_id: str,
    match: Match,
    report: ImportReport,
    audio: Mapping[Path, Recording],
) -> Recording:
    if match.recording is not None:
        return match.recording
    assert match.path is not None
    if match.path in audio:
        return audio[match.path]
    taken = ingest(workspace, project_id, [match.path])
    if taken.failed:
        raise InputError(taken.failed[0][1])
    report.added += taken.added
    return taken.added[0] if taken.added else taken.known[0][1]


def _take(
    workspace: Workspace,
    recording: Recording,
    item: Item,
    tiers: Mapping[str, Meaning],
    report: ImportReport,
    told: dict[str, Any],
) -> None:
    document = item.document
    fitted = fit(document.bundle, item.recording.id, recording, tiers)
    report.notes += [_told(document.path, note) for note in fitted.notes]
    told |= {
        "recording": recording.id,
        "segments": len(fitted.segments),
        "speakers": len(fitted.speakers),
    }
    author = f"import:{document.format}"
    before = latest(workspace, recording, author)
    if before is not None and is_same(workspace, before, fitted):
        report.unchanged.append(told | {"transcript": before.id})
        return
    transcript = Transcript(
        project_id=recording.project_id,
        recording_id=recording.id,
        author=author,
        created_at=now(),
    )
    transcript = workspace.store.add_transcript(transcript, fitted.segments, fitted.speakers)
    _keep_source(workspace, recording, transcript, item)
    report.imported.append(told | {"transcript": transcript.id})


def _keep_source(workspace: Workspace, recording: Recording, transcript: Transcript, item: Item) -> None:
    """Keep the file that a transcript was read from, so that edits can be written back into a copy of it."""
    if (source := item.document.bundle.sources.get(item.recording.id)) is not None:
        name = f"{transcript.id}{source.suffix.lower() if source.suffix.isascii() else ''}"
        workspace.blobs.keep_imported(recording.content_hash, name, source.read_bytes())


def source_of(workspace: Workspace, recording: Recording, transcript: Transcript) -> tuple[str, Path] | None:
    """Return the format and the file that a transcript, or one it was copied from, was once read from."""
    known = {item.id: item for item in workspace.store.transcripts(recording.project_id, recording.id)}
    folder = workspace.blobs.imported(recording.content_hash, "any").parent
    at: Transcript | None = transcript
    while at is not None:
        kind, _, name = at.author.partition(":")
        if kind == "import" and (found := next(iter(sorted(folder.glob(f"{at.id}*"))), None)):
            return name, found
        at = known.get(at.parent_id or "")
    return None


def _told(path: Path, note: str) -> str:
    return note if note.startswith(f"{path.name}:") else f"{path.name}: {note}"
