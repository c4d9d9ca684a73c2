"""What a client template gives, shown on the first segments of a project before anything is delivered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl

from speechlabel import formats
from speechlabel.errors import ExportError
from speechlabel.formats import Bundle, Export
from speechlabel.records import Project, Recording, Segment
from speechlabel.store.base import Reading
from speechlabel.store.workspace import Workspace
from speechlabel.template import Template
from speechlabel.workflow.export_audio import AudioFiles
from speechlabel.workflow.rules import load_rules
from speechlabel.workflow.selection import chosen_transcript
from speechlabel.workflow.wording import wording_for

__all__ = ["Shown", "first_lines", "show_templates"]

FORMAT = "template"
SHOWN = 3  # segments
HEAD = 4096  # bytes in which a file shows that it is no text
LOOKED_AT = 20  # recordings in which a text is looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a template gives of the first segments; ``text`` "" where there are none."""

    template: Template
    file: str
    text: str
    error: str | None = None  # what the template demands and these lack


def show_templates(workspace: Workspace, project_id: str, rules: str) -> list[Shown]:
    """Write the first segments of a project by each template of a guideline (TOML text).

    They are those of the first recording that has a text, finished or not; nothing is kept, and no audio is
    cut.  The cells of a workbook are shown with tabs between.

    Raises
    ------
    NotFoundError
        There is no such project.
    ParseError
        ``rules`` is no guideline.
    """
    told = load_rules(rules)
    project = workspace.store.project(project_id)
    if not told.templates:
        return []
    found = _first(workspace, project)
    if found is None:
        return [Shown(template=item, file="", text="") for item in told.templates]
    recording, reading = found
    segments, speakers = wording_for(told, FORMAT).changed(_some(reading), reading.speakers)
    bundle = Bundle(
        recordings=(recording,),
        segments={recording.id: segments},
        speakers={recording.id: tuple(speakers)},
        languages={recording.id: project.language} if project.language else {},
        guideline=rules,
    )
    return [_shown(workspace, project, item, bundle) for item in told.templates]


def _first(workspace: Workspace, project: Project) -> tuple[Recording, Reading] | None:
    """Return the first recording with a text, else the first with segments."""
    found: tuple[Recording, Reading] | None = None
    for recording in sorted(workspace.store.recordings(project.id), key=lambda item: item.id)[:LOOKED_AT]:
        transcript = chosen_transcript(workspace, recording, {})
        if transcript is None:
            continue
        reading = workspace.store.read(transcript.id)
        if any(item.text for item in reading.segments):
            return recording, reading
        if found is None and reading.segments:
            found = recording, reading
    return found


def _some(reading: Reading) -> list[Segment]:
    written = [item for item in reading.segments if item.text] or reading.segments
    return sorted(written, key=lambda item: (item.start_us, item.end_us, item.id))[:SHOWN]


def _shown(workspace: Workspace, project: Project, template: Template, bundle: Bundle) -> Shown:
    writer = formats.get(FORMAT, template=template.name, describe=False)
    audio = AudioFiles(workspace, writer, write=False, with_audio=True)
    export = Export(
        bundle=bundle,
        make_audio=audio.channel,
        copy_recording=audio.original,
        snapshot={"project": project.id},
        is_part=True,
    )
    with TemporaryDirectory(prefix="speechlabel-") as name:
        folder = Path(name)
        try:
            writer.write(export, folder)
        except ExportError as error:
            return Shown(template=template, file="", text="", error=error.message)
        [path] = [item for item in folder.rglob("*") if item.is_file()]
        text = "\n".join(_sheet(path)) if template.layout == "xlsx" else path.read_text("utf-8-sig")
        return Shown(template=template, file=path.relative_to(folder).as_posix(), text=text)


def first_lines(path: Path, most: int) -> list[str]:
    """Return the first lines of a file; the cells of a workbook with tabs between, nothing of other bytes."""
    if path.suffix == ".xlsx":
        return list(islice(_sheet(path), most))
    with path.open("rb") as file:
        if b"\0" in file.read(HEAD):
            return []
    with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
        return [line.rstrip("\n") for line in islice(file, most)]


def _sheet(path: Path) -> Iterator[str]:
    book: Any = openpyxl.load_workbook(path, read_only=True)
    try:
        for cells in book.worksheets[0].iter_rows(values_only=True):
            yield "\t".join("" if cell is None else str(cell) for cell in cells)
    finally:
        book.close()
