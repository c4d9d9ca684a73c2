"""Correction deliveries: only what changed between two snapshots, and the names of what is to be dropped.

Whoever has the older snapshot in a format takes out the utterances that ``dropped.tsv`` names, puts in those
of the correction in the place of what bears the same name, and has the newer one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from speechlabel import formats
from speechlabel.errors import ExportError
from speechlabel.formats import Format, Report
from speechlabel.formats.names import tsv
from speechlabel.formats.output import staged_folder
from speechlabel.store.workspace import Workspace
from speechlabel.workflow.comparing import Change, changes
from speechlabel.workflow.delivery import Delivery
from speechlabel.workflow.export import export, keep_sources
from speechlabel.workflow.planning import PLAIN
from speechlabel.workflow.selection import Selection, exclusion
from speechlabel.workflow.shelf import Snapshot, find_snapshot, load_snapshot

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
    found = _Found(formats.get(format, **options), pair)
    bundles = (load_snapshot(workspace, project_id, item.number) for item in pair)
    for change in changes(next(bundles), next(bundles)):
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


class _Found:
    """What of two snapshots a correction in a format holds."""

    def __init__(self, writer: Format, pair: tuple[Snapshot, Snapshot]) -> None:
        self.keys: set[tuple[str, str]] = set()
        self.dropped: list[tuple[str, ...]] = []
        self.added = self.renamed = 0
        self._writer = writer
        self._include = tuple(item.include for item in pair)

    def add(self, change: Change) -> None:
        if change.kind == "same":
            return
        before, after = (
            self._writer.utterance_id(change.recording_id, side.segment)
            if side is not None and exclusion(side.segment, self._writer, include) is None
            else None
            for side, include in zip((change.before, change.after), self._include, strict=True)
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
