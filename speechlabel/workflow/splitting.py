"""Make a split of what goes out of a project, keep it, and find it again."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import orjson

from speechlabel.errors import InputError, NotFoundError, ParseError
from speechlabel.records import Recording, Segment, Speaker
from speechlabel.store.blobs import atomic
from speechlabel.store.workspace import Workspace
from speechlabel.workflow.planning import Plan, plan
from speechlabel.workflow.selection import Selection
from speechlabel.workflow.splits import (
    MOST_EXAMPLES,
    Leak,
    LeakFinder,
    Split,
    SplitReport,
    SplitSpec,
    UnitCount,
    assign,
    strata_of,
    unit_of,
)

__all__ = ["forget_splits", "load_split", "make_split", "split_names"]

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def make_split(
    workspace: Workspace,
    project_id: str,
    name: str,
    spec: SplitSpec,
    *,
    format: str = "native",
    selection: Selection | None = None,
) -> tuple[Split, SplitReport]:
    """Assign what would go out in a format to splits, and keep the assignment under a name.

    Who has a place in a split of that name keeps it, if the seed and what stays together are the same;
    else everything is assigned anew.

    Raises
    ------
    InputError
        Nothing goes out, or the name is none.
    """
    path = _path(workspace, project_id, name)
    chosen = plan(workspace, project_id, format, selection)
    units = _units(chosen, spec)
    if not units:
        raise InputError(f"nothing of {chosen.project.name!r} goes out, so there is nothing to split")
    before: dict[str, str] = {}
    if path.exists():
        old = load_split(workspace, project_id, name)
        if (old.spec.seed, old.spec.by) == (spec.seed, spec.by):
            before = dict(old.units)
    assigned = assign(units, spec, before)
    # What goes out no more keeps its place: it may come back.
    gone = {unit: split for unit, split in before.items() if unit not in assigned and split in spec.shares}
    split = Split(name=name, spec=spec, units=dict(sorted((gone | assigned).items())))
    report = _report(chosen, split, units)
    report.kept = sum(before.get(unit) == place for unit, place in assigned.items())
    with atomic(path) as part:
        part.write_bytes(
            orjson.dumps(split.to_dict(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        )
    return split, report


def load_split(workspace: Workspace, project_id: str, name: str) -> Split:
    """Return the split of that name.

    Raises
    ------
    NotFoundError
        There is none.
    ParseError
        Its file was damaged.
    """
    path = _path(workspace, project_id, name)
    try:
        return Split.from_dict(orjson.loads(path.read_bytes()))
    except FileNotFoundError as error:
        known = ", ".join(split_names(workspace, project_id)) or "none yet"
        raise NotFoundError("split", name, hint=f"splits: {known}") from error
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise ParseError(path, "is not a split any more; make it anew") from error


def split_names(workspace: Workspace, project_id: str) -> list[str]:
    """Names of the splits of a project."""
    folder = workspace.root / "splits" / project_id
    return sorted(path.stem for path in folder.glob("*.json")) if folder.is_dir() else []


def forget_splits(workspace: Workspace, project_id: str) -> None:
    """Remove the splits of a project that is gone."""
    shutil.rmtree(workspace.root / "splits" / project_id, ignore_errors=True)


def _path(workspace: Workspace, project_id: str, name: str) -> Path:
    if not NAME.fullmatch(name):
        raise InputError(f"split {name!r}: a name holds letters, digits, _ and -")
    return workspace.root / "splits" / workspace.store.project(project_id).id / f"{name}.json"


def _all(chosen: Plan) -> Iterator[tuple[Recording, Segment, Speaker | None]]:
    for recording, segments in chosen.bundle.stream():
        speakers = chosen.bundle.speakers_of(recording.id)
        for segment in segments:
            yield recording, segment, speakers.get(segment.speaker or "")


def _units(chosen: Plan, spec: SplitSpec) -> dict[str, UnitCount]:
    lengths: Counter[str] = Counter()
    strata: dict[str, Counter[tuple[str, str]]] = {}
    for recording, segment, speaker in _all(chosen):
        unit = unit_of(recording.id, speaker, spec.by)
        lengths[unit] += segment.duration_us
        mine = strata.setdefault(unit, Counter())
        for stratum in strata_of(segment, speaker, spec.strata):
            mine[stratum] += segment.duration_us
    return {unit: UnitCount(length, strata[unit]) for unit, length in lengths.items()}


def _report(chosen: Plan, split: Split, units: dict[str, UnitCount]) -> SplitReport:
    report = SplitReport(spec=split.spec)
    report.units.update(split.units[unit] for unit in units)
    names = list(split.spec.shares)
    finder = LeakFinder(names)
    for recording, segment, speaker in _all(chosen):
        place = split.of(recording.id, speaker)
        assert place is not None
        report.segments[place] += 1
        report.duration_us[place] += segment.duration_us
        for stratum in strata_of(segment, speaker, split.spec.strata):
            report.strata[(place, *stratum)] += segment.duration_us
        finder.add(place, recording, segment)
    report.leaks = (*_texts(chosen, split, finder), *finder.recordings())
    return report


def _texts(chosen: Plan, split: Split, finder: LeakFinder) -> Iterator[Leak]:
    counts: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], list[str]] = {}
    for recording, segment, speaker in _all(chosen):
        place = split.of(recording.id, speaker)
        for other in finder.shared_texts(place or "", segment):
            counts[other, place or ""] += 1
            shown = examples.setdefault((other, place or ""), [])
            text = (segment.text or "")[:80]
            if len(shown) < MOST_EXAMPLES and text not in shown:
                shown.append(text)
    for pair, count in counts.items():
        yield Leak(kind="text", splits=pair, count=count, examples=tuple(examples[pair]))
