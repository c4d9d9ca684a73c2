"""Segments out of Label Studio's tasks: which annotation counts, and what each of its results means."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from speechlabel.errors import ParseError
from speechlabel.formats.base import Bundle, bare_recording
from speechlabel.formats.foreign import Collected
from speechlabel.formats.gather import TO_THE_END_US
from speechlabel.formats.jsonfile import clean, is_list, is_object, number, plain, time_us
from speechlabel.formats.names import foreign_id
from speechlabel.formats.spool import Spool
from speechlabel.formats.tools.labelstudio_config import AUDIO
from speechlabel.formats.tools.labelstudio_regions import Annotation, Mapping, Task
from speechlabel.records import Recording

__all__ = ["TaskReader", "is_task"]

AUDIO_KEYS = (AUDIO, "audio_url", "url", "sound", "wav", "video", "path", "file")
SOUND = re.compile(r"\.(wav|mp3|flac|m4a|ogg|oga|opus|mp4|mkv|webm|aac|wma|mov|aiff?|amr)$", re.IGNORECASE)
UPLOAD = re.compile(r"[0-9a-f]{8}-(?=.)")  # what Label Studio puts before the name of an uploaded file
LISTS = ("annotations", "completions")
MIN_FACTS = {"annotator", "annotation_id", "lead_time"}


def is_task(item: object) -> bool:
    """Whether a JSON value looks like a task of Label Studio that is about sound."""
    if not is_object(item):
        return False
    task: object = item.get("task")
    if is_list(item.get("result")) and is_object(task) and is_object(task.get("data")):
        return _audio_of(task["data"]) is not None
    data: object = item.get("data")
    if is_object(data):
        return _audio_of(data) is not None
    labelled = any(_is_min_regions(value) and "labels" in value[0] for value in item.values())
    return _audio_of(item) is not None and bool(MIN_FACTS & item.keys() or labelled)


def _is_min_regions(value: object) -> bool:
    return is_list(value) and bool(value) and is_object(value[0]) and {"start", "end"} <= value[0].keys()


def _audio_of(data: dict[str, Any]) -> str | None:
    """Where a task's sound is: by the usual keys, else by what looks like a sound file."""
    texts = {key: value for key, value in data.items() if isinstance(value, str) and value.strip()}
    for value in texts.values():
        if SOUND.search(_path_of(value)):
            return value
    return next((texts[key] for key in AUDIO_KEYS[:4] if key in texts), None)


