"""What Lhotse would refuse: ``lhotse validate`` and the keys of its classes, without opening audio.

Source: Lhotse's ``qa.py`` and ``supervision.py`` (Apache-2.0), rewritten from their rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeGuard, cast

from speechlabel.errors import ParseError
from speechlabel.formats.base import Fault
from speechlabel.formats.gather import Notes
from speechlabel.formats.json_lines import objects, strict_objects
from speechlabel.formats.jsonfile import is_list, is_object
from speechlabel.formats.training.lhotse_read import SUPERVISION, lhotse_kind, manifests

__all__ = ["lhotse_faults"]

LATE = 0.001  # seconds that a supervision may pass its recording's ends
MISMATCH = 0.5  # seconds between duration and num_samples / sampling_rate
SOURCES = ("file", "command", "url", "memory", "shar")
RECORDING = {"id", "sources", "sampling_rate", "num_samples", "duration", "channel_ids", "transforms"}
CUTS = ("MonoCut", "MultiCut", "MixedCut", "PaddingCut")  # of today's Lhotse
Object = dict[str, Any]


def lhotse_faults(path: Path) -> Iterator[Fault]:
    """Check a folder's manifests, or one file."""
    files = manifests(path) if path.is_dir() else [path]
    if not files:
        yield Fault("", None, "holds no recordings, supervisions or cuts")
    check = _Check()
    for file in files:
        yield from check.file(file, file.name)


