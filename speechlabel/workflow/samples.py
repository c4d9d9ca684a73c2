"""The sample recordings as a project to try things on, and where a first visit begins."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import orjson

from speechlabel.errors import NotFoundError, WorkspaceError
from speechlabel.records import Segment, Speaker, Transcript
from speechlabel.store.workspace import Workspace
from speechlabel.timing import seconds_to_us
from speechlabel.workflow.ingest import ingest
from speechlabel.workflow.label import precedence
from speechlabel.workflow.prepare import prepare
from speechlabel.workflow.projects import create_project, now

__all__ = ["SAMPLES_PROJECT", "has_samples", "load_samples", "reset_samples", "start_place"]

SAMPLES_PROJECT = "samples"
FIRST = {"zh": "call-zh", "en": "dialogue-en"}


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
    """Tell whether the sample project is there and complete."""
    if SAMPLES_PROJECT not in {project.id for project in workspace.store.projects()}:
        return False
    recordings = workspace.store.recordings(SAMPLES_PROJECT)
    return bool(recordings) and all(item.state == "ready" for item in recordings)


def load_samples(
    workspace: Workspace,
    *,
    executor: Executor | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> None:
    """Make the sample project: recordings prepared, the first segments of some transcribed already."""
    folder = samples_folder()
    listed = tomllib.loads((folder / "samples.toml").read_text("utf-8"))["samples"]
    if SAMPLES_PROJECT in {project.id for project in workspace.store.projects()}:
        workspace.store.delete_project(SAMPLES_PROJECT)
    create_project(workspace, SAMPLES_PROJECT, language="en")
    ingest(workspace, SAMPLES_PROJECT, [folder / item["file"] for item in listed])
    truths = {item["file"]: _truth(folder / "truth" / f"{Path(item['file']).stem}.jsonl") for item in listed}
    # The voices first, so that preparing gives the channels of a call to them.
    first = {item["file"]: _begin(workspace, item, truths[item["file"]], []) for item in listed}
    prepare(workspace, SAMPLES_PROJECT, executor=executor, progress=progress)
    for item in listed:
        stem = Path(item["file"]).stem
        machine = workspace.store.segments(_newest_by_machine(workspace, stem).id)
        workspace.store.delete_transcript(first[item["file"]])
        _begin(workspace, item, truths[item["file"]], machine)


def _truth(path: Path) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = [orjson.loads(line) for line in path.read_text("utf-8").split("\n") if line]
    return lines


def _newest_by_machine(workspace: Workspace, recording_id: str) -> Transcript:
    found = workspace.store.transcripts(SAMPLES_PROJECT, recording_id)
    return max((item for item in found if item.author.startswith("vad:")), key=precedence)


def _begin(
    workspace: Workspace, item: Mapping[str, Any], truth: list[dict[str, Any]], machine: list[Segment]
) -> str:
    """Add a transcript that shows some segments done and leaves the rest as the segmenter cut them."""
    recording = workspace.store.recording(SAMPLES_PROJECT, Path(item["file"]).stem)
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


def reset_samples(workspace: Workspace) -> None:
    """Undo the play: make the sample project anew."""
    load_samples(workspace)


def start_place(workspace: Workspace, locale: str) -> dict[str, str | None]:
    """Return the project and recording to show a visitor who names none.

    The newest project of one's own that has recordings, else the sample for the browser's language.
    """
    projects = workspace.store.projects()
    for project in sorted(projects, key=lambda item: item.created_at, reverse=True):
        recordings = workspace.store.recordings(project.id)
        if project.id != SAMPLES_PROJECT and recordings:
            return {"project": project.id, "recording": recordings[0].id}
    stem = FIRST["zh" if locale.lower().startswith("zh") else "en"]
    try:
        return {
            "project": SAMPLES_PROJECT,
            "recording": workspace.store.recording(SAMPLES_PROJECT, stem).id,
        }
    except NotFoundError:
        return {"project": None, "recording": None}
