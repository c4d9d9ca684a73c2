"""Label Studio: tasks with annotations or predictions, and the labeling configuration that shows them.

Spec: https://labelstud.io/guide/task_format and https://labelstud.io/guide/export#Label-Studio-JSON-format-of-
annotated-tasks.  A region of a recording is one result with labels; what else is said of it are more results
with the same id.  ``labelstudio_read`` makes segments of them, ``labelstudio_config`` makes them of segments.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, Literal
from urllib.parse import quote
from xml.etree import ElementTree

import orjson

from speechlabel.errors import ParseError
from speechlabel.formats.base import Bundle, Export, Fault, Format, Written
from speechlabel.formats.examples import utterance_id
from speechlabel.formats.jsonfile import each_item, is_list, is_object, number
from speechlabel.formats.losses import Tally
from speechlabel.formats.tools.labelstudio_config import AUDIO, CONFIG, NOBODY, Controls
from speechlabel.formats.tools.labelstudio_read import TaskReader, is_task
from speechlabel.formats.tools.labelstudio_regions import Mapping
from speechlabel.records import Recording, Segment, Speaker
from speechlabel.timing import us_to_seconds

__all__ = ["LabelStudioFormat"]

TASKS = "tasks.json"
LOOKED_AT = 20  # files of a folder, to tell what is in it
MANY = 200  # labels on one screen


@dataclass(frozen=True)
class LabelStudioFormat(Format):
    """Tasks as Label Studio exports and imports them, with a labeling configuration that fits them."""

    annotation: Literal["newest", "first", "all"] = (
        "newest"  # of several that are read; ground truth comes first
    )
    labels: Literal["auto", "speakers", "kinds", "tags", "noises"] = "auto"  # what labels are when read
    map: str = ""  # of single labels: "Agent=speaker, Cough=noise, Far=tag, Hold=kind:music"
    into: Literal["annotations", "predictions"] = "annotations"  # what segments are when written
    audio_prefix: str = "/data/local-files/?d="  # how Label Studio gets at the files

    name: ClassVar[str] = "labelstudio"
    title: ClassVar[str] = "Label Studio JSON"
    extensions: ClassVar[tuple[str, ...]] = (".json",)
    spec: ClassVar[str] = "https://labelstud.io/guide/task_format"
    carries: ClassVar[frozenset[str]] = frozenset(
        {
            *("text", "speaker", "channel", "kind", "language", "noise_labels", "tags", "fields"),
            *("is_valid", "invalid_reason", "note", "confidence", "recording"),
        }
    )
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True

    def sniff(self, path: Path) -> bool:
        """Tell it by the keys of the first task; a folder by its tasks."""
        if path.is_dir():
            return any(_holds_tasks(file) for file in islice(_task_files(path), LOOKED_AT))
        return _holds_tasks(path)

    def write(self, export: Export, out: Path) -> Written:
        """Write ``tasks.json``, a task a recording, and ``labeling-config.xml``."""
        tally = Tally()
        controls = Controls()
        count = 0
        with (out / TASKS).open("wb") as file:
            file.write(b"[")
            for place, (recording, segments) in enumerate(export.bundle.stream()):
                names = _names(export.bundle.speakers_of(recording.id), segments, tally)
                results = [
                    result
                    for segment in segments
                    for result in controls.results(
                        segment,
                        utterance_id(recording.id, segment.id),
                        names[segment.speaker],
                        recording.duration_us,
                    )
                ]
                task = {"data": self._data(export, recording, out), self.into: [self._annotation(results)]}
                file.write((b",\n" if place else b"\n") + orjson.dumps(task))
                count += len(segments)
            file.write(b"\n]\n")
        (out / CONFIG).write_text("".join(controls.xml()), encoding="utf-8", newline="\n")
        many = f"{controls.n_labels} speakers are {controls.n_labels} labels on one page of Label Studio"
        warnings = (many,) if controls.n_labels > MANY else ()
        return Written(segments=count, losses=tally.losses(), warnings=warnings)

    def _annotation(self, results: list[dict[str, Any]]) -> dict[str, Any]:
        if self.into == "predictions":
            return {"model_version": "speechlabel", "result": results}
        return {"was_cancelled": False, "ground_truth": False, "result": results}

    def _data(self, export: Export, recording: Recording, out: Path) -> dict[str, Any]:
        path = export.recording_path(recording, out) or recording.name
        if path.startswith(".."):  # Label Studio serves nothing above its root
            path = Path(os.path.abspath(export.target / path)).as_posix()  # noqa: PTH100 - keeps links
        data: dict[str, Any] = {
            AUDIO: self.audio_prefix + quote(path.lstrip("/") if self.audio_prefix else path),
            "recording_id": recording.id,
            "name": recording.name,
            "duration": us_to_seconds(recording.duration_us),
            "channels": recording.channels,
        }
        if (language := export.bundle.languages.get(recording.id)) is not None:
            data["language"] = language
        return data

    def read(self, path: Path) -> Bundle:
        """Read tasks, from a file or from all of a folder's; each becomes a recording."""
        reader = TaskReader(annotation=self.annotation, mapping=Mapping(self.labels, self.map))
        is_folder = path.is_dir()
        for file in _task_files(path) if is_folder else [path]:
            if is_folder and not _holds_tasks(file):
                reader.note(file, None, "holds no tasks; left out")
                continue
            for line, task in each_item(file):
                reader.task(file, line, task)
        return reader.bundle()

    def faults(self, path: Path) -> Iterator[Fault]:
        """Find what Label Studio would not show: an id met twice, a control that its configuration lacks."""
        for file in _task_files(path) if path.is_dir() else [path]:
            place = file.name
            try:
                known = _controls(file.parent / CONFIG)
                for line, task in each_item(file):
                    for reason in _faults_of(task, known):
                        yield Fault(place, line, reason)
            except ParseError as error:
                yield Fault(Path(error.data["path"]).name, error.data["line"], error.data["reason"])


