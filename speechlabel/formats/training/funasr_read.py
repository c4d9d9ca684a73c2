"""Reading FunASR's lists: lines of JSON, chats with audio in them, and ``wav.scp`` with ``text.txt``."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from speechlabel.errors import ParseError
from speechlabel.formats.base import Bundle
from speechlabel.formats.json_lines import first_object, objects
from speechlabel.formats.jsonfile import clean, is_list, is_object, plain
from speechlabel.formats.training.kaldi_read import Entry, table
from speechlabel.formats.training.utterances import Utterances

__all__ = ["JSONL", "Line", "funasr_files", "funasr_line", "read_funasr"]

JSONL = "data.jsonl"
SCP, TEXT = "wav.scp", "text.txt"
SPOKEN = re.compile(r"<\|startofspeech\|>!?(.*?)<\|endofspeech\|>", re.DOTALL)
MARK = re.compile(r"<\|([A-Za-z_-]{1,20})\|>")
FRAME_US = 10_000
MOST_FRAMES = 100_000_000
NO_LANGUAGES = ("auto", "nospeech")


class Line(NamedTuple):
    """What a line of JSON says: ``key`` is "" where a chat has none."""

    key: str
    source: str
    text: str | None


def funasr_files(path: Path) -> list[Path]:
    """List the files of FunASR in a folder, or the file itself; none where it is something else."""
    if path.is_file():
        return [path] if path.suffix == ".jsonl" and _is_line(first_object(path)) else []
    if not path.is_dir():
        return []
    found = [path / JSONL] if _is_line(first_object(path / JSONL)) else []
    if (path / SCP).is_file() and (path / TEXT).is_file() and not (path / "text").exists():
        found += [path / SCP, path / TEXT]
    return found


def _is_line(first: dict[str, Any]) -> bool:
    return {"key", "source", "target"} <= first.keys() or (
        "messages" in first and funasr_line(first) is not None
    )


def funasr_line(data: dict[str, Any]) -> Line | None:
    """Take out what a line says, of either kind; None where it names no audio."""
    if "messages" not in data:
        key, source, text = data.pop("key", None), data.pop("source", None), data.pop("target", None)
        if not isinstance(source, str) or not isinstance(key, str):
            return None
        return Line(key, source, clean(text) if isinstance(text, str) else None)
    source = text = None
    for message in data["messages"] if is_list(data["messages"]) else []:
        said = message.get("content") if is_object(message) else None
        if not isinstance(said, str):
            continue
        if found := SPOKEN.search(said):
            source = found[1].strip()
        elif is_object(message) and message.get("role") == "assistant":
            text = clean(said)
    return Line("", source, text) if source else None


def read_funasr(path: Path) -> Bundle:
    """Read a folder or a file of lines.

    Raises
    ------
    ParseError
        A line is not JSON or names no audio, or none of FunASR's files is there.
    """
    files = funasr_files(path)
    if path.is_file() and not files and path.suffix == ".jsonl":
        files = [path]
    if not files:
        raise ParseError(path, "holds neither lines of JSON nor wav.scp with text.txt")
    folder = path if path.is_dir() else path.parent
    found = Utterances(files[0], folder)
    if files[0].suffix == ".jsonl":
        for line, data in objects(files[0], found.found.notes):
            _take(found, files[0], line, data)
    else:
        _tables(found, folder)
    return found.found.bundle()


def _take(found: Utterances, file: Path, line: int, data: dict[str, Any]) -> None:
    told = funasr_line(data)
    if told is None:
        raise ParseError(file, "names no key and source", line=line)
    data.pop("messages", None)
    n_frames = data.pop("source_len", None)
    data.pop("target_len", None)
    end = None
    if type(n_frames) is int and 0 < n_frames <= MOST_FRAMES:
        end = n_frames * FRAME_US
    fields: dict[str, Any] = {}
    language = MARK.fullmatch(str(data.get("text_language")))
    if language and language[1].lower() not in NO_LANGUAGES:
        fields["language"] = language[1]
    if data:
        fields["custom"] = {"funasr": plain(data)}
    key = told.key or f"line-{line}"
    found.add(line, key, told.source, text=told.text, times=(0, end), **fields)


def _tables(found: Utterances, folder: Path) -> None:
    notes = found.found.notes
    streams = (_marked(table(folder / name, notes), name) for name in (SCP, TEXT))
    for key, group in groupby(heapq.merge(*streams, key=lambda item: item[0]), key=lambda item: item[0]):
        entries: dict[str, Entry] = {}
        for _, name, entry in group:
            if entries.setdefault(name, entry) is not entry:
                notes.add(name, entry.line, "the key is there twice: the first one counts")
        if (wav := entries.get(SCP)) is None:
            notes.add(TEXT, entries[TEXT].line, "is not in wav.scp: left out")
            continue
        text = clean(entries[TEXT].value) if TEXT in entries else None
        found.add(wav.line, key, wav.value.strip(), text=text, times=(0, None))


def _marked(entries: Iterator[Entry], name: str) -> Iterator[tuple[str, str, Entry]]:
    return ((entry.key, name, entry) for entry in entries)
