"""Reading Lhotse manifests: recordings, supervisions and cuts, packed or not, and our own as they were."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, cast

from speechlabel.errors import ParseError, RecordError
from speechlabel.formats.base import Bundle, Labelled, bare_recording
from speechlabel.formats.gather import Gathered, beside
from speechlabel.formats.json_lines import first_object, objects
from speechlabel.formats.jsonfile import clean, is_list, is_object, number, plain
from speechlabel.formats.native import lines
from speechlabel.formats.times import LATEST
from speechlabel.records import Recording, Word
from speechlabel.timing import MICROSECOND

__all__ = ["BESIDE", "ManifestKind", "lhotse_kind", "manifests", "read_lhotse"]

BESIDE = "speechlabel.jsonl"
NAMED = re.compile(r"(.*[_.-])?(recordings|supervisions|cuts)([_.-].*)?\.jsonl?(\.gz)?", re.IGNORECASE)
ORDER = ("recordings", "supervisions", "cuts")
GENDERS = {"female": "female", "f": "female", "male": "male", "m": "male", "other": "other"}
SUPERVISION = {
    *("id", "recording_id", "start", "duration", "channel", "text", "language", "speaker", "gender"),
    *("custom", "alignment"),
}
OURS = {"schema", "id", "recording_id", "channel", "start", "end", "speaker_name", "gender", *lines.LABELS}
CUTS = ("MonoCut", "MultiCut", "MixedCut", "PaddingCut", "Cut")  # the last one before Lhotse 0.9
ManifestKind = Literal["recordings", "supervisions", "cuts"]
MOST_CHANNELS = 1000
Object = dict[str, Any]


def lhotse_kind(path: Path) -> ManifestKind | None:
    """Tell what a file holds by its first object; None for what is none of Lhotse's."""
    first = first_object(path)
    keys = first.keys()
    if first.get("type") in CUTS:
        return None if _is_shar(first.get("recording")) else "cuts"
    if {"id", "sources", "sampling_rate", "num_samples"} <= keys:
        return "recordings"
    is_other = {"schema", "end", "audio", "audio_filepath", "segment_id"} & keys
    return "supervisions" if {"id", "recording_id", "start", "duration"} <= keys and not is_other else None


def manifests(folder: Path) -> list[Path]:
    """List manifests of a folder by their names, recordings first."""
    found: list[tuple[int, str, Path]] = []
    for path in folder.iterdir():
        if (named := NAMED.fullmatch(path.name)) and path.is_file():
            found.append((ORDER.index(named[2].lower()), path.name, path))
    return [path for _, _, path in sorted(found)]


def read_lhotse(path: Path) -> Bundle:
    """Read a folder's manifests, or one file with the recordings that lie beside it under the same name.

    Raises
    ------
    ParseError
        A line is not JSON or lacks a key, or no manifest is there.
    """
    files = manifests(path) if path.is_dir() else [path]
    kinds = [(file, lhotse_kind(file)) for file in files]
    if path.is_file() and kinds[0][1] == "supervisions":
        other = path.with_name(path.name.replace("supervisions", "recordings"))
        if other != path and other.is_file() and lhotse_kind(other) == "recordings":
            kinds.insert(0, (other, "recordings"))
    reader = Reader(path)
    reader.beside(path if path.is_dir() else path.parent)
    has_cuts = not any(kind == "supervisions" for _, kind in kinds)
    n_read = 0
    for file, kind in kinds:
        take = {"recordings": reader.recording, "supervisions": reader.supervision, "cuts": reader.cut}
        if kind is None and first_object(file):
            reader.found.plain_notes.append(f"{file.name}: is none of Lhotse's manifests: not read")
            continue
        if kind == "cuts" and not has_cuts:
            reader.found.plain_notes.append(f"{file.name}: the supervisions were read, so not the cuts")
            continue
        reader.file = file
        for line, data in objects(file, reader.found.notes):
            take[kind or "supervisions"](line, data)
            n_read += 1
    if not n_read:
        raise ParseError(path, "holds no recordings, supervisions or cuts", line=1)
    return reader.found.bundle(labelled=reader.labelled)


