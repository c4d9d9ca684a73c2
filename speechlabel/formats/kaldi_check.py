"""Kaldi's checks of a data directory, so that a fault is found here and not after a night of training.

Source: ``utils/validate_data_dir.sh --no-feats`` and ``utils/validate_text.pl`` of Kaldi (Apache-2.0),
rewritten from their rules.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from speechlabel.formats.kaldi import FORBIDDEN_WORDS

__all__ = ["validate_kaldi_dir"]


def validate_kaldi_dir(path: Path) -> list[str]:
    """List what Kaldi would refuse in a data directory, each with file and line; empty when it is fine."""
    check = _Check(path)
    for name in ("utt2spk", "spk2utt", "text", "wav.scp"):
        if not (path / name).is_file():
            check.found.append(f"{name}: is missing")
    if check.found:
        return check.found
    check.speakers()
    check.text()
    check.audio()
    for name, keys in (("spk2gender", check.table("spk2utt")), ("utt2lang", check.table("utt2spk"))):
        if (path / name).is_file():
            check.same(name, check.table(name), "speakers" if name == "spk2gender" else "utterances", keys)
    for speaker, gender in check.table("spk2gender").items():
        if gender not in ("m", "f"):
            check.found.append(f"spk2gender: {speaker} is {gender!r}, not m or f")
    return check.found


class _Check:
    def __init__(self, folder: Path) -> None:
        self.found: list[str] = []
        self._folder = folder
        self._tables: dict[str, dict[str, str]] = {}

    def table(self, name: str) -> dict[str, str]:
        """Read a file as key → rest of the line, and note what is wrong with its lines."""
        if name not in self._tables:
            self._tables[name] = self._read(name) if (self._folder / name).is_file() else {}
        return self._tables[name]

    def _read(self, name: str) -> dict[str, str]:
        try:
            text = (self._folder / name).read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            self.found.append(f"{name}: is not UTF-8")
            return {}
        if not text.endswith("\n"):
            self.found.append(f"{name}: is empty or lacks the line end after its last line")
        table: dict[str, str] = {}
        last = ""
        for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
            key, _, value = line.partition(" ")
            if not key or "\r" in line or "\t" in key:
                self.found.append(f"{name}:{number}: needs a key, a blank and no carriage return")
            if key in table:
                self.found.append(f"{name}:{number}: {key} is there twice")
            elif key < last:
                self.found.append(f"{name}:{number}: not sorted: {key} after {last}")
            table[key], last = value, key
        return table

    def same(self, name: str, table: Iterable[str], of: str, keys: Iterable[str]) -> None:
        """Note keys that one of two tables lacks."""
        for key in sorted(set(table) ^ set(keys))[:5]:
            self.found.append(f"{name}: its keys are not those of the {of}: {key}")

    def speakers(self) -> None:
        utt2spk = self.table("utt2spk")
        inverse: dict[str, list[str]] = {}
        for utterance, speaker in utt2spk.items():
            if not speaker or " " in speaker:
                self.found.append(f"utt2spk: {utterance} needs exactly one speaker")
            inverse.setdefault(speaker, []).append(utterance)
        if [*utt2spk] != sorted(utt2spk, key=lambda key: (utt2spk[key], key)):
            self.found.append("utt2spk: not sorted by speaker first; make speakers prefixes of utterance ids")
        listed = {speaker: utterances.split(" ") for speaker, utterances in self.table("spk2utt").items()}
        if listed != inverse:
            self.found.append("spk2utt: is not the inverse of utt2spk")

    def text(self) -> None:
        self.same("text", self.table("text"), "utterances", self.table("utt2spk"))
        for utterance, text in self.table("text").items():
            if any(letter.isspace() and letter not in " \t" for letter in text):
                self.found.append(f"text: {utterance} holds a blank that is neither space nor tab")
            if any(unicodedata.category(letter) in ("Cc", "Cn", "Cs") for letter in text if letter != "\t"):
                self.found.append(f"text: {utterance} holds something unprintable")
            if forbidden := FORBIDDEN_WORDS.intersection(text.split()):
                self.found.append(f"text: {utterance} holds {sorted(forbidden)[0]}")

    def audio(self) -> None:
        wav = self.table("wav.scp")
        for key, value in wav.items():
            if not value or "~" in value:
                self.found.append(f"wav.scp: {key} needs a path without ~")
        if not (self._folder / "segments").is_file():
            self.same("wav.scp", wav, "utterances", self.table("utt2spk"))
        else:
            self.same("segments", self.table("segments"), "utterances", self.table("utt2spk"))
            self.same("segments", self._recordings(), "recordings", wav)
        for key, value in self.table("reco2dur").items():
            if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", value) or float(value) <= 0:
                self.found.append(f"reco2dur: {key} is not longer than 0")
        if self.table("reco2dur"):
            self.same("reco2dur", self.table("reco2dur"), "recordings", wav)

    def _recordings(self) -> set[str]:
        used: set[str] = set()
        for utterance, value in self.table("segments").items():
            fields = value.split(" ")
            if len(fields) != 3 or not all(re.fullmatch(r"[0-9]+(\.[0-9]+)?", item) for item in fields[1:]):
                self.found.append(f"segments: {utterance} needs a recording, a start and an end")
                continue
            if float(fields[2]) <= float(fields[1]):
                self.found.append(f"segments: {utterance} ends at or before its start")
            used.add(fields[0])
        return used
