"""Correction deliveries: only what changed between two snapshots, and the names of what is to be dropped.

Whoever has the older snapshot in a format takes out the utterances that ``dropped.tsv`` names, puts in those
of the correction in the place of what bears the same name, and has the newer one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from speechlabel import formats
from speechlabel.errors import ExportError
from speechlabel.formats import Bundle, Format, Report
from speechlabel.formats.names import tsv
from speechlabel.formats.output import staged_folder
from speechlabel.records import Segment, Speaker
from speechlabel.store.workspace import Workspace
from speechlabel.workflow.comparing import Change, changes
from speechlabel.workflow.delivery import Delivery
from speechlabel.workflow.export import export, keep_sources
from speechlabel.workflow.outgoing import changed_bundle
from speechlabel.workflow.planning import PLAIN
from speechlabel.workflow.selection import Selection, exclusion
from speechlabel.workflow.shelf import Snapshot, find_snapshot, load_snapshot
from speechlabel.workflow.wording import wording_of

__all__ = ["CorrectionReport", "correct"]

DROPPED, ABOUT = "dropped.tsv", "correction.json"
COLUMNS = ("utterance_id", "recording_id", "segment_id", "why")


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionReport:
    """What a correction holds; ``report`` is that of the format, None where segments were only dropped.

    ``renamed`` counts those whose old name is dropped because the format gives them another one now.
    """

    path: Path
    older: int
    newer: int
    added: int
    changed: int
    dropped: int
    renamed: int
    report: Report | None

    def to_dict(self) -> dict[str, Any]:
        """Return the counts by name, and what the format says."""
        report = self.report
        return {
            "path": str(self.path),
            "from": self.older,
            "to": self.newer,
            "added": self.added,
            "changed": self.changed,
            "dropped": self.dropped,
            "renamed": self.renamed,
            "files": [DROPPED, ABOUT]
            + ([f"{report.format}/{name}" for name in report.files] if report else []),
            "segments": report.segments if report else 0,
            "warnings": list(report.warnings) if report else [],
        }


def correct(  # noqa: PLR0913 - what, where to, how
    workspace: Workspace,
    project_id: str,
    older: int,
    newer: int,
    format: str,
    out: Path,
    *,
    with_audio: bool = False,
    delivery: Delivery = PLAIN,
    overwrite: bool = False,
    progress: Callable[[int, int], None] | None = None,
    **options: Any,  # noqa: ANN401 - options of the format
) -> CorrectionReport:
    """Write what changed between two snapshots as the folder ``out``, whole or not at all.

    It holds ``<format>/``, the segments that were added or changed as that format has them;
    ``dropped.tsv``, the utterances that are no more, by the names that the format gave them; and
    ``correction.json``, which tells the two snapshots.

    Raises
    ------
    ExportError
        Nothing that this format takes has changed, or the target cannot be written.
    NotFoundError
        There is no such project or snapshot.
    ParseError
        A snapshot was changed after it was made.
    ChangedError
        The audio of a recording is not the file that was taken in.
    """
    pair = find_snapshot(workspace, project_id, older), find_snapshot(workspace, project_id, newer)
    writer = formats.get(format, **options)
    before, after = (_as_it_goes_out(workspace, item, writer, delivery.layer) for item in pair)
    found = _Found(writer, pair, (before.guideline, after.guideline))
    for change in changes(before, after):
        found.add(change)
    if not found.keys and not found.dropped:
        raise ExportError(f"nothing that {format} takes has changed between snapshots {older} and {newer}")
    if overwrite:
        keep_sources(workspace, out)
    with staged_folder(out, overwrite=overwrite) as folder:
        made = None
        if found.keys:
            selection = Selection(
                snapshot=newer,
                recordings=tuple(sorted({recording for recording, _ in found.keys})),
                only=frozenset(found.keys),
                with_audio=with_audio,
            )
            made = export(
                workspace,
                project_id,
                format,
                folder / format,
                selection=selection,
                delivery=delivery,
                target=out / format,
                progress=progress,
                **options,
            )
        (folder / DROPPED).write_text(tsv(COLUMNS, sorted(found.dropped)), encoding="utf-8", newline="\n")
        (folder / ABOUT).write_bytes(_about(format, pair, found))
    return CorrectionReport(
        path=out,
        older=older,
        newer=newer,
        added=found.added,
        changed=len(found.keys) - found.added,
        dropped=len(found.dropped) - found.renamed,
        renamed=found.renamed,
        report=made.report if made else None,
    )


def _as_it_goes_out(workspace: Workspace, snapshot: Snapshot, writer: Format, layer: str | None) -> Bundle:
    """Read a snapshot as its own guideline words it for a format: that may be what changed."""
    bundle = load_snapshot(workspace, snapshot.project, snapshot.number)
    wording = wording_of(bundle.guideline or "", writer.name, layer=layer)

    def change(
        segments: Iterable[Segment], speakers: Sequence[Speaker]
    ) -> tuple[list[Segment], list[Speaker]]:
        if layer is not None:
            segments = [replace(item, text=item.fields.get(layer), words=()) for item in segments]
        return wording.changed(segments, speakers)

    return changed_bundle(bundle, change)


class _Found:
    """What of two snapshots a correction in a format holds."""

    def __init__(
        self, writer: Format, pair: tuple[Snapshot, Snapshot], guidelines: tuple[str | None, str | None]
    ) -> None:
        self.keys: set[tuple[str, str]] = set()
        self.dropped: list[tuple[str, ...]] = []
        self.added = self.renamed = 0
        self._writers = tuple(writer.bound(text) for text in guidelines)
        self._include = tuple(item.include for item in pair)

    def add(self, change: Change) -> None:
        if change.kind == "same":
            return
        before, after = (
            writer.utterance_id(change.recording_id, side.segment)
            if side is not None and exclusion(side.segment, writer, include) is None
            else None
            for side, writer, include in zip(
                (change.before, change.after), self._writers, self._include, strict=True
            )
        )
        key = change.recording_id, change.segment_id
        if after is not None:
            self.keys.add(key)
            self.added += before is None
        if before is not None and before != after:
            is_renamed = after is not None
            self.renamed += is_renamed
            self.dropped.append((before, *key, "renamed" if is_renamed else "dropped"))


def _about(format: str, pair: tuple[Snapshot, Snapshot], found: _Found) -> bytes:
    facts = {
        "schema": "speechlabel.correction/1.0",
        "project": pair[0].project,
        "format": format,
        "from": {"number": pair[0].number, "digest": pair[0].digest},
        "to": {"number": pair[1].number, "digest": pair[1].digest},
        "added": found.added,
        "changed": len(found.keys) - found.added,
        "dropped": len(found.dropped) - found.renamed,
        "renamed": found.renamed,
    }
    return orjson.dumps(facts, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