class Reader:
    """Takes Lhotse's objects one by one; ``file`` is where they are from."""

    def __init__(self, path: Path) -> None:
        self.found = Gathered(path)
        self.file = path
        self.labelled: dict[str, tuple[Labelled, ...]] = {}
        self._ours: dict[str, Recording] = {}
        self._channels: dict[str, int] = {}  # recording id → how many
        self._met: set[int] = set()

    def beside(self, folder: Path) -> None:
        """Read what our own exports tell of recordings and speakers."""
        file = folder / BESIDE
        if not file.is_file():
            return
        for _, line, data in lines.read_lines(file):
            if str(data.get("schema")).startswith("speechlabel.speaker/"):
                recording_id, speaker = lines.parse_speaker(data, file, line)
                if recording_id not in self._ours:
                    raise ParseError(file, f"recording_id: {recording_id!r:.80} is not known", line=line)
                self.found.put_speaker(recording_id, speaker)
                continue
            told = lines.parse_recording(data, file, line)
            id = told.recording.id
            self._ours[id] = told.recording
            self.found.recording(f" {id}", name=told.recording.name, id=id)
            self.found.put(told.recording)
            self._channels[id] = told.recording.channels
            if told.labelled is not None:
                self.labelled[id] = told.labelled
            if told.language is not None:
                self.found.languages[id] = told.language

    def recording(self, line: int, data: Object) -> str:
        """Take a Recording; return its id here."""
        name = data.get("id")
        if not isinstance(name, str) or not name:
            raise ParseError(self.file, "a recording has no id", line=line)
        known = self.found.known(f" {name}")
        if known is not None and known in self._channels and known not in self._ours:
            return known
        sources = [one for one in _list(data.get("sources")) if is_object(one)]
        if name in self._ours:
            self._our_sources(name, sources)
            return name
        channels = [one for one in _list(data.get("channel_ids")) if type(one) is int]
        channels += [one for source in sources for one in _list(source.get("channels")) if type(one) is int]
        count = max((one for one in channels if 0 <= one < MOST_CHANNELS), default=0) + 1
        id = self.found.recording(f" {name}", name=clean(name)[:200] or "recording")
        self._channels[id] = count
        self.found.put(self._made(id, clean(name)[:200] or id, count, data, sources, line))
        return id

    def _made(
        self, id: str, name: str, count: int, data: Object, sources: list[Object], line: int
    ) -> Recording:
        rate, n_samples = data.get("sampling_rate"), data.get("num_samples")
        files = [one.get("source") for one in sources if one.get("type") == "file"]
        path = beside(self.file, files[0]) if len(files) == 1 and isinstance(files[0], str) else ""
        if len(files) > 1:
            self._by_channel(id, sources)
        elif not files and not _is_shar(data):
            self.found.notes.add(self.file.name, line, "its audio is not a file", repr(name)[:80])
        odd = {
            "sources": [
                {"type": one.get("type"), "source": str(one.get("source"))[:1000]}
                for one in sources
                if one.get("type") in ("command", "url")
            ],
            "transforms": data.get("transforms"),
        }
        if data.get("transforms"):
            self.found.notes.add(self.file.name, line, "its transforms were not applied")
        metadata = {f"lhotse {key}": plain(value) for key, value in odd.items() if value}
        made = bare_recording(id, name, 0, channels=count, path=path)
        length = number(data.get("duration"))
        if type(rate) is int and type(n_samples) is int and 0 < rate < 10**7 and 0 <= n_samples < 10**13:
            return dataclasses.replace(made, sample_rate=rate, n_frames=n_samples, metadata=metadata)
        if length is None or not 0 <= length < LATEST:
            raise ParseError(self.file, "needs sampling_rate and num_samples", line=line)
        return dataclasses.replace(made, n_frames=round(length * MICROSECOND), metadata=metadata)

    def _our_sources(self, id: str, sources: list[Object]) -> None:
        recording = self._ours[id]
        if recording.channels > 1:
            self._by_channel(id, sources)
        elif sources and isinstance(sources[0].get("source"), str):
            path = beside(self.file, sources[0]["source"])
            self.found.put(dataclasses.replace(recording, path=path))

    def _by_channel(self, id: str, sources: list[Object]) -> None:
        for source in sources:
            channels, named = _list(source.get("channels")), source.get("source")
            path = beside(self.file, named) if isinstance(named, str) else ""
            if path and len(channels) == 1 and type(channels[0]) is int:
                self.found.audio[id, channels[0]] = Path(path)

    def supervision(self, line: int, data: Object, shift: float = 0.0, cut: object = None) -> None:
        """Take a supervision that starts ``shift`` seconds later in its recording than it says."""
        name, start, length = (
            data.get("recording_id"),
            number(data.get("start")),
            number(data.get("duration")),
        )
        if (
            not isinstance(name, str)
            or not isinstance(data.get("id"), str)
            or start is None
            or length is None
        ):
            raise ParseError(self.file, "a supervision needs id, recording_id, start and duration", line=line)
        if abs(start + shift) > LATEST or abs(length) > LATEST:
            raise ParseError(self.file, "start or duration is too large for a time", line=line)
        custom = data.get("custom")
        start_us = round((start + shift) * MICROSECOND)
        if is_object(custom) and str(custom.get("schema")).startswith("speechlabel.segment/"):
            self._own(line, data, custom, name, (start_us, round(length * MICROSECOND)))
            return
        end_us = round((start + shift + length) * MICROSECOND)
        if start_us < 0:
            self.found.notes.add(self.file.name, line, "starts before the recording: moved to its start")
            start_us = 0
        if end_us <= start_us:
            self.found.notes.add(self.file.name, line, "has no length: left out")
            return
        if cut is not None and self._is_again(name, data["id"], start_us, end_us):
            return
        id = self.found.known(f" {name}") or self.found.recording(f" {name}", name=clean(name)[:200])
        fields = self._fields(line, data, id, shift)
        kept = {key: value for key, value in data.items() if key not in SUPERVISION}
        if kept:
            self.found.notes.add(
                self.file.name, line, "has keys that Lhotse does not: kept", ", ".join(kept)[:80]
            )
        kept |= {"custom": custom} if custom else {}
        kept |= {"cut": cut} if cut else {}
        kept |= {"alignment": fields.pop("alignment")} if fields.get("alignment") else {}
        fields.pop("alignment", None)
        if kept:
            fields["custom"] = {"lhotse": plain(kept)}
        self.found.segment(id, line, id=data["id"], start_us=start_us, end_us=end_us, **fields)

    def _is_again(self, name: str, id: str, start_us: int, end_us: int) -> bool:
        """Whether a supervision was met in an earlier cut: cuts may overlap."""
        mark = hash((name, id, start_us, end_us))
        if mark in self._met:
            self.found.notes.add(self.file.name, 0, "supervisions that several cuts hold were taken once")
            return True
        self._met.add(mark)
        return False

    def _fields(self, line: int, data: Object, id: str, shift: float) -> dict[str, Any]:
        fields: dict[str, Any] = {"channel": self._channel(line, data.get("channel"), id)}
        for key in ("text", "language"):
            if isinstance(data.get(key), str):
                fields[key] = clean(data[key])[: None if key == "text" else 500]
        speaker = data.get("speaker")
        if isinstance(speaker, str) and speaker.strip():
            gender = GENDERS.get(str(data.get("gender")).lower())
            fields["speaker"] = self.found.speaker(id, clean(speaker)[:200], line, gender=gender)
        alignment = data.get("alignment")
        if is_object(alignment):
            others = {key: value for key, value in alignment.items() if key != "word"}
            fields["words"] = _words(alignment.get("word"), round(shift * MICROSECOND))
            fields["alignment"] = others
        return fields

    def _channel(self, line: int, value: object, id: str) -> int | None:
        count = self._channels.get(id, 1)
        channels = [one for one in (value if is_list(value) else [value]) if type(one) is int]
        if len(channels) == 1 and (count > 1 or channels[0] > 0) and 0 <= channels[0] < MOST_CHANNELS:
            if id not in self._channels:
                self.found.tell(id, channel=channels[0])
            return channels[0]
        if len(channels) > 1 and len(channels) < count:
            self.found.notes.add(self.file.name, line, "is of some of the channels: taken as of all")
        return None

    def _own(self, line: int, data: Object, custom: Object, name: str, place: tuple[int, int]) -> None:
        """Take a supervision that we wrote; what it says itself comes before what is beside."""
        again = {key: value for key, value in custom.items() if key in OURS}
        told = again.get("recording_id")
        is_clip = told != name
        again["text"] = data.get("text")
        if not is_clip:
            again |= {"start": place[0] / MICROSECOND, "end": (place[0] + place[1]) / MICROSECOND}
        parsed = lines.parse_segment(again, self.file, line)
        segment = parsed.segment
        alignment = data.get("alignment")
        if is_object(alignment) and not segment.words:
            start = number(data.get("start")) or 0.0
            shift = segment.start_us - round(start * MICROSECOND)
            segment = dataclasses.replace(segment, words=_words(alignment.get("word"), shift))
        id = self.found.recording(f" {parsed.recording_id}", name=parsed.recording_id, id=parsed.recording_id)
        if segment.language is None and id not in self._ours and isinstance(data.get("language"), str):
            self.found.languages.setdefault(id, clean(data["language"]))
        if segment.channel is not None and parsed.recording_id not in self._ours:
            self.found.tell(id, channel=segment.channel)
        if segment.speaker is not None:
            self.found.speaker(
                id, segment.speaker, line, id=segment.speaker, name=parsed.speaker_name, gender=parsed.gender
            )
        self.found.put_segment(id, line, segment)

    def cut(self, line: int, data: Object) -> None:
        """Take the supervisions of a cut, each at its place in its recording."""
        kind = data.get("type")
        if kind == "PaddingCut":
            return
        if kind == "MixedCut":
            tracks = _objects_in(data.get("tracks"))
            self.found.notes.add(self.file.name, line, "is a mix: its parts were taken each by itself")
            for track in tracks:
                if is_object(track.get("cut")):
                    self.cut(line, track["cut"] | {"type": track["cut"].get("type") or track.get("type")})
            return
        start = number(data.get("start"))
        if start is None:
            raise ParseError(self.file, "a cut needs a start", line=line)
        recording = self._recording_of(line, data)
        is_shar = _is_shar(recording)
        if is_shar and isinstance(data.get("id"), str):  # its audio is this cut alone
            recording = recording | {"id": data["id"]}
        supervisions = _objects_in(data.get("supervisions"))
        ours = [one for one in supervisions if _is_ours(one)]
        is_known = bool(ours) and len(ours) == len(supervisions) and self._is_clip(ours, recording)
        if recording and not is_known:
            self.recording(line, recording)
        if not supervisions:
            self.found.notes.add(self.file.name, line, "the cut has no supervision")
        for one in supervisions:
            moved = (
                one | {"recording_id": recording["id"]}
                if is_shar and isinstance(recording.get("id"), str)
                else one
            )
            self.supervision(line, dict(moved), 0.0 if is_shar else start, cut=data.get("custom") or {})

    def _recording_of(self, line: int, data: Object) -> Object:
        """Find the recording of a cut; {} for one of features alone, whose supervisions name theirs."""
        recording = data.get("recording")
        if is_object(recording):
            return recording
        if not (data.get("features") or data.get("supervisions")):
            raise ParseError(self.file, "a cut needs a recording, features or supervisions", line=line)
        self.found.notes.add(
            self.file.name, line, "the cut has no recording: only its supervisions are taken"
        )
        return {}

    def _is_clip(self, ours: list[Object], recording: Object) -> bool:
        return all(one["custom"].get("recording_id") != recording.get("id") for one in ours)


