"""WeNet's ``data.list``: one JSON object a line for raw audio, or the paths of tar shards.

Spec: WeNet's ``tools/make_raw_list.py``, ``tools/make_shard_list.py`` and ``wenet/dataset``.  A shard holds
``<key>.txt`` and then ``<key>.wav`` or ``.flac`` of each utterance.  ``id_map.tsv`` tells what segments they
are.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from speechlabel.errors import ExportError, ParseError
from speechlabel.formats.base import Bundle, Export, Fault, Format, Written
from speechlabel.formats.examples import Example, examples, is_example, speaker_key, utterance_id, with_sound
from speechlabel.formats.json_lines import first_object, objects, strict_objects
from speechlabel.formats.jsonfile import clean, number, plain
from speechlabel.formats.losses import Tally
from speechlabel.formats.times import LATEST
from speechlabel.formats.training.id_map import ID_MAP, header, id_map_row
from speechlabel.formats.training.nemo_lines import dumped
from speechlabel.formats.training.tar_shards import Shards, audio_of, shard_faults
from speechlabel.formats.training.utterances import Utterances, named, one_line
from speechlabel.formats.training.wenet_shards import read_shards, shard_paths
from speechlabel.records import Segment
from speechlabel.timing import MICROSECOND, us_to_seconds

__all__ = ["WenetFormat"]

LIST = "data.list"
AUDIO = ("flac", "mp3", "m4a", "ogg", "opus", "wav", "wma")


@dataclass(frozen=True)
class WenetFormat(Format):
    """List of utterances for WeNet."""

    shards: bool = False  # tar files of utterances instead of paths of audio
    shard_size: int = 1000  # utterances in a shard
    paths: Literal["absolute", "relative"] = "absolute"  # WeNet starts from the working directory
    all_kinds: bool = False  # also noise, music … that have a text

    name: ClassVar[str] = "wenet"
    title: ClassVar[str] = "WeNet data list"
    extensions: ClassVar[tuple[str, ...]] = ()
    spec: ClassVar[str] = "https://wenet.org.cn/wenet/"
    carries: ClassVar[frozenset[str]] = frozenset({"text", "language", "speaker", "channel"})
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True
    takes: ClassVar[Literal["training", "speech", "everything"]] = "training"
    needs_text: ClassVar[bool] = True
    checked_by: ClassVar[tuple[str, ...]] = ("a reader that compares the audio of each line", "webdataset")

    def utterance_id(self, recording_id: str, segment: Segment) -> str:
        """Name it without dots where it names files in a tar: readers cut those at their first."""
        return utterance_id(recording_id, segment.id, dots=not self.shards)

    def sniff(self, path: Path) -> bool:
        """Tell it by the keys of its first line, or by a list of tar files."""
        file = _list(path)
        is_list = {"key", "wav", "txt"} <= first_object(file).keys()
        return is_list or (file.suffix == ".list" and any(True for _ in shard_paths(file)))

    def read(self, path: Path) -> Bundle:
        """Read a list; of shards, the texts in those that lie beside it."""
        file = _list(path)
        found = Utterances(file, file.parent)
        if file.is_file() and next(iter(shard_paths(file)), None) is not None:
            read_shards(file, found)
            return found.found.bundle()
        for line, data in objects(file, found.found.notes):
            _take(found, file, line, data)
        return found.found.bundle()

    def write(self, export: Export, out: Path) -> Written:
        """Write the list, and the shards or clips that it names."""
        tally = Tally()
        count = 0
        is_cut = self.shards or export.is_cut
        shards = Shards(lambda number: out / f"shards/shard_{number:09d}.tar", self.shard_size)
        with (
            shards,
            (out / LIST).open("wb") as file,
            (out / ID_MAP).open("w", encoding="utf-8", newline="\n") as origins,
        ):
            origins.write(header(is_cut=is_cut))
            for recording, segments in export.bundle.stream():
                speakers = export.bundle.speakers_of(recording.id)
                wanted = (one for one in segments if is_example(one, tally, all_kinds=self.all_kinds))
                clips = out / "clips" if self.shards else None
                found = examples(export, recording, wanted, out, clips=clips, dots=not self.shards)
                for example in with_sound(found, tally):
                    segment = example.segment
                    text = one_line(segment, tally)
                    if self.shards:
                        ending, content = audio_of(example)
                        shards.add(
                            ((f"{example.id}.txt", text.encode()), (f"{example.id}.{ending}", content))
                        )
                    else:
                        line = self._line(export, example, text)
                        if segment.speaker is not None:
                            line["speaker"] = speaker_key(recording.id, segment.speaker)
                        if language := export.bundle.language_of(recording.id, segment):
                            line["lang"] = language
                        file.write(dumped(line | _kept(segment.custom, line), segment.id))
                    speaker = speakers.get(segment.speaker or "")
                    origins.write(id_map_row(example.id, recording, segment, speaker, is_cut=is_cut))
                    if self.shards and export.bundle.language_of(recording.id, segment):
                        tally.add("language", "a shard holds texts and audio only", segment.id)
                    count += 1
            for path in shards.paths:
                inside = path.relative_to(out).as_posix()
                file.write(named(export, inside, is_absolute=self.paths == "absolute").encode() + b"\n")
        if self.shards:
            shutil.rmtree(out / "clips", ignore_errors=True)
        if not count:
            raise ExportError("there is nothing to export: no segment is speech with a text")
        return Written(segments=count, losses=tally.losses())

    def _line(self, export: Export, example: Example, text: str) -> dict[str, Any]:
        wav = named(export, example.audio, is_absolute=self.paths == "absolute")
        line: dict[str, Any] = {"key": example.id, "wav": wav, "txt": text}
        if example.clip is None:
            end = example.start_us + example.duration_us
            line |= {"start": us_to_seconds(example.start_us), "end": us_to_seconds(end)}
        return line

    def faults(self, path: Path) -> Iterator[Fault]:
        """Everything that WeNet's reader stumbles over."""
        file = _list(path)
        if not file.is_file():
            yield Fault(file.name, None, "is missing")
        elif next(iter(shard_paths(file)), None) is not None:
            yield from _list_faults(file)
        else:
            yield from _raw_faults(file)


