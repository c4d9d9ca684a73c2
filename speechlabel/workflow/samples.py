"""The sample recordings as a project to try things on, and where a first visit begins."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import orjson

from speechlabel import guideline
from speechlabel.errors import WorkspaceError
from speechlabel.records import Project, Recording, Segment, Speaker, Transcript
from speechlabel.store.blobs import atomic
from speechlabel.store.workspace import Workspace
from speechlabel.timing import now, seconds_to_us
from speechlabel.version import __version__
from speechlabel.workflow.ingest import ingest
from speechlabel.workflow.label import precedence
from speechlabel.workflow.prepare import is_prepared, prepare
from speechlabel.workflow.projects import SAMPLES_PROJECT, unique_id

__all__ = [
    "SAMPLES_PROJECT",
    "has_samples",
    "load_samples",
    "note_removed",
    "offer_samples",
    "reset_samples",
    "samples_folder",
    "start_place",
]

FIRST = {"zh": "call-zh.flac", "en": "dialogue-en.flac"}
REMOVED = "samples-removed"  # in the workspace: files, a line each, of samples that a person has removed
MARK = "samples-offered"  # in the workspace, once the samples were loaded


def samples_folder() -> Path:
    """Return the folder of the sample recordings: inside an installed package, or beside it in a checkout.

    Raises
    ------
    WorkspaceError
        The installation lacks them.
    """
    package = Path(__file__).parent.parent
    for folder in (package / "_samples", package.parent / "samples"):
        if (folder / "samples.toml").exists():
            return folder
    raise WorkspaceError("damaged", "the sample recordings are missing from this installation; reinstall it")


def has_samples(workspace: Workspace) -> bool:
    """Tell whether the sample recordings are there, ready, and lie where they should."""
    wanted = {path.name for path in _files()} - _removed(workspace)
    ready = {
        Path(item.path).name  # not its name: people rename samples too
        for item in _samples_in(workspace)
        if is_prepared(workspace, item) and Path(item.path).is_file()
    }
    return wanted <= ready


def note_removed(workspace: Workspace, recording: Recording) -> None:
    """Keep in mind that a person has removed a recording, if it is a sample: it is away until a reset."""
    if recording.project_id == SAMPLES_PROJECT and recording.metadata.get("sample") is True:
        names = sorted(_removed(workspace) | {Path(recording.path).name})
        with atomic(workspace.root / REMOVED) as part:
            part.write_text("".join(f"{name}\n" for name in names), encoding="utf-8")


def _removed(workspace: Workspace) -> set[str]:
    """Files of the samples that a person has removed."""
    path = workspace.root / REMOVED
    return set(path.read_text(encoding="utf-8").splitlines()) if path.is_file() else set()


def offer_samples(
    workspace: Workspace,
    *,
    executor: Executor | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> None:
    """Load the samples into a workspace that has never had them, and make good a load that was broken off.

    Where somebody has removed them, or works on projects of their own without them, they stay away.  What
    somebody has saved in them stays, also where the samples of another installation take their place.
    """
    mark = workspace.root / MARK
    ids = {project.id for project in workspace.store.projects()}
    if SAMPLES_PROJECT in ids:
        if not has_samples(workspace):
            load_samples(workspace, executor=executor, progress=progress, keep_work=True)
    elif not ids and not mark.exists():
        load_samples(workspace, executor=executor, progress=progress)
    with atomic(mark) as part:
        part.write_text(f"{__version__}\n", encoding="utf-8")


def _files() -> list[Path]:
    folder = samples_folder()
    listed = tomllib.loads((folder / "samples.toml").read_text("utf-8"))["samples"]
    return [folder / item["file"] for item in listed]


def _samples_in(workspace: Workspace) -> list[Recording]:
    found = workspace.store.recordings(SAMPLES_PROJECT)
    return [item for item in found if item.metadata.get("sample") is True]


def load_samples(
    workspace: Workspace,
    *,
    executor: Executor | None = None,
    progress: Callable[[str, float], None] | None = None,
    keep_work: bool = False,
) -> None:
    """Make the sample recordings anew: prepared, the first segments of some transcribed already.

    Recordings that somebody put into the sample project are left alone; with ``keep_work`` also those samples
    in which a person has saved something: they are prepared and pointed to their file where they must.
    """
    folder = samples_folder()
    listed = tomllib.loads((folder / "samples.toml").read_text("utf-8"))["samples"]
    _make_project(workspace)
    if keep_work:
        away = _removed(workspace)
        listed = [item for item in listed if item["file"] not in away]
    else:
        (workspace.root / REMOVED).unlink(missing_ok=True)
    kept: set[str] = set()
    for old in _samples_in(workspace):
        if keep_work and _has_work(workspace, old):
            kept.add(old.id)
        else:
            workspace.store.delete_recording(SAMPLES_PROJECT, old.id)
    ids = [_take(workspace, folder, item) for item in listed]
    # The voices first, so that preparing gives the channels of a call to them.
    begun: list[tuple[str, str, Mapping[str, Any], list[dict[str, Any]]]] = []
    for id, item in zip(ids, listed, strict=True):
        if id not in kept:
            truth = _truth(folder / "truth" / f"{Path(item['file']).stem}.jsonl")
            begun.append((_begin(workspace, id, item, truth, []), id, item, truth))
    prepare(workspace, SAMPLES_PROJECT, ids, executor=executor, progress=progress)
    for first, id, item, truth in begun:
        machine = workspace.store.segments(_newest_by_machine(workspace, id).id)
        workspace.store.delete_transcript(first)
        _begin(workspace, id, item, truth, machine)


def _has_work(workspace: Workspace, recording: Recording) -> bool:
    """Tell whether a person has saved something in a recording."""
    found = workspace.store.transcripts(SAMPLES_PROJECT, recording.id)
    return any(item.author.startswith("user:") and item.revision > 0 for item in found)


def _take(workspace: Workspace, folder: Path, item: Mapping[str, Any]) -> str:
    """Take a sample in, or point the recording of it to its file; returns its id."""
    report = ingest(workspace, SAMPLES_PROJECT, [folder / item["file"]])
    taken = [*report.added, *(known for _, known in report.known)]
    if not taken:
        raise WorkspaceError("damaged", f"the sample {item['file']} cannot be read; reinstall speechlabel")
    metadata = dict(taken[0].metadata) | {"sample": True}
    if taken[0].name == item["file"]:  # else a person has renamed it
        metadata["title"] = item["title"]
    workspace.store.update_recording(SAMPLES_PROJECT, taken[0].id, metadata=metadata)
    return taken[0].id


def _make_project(workspace: Workspace) -> None:
    projects = workspace.store.projects()
    if SAMPLES_PROJECT in {project.id for project in projects}:
        return
    workspace.store.create_project(
        Project(
            id=SAMPLES_PROJECT,
            name=unique_id(SAMPLES_PROJECT, {project.name for project in projects}.__contains__),
            language="en",
            guideline=guideline.preset("default"),
            created_at=now(),
        )
    )


def _truth(path: Path) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = [orjson.loads(line) for line in path.read_text("utf-8").split("\n") if line]
    return lines


def _newest_by_machine(workspace: Workspace, recording_id: str) -> Transcript:
    found = workspace.store.transcripts(SAMPLES_PROJECT, recording_id)
    return max((item for item in found if item.author.startswith("vad:")), key=precedence)


def _begin(
    workspace: Workspace,
    recording_id: str,
    item: Mapping[str, Any],
    truth: list[dict[str, Any]],
    machine: list[Segment],
) -> str:
    """Add a transcript that shows some segments done and leaves the rest as the segmenter cut them."""
    recording = workspace.store.recording(SAMPLES_PROJECT, recording_id)
    is_mono = recording.channels == 1
    numbers: list[int] = item["done"]
    done = [_done(truth[number], is_mono) for number in numbers]
    lines = {(line["channel"], line["speaker"]): line for line in truth}
    speakers = [
        Speaker(
            id=line["speaker"],
            name=line["speaker_name"],
            gender=line["gender"],
            language=line["language"],
            channel=None if is_mono else line["channel"],
        )
        for line in lines.values()
    ]
    by_channel = {speaker.channel: speaker.id for speaker in speakers if not is_mono}
    rest = [
        Segment(
            channel=segment.channel,
            start_us=segment.start_us,
            end_us=segment.end_us,
            language=item["language"],
            speaker=by_channel.get(segment.channel),
        )
        for segment in machine
        if not any(_overlap(segment, other) for other in done)
    ]
    made = Transcript(
        project_id=SAMPLES_PROJECT, recording_id=recording.id, author="import:samples", created_at=now()
    )
    return workspace.store.add_transcript(made, [*done, *rest], speakers).id


def _done(line: Mapping[str, Any], is_mono: bool) -> Segment:
    return Segment(
        channel=None if is_mono else line["channel"],
        start_us=seconds_to_us(line["start"]),
        end_us=seconds_to_us(line["end"]),
        text=line["text"],
        language=line["language"],
        speaker=line["speaker"],
        noise_labels=tuple(line["noise_labels"]),
        status="done",
    )


def _overlap(one: Segment, other: Segment) -> bool:
    return one.channel == other.channel and one.start_us < other.end_us and other.start_us < one.end_us


def reset_samples(
    workspace: Workspace,
    *,
    executor: Executor | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> None:
    """Undo the play: make the sample recordings anew, with all that was done to them thrown away."""
    load_samples(workspace, executor=executor, progress=progress)


def start_place(workspace: Workspace, locale: str) -> dict[str, str | None]:
    """Return the project and recording to show a visitor who names none.

    The newest project of one's own that has recordings, else the sample for the browser's language.
    """
    projects = workspace.store.projects()
    for project in sorted(projects, key=lambda item: item.created_at, reverse=True):
        recordings = workspace.store.recordings(project.id)
        if project.id != SAMPLES_PROJECT and recordings:
            return {"project": project.id, "recording": recordings[0].id}
    name = FIRST["zh" if locale.lower().startswith("zh") else "en"]
    first = next((item for item in _samples_in(workspace) if Path(item.path).name == name), None)
    if first is None:
        return {"project": None, "recording": None}
    return {"project": SAMPLES_PROJECT, "recording": first.id}
