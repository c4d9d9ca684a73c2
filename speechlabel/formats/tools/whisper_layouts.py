"""The shapes in which programs of Whisper's family write a transcript, told apart by their keys.

``segments`` with seconds: openai-whisper, faster-whisper, whisper-timestamped, WhisperX, the API of OpenAI;
``transcription`` with ``offsets`` in milliseconds: whisper.cpp; ``chunks`` with ``timestamp``: transformers;
a bare list of segments, as objects or as the tuples of older faster-whisper: what people dump themselves.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

from speechlabel.errors import ParseError
from speechlabel.formats.jsonfile import JsonFile, clean, is_list, is_object, number

__all__ = ["BLANKS", "Heard", "HeardWord", "Layout", "layout_of"]

BLANKS = " \t\n"
EAST = "\u2e7f"
TUPLE = ("id", "seek", "start", "end", "text", "tokens")  # how the tuples of faster-whisper begin
READ = {"start", "end", "text", "words", "speaker", "language", "id"}
CPP_READ = {"timestamps", "offsets", "text", "tokens", "speaker"}
UNLIKE = {"utterances", "acoustic_model", "results", "metadata"}  # keys of other recognisers


class HeardWord(NamedTuple):
    """A word as it was written; times in seconds, of any type."""

    text: str
    times: tuple[object, object]
    score: object
    speaker: object = None


@dataclass(slots=True)
class Heard:
    """A segment as it was written; times in seconds, of any type."""

    place: int
    name: str
    start: object
    end: object
    text: object
    speaker: object = None
    language: object = None
    confidence: object = None
    words: list[HeardWord] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    rest: dict[str, Any] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]


class Layout:
    """A document of one shape: its segments, and what it says of the whole."""

    def __init__(
        self,
        document: JsonFile,
        steps: tuple[str, ...],
        values: list[Any],
        make: Callable[[Any], Heard | None],
    ) -> None:
        self.path = document.path
        self.top: dict[str, Any] = document.value if is_object(document.value) else {}
        self._document, self._steps, self._values, self._make = document, steps, values, make
        self._n_cleaned = 0
        info, result = self.top.get("info"), self.top.get("result")
        inner = info if is_object(info) else result if is_object(result) else {}
        self.language: object = self.top.get("language") or inner.get("language")
        self.duration: object = self.top.get("duration") or inner.get("duration")

    @property
    def items(self) -> Iterator[Heard]:
        """Segments in the order of the file.

        Raises
        ------
        ParseError
            One is not of the shape that the others have.
        """
        shared = _Shared(self.top, self._values)
        for place, value in enumerate(self._values):
            made = self._make(value)
            if made is None:
                line = self._document.line(*self._steps, place)
                raise ParseError(self.path, f"segment {place + 1} is not what the others are", line=line)
            made.place, made.name = place, f"segment {place + 1}"
            made.words = made.words or shared.words(place)
            yield made

    @property
    def notes(self) -> tuple[str, ...]:
        """What was odd in the document, so far."""
        cleaned = self._n_cleaned
        more = (f"control characters were taken out of {cleaned} texts",) if cleaned else ()
        return (*self._document.notes, *more)

    def line(self, heard: Heard) -> int:
        """Line where a segment begins."""
        return self._document.line(*self._steps, heard.place)

    def start_after(self, heard: Heard) -> object:
        """Start of the segment after this one, None where it is the last."""
        following = heard.place + 1
        made = self._make(self._values[following]) if following < len(self._values) else None
        return None if made is None or number(made.start) is None else made.start

    def clean(self, text: str) -> str:
        """Take out what no record can hold, and count that."""
        made = clean(text)
        if made != text and "\r" not in text:
            self._n_cleaned += 1
        return made


class _Shared:
    """Words that the document lists beside the segments, for segments that have none themselves."""

    def __init__(self, top: dict[str, Any], values: list[Any]) -> None:
        self._by_place: dict[int, list[HeardWord]] = {}
        listed = top.get("words") or top.get("word_segments")
        bare = [value for value in values if is_object(value) and "start" in value and not value.get("words")]
        if not values or len(bare) < len(values) or not is_list(listed):
            return
        starts = [number(value["start"]) or 0.0 for value in bare]
        if any(a > b for a, b in pairwise(starts)):
            return
        at = 0
        for word in _words(listed):
            start, end = (number(time) for time in word.times)
            if start is not None:
                middle = start if end is None else (start + end) / 2
                at = max(bisect_right(starts, middle) - 1, 0)
            self._by_place.setdefault(at, []).append(word)

    def words(self, place: int) -> list[HeardWord]:
        """Words whose middle lies in a segment, or that follow such a one untimed."""
        return self._by_place.get(place, [])


def layout_of(document: JsonFile) -> Layout:
    """Tell the shape of a document.

    Raises
    ------
    ParseError
        It is none of those known here.
    """
    value = document.value
    if is_list(value):
        if value and _is_segment(value[0]):
            return Layout(document, (), value, _segment)
        if value and _is_tuple(value[0]):
            return Layout(document, (), value, _tuple)
    elif is_object(value) and not (UNLIKE & value.keys()):
        found = _keyed(document, value)
        if found is not None:
            return found
    raise ParseError(document.path, "has none of the keys by which Whisper's programs are told", line=1)


def _keyed(document: JsonFile, top: dict[str, Any]) -> Layout | None:
    segments = top.get("segments")
    if is_list(segments):
        if segments and _is_tuple(segments[0]):
            return Layout(document, ("segments",), segments, _tuple)
        is_whisper = _is_segment(segments[0]) if segments else "text" in top or "language" in top
        return Layout(document, ("segments",), segments, _segment) if is_whisper else None
    spoken = top.get("transcription")
    if is_list(spoken):
        is_cpp = _has_offsets(spoken[0]) if spoken else is_object(top.get("result"))
        return Layout(document, ("transcription",), spoken, _cpp) if is_cpp else None
    for key in ("speakers", "chunks"):  # with diarization, ``speakers`` holds the same text by turns
        chunks = top.get(key)
        if is_list(chunks) and chunks and _chunk(chunks[0]) is not None:
            return Layout(document, (key,), chunks, _chunk)
    words = top.get("words")
    is_api = isinstance(top.get("text"), str) and is_list(words) and words and is_object(words[0])
    if is_api and is_list(words) and {"word", "start", "end"} <= words[0].keys():
        return Layout(document, (), [{"start": None, "end": None, "text": top["text"]}], _segment)
    return None


def _is_segment(value: object) -> bool:
    return is_object(value) and {"start", "end"} <= value.keys() and ("text" in value or "words" in value)


def _is_tuple(value: object) -> bool:
    if not is_list(value) or len(value) < 10 or not isinstance(value[4], str) or not is_list(value[5]):
        return False
    return all(number(value[place]) is not None for place in range(4))


def _has_offsets(value: object) -> bool:
    return is_object(value) and is_object(value.get("offsets")) and "text" in value


def _segment(value: object) -> Heard | None:
    """Segment of openai-whisper and of those who follow it."""
    if not is_object(value):
        return None
    words = _words(value.get("words"))
    text = value.get("text")
    if text is None and words:
        text = "".join(word.text if word.text[:1] in BLANKS else f" {word.text}" for word in words)
    confidence = number(value.get("confidence"))
    sure = confidence is not None and 0 <= confidence <= 1
    read = READ | {"confidence"} if sure else READ
    return Heard(
        place=0,
        name="",
        start=value.get("start"),
        end=value.get("end"),
        text=text,
        speaker=value.get("speaker"),
        language=value.get("language"),
        confidence=confidence,
        words=words,
        rest={key: item for key, item in value.items() if key not in read},
    )


def _words(value: object) -> list[HeardWord]:
    found: list[HeardWord] = []
    for item in value if is_list(value) else ():
        if is_object(item):
            text = item.get("word", item.get("text"))
            score = next((item[key] for key in ("probability", "confidence", "score") if key in item), None)
            if isinstance(text, str):
                times = item.get("start"), item.get("end")
                found.append(HeardWord(text, times, score, item.get("speaker")))
        elif is_list(item) and len(item) >= 3 and isinstance(item[2], str):
            found.append(HeardWord(item[2], (item[0], item[1]), item[3] if len(item) > 3 else None))
    return found


def _tuple(value: object) -> Heard | None:
    """Segment of faster-whisper before 1.1, whose tuples became arrays."""
    if not is_list(value) or not _is_tuple(value):
        return None
    named = dict(zip(TUPLE, value, strict=False))
    words = next((item for item in value[6:] if is_list(item) and item and is_list(item[0])), None)
    rest = {"seek": named["seek"], "tokens": named["tokens"]}
    return Heard(0, "", named["start"], named["end"], named["text"], words=_words(words), rest=rest)


def _chunk(value: object) -> Heard | None:
    """Chunk of a pipeline of transformers: ``timestamp`` is [start, end], the end of the last may be null."""
    if not is_object(value):
        return None
    times: object = value.get("timestamp")
    if not is_list(times) or len(times) != 2 or not isinstance(value.get("text"), str):
        return None
    rest = {
        key: item for key, item in value.items() if key not in ("timestamp", "text", "speaker", "language")
    }
    return Heard(
        0, "", times[0], times[1], value["text"], value.get("speaker"), value.get("language"), rest=rest
    )


def _cpp(value: object) -> Heard | None:
    """Segment of whisper.cpp."""
    if not is_object(value) or not _has_offsets(value):
        return None
    start, end = _milliseconds(value)
    tokens: list[Any] = value["tokens"] if is_list(value.get("tokens")) else []
    rest = {key: item for key, item in value.items() if key not in CPP_READ}
    if tokens:
        rest["tokens"] = [item.get("id") for item in tokens if is_object(item)]
    return Heard(0, "", start, end, value.get("text"), value.get("speaker"), words=_joined(tokens), rest=rest)


def _milliseconds(value: dict[str, Any]) -> tuple[object, object]:
    """Return the offsets in seconds; what is no number stays as it is, to be refused by its name."""
    offsets: object = value.get("offsets")
    given = (offsets.get("from"), offsets.get("to")) if is_object(offsets) else (None, None)
    found = [number(item) for item in given]
    return tuple(  # pyright: ignore[reportReturnType]
        item if made is None else made / 1000 for item, made in zip(given, found, strict=True)
    )


def _joined(tokens: list[Any]) -> list[HeardWord]:
    """Words of the tokens: a blank begins one, and so does each sign of a script without blanks."""
    words: list[list[dict[str, Any]]] = []
    last = ""
    for token in tokens:
        text = token.get("text") if is_object(token) else None
        if not isinstance(text, str) or not text or text.startswith("[_"):
            continue
        if "\ufffd" in text:
            return []  # a sign cut in half belongs to two tokens
        if not words or text[0] in BLANKS or text[0] > EAST or last > EAST:
            words.append([])
        words[-1].append(token)
        last = text[-1]
    return [_word(parts) for parts in words]


def _word(parts: list[dict[str, Any]]) -> HeardWord:
    scores = [score for part in parts if (score := number(part.get("p"))) is not None]
    times = _milliseconds(parts[0])[0], _milliseconds(parts[-1])[1]
    text = "".join(part["text"] for part in parts)
    return HeardWord(text, times, sum(scores) / len(scores) if scores else None)
