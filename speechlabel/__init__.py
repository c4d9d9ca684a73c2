"""Label speech: segment, transcribe, tag speakers and noise, export an aligned manifest.

The same verbs as on the page and on the command line::

    from pathlib import Path

    import speechlabel as sl

    with sl.open_workspace("data") as workspace:
        project = sl.create_project(workspace, "calls", language="zh")
        sl.bring_in(workspace, project.id, [Path("recordings")])  # and annotations beside them
        sl.prepare(workspace, project.id)
        sl.export(workspace, project.id, "textgrid", Path("delivery"))

Names are loaded at first use: ``import speechlabel`` alone is quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from speechlabel.version import __version__

if TYPE_CHECKING:
    from speechlabel.errors import SpeechLabelError
    from speechlabel.formats import dump, load
    from speechlabel.records import Project, Recording, Segment, Speaker, Transcript
    from speechlabel.store.workspace import Workspace, open_workspace
    from speechlabel.workflow.analyse import segment_file
    from speechlabel.workflow.annotations import bring_in, survey
    from speechlabel.workflow.clips import AudioOptions
    from speechlabel.workflow.comparing import compare
    from speechlabel.workflow.convert import convert
    from speechlabel.workflow.corrections import correct
    from speechlabel.workflow.delivery import Delivery
    from speechlabel.workflow.export import Selection, export, preview
    from speechlabel.workflow.ingest import ingest
    from speechlabel.workflow.label import open_recording, save, shown_transcript
    from speechlabel.workflow.options import ImportOptions
    from speechlabel.workflow.prepare import PrepareOptions, prepare
    from speechlabel.workflow.projects import create_project, find_project
    from speechlabel.workflow.segment import resegment, segment_files, segment_stretch
    from speechlabel.workflow.snapshots import list_snapshots, load_snapshot, make_snapshot
    from speechlabel.workflow.status import project_status
    from speechlabel.workflow.validate import validate

__all__ = [
    "AudioOptions",
    "Delivery",
    "ImportOptions",
    "PrepareOptions",
    "Project",
    "Recording",
    "Segment",
    "Selection",
    "Speaker",
    "SpeechLabelError",
    "Transcript",
    "Workspace",
    "__version__",
    "bring_in",
    "compare",
    "convert",
    "correct",
    "create_project",
    "dump",
    "export",
    "find_project",
    "ingest",
    "list_snapshots",
    "load",
    "load_snapshot",
    "make_snapshot",
    "open_recording",
    "open_workspace",
    "prepare",
    "preview",
    "project_status",
    "resegment",
    "save",
    "segment_file",
    "segment_files",
    "segment_stretch",
    "shown_transcript",
    "survey",
    "validate",
]

_HOMES = {
    "errors": ("SpeechLabelError",),
    "formats": ("dump", "load"),
    "records": ("Project", "Recording", "Segment", "Speaker", "Transcript"),
    "store.workspace": ("Workspace", "open_workspace"),
    "workflow.analyse": ("segment_file",),
    "workflow.annotations": ("bring_in", "survey"),
    "workflow.clips": ("AudioOptions",),
    "workflow.comparing": ("compare",),
    "workflow.convert": ("convert",),
    "workflow.corrections": ("correct",),
    "workflow.delivery": ("Delivery",),
    "workflow.export": ("Selection", "export", "preview"),
    "workflow.ingest": ("ingest",),
    "workflow.label": ("open_recording", "save", "shown_transcript"),
    "workflow.options": ("ImportOptions",),
    "workflow.prepare": ("PrepareOptions", "prepare"),
    "workflow.projects": ("create_project", "find_project"),
    "workflow.segment": ("resegment", "segment_files", "segment_stretch"),
    "workflow.snapshots": ("list_snapshots", "load_snapshot", "make_snapshot"),
    "workflow.status": ("project_status",),
    "workflow.validate": ("validate",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any public name
    if name not in _HOME_OF:
        raise AttributeError(f"module 'speechlabel' has no attribute {name!r}")
    return getattr(importlib.import_module(f"speechlabel.{_HOME_OF[name]}"), name)
