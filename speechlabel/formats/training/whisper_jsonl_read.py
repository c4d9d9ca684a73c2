"""Whisper fine-tuning lists read: each sentence of a clip a segment, where it lay before the clip was cut."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from speechlabel.errors import ParseError
from speechlabel.formats.base import Bundle, Fault
from speechlabel.formats.gather import TO_THE_END_US, Gathered, base_name, beside
from speechlabel.formats.json_lines import objects, strict_objects
from speechlabel.formats.jsonfile import clean, is_list, is_object, number, plain, time_us
from speechlabel.formats.languages import CODES, language_code
from speechlabel.records import RECORDING_ID, SEGMENT_ID

__all__ = ["list_faults", "read_list", "whisper_language"]

CODES_OF_WHISPER = frozenset(CODES.values())
KNOWN = {"audio", "sentence", "sentences", "language", "duration", "source"}
OF_SENTENCE = {"start", "end", "text", "id", "kind", "speaker", "speaker_name", "gender"}
LATE = 0.05  # seconds that a sentence may end after its clip


def whisper_language(tag: str | None) -> str | None:
    """Code by which Whisper knows a language, from a BCP 47 tag; None where it does not."""
    if tag is None:
        return None
    code = language_code(tag.replace("_", "-").split("-")[0].lower())
    return code if code in CODES_OF_WHISPER else None


def read_list(files: Sequence[Path], path: Path) -> Bundle:
    """Read lists into one bundle.

    Raises
    ------
    ParseError
        There is none, a line is no object with a clip, or a time is no time.
    """
    if not files:
        raise ParseError(path, "holds no list of clips")
    gathered = Gathered(path)
    for file in files:
        for line, value in objects(file, gathered.notes):
            _Line(file, line, value, gathered).take()
    return gathered.bundle()


class _Line:
    def __init__(self, file: Path, line: int, value: Mapping[str, Any], gathered: Gathered) -> None:
        self._file, self._line, self._value, self._gathered = file, line, value, gathered
        audio: object = value.get("audio")
        self._audio = audio if is_object(audio) else {"path": audio}
        source: object = value.get("source")
        own = source if is_object(source) else {}
        id = own.get("recording_id")
        self._source = own if isinstance(id, str) and RECORDING_ID.fullmatch(id) else {}
        self._custom = {key: plain(item) for key, item in value.items() if key not in KNOWN}

    def take(self) -> None:
        path = self._audio.get("path")
        if not isinstance(path, str) or not path:
            raise ParseError(self._file, "audio.path: is missing, or not text", line=self._line)
        start = self._time(self._audio, "start_time") or 0
        end = self._time(self._audio, "end_time")
        length = self._time(self._value, "duration")
        if self._source:
            recording = self._gathered.recording(
                f"id {self._source['recording_id']}", id=self._source["recording_id"]
            )
            start = self._time(self._source, "start") or 0
        else:
            recording = self._gathered.recording(f"audio {path}", name=base_name(path))
            whole = length if length and "start_time" not in self._audio else 0
            self._gathered.tell(recording, path=beside(self._file, path), end_us=max(whole, 0))
        channel = self._source.get("channel")
        channel = channel if type(channel) is int and 0 <= channel < 1000 else None
        self._gathered.tell(recording, channel=channel)
        if not end:
            end = start + length if length and length > 0 else TO_THE_END_US
        shared: dict[str, Any] = {"channel": channel, "language": self._language()}
        found: object = self._value.get("sentences")
        if is_list(found) and found:
            self._sentences(recording, found, start, shared)
        else:
            self._put(recording, start, end, {"text": self._text(self._value.get("sentence"))} | shared)

    def _sentences(self, recording: str, found: list[Any], base: int, shared: dict[str, Any]) -> None:
        texts: list[str] = []
        for number_of, item in enumerate(found):
            if not is_object(item):
                raise ParseError(self._file, "sentences: must hold objects", line=self._line)
            start, end = self._time(item, "start"), self._time(item, "end")
            if start is None or end is None:
                raise ParseError(self._file, "sentences: each needs a start and an end", line=self._line)
            text = self._text(item.get("text"))
            texts.append(text or "")
            fields: dict[str, Any] = {"text": text} | shared | self._labels(recording, item)
            custom = {key: plain(value) for key, value in item.items() if key not in OF_SENTENCE}
            if not number_of:
                custom |= self._whole(texts[0] if len(found) == 1 else None)
            self._put(recording, base + start, base + end, fields, custom)

    def _whole(self, only: str | None) -> dict[str, Any]:
        """Text of the whole clip, where it is not just that of its one sentence; ours says nothing more."""
        whole = self._text(self._value.get("sentence"))
        return {} if self._source or whole is None or whole == only else {"sentence": whole}

    def _labels(self, recording: str, item: Mapping[str, Any]) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        id, speaker = item.get("id"), item.get("speaker")
        if isinstance(id, str) and SEGMENT_ID.fullmatch(id):
            fields["id"] = id
        if item.get("kind") in ("nonspeech", "noise", "music", "silence", "event", "ignore"):
            fields["kind"] = item["kind"]
        if isinstance(speaker, str) and clean(speaker).strip():
            key, name = clean(speaker).strip()[:200], item.get("speaker_name")
            is_own = bool(self._source) and SEGMENT_ID.fullmatch(key) is not None
            gender = item.get("gender")
            fields["speaker"] = self._gathered.speaker(
                recording,
                key,
                self._line,
                id=key if is_own else None,
                name=clean(name)[:200] if isinstance(name, str) and clean(name).strip() else None,
                gender=gender if gender in ("female", "male", "other") else None,
            )
        return fields

    def _put(
        self,
        recording: str,
        start: int,
        end: int,
        fields: dict[str, Any],
        custom: dict[str, Any] | None = None,
    ) -> None:
        if start < 0:
            self._note("begins before the clip: from its start on")
            start = 0
        if end < start:
            self._note("ends before it begins: left out")
            return
        if end == start and fields.get("kind") != "event":
            self._note("has no length: taken as an event")
            fields["kind"] = "event"
        if kept := self._custom | (custom or {}):
            fields["custom"] = {"whisper_jsonl": kept}
        id = fields.pop("id", None)
        self._gathered.segment(recording, self._line, id=id, start_us=start, end_us=end, **fields)

    def _note(self, reason: str) -> None:
        self._gathered.notes.add(self._file.name, self._line, reason)

    def _language(self) -> str | None:
        exact = self._source.get("language")
        told = exact if isinstance(exact, str) else self._value.get("language")
        if not isinstance(told, str) or not told.strip():
            return None
        return (language_code(clean(told)) or clean(told).strip())[:500]

    def _text(self, value: object) -> str | None:
        return clean(value) if isinstance(value, str) else None

    def _time(self, source: Mapping[str, Any], key: str) -> int | None:
        try:
            return time_us(source.get(key))
        except ValueError as error:
            raise ParseError(self._file, f"{key}: {error}", line=self._line) from error


def list_faults(file: Path, name: str) -> Iterator[Fault]:
    """Tell what the reader would stumble over."""
    for line, value in strict_objects(file, name):
        if isinstance(value, Fault):
            yield value
        else:
            yield from (Fault(name, line, reason) for reason in _wrong(value))


def _wrong(value: Mapping[str, Any]) -> Iterator[str]:
    audio: object = value.get("audio")
    if not is_object(audio) or not isinstance(audio.get("path"), str) or not audio["path"]:
        yield "audio.path: is missing, or not text"
    elif "start_time" in audio and not _is_number(audio.get("end_time")):
        yield "audio.end_time: must be a number beside start_time"
    if not isinstance(value.get("sentence"), str) and not is_list(value.get("sentences")):
        yield "sentence: is missing, or not text"
    if not _is_number(value.get("duration")):
        yield "duration: must be a number of seconds"
    language: object = value.get("language")
    if language is not None and not _is_known(language):
        yield f"language: {language!r:.80} is none that Whisper knows"
    if "sentences" in value:
        yield from _wrong_sentences(value["sentences"], value.get("duration"))


def _wrong_sentences(found: object, duration: object) -> Iterator[str]:
    if not is_list(found):
        yield "sentences: must be a list"
        return
    last = 0.0
    for item in found:
        if not is_object(item) or not isinstance(item.get("text"), str):
            yield "sentences: each must be an object with a text"
            return
        start, end = item.get("start"), item.get("end")
        if not _is_number(start) or not _is_number(end):
            yield "sentences: start and end must be numbers of seconds"
            return
        first, behind = number(start) or 0.0, number(end) or 0.0
        if first < last or behind < first:
            yield f"sentences: {first:g} to {behind:g} is not in order"
        whole = number(duration)
        if whole is not None and behind > whole + LATE:
            yield f"sentences: {behind:g} is after the end of the clip"
        last = behind


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_known(language: object) -> bool:
    return isinstance(language, str) and (language.lower() in CODES or language.lower() in CODES_OF_WHISPER)