def _task_files(folder: Path) -> Iterator[Path]:
    """Give the JSON files of a folder; those that Label Studio syncs to a storage have no ending."""
    for path in sorted(folder.iterdir()):
        if (path.suffix.lower() == ".json" or (not path.suffix and path.name.isdecimal())) and path.is_file():
            yield path


def _holds_tasks(file: Path) -> bool:
    try:
        with file.open("rb") as stream:
            if stream.read(200).lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00")[:1] not in (b"{", b"["):
                return False
        with closing(each_item(file)) as items:
            first = [item for _, item in islice(items, 2)]  # the second shows that it is no file of lines
    except (OSError, ParseError):
        return False
    return bool(first) and is_task(first[0])


def _names(speakers: dict[str, Speaker], segments: list[Segment], tally: Tally) -> dict[str | None, str]:
    """Give each speaker a label that reads back as that speaker and no other."""
    names: dict[str | None, str] = {None: NOBODY}
    taken = {NOBODY}
    unknown = {segment.speaker for segment in segments if segment.speaker} - speakers.keys()
    told = [(speaker.id, speaker.name) for speaker in speakers.values()] + [
        (id, id) for id in sorted(unknown)
    ]
    for id, name in told:
        made = name.strip()
        number_of = 1
        while made in taken:
            number_of += 1
            made = f"{name.strip()} ({number_of})"
        if made != name:
            tally.add("speaker.name", "another label has that name, or it has blanks at its edges", id)
        taken.add(made)
        names[id] = made
    return names


def _controls(config: Path) -> set[str] | None:
    """Names of the controls in a configuration, None where none lies there."""
    if not config.is_file():
        return None
    text = config.read_text(encoding="utf-8", errors="replace")
    if "<!" in text.replace("<!--", ""):
        raise ParseError(config, "declares entities; a labeling configuration has no need to", line=1)
    try:
        return {name for item in ElementTree.fromstring(text).iter() if (name := item.get("name"))}
    except ElementTree.ParseError as error:
        raise ParseError(config, f"is not XML: {error}", line=error.position[0]) from error


def _faults_of(task: object, known: set[str] | None) -> Iterator[str]:
    if not is_object(task) or not is_object(task.get("data")):
        yield "a task without data"
        return
    for key in ("annotations", "predictions"):
        listed: object = task.get(key)
        for annotation in listed if is_list(listed) else ():
            results: object = annotation.get("result") if is_object(annotation) else None
            if not is_list(results):
                yield f"{key}: one without a list of results"
                continue
            yield from _faults_of_results(results, known)


def _faults_of_results(results: list[Any], known: set[str] | None) -> Iterator[str]:
    met: set[tuple[object, object]] = set()
    for result in results:
        if is_object(result) and result.get("type") == "relation":
            continue
        if not is_object(result) or not is_object(result.get("value")):
            yield "a result without a value"
            continue
        id, control, target = (result.get(key) for key in ("id", "from_name", "to_name"))
        if not all(isinstance(item, str) for item in (id, control, target)):
            yield f"region {id!r:.80}: id, from_name and to_name must be text"
            continue
        if (id, control) in met:
            yield f"region {id!r:.80}: its id is there twice for {control!r:.80}"
        met.add((id, control))
        if known is not None and not {control, target} <= known:
            yield f"region {id!r:.80}: {CONFIG} has no {control!r:.80} for {target!r:.80}"
        start, end = (number(result["value"].get(key)) for key in ("start", "end"))
        if start is not None and end is not None and not 0 <= start <= end:
            yield f"region {id!r:.80}: {start} to {end} is not a stretch of time"
