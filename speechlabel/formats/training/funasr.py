"""FunASR: ``wav.scp`` and ``text.txt``, and the same as ``data.jsonl`` with the lengths that it batches by.

Spec: FunASR's ``scp2jsonl`` and its ``AudioDataset``.  Every utterance is a file of its own.  ``source_len``
counts frames of 10 ms; ``target_len`` counts words where the text holds a blank, else characters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from speechlabel.errors import ExportError
from speechlabel.formats.base import Bundle, Export, Fault, Format, Written
from speechlabel.formats.examples import examples, is_example, with_sound
from speechlabel.formats.json_lines import strict_objects
from speechlabel.formats.losses import Tally
from speechlabel.formats.training.funasr_read import JSONL, funasr_files, funasr_line, read_funasr
from speechlabel.formats.training.id_map import ID_MAP, header, id_map_row
from speechlabel.formats.training.nemo_lines import dumped
from speechlabel.formats.training.utterances import named, one_line
from speechlabel.records import Segment

__all__ = ["FunasrFormat"]

FRAME_US = 10_000
LANGUAGES = {"zh", "en", "yue", "ja", "ko"}  # that SenseVoice tells apart
EMOTIONS = {
    "happy": "HAPPY",
    "sad": "SAD",
    "angry": "ANGRY",
    "neutral": "NEUTRAL",
    "fearful": "FEARFUL",
    "disgusted": "DISGUSTED",
    "surprised": "SURPRISED",
}


@dataclass(frozen=True)
class FunasrFormat(Format):
    """Utterances for FunASR and SenseVoice."""

    sensevoice: bool = False  # also what SenseVoice learns: language, emotion, event, punctuation
    paths: Literal["absolute", "relative"] = "absolute"  # FunASR starts from the working directory
    all_kinds: bool = False  # also noise, music … that have a text

    name: ClassVar[str] = "funasr"
    title: ClassVar[str] = "FunASR"
    extensions: ClassVar[tuple[str, ...]] = ()
    spec: ClassVar[str] = "https://github.com/modelscope/FunASR/blob/main/docs/tutorial/README.md"
    carries: ClassVar[frozenset[str]] = frozenset({"text", "speaker", "channel"})
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True
    takes: ClassVar[Literal["training", "speech", "everything"]] = "training"
    needs_text: ClassVar[bool] = True
    checked_by: ClassVar[tuple[str, ...]] = (
        "kaldi-native-io",
        "a reader that compares the audio of each line",
    )

    def sniff(self, path: Path) -> bool:
        """Tell it by ``wav.scp`` beside ``text.txt``, or by the keys of the first line."""
        return bool(funasr_files(path))

    def read(self, path: Path) -> Bundle:
        """Read the lines of JSON, else ``wav.scp`` and ``text.txt``."""
        return read_funasr(path)

    def write(self, export: Export, out: Path) -> Written:
        """Write the clips and all three lists of them."""
        tally = Tally()
        count = 0
        is_absolute = self.paths == "absolute"
        with ExitStack() as stack:
            jsonl = stack.enter_context((out / JSONL).open("wb"))
            wav, texts, origins = (
                stack.enter_context((out / name).open("w", encoding="utf-8", newline="\n"))
                for name in ("wav.scp", "text.txt", ID_MAP)
            )
            origins.write(header(is_cut=True))
            for recording, segments in export.bundle.stream():
                speakers = export.bundle.speakers_of(recording.id)
                wanted = (one for one in segments if is_example(one, tally, all_kinds=self.all_kinds))
                found = examples(export, recording, wanted, out, clips=out / "clips")
                for example in with_sound(found, tally):
                    segment, key = example.segment, example.id
                    text = one_line(segment, tally)
                    source = named(export, example.audio, is_absolute=is_absolute)
                    line: dict[str, Any] = {
                        "key": key,
                        "source": source,
                        "source_len": example.duration_us // FRAME_US,
                        "target": text,
                        "target_len": _length(text),
                    }
                    if self.sensevoice:
                        language = export.bundle.language_of(recording.id, segment)
                        line |= _rich(segment, language, text)
                    jsonl.write(dumped(line, segment.id))
                    wav.write(f"{key} {source}\n")
                    texts.write(f"{key} {text}".rstrip(" ") + "\n")
                    speaker = speakers.get(segment.speaker or "")
                    origins.write(id_map_row(key, recording, segment, speaker, is_cut=True))
                    count += 1
        if not count:
            raise ExportError("there is nothing to export: no segment is speech with a text")
        return Written(segments=count, losses=tally.losses())

    def faults(self, path: Path) -> Iterator[Fault]:
        """Everything that FunASR stumbles over."""
        files = funasr_files(path)
        if not files:
            yield Fault("", None, "holds neither lines of JSON nor wav.scp with text.txt")
        for file in files:
            yield from _json_faults(file) if file.suffix == ".jsonl" else _table_faults(file)


def _length(text: str) -> int:
    return len(text.split()) if " " in text else len(text)


def _rich(segment: Segment, language: str | None, text: str) -> dict[str, str]:
    """Tell what SenseVoice learns beside the text."""
    base = (language or "").replace("_", "-").partition("-")[0].lower()
    emotion = EMOTIONS.get(segment.fields.get("emotion", "").lower(), "EMO_UNKNOWN")
    is_written = any(unicodedata.category(letter)[0] in "PN" for letter in text)
    return {
        "text_language": f"<|{base if base in LANGUAGES else 'auto'}|>",
        "emo_target": f"<|{emotion}|>",
        "event_target": "<|Speech|>",
        "with_or_wo_itn": f"<|{'withitn' if is_written else 'woitn'}|>",
    }


def _json_faults(file: Path) -> Iterator[Fault]:
    seen: set[int] = set()
    count = 0
    for number, data in strict_objects(file, file.name):
        count += 1
        if isinstance(data, Fault):
            yield data
            continue
        yield from (Fault(file.name, number, reason) for reason in _line_faults(data))
        mark = hash(str(data.get("key", number)))
        if mark in seen:
            yield Fault(file.name, number, f"key {data.get('key')!r:.80} is there twice")
        seen.add(mark)
    if not count:
        yield Fault(file.name, None, "is empty")


def _line_faults(data: dict[str, Any]) -> Iterator[str]:
    if "messages" in data:
        if funasr_line(dict(data)) is None:
            yield "its messages name no audio between <|startofspeech|> marks"
        return
    for name in ("key", "source", "target"):
        if not isinstance(data.get(name), str) or (name != "target" and not data[name]):
            yield f"{name} is missing"
    for name in ("source_len", "target_len"):
        value = data.get(name)
        if type(value) is not int or value < 0:
            yield f"{name} must be a whole number"


def _table_faults(file: Path) -> Iterator[Fault]:
    seen: set[int] = set()
    count = 0
    with file.open("rb") as stream:
        for number, raw in enumerate(stream, 1):
            try:
                fields = raw.decode("utf-8").strip().split(maxsplit=1)
            except UnicodeDecodeError:
                yield Fault(file.name, number, "is not UTF-8")
                continue
            if not fields:
                yield Fault(file.name, number, "is blank")
                continue
            count += 1
            if file.name.endswith("wav.scp") and len(fields) < 2:
                yield Fault(file.name, number, f"{fields[0]!r:.80} names no audio")
            if (mark := hash(fields[0])) in seen:
                yield Fault(file.name, number, f"{fields[0]!r:.80} is there twice")
            seen.add(mark)
    if not count:
        yield Fault(file.name, None, "is empty")
