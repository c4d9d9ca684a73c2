"""What Whisper and its kin write as JSON.

Spec: https://github.com/openai/whisper (``transcribe.py``); faster-whisper, whisper-timestamped, WhisperX,
whisper.cpp, the API of OpenAI and the pipelines of transformers are told by their keys in
``whisper_layouts``.  Written is the layout of openai-whisper, with ``speaker`` as WhisperX has it.  Blanks at
the edges of texts are taken off; what has no field (``avg_logprob``, ``tokens`` …) is kept in ``custom`` and
written again, unless the text was changed since.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, Literal

import orjson

from speechlabel.errors import ParseError
from speechlabel.formats.base import Bundle, Export, Fault, Format, Segments, Written, bare_recording
from speechlabel.formats.foreign import Collected
from speechlabel.formats.gather import TO_THE_END_US
from speechlabel.formats.jsonfile import is_object, number, plain, read_json, time_us
from speechlabel.formats.languages import language_code
from speechlabel.formats.losses import Tally
from speechlabel.formats.names import foreign_id
from speechlabel.formats.spool import Spool
from speechlabel.formats.tools.whisper_layouts import BLANKS, Heard, Layout, layout_of
from speechlabel.records import Recording, Segment, Speaker, Word
from speechlabel.timing import us_to_seconds

__all__ = ["WhisperFormat"]

SHORTEST_US = 20_000  # Whisper's own step of time
EAST = "\u2e7f"  # after it come the scripts that are written without blanks between words
SOUND = {".wav", ".mp3", ".flac", ".m4a", ".ogg", ".opus", ".mp4", ".mkv", ".webm", ".aac", ".wma", ".mov"}
PATHS = ("audio_filepath", "audio_path", "audio_file", "audio", "file")
TRACES = ("seek", "temperature", "compression_ratio", "no_speech_prob")  # true of the stretch
OF_TEXT = ("tokens", "avg_logprob")  # true only of the text as it was heard
LOOKED_AT = 20  # files of a folder, to tell what is in it


@dataclass(frozen=True)
class WhisperFormat(Format):
    """One JSON file a recording, as speech recognisers of Whisper's family write them."""

    name: ClassVar[str] = "whisper"
    title: ClassVar[str] = "Whisper JSON"
    extensions: ClassVar[tuple[str, ...]] = (".json",)
    spec: ClassVar[str] = "https://github.com/openai/whisper/blob/main/whisper/transcribe.py"
    carries: ClassVar[frozenset[str]] = frozenset(
        {"text", "speaker", "words", "confidence", "language", "recording"}
    )
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True
    takes: ClassVar[Literal["training", "speech", "everything"]] = "speech"

    def sniff(self, path: Path) -> bool:
        """Tell it by the keys of the document; a folder by the first documents in it."""
        if path.is_dir():
            return any(_is_whisper(file) for file in islice(_documents(path), LOOKED_AT))
        return _is_whisper(path)

    def write(self, export: Export, out: Path) -> Written:
        """Write ``<recording id>.json`` for each recording, in the layout of openai-whisper."""
        tally = Tally()
        count = 0
        for recording, segments in export.bundle.stream():
            spoken = [segment for segment in segments if _is_spoken(segment, tally)]
            names = _names(export.bundle.speakers_of(recording.id), tally)
            language = _common_language(export.bundle, recording, spoken)
            with (out / f"{recording.id}.json").open("wb") as file:
                file.write(b'{"text": "')
                for number_of, segment in enumerate(spoken):
                    text = _written_text(segment)
                    file.write(orjson.dumps(text if number_of else text.lstrip(" "))[1:-1])
                file.write(b'",\n"segments": [')
                for number_of, segment in enumerate(spoken):
                    file.write(b",\n" if number_of else b"\n")
                    line = _line(number_of, segment, names.get(segment.speaker or "", segment.speaker), tally)
                    own = export.bundle.language_of(recording.id, segment)
                    if own is not None and own != language:
                        line["language"] = own
                    file.write(orjson.dumps(line))
                rest = orjson.dumps(language) + b',\n"duration": '
                file.write(b'\n],\n"language": ' + rest + orjson.dumps(us_to_seconds(recording.duration_us)))
                file.write(b"}\n")
            count += len(spoken)
        return Written(segments=count, losses=tally.losses())

    def read(self, path: Path) -> Bundle:
        """Read a file as one recording, or each document of a folder; others are passed over and noted."""
        spool = Spool()
        recordings: list[Recording] = []
        segments: dict[str, Segments] = {}
        speakers: dict[str, tuple[Speaker, ...]] = {}
        languages: dict[str, str] = {}
        notes: list[str] = []
        for file in _documents(path) if path.is_dir() else [path]:
            if path.is_dir() and not _is_whisper(file):
                notes.append(f"{file.name}: is no transcript of Whisper's kind; left out")
                continue
            layout = layout_of(read_json(file))
            name = _recording_name(file)
            id = foreign_id(Path(name).stem if Path(name).suffix in SOUND else name, segments)
            reading = _Reading(layout, Collected(id, file, spool))
            end_us = reading.run()
            recordings.append(bare_recording(id, name, end_us, path=_audio_path(layout, file)))
            segments[id] = reading.found.segments
            speakers[id] = tuple(reading.found.speakers.values())
            if (language := reading.language()) is not None:
                languages[id] = language
            notes += [f"{file.name}: {note}" for note in (*layout.notes, *reading.found.notes)]
        return Bundle(
            recordings=tuple(recordings),
            segments=segments,
            speakers=speakers,
            languages=languages,
            notes=tuple(notes),
        )

    def faults(self, path: Path) -> Iterator[Fault]:
        """Find what other readers stop at: a segment whose times are not in order, or that has no text."""
        for file in _documents(path) if path.is_dir() else [path]:
            place = file.name if path.is_dir() else ""
            try:
                document = read_json(file)
                layout = layout_of(document)
            except ParseError as error:
                yield Fault(place or file.name, error.data["line"], error.data["reason"])
                continue
            for heard in layout.items:
                start, end = number(heard.start), number(heard.end)
                if start is None or end is None or not 0 <= start < end:
                    reason = f"{heard.start!r:.40} to {heard.end!r:.40} is not a stretch of time"
                    yield Fault(place or file.name, layout.line(heard), reason)
                elif not isinstance(heard.text, str):
                    yield Fault(place or file.name, layout.line(heard), "a segment without text")