class _Check:
    def __init__(self) -> None:
        self._recordings: dict[str, tuple[float, frozenset[int]]] = {}
        self._has_recordings = False

    def file(self, path: Path, name: str) -> Iterator[Fault]:
        kind = lhotse_kind(path)
        rules = {"recordings": self._recording, "supervisions": self._supervision, "cuts": self._cut}
        rule = rules[kind or _named(name)]
        self._has_recordings |= kind == "recordings"
        ids: set[int] = set()
        count = 0
        for number, data in _objects_of(path, name):
            count += 1
            if isinstance(data, Fault):
                yield data
                continue
            if (id := data.get("id")) is not None and hash(str(id)) in ids:
                yield Fault(name, number, f"{id!r:.80} is there twice")
            ids.add(hash(str(id)))
            for reason in rule(data):
                yield Fault(name, number, reason)
        if not count:
            yield Fault(name, None, "is empty, which Lhotse cannot describe")

    def _recording(self, data: Object) -> Iterator[str]:
        if not isinstance(data.get("id"), str):
            yield "a recording has no id"
        if unknown := sorted(data.keys() - RECORDING):
            yield f"{unknown[0]!r:.80} is no key of a Recording"
        rate, n_samples = data.get("sampling_rate"), data.get("num_samples")
        length: object = data.get("duration")
        if type(rate) is not int or rate <= 0 or type(n_samples) is not int or n_samples <= 0:
            yield "sampling_rate and num_samples must be whole numbers above 0"
        elif not _is_number(length) or length <= 0:
            yield "duration must be above 0"
        elif abs(n_samples / rate - length) > MISMATCH:
            yield f"duration is {length}, but the samples last {n_samples / rate:.3f} s"
        channels = [one for source in _objects(data.get("sources")) for one in _list(source.get("channels"))]
        if not channels or any(source.get("type") not in SOURCES for source in _objects(data.get("sources"))):
            yield "sources need a type that Lhotse knows, and channels"
        listed = data.get("channel_ids")
        if listed is not None and sorted(map(str, _list(listed))) != sorted(map(str, channels)):
            yield "channel_ids are not the channels of the sources"
        if isinstance(data.get("id"), str) and _is_number(length):
            self._recordings[data["id"]] = length, frozenset(one for one in channels if type(one) is int)

    def _supervision(self, data: Object) -> Iterator[str]:
        yield from self._supervision_alone(data)
        start: object = data.get("start")
        length: object = data.get("duration")
        name = data.get("recording_id")
        if not self._has_recordings or not (_is_number(start) and _is_number(length)):
            return
        known = self._recordings.get(str(name))
        if known is None:
            yield f"recording_id {name!r:.80} is none of the recordings"
            return
        if start < -LATE or start + length > known[0] + LATE:
            yield f"lies outside of its recording, which lasts {known[0]} s"
        if not _channels(data.get("channel")) <= known[1]:
            yield f"channel {data.get('channel')!r:.80} is none of its recording's"

    def _supervision_alone(self, data: Object) -> Iterator[str]:
        if not isinstance(data.get("id"), str) or not isinstance(data.get("recording_id"), str):
            yield "a supervision needs an id and a recording_id"
        if unknown := sorted(data.keys() - SUPERVISION):
            yield f"{unknown[0]!r:.80} is no key of a SupervisionSegment"
        if not _is_number(data.get("start")):
            yield "start must be a number of seconds"
        length: object = data.get("duration")
        if not _is_number(length) or length <= 0:
            yield "duration must be above 0"
        channel = data.get("channel", 0)
        if not _channels(channel):
            yield "channel must be a number from 0, or a list of them"
        if not isinstance(data.get("custom") or {}, dict):
            yield "custom must be an object"
        alignment: object = data.get("alignment")
        if alignment and not (is_object(alignment) and all(map(_is_alignment, alignment.values()))):
            yield "alignment needs lists of [symbol, start, duration, score]"

    def _cut(self, data: Object) -> Iterator[str]:
        kind = data.get("type")
        if kind not in CUTS or not isinstance(data.get("id"), str):
            yield "a cut needs an id and a type that Lhotse knows"
            return
        if kind in ("MixedCut", "PaddingCut"):
            return
        start: object = data.get("start")
        length: object = data.get("duration")
        recording = data.get("recording")
        if not _is_number(start) or start < 0 or not _is_number(length) or length <= 0:
            yield "start must not be below 0, and duration must be above it"
            return
        channels = _channels(data.get("channel"))
        if not channels or (kind == "MonoCut") != (type(data.get("channel")) is int):
            yield f"channel {data.get('channel')!r:.80} is none that a {kind} has"
        if not is_object(recording):
            yield "a cut needs a recording"
            return
        yield from self._recording(recording)
        known = self._recordings.pop(str(recording.get("id")), None)
        if known is not None and start + length > known[0] + LATE:
            yield f"ends after its recording, which lasts {known[0]} s"
        if known is not None and not channels <= known[1]:
            yield f"channel {data.get('channel')!r:.80} is none of its recording's"
        for one in _objects(data.get("supervisions")):
            yield from self._supervision_alone(one)
            if one.get("recording_id") != recording.get("id"):
                yield "a supervision of the cut is of another recording"


def _objects_of(path: Path, name: str) -> Iterator[tuple[int, Object | Fault]]:
    """Objects of a file of lines, or of one array, as Lhotse reads ``.json``."""
    if not name.lower().endswith((".json", ".json.gz")):
        yield from strict_objects(path, name)
        return
    try:
        yield from objects(path, Notes())
    except ParseError as error:
        yield error.data["line"], Fault(name, error.data["line"], error.data["reason"])


def _named(name: str) -> str:
    return next((kind for kind in ("recordings", "cuts") if kind in name), "supervisions")


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _channels(value: object) -> frozenset[int]:
    found: list[Any] = value if is_list(value) else [value]
    is_right = all(type(one) is int and one >= 0 for one in found)
    return frozenset(cast("list[int]", found)) if is_right else frozenset()


def _is_alignment(value: object) -> bool:
    return is_list(value) and all(
        is_list(item) and len(item) in (3, 4) and _is_number(item[1]) and _is_number(item[2])
        for item in value
    )


def _list(value: object) -> list[Any]:
    return value if is_list(value) else []


def _objects(value: object) -> list[Object]:
    return [one for one in _list(value) if is_object(one)]