def _take(found: Utterances, file: Path, line: int, data: dict[str, Any]) -> None:
    key, wav, text = data.pop("key", None), data.pop("wav", None), data.pop("txt", None)
    if not isinstance(key, str) or not isinstance(wav, str):
        raise ParseError(file, "an utterance needs a key and a wav", line=line)
    times: list[int | None] = []
    for name in ("start", "end"):
        value = data.pop(name, None)
        seconds = number(value)
        if value is not None and (seconds is None or abs(seconds) > LATEST):
            raise ParseError(file, f"{name}: {value!r:.80} is not a number of seconds", line=line)
        times.append(None if seconds is None else round(seconds * MICROSECOND))
    fields: dict[str, Any] = {}
    speaker, language = data.pop("speaker", None), data.pop("lang", None)
    if isinstance(language, str) and language.strip():
        fields["language"] = clean(language)[:500]
    if data:
        fields["custom"] = {"wenet": plain(data)}
    found.add(
        line,
        key,
        wav,
        text=clean(str(text)) if text is not None else None,
        times=(times[0] or 0, times[1]),
        speaker=speaker if isinstance(speaker, str) and speaker.strip() else None,
        **fields,
    )


def _kept(custom: Any, line: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - a mapping of anything
    kept = custom.get("wenet")
    return {key: value for key, value in kept.items() if key not in line} if isinstance(kept, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def _raw_faults(file: Path) -> Iterator[Fault]:
    seen: set[int] = set()
    count = 0
    for number_of, data in strict_objects(file, file.name):
        count += 1
        if isinstance(data, Fault):
            yield data
            continue
        for reason in _line_faults(data):
            yield Fault(file.name, number_of, reason)
        if (mark := hash(str(data.get("key")))) in seen:
            yield Fault(file.name, number_of, f"key {data.get('key')!r:.80} is there twice")
        seen.add(mark)
    if not count:
        yield Fault(file.name, None, "is empty")


def _line_faults(data: dict[str, Any]) -> Iterator[str]:
    for name in ("key", "wav", "txt"):
        if not isinstance(data.get(name), str):
            yield f"{name} is missing"
    key = data.get("key")
    if isinstance(key, str) and key.split() != [key]:
        yield f"key {key!r:.80} holds a blank"
    start: object = data.get("start")
    end: object = data.get("end")
    if (start is None) != (end is None):
        yield "start and end go together"
    elif start is not None:
        is_number = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (start, end))
        if not is_number or not 0 <= float(str(start)) < float(str(end)):
            yield "start and end must be seconds, in order"


def _list_faults(file: Path) -> Iterator[Fault]:
    for number_of, path in shard_paths(file):
        inside = next((one for one in _places(file, path) if one.is_file()), None)
        if not path.endswith(".tar") or path.split() != [path]:
            yield Fault(file.name, number_of, f"{path!r:.80} is not the path of a tar, without blanks")
        elif inside is not None:
            name = inside.relative_to(file.parent).as_posix()
            yield from (
                found for found in shard_faults(inside, name, ("txt",), AUDIO) if isinstance(found, Fault)
            )


def _places(file: Path, path: str) -> tuple[Path, ...]:
    name = path.rpartition("/")[2]
    return file.parent / "shards" / name, file.parent / name


def _list(path: Path) -> Path:
    return path / LIST if path.is_dir() else path
