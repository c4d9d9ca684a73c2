"""Kaldi's checks of a data directory, so that a fault is found here and not after a night of training.

Source: ``utils/validate_data_dir.sh --no-feats`` and ``utils/validate_text.pl`` of Kaldi (Apache-2.0),
rewritten from their rules.  Tables of any length: each is read line by line, and two are compared in order.
"""

from __future__ import annotations

import heapq
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from speechlabel.formats.base import Fault
from speechlabel.formats.training.sorting import SortedRows

__all__ = ["FORBIDDEN_WORDS", "kaldi_faults", "validate_kaldi_dir"]

FORBIDDEN_WORDS = {"<s>", "</s>", "#0"}
NEEDED = ("utt2spk", "spk2utt", "text", "wav.scp")
OF_UTTERANCES = ("text", "utt2lang", "utt2uniq", "utt2dur", "utt2num_frames", "utt2category", "vad.scp")
ENTRY = re.compile(r"([^ \t]+)(?:[ \t]+(.*))?", re.DOTALL)
NUMBER = re.compile(r"[0-9]+(\.[0-9]*)?|\.[0-9]+")
ODD_BLANK = re.compile(r"[^\S \t]")
PLAIN = re.compile(r"[ -~\t]*")


class _Line(NamedTuple):
    number: int
    key: str
    value: str


Rule = Callable[[_Line], Iterable[str]]


def validate_kaldi_dir(path: Path) -> list[str]:
    """List what Kaldi would refuse in a data directory, each with file and line; empty when it is fine."""
    return [str(fault) for fault in kaldi_faults(path)]


def kaldi_faults(path: Path) -> Iterator[Fault]:
    """Give what Kaldi would refuse in a data directory."""
    missing = [name for name in NEEDED if not (path / name).is_file()]
    yield from (Fault(name, None, "is missing") for name in missing)
    if not missing:
        yield from _Check(path).faults()


class _Check:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._unsorted: set[str] = set()
        self._unreadable: set[str] = set()
        self._has_segments = (folder / "segments").is_file()

    def faults(self) -> Iterator[Fault]:
        rules: dict[str, Rule] = {
            "utt2spk": _one_speaker,
            "spk2utt": _nothing,
            "text": _text,
            "wav.scp": _path,
            "segments": _stretch,
            "spk2gender": _gender,
            "utt2lang": _nothing,
            "utt2uniq": _nothing,
            "utt2category": _nothing,
            "vad.scp": _nothing,
            "utt2dur": _length,
            "reco2dur": _length,
            "utt2num_frames": _count,
            "reco2file_and_channel": _side,
        }
        there = {name: rule for name, rule in rules.items() if (self._folder / name).is_file()}
        for name, rule in there.items():
            yield from self._table(name, rule)
        yield from self._speakers()
        for name in OF_UTTERANCES:
            if name in there:
                yield from self._same(name, self._keys(name), "utterances", self._keys("utt2spk"))
        if "spk2gender" in there:
            yield from self._same("spk2gender", self._keys("spk2gender"), "speakers", self._keys("spk2utt"))
        yield from self._audio(there)

    def _audio(self, there: Iterable[str]) -> Iterator[Fault]:
        if not self._has_segments:
            yield from self._same("wav.scp", self._keys("wav.scp"), "utterances", self._keys("utt2spk"))
        else:
            yield from self._same("segments", self._keys("segments"), "utterances", self._keys("utt2spk"))
            used = (
                (fields[0], "") for line in self._lines("segments") if len(fields := line.value.split()) == 3
            )
            yield from self._same("segments", _distinct(used), "recordings", self._keys("wav.scp"))
        for name in ("reco2dur", "reco2file_and_channel"):
            if name in there:
                yield from self._same(name, self._keys(name), "recordings", self._keys("wav.scp"))

    def _lines(self, name: str) -> Iterator[_Line]:
        """Entries of a file, whatever is wrong with it."""
        with (self._folder / name).open("rb") as file:
            for number, raw in enumerate(file, 1):
                text = raw.decode("utf-8", "replace").removesuffix("\n")
                if found := ENTRY.fullmatch(text.strip(" \t")):
                    yield _Line(number, found[1], found[2] or "")

    def _table(self, name: str, rule: Rule) -> Iterator[Fault]:
        """Check a file by itself."""
        last: str | None = None
        raw = b""
        with (self._folder / name).open("rb") as file:
            for number, raw in enumerate(file, 1):
                try:
                    text = raw.decode("utf-8").removesuffix("\n")
                except UnicodeDecodeError:
                    yield Fault(name, None, "is not UTF-8")
                    self._unreadable.add(name)
                    return
                found = ENTRY.fullmatch(text)
                if found is None or "\r" in text:
                    yield Fault(name, number, "needs a key, a blank and no carriage return")
                    continue
                line = _Line(number, found[1], found[2] or "")
                if line.key == last:
                    yield Fault(name, number, f"{line.key} is there twice")
                elif last is not None and line.key < last:
                    yield Fault(name, number, f"not sorted: {line.key} after {last}")
                    self._unsorted.add(name)
                last = line.key
                for reason in rule(line):
                    yield Fault(name, number, reason)
        if not raw.endswith(b"\n"):
            yield Fault(name, None, "is empty or lacks the line end after its last line")

    def _keys(self, name: str) -> Iterator[str] | None:
        """Keys of a table in order, each once; None where it could not be read."""
        if name in self._unreadable:
            return None
        if name in self._unsorted:
            return _distinct((line.key, "") for line in self._lines(name))
        return _once(line.key for line in self._lines(name))

    def _same(
        self, name: str, keys: Iterator[str] | None, of: str, others: Iterator[str] | None
    ) -> Iterator[Fault]:
        """Tell keys that one of two tables lacks."""
        if keys is None or others is None:
            return
        marked = heapq.merge(((key, 0) for key in keys), ((key, 1) for key in others))
        before: tuple[str, int] | None = None
        for one in marked:
            if before is None:
                before = one
            elif before[0] == one[0]:
                before = None
            else:
                yield Fault(name, None, f"its keys are not those of the {of}: {before[0]}")
                before = one
        if before is not None:
            yield Fault(name, None, f"its keys are not those of the {of}: {before[0]}")

    def _speakers(self) -> Iterator[Fault]:
        """Check that both tables sort alike, and that one is the inverse of the other."""
        if {"utt2spk", "spk2utt"} & self._unreadable:
            return
        last = "", ""
        is_sorted = True
        for line in self._lines("utt2spk"):
            if (line.value, line.key) < last:
                is_sorted = False
                yield Fault(
                    "utt2spk",
                    line.number,
                    "not sorted by speaker first; make speakers prefixes of utterance ids",
                )
                break
            last = line.value, line.key
        pairs = ((line.value, line.key) for line in self._lines("utt2spk"))
        if not is_sorted:
            pairs = iter(_in_order(pairs))
        for found, listed in zip_longest(pairs, self._listed()):
            if found != (listed and listed[1:]):
                yield Fault("spk2utt", listed[0] if listed else None, "is not the inverse of utt2spk")
                return

    def _listed(self) -> Iterator[tuple[int, str, str]]:
        for line in self._lines("spk2utt"):
            for one in re.finditer(r"[^ \t]+", line.value):
                yield line.number, line.key, one[0]