def _is_ours(supervision: Object) -> bool:
    custom = supervision.get("custom")
    return is_object(custom) and str(custom.get("schema")).startswith("speechlabel.segment/")


def _is_shar(recording: object) -> bool:
    """Whether a recording's audio is in a tar that lies beside the cuts."""
    sources = _list(cast("Mapping[str, Any]", recording).get("sources")) if is_object(recording) else []
    return any(is_object(one) and one.get("type") == "shar" for one in sources)


def _objects_in(value: object) -> list[Object]:
    return [one for one in _list(value) if is_object(one)]


def _list(value: object) -> list[Any]:
    return value if is_list(value) else []


def _words(value: object, shift_us: int) -> tuple[Word, ...]:
    """Words of an alignment: ``[symbol, start, duration, score]`` each, times in seconds."""
    return tuple(_each_word(_list(value), shift_us))


def _each_word(items: list[Any], shift_us: int) -> Iterator[Word]:
    for item in items:
        parts = _list(item)
        if len(parts) < 3 or not isinstance(parts[0], str):
            continue
        start, length = number(parts[1]), number(parts[2])
        score = number(parts[3]) if len(parts) > 3 else None
        if start is None or length is None or abs(start) + abs(length) > LATEST:
            yield Word(word=clean(parts[0]))
            continue
        start_us = round(start * MICROSECOND) + shift_us
        end_us = start_us + round(length * MICROSECOND)
        try:
            yield Word(word=clean(parts[0]), start_us=start_us, end_us=end_us, score=score)
        except RecordError:
            yield Word(word=clean(parts[0]))