def _path_of(url: str) -> str:
    """Path that a URL of Label Studio leads to, decoded; that behind ``?d=`` for its local files."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url
    if parts.path.endswith("/local-files/") and parts.query.startswith("d="):
        return unquote(parts.query[2:].partition("&")[0])
    return unquote(parts.path)


def _where(url: str, folder: Path) -> tuple[str, str]:
    """Name of a recording, and where its file lies as far as that can be said from here."""
    path = clean(_path_of(url)).replace("\\", "/")
    name = path.rstrip("/").rpartition("/")[2] or "audio"
    if "/upload/" in f"/{path}" and "://" not in url:
        name = UPLOAD.sub("", name, count=1)
        return name, str(folder.absolute() / name)
    scheme = url.partition("://")[0] if "://" in url else ""
    if scheme not in ("", "file"):
        return name, ""
    return name, str(folder.absolute() / path)


class TaskReader:
    """Takes tasks one by one; ``bundle`` gives what became of them."""

    def __init__(self, *, annotation: str, mapping: Mapping) -> None:
        self._annotation, self._mapping = annotation, mapping
        self._spool = Spool()
        self._recordings: list[Recording] = []
        self._found: dict[str, Collected] = {}
        self._languages: dict[str, str] = {}
        self._keeps: dict[str, bool] = {}  # whether channels are told apart
        self._notes: list[str] = []

    def note(self, file: Path, line: int | None, text: str) -> None:
        """Add a note on a line of a file."""
        self._notes.append(f"{file.name}: {f'line {line}: ' if line else ''}{text}")

    def bundle(self) -> Bundle:
        """Give all that was read."""
        return Bundle(
            recordings=tuple(self._recordings),
            segments={
                id: found.segments if self._keeps[id] else found.segments_of_the_mix
                for id, found in self._found.items()
            },
            speakers={id: tuple(found.speakers.values()) for id, found in self._found.items()},
            languages=self._languages,
            notes=tuple(self._notes),
        )

    def task(self, file: Path, line: int, item: object) -> None:
        """Take a task.

        Raises
        ------
        ParseError
            It is none, or a region's times are no times.
        """
        if not is_object(item):
            raise ParseError(file, "a task must be an object", line=line)
        inner: object = item.get("task")
        if is_list(item.get("result")) and is_object(inner):  # one annotation, as it is synced to a storage
            item = inner | {"annotations": [{key: value for key, value in item.items() if key != "task"}]}
        data: object = item.get("data")
        if is_object(data):
            self._task(Task(file, line, item, data, self._mapping))
        elif is_task(item):
            self._minimal(Task(file, line, item, item, self._mapping))
        else:
            raise ParseError(file, "a task needs data that says where its sound is", line=line)

    def _say(self, task: Task, text: str) -> None:
        id: object = task.item.get("id")
        self.note(task.file, task.line, text if id is None else f"task {id!s:.40}: {text}")

    def _task(self, task: Task) -> None:
        chosen, is_prediction = self._chosen(task)
        if not chosen:
            self._take(task, "", {}, "draft")
        for annotation in chosen:
            suffix = f"-{annotation.get('id', len(self._recordings))}" if self._annotation == "all" else ""
            truth = annotation.get("ground_truth") is True
            status = "machine" if is_prediction else "done" if truth else "draft"
            self._take(task, suffix, annotation, status)

    def _chosen(self, task: Task) -> tuple[list[dict[str, Any]], bool]:
        """Annotations that become transcripts (all, if asked for), and whether they are predictions."""
        made = [item for key in LISTS for item in _objects(task.item.get(key))]
        valid = [item for item in made if item.get("was_cancelled") is not True]
        if len(valid) < len(made):
            self._say(task, f"{len(made) - len(valid)} cancelled annotations were left out")
        predictions = [item for item in _objects(task.item.get("predictions")) if is_list(item.get("result"))]
        drafts = [item for item in _objects(task.item.get("drafts")) if is_list(item.get("result"))]
        name, chosen = next(
            ((name, found) for name, found in (("annotations", valid), ("drafts", drafts)) if found),
            ("predictions", predictions),
        )
        for other, found in (("predictions", predictions), ("drafts", drafts)):
            if found and other != name:
                self._say(task, f"{len(found)} {other} were left out: there are {name}")
        if self._annotation == "all" or len(chosen) <= 1:
            return chosen, name == "predictions"
        best = self._best(chosen)
        others = ", ".join(_named(item) for item in chosen if item is not best)
        self._say(task, f"annotation {_named(best)} was taken; there are also {others}")
        return [best], name == "predictions"

    def _best(self, found: list[dict[str, Any]]) -> dict[str, Any]:
        truth = [item for item in found if item.get("ground_truth") is True]
        if truth or self._annotation == "first":
            return (truth or found)[0]
        return max(found, key=lambda item: str(item.get("updated_at") or item.get("created_at") or ""))

    def _take(self, task: Task, suffix: str, annotation: dict[str, Any], status: str) -> None:
        data = task.data
        url = _audio_of(data)
        name, path = _where(url, task.file.parent) if url else (f"task-{task.item.get('id', task.line)}", "")
        if url is None:
            self._say(task, "its data does not say where its sound is")
        own, own_name = data.get("recording_id"), data.get("name")
        stem = own if isinstance(own, str) and own else SOUND.sub("", name)
        id = foreign_id(f"{stem}{suffix}", self._found)
        if isinstance(own_name, str) and isinstance(own, str):  # as it is written here
            name = clean(own_name) or name
        found = self._found[id] = Collected(id, task.file, self._spool)
        reading = Annotation(task, id, found, status)
        kept = reading.run(annotation.get("result"), _length(data.get("duration")))
        self._notes += [f"{task.file.name}: {note}" for note in found.notes]
        channels = number(data.get("channels"))
        told = int(channels) if channels is not None and 1 <= channels <= 1000 else 0
        count = max(told, reading.n_channels)
        self._keeps[id] = bool(told) or count > 1
        language = data.get("language")
        if isinstance(language, str) and isinstance(own, str) and language:
            self._languages[id] = clean(language)
        facts = {key: plain(value) for key, value in annotation.items() if key not in ("result", "task")}
        metadata = {"task": plain(task.item.get("id")), "data": plain(data), "annotation": facts} | kept
        end_us = 0 if found.end_us >= TO_THE_END_US else found.end_us  # else nobody knows
        made = bare_recording(id, name, max(reading.length_us, end_us), channels=max(count, 1), path=path)
        self._recordings.append(replace(made, metadata={"labelstudio": metadata}))

    def _minimal(self, task: Task) -> None:
        """Take a task of JSON_MIN: its lists belong together by their order alone."""
        lists = {key: value for key, value in task.item.items() if _is_min_regions(value)}
        regions = [(key, region) for key, value in lists.items() for region in _objects(value)]
        results: list[dict[str, Any]] = []
        for place, (key, region) in enumerate(regions):
            results.append({"id": f"r{place}", "from_name": key, "type": "labels", "value": region})
        texts = {
            key: [value] if isinstance(value, str) else value
            for key, value in task.item.items()
            if key not in MIN_FACTS and (_is_texts(value) or (key in ("transcription", "text") and value))
        }
        for key, listed in texts.items():
            if len(listed) == len(regions):
                self._say(task, f"{key}: paired with the regions by their order")
                for place, text in enumerate(listed):
                    value = {
                        "text": [text],
                        **{name: regions[place][1].get(name) for name in ("start", "end")},
                    }
                    results.append({"id": f"r{place}", "from_name": key, "type": "textarea", "value": value})
            elif not regions and len(listed) == 1:
                results.append({"from_name": key, "type": "textarea", "value": {"text": listed}})
            else:
                self._say(task, f"{key}: {len(listed)} texts for {len(regions)} regions; kept beside them")
        self._take(task, "", {"result": results}, "draft")


def _is_texts(value: object) -> bool:
    return is_list(value) and bool(value) and all(isinstance(item, str) for item in value)


def _objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value if is_object(item)] if is_list(value) else []


def _named(annotation: dict[str, Any]) -> str:
    return f"{annotation.get('id', annotation.get('unique_id', 'without id'))!s:.60}"


def _length(value: object) -> int:
    """Microseconds of a length in seconds; 0 where it is none."""
    try:
        return max(time_us(value) or 0, 0)
    except ValueError:
        return 0