def _in_order(pairs: Iterable[tuple[str, str]]) -> SortedRows[tuple[str, str]]:
    rows: SortedRows[tuple[str, str]] = SortedRows()
    for pair in pairs:
        rows.add(pair)
    return rows


def _distinct(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    return _once(key for key, _ in _in_order(pairs))


def _once(keys: Iterable[str]) -> Iterator[str]:
    last: str | None = None
    for key in keys:
        if key != last:
            yield key
        last = key


def _nothing(_: _Line) -> Iterable[str]:
    return ()


def _one_speaker(line: _Line) -> Iterator[str]:
    if len(line.value.split()) != 1:
        yield f"{line.key} needs exactly one speaker"


def _text(line: _Line) -> Iterator[str]:
    if not PLAIN.fullmatch(line.value):
        if ODD_BLANK.search(line.value):
            yield f"{line.key} holds a blank that is neither space nor tab"
        if not line.value.isprintable() and any(
            unicodedata.category(letter) in ("Cc", "Cn", "Cs") for letter in line.value if letter != "\t"
        ):
            yield f"{line.key} holds something unprintable"
    if ("<" in line.value or "#" in line.value) and (
        found := FORBIDDEN_WORDS.intersection(line.value.split())
    ):
        yield f"{line.key} holds {sorted(found)[0]}"


def _path(line: _Line) -> Iterator[str]:
    if not line.value or "~" in line.value:
        yield f"{line.key} needs a path without ~"


def _stretch(line: _Line) -> Iterator[str]:
    fields = line.value.split()
    if len(fields) != 3 or not all(NUMBER.fullmatch(item) for item in fields[1:]):
        yield f"{line.key} needs a recording, a start and an end"
    elif float(fields[2]) <= float(fields[1]):
        yield f"{line.key} ends at or before its start"


def _gender(line: _Line) -> Iterator[str]:
    if line.value.strip() not in ("m", "f"):
        yield f"{line.key} is {line.value!r}, not m or f"


def _length(line: _Line) -> Iterator[str]:
    if not NUMBER.fullmatch(line.value.strip()) or float(line.value) <= 0:
        yield f"{line.key} is not longer than 0"


def _count(line: _Line) -> Iterator[str]:
    if not re.fullmatch("[0-9]+", line.value.strip()):
        yield f"{line.key} needs a whole number of frames"


def _side(line: _Line) -> Iterator[str]:
    fields = line.value.split()
    if len(fields) != 2 or fields[1] not in ("A", "B", "1"):
        yield f"{line.key} needs a file and a channel, A or B"