def _documents(folder: Path) -> Iterator[Path]:
    return iter(
        sorted(path for path in folder.iterdir() if path.suffix.lower() == ".json" and path.is_file())
    )


def _is_whisper(file: Path) -> bool:
    try:
        with file.open("rb") as stream:
            if stream.read(200).lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00")[:1] not in (b"{", b"["):
                return False
        layout_of(read_json(file))
    except (OSError, ParseError):
        return False
    return True


def _recording_name(file: Path) -> str:
    """Name of the recording: that of the file without its endings, ``x.wav.words.json`` being ``x.wav``."""
    name = file.stem if file.suffix.lower() == ".json" else file.name
    bare = name.removesuffix(".words")
    return bare if Path(bare).suffix.lower() in SOUND else name


def _audio_path(layout: Layout, file: Path) -> str:
    for key in PATHS:
        told = layout.top.get(key)
        if isinstance(told, str) and "://" not in told and "\0" not in told and 0 < len(told) < 1000:
            return str(file.parent.absolute() / told.replace("\\", "/"))
    return ""


class _Reading:
    """One document on its way into segments."""

    def __init__(self, layout: Layout, found: Collected) -> None:
        self.layout, self.found = layout, found
        self._last_us = 0
        try:
            self._told_us = time_us(layout.duration) or 0
        except ValueError:
            self._told_us = 0

    def language(self) -> str | None:
        told = self.layout.language
        if not isinstance(told, str) or not told.strip():
            return None
        code = language_code(told)
        if code is None:
            self.found.notes.append(f"language {told!r:.60} is not known; left out")
        return code

    def run(self) -> int:
        """Take all segments; give the length of the recording as far as it is known."""
        for heard in self.layout.items:
            self._take(heard)
        end_us = self.found.end_us
        return max(self._told_us, 0 if end_us >= TO_THE_END_US else end_us)

    def _take(self, heard: Heard) -> None:
        line = self.layout.line(heard)
        words, voices = self._words(heard, line)
        raw = heard.text if isinstance(heard.text, str) else ""
        text = self.layout.clean(raw).strip(BLANKS)
        if not text and not words and heard.start == heard.end:
            self.found.notes.append(f"line {line}: {heard.name}: without text and length; left out")
            return
        span = self._span(heard, words, line)
        speaker = self._speaker(heard, voices, line)
        kept = {key: plain(value) for key, value in heard.rest.items()}
        if raw != text:
            kept["text"] = plain(raw)
        if any(voice is not None and voice != speaker for voice in voices):
            kept["word_speakers"] = [plain(voice) for voice in voices]
        language = heard.language
        self.found.segment(
            line,
            start_us=span[0],
            end_us=span[1],
            text=text,
            speaker=None if speaker is None else self.found.speaker(speaker, line),
            language=language_code(language) if isinstance(language, str) else None,
            words=tuple(words),
            confidence=_probability(heard.confidence),
            custom={"whisper": kept} if kept else {},
        )
        self._last_us = span[1]

    def _time(self, value: object, line: int, name: str) -> int | None:
        try:
            return time_us(value)
        except ValueError as error:
            raise ParseError(self.layout.path, f"{name}: {error}", line=line) from error

    def _span(self, heard: Heard, words: list[Word], line: int) -> tuple[int, int]:
        """Start and end, mended where they are no stretch of time."""
        start, end = (self._time(value, line, heard.name) for value in (heard.start, heard.end))
        times = [time for word in words for time in (word.start_us, word.end_us) if time is not None]
        told = start, end
        if start is None:
            start = min(times, default=self._last_us)
        if start < 0:
            start = 0
        if end is None:
            end = max(times, default=self._next(heard, start, line))
        if end <= start:
            end = max((time for time in times if time > start), default=start + SHORTEST_US)
        if told != (start, end):
            shown = ", ".join(f"{value!r:.20}" for value in (heard.start, heard.end))
            mended = f"{us_to_seconds(start)}, {'the end' if end == TO_THE_END_US else us_to_seconds(end)}"
            self.found.notes.append(f"line {line}: {heard.name}: ({shown}) became ({mended})")
        return start, end

    def _next(self, heard: Heard, start: int, line: int) -> int:
        """Where the following segment starts, for one that tells no end; the last lasts to the end."""
        following = self._time(self.layout.start_after(heard), line, heard.name)
        if following is None:
            following = self._told_us or TO_THE_END_US
        return following if following > start else start + SHORTEST_US

    def _words(self, heard: Heard, line: int) -> tuple[list[Word], list[str | None]]:
        words: list[Word] = []
        voices: list[str | None] = []
        for item in heard.words:
            text = self.layout.clean(item.text).strip(BLANKS)
            if not text:
                continue
            start, end = (self._time(value, line, f"{heard.name}: word {text!r:.40}") for value in item.times)
            start = None if start is None else max(start, 0)
            if start is not None and end is not None and end < start:
                self.found.notes.append(f"line {line}: {heard.name}: word {text!r:.40} ends before it starts")
                end = start
            end = None if end is not None and end < 0 else end
            words.append(Word(word=text, start_us=start, end_us=end, score=number(item.score)))
            voices.append(item.speaker if isinstance(item.speaker, str) and item.speaker.strip() else None)
        return words, voices

    def _speaker(self, heard: Heard, voices: list[str | None], line: int) -> str | None:
        told = heard.speaker
        is_name = isinstance(told, str | int) and not isinstance(told, bool)
        if is_name and (name := self.layout.clean(str(told)).strip()):
            return name
        named = [voice for voice in voices if voice is not None]
        if not named:
            return None
        most = max(sorted(set(named)), key=named.count)
        self.found.notes.append(
            f"line {line}: {heard.name}: speaker {most!r:.60} is that of most of its words"
        )
        return self.layout.clean(most).strip() or None


def _probability(value: object) -> float | None:
    found = number(value)
    return found if found is not None and 0 <= found <= 1 else None


def _is_spoken(segment: Segment, tally: Tally) -> bool:
    if segment.kind != "speech":
        tally.add("segment", f"{segment.kind}, not speech: left out", segment.id)
        return False
    text = segment.text
    if text is None:
        tally.add("text", "not transcribed: written as no text", segment.id)
    elif text != text.strip(BLANKS):
        tally.add("text", "blanks at its edges are taken off by readers", segment.id)
    return True


def _names(speakers: dict[str, Speaker], tally: Tally) -> dict[str, str]:
    """Name of each speaker, no two of them alike."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for speaker in speakers.values():
        name = speaker.name.strip()
        number_of = 1
        while name in taken:
            number_of += 1
            name = f"{speaker.name.strip()} ({number_of})"
        if name != speaker.name:
            tally.add(
                "speaker.name", "another speaker has that name, or it has blanks at its edges", speaker.id
            )
        taken.add(name)
        names[speaker.id] = name
    return names


def _common_language(bundle: Bundle, recording: Recording, segments: list[Segment]) -> str | None:
    """Language of the recording, or the one that all its segments name."""
    if (told := bundle.languages.get(recording.id)) is not None:
        return told
    found = {segment.language for segment in segments}
    return found.pop() if len(found) == 1 else None


def _written_text(segment: Segment) -> str:
    """Text with the blank before it that Whisper writes in scripts that part words by blanks."""
    text = (segment.text or "").strip(BLANKS)
    return f" {text}" if text and text[0] <= EAST else text


def _line(number_of: int, segment: Segment, speaker: str | None, tally: Tally) -> dict[str, Any]:
    kept: object = segment.custom.get("whisper")
    traces = kept if is_object(kept) else {}
    raw = traces.get("text", segment.text)
    same = isinstance(raw, str) and raw.strip(BLANKS) == (segment.text or "").strip(BLANKS)
    line: dict[str, Any] = {
        "id": number_of,
        "seek": 0,
        "start": us_to_seconds(segment.start_us),
        "end": us_to_seconds(segment.end_us),
        "text": raw if same else _written_text(segment),
    }
    line |= {key: traces[key] for key in TRACES if key in traces}
    if same:
        line |= {key: traces[key] for key in OF_TEXT if key in traces}
    if segment.confidence is not None:
        line["confidence"] = segment.confidence
    if speaker is not None:
        line["speaker"] = speaker
    if segment.words:
        line["words"] = list(_written_words(segment, tally))
    return line


def _written_words(segment: Segment, tally: Tally) -> Iterator[dict[str, Any]]:
    """Words, each with the blank that stands before it in the text; one without a time has no such keys."""
    text, at = segment.text or "", 0
    for word in segment.words:
        bare = word.word.strip(BLANKS)
        if bare != word.word or not bare:
            tally.add("words", "blanks at the edges of words are taken off by readers", segment.id)
        found = text.find(bare, at)
        if found < 0:
            parted = bare[:1] <= EAST
        else:
            parted = text[at:found].isspace() or (at == 0 and bare[:1] <= EAST)
            at = found + len(bare)
        out: dict[str, Any] = {"word": f" {bare}" if parted else bare}
        if word.start_us is not None:
            out["start"] = us_to_seconds(word.start_us)
        if word.end_us is not None:
            out["end"] = us_to_seconds(word.end_us)
        if word.score is not None:
            out["probability"] = word.score
        yield out
