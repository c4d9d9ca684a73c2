"""Guidelines of projects: what a change would leave without a name in the segments that carry it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from speechlabel import guideline
from speechlabel.errors import ParseError
from speechlabel.records import Segment
from speechlabel.store.workspace import Workspace
from speechlabel.workflow.label import precedence
from speechlabel.workflow.projects import set_guideline
from speechlabel.workflow.rules import load_rules

__all__ = ["Kind", "Orphan", "declare_fields", "orphans"]

Kind = Literal["label", "invalid_reason", "field", "choice"]
Name = tuple[Kind, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    """A name that a guideline no longer has, and in how many segments and recordings it is used.

    Those segments keep it, and exports write it; only the page shows no title for it and does not offer it.
    """

    kind: Kind
    name: str  # of a choice: "field.choice"
    title: Mapping[str, str]  # as it was, by language
    segments: int
    recordings: int


def orphans(workspace: Workspace, project_id: str, rules: str) -> list[Orphan]:
    """Count the segments that carry what a guideline (TOML text) leaves out, by what the project has now.

    Counted are the transcripts that are shown and exported.  Nothing is read when nothing is left out.

    Raises
    ------
    NotFoundError
        There is no such project.
    ParseError
        ``rules`` is no guideline, or names a format that there is not.
    """
    kept = _names(load_rules(rules))
    old = _names(guideline.load(workspace.store.project(project_id).guideline))
    left_out = {name: title for name, title in old.items() if name not in kept}
    if not left_out:
        return []
    segments: Counter[Name] = Counter()
    recordings: Counter[Name] = Counter()
    for counts in workspace.store.counts(project_id).values():
        shown = max((count.transcript for count in counts), key=precedence)
        here: Counter[Name] = Counter()
        for segment in workspace.store.segments(shown.id):
            here.update(left_out.keys() & set(_carried(segment)))
        segments.update(here)
        recordings.update(here.keys())
    return [
        Orphan(
            kind=kind,
            name=name,
            title=title,
            segments=segments[kind, name],
            recordings=recordings[kind, name],
        )
        for (kind, name), title in left_out.items()
        if segments[kind, name]
    ]


def declare_fields(workspace: Workspace, project_id: str, titles: Mapping[str, str]) -> list[str]:
    """Add layers to the guideline of a project, so that the editor shows them; returns notes on what failed.

    Parameters
    ----------
    titles : mapping of a layer's name to what people call it; one that is there already stays as it is

    Raises
    ------
    NotFoundError
        There is no such project.
    """
    text = workspace.store.project(project_id).guideline
    known = {layer.name for layer in guideline.load(text).fields}
    notes: list[str] = []
    for name, title in titles.items():
        if name in known:
            continue
        quoted = json.dumps(title, ensure_ascii=False).replace("\x7f", "")
        added = f"\n[[fields]]\nname = {json.dumps(name)}\ntitle = {{ en = {quoted} }}\n"
        try:
            set_guideline(workspace, project_id, text.rstrip("\n") + "\n" + added)
        except ParseError as error:  # the fields are written as a list, or the name is none
            reason = error.data["reason"]
            notes.append(f"the guideline could not be given the field {name!r:.80}: {reason}; add it by hand")
        else:
            text = workspace.store.project(project_id).guideline
            known.add(name)
    return notes


def _names(rules: guideline.Guideline) -> dict[Name, Mapping[str, str]]:
    """Return what segments can carry, each with its title."""
    names: dict[Name, Mapping[str, str]] = {}
    names |= {("label", item.name): item.title for item in rules.labels}
    names |= {("invalid_reason", item.name): item.title for item in rules.invalid_reasons}
    names |= {("field", item.name): item.title for item in rules.fields}
    for layer in rules.fields:
        names |= {("choice", f"{layer.name}.{item.name}"): item.title for item in layer.choices}
    return names


def _carried(segment: Segment) -> Iterator[Name]:
    for label in (*segment.noise_labels, *segment.tags, *(event.label for event in segment.events)):
        yield "label", label
    if segment.invalid_reason is not None:
        yield "invalid_reason", segment.invalid_reason
    for name, value in segment.fields.items():
        if value:
            yield "field", name
            yield "choice", f"{name}.{value}"
