"""Find annotations among files: what each is, by its content."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from speechlabel import formats, registry
from speechlabel.errors import OptionError, SpeechLabelError
from speechlabel.formats import Bundle, Format
from speechlabel.workflow.ingest import AUDIO_SUFFIXES
from speechlabel.workflow.options import Reading

__all__ = ["Document", "Files", "find_documents"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file or folder in one format, read."""

    path: Path
    format: str
    bundle: Bundle


@dataclass(kw_only=True)
class Files:
    """What lies among files."""

    documents: list[Document] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    audio: list[Path] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]  # by name
    failed: list[tuple[Path, str]] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    notes: list[str] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]
    skipped: list[Path] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]  # neither of both
    claims: dict[Path, list[str]] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]  # of the failed, what each may be


def find_documents(
    paths: Iterable[Path],
    *,
    format: str | None = None,
    options: Mapping[str, Any] | None = None,
    beside: Path | None = None,
    readings: Mapping[Path, Reading] | None = None,
) -> Files:
    """Read what is an annotation among files and in folders, which are walked whole.

    A folder that one format claims as a whole (a Kaldi directory) is one document; of what lies in it only
    audio is looked for.  A workspace (``beside``) is not walked.

    Parameters
    ----------
    format : of all annotations, with its ``options``; else each is detected
    readings : of single files and folders, whatever they look like

    Raises
    ------
    UnknownNameError, OptionError
        No such format or option.
    """
    finder = _Finder(format, options or {}, beside, readings or {})
    for path in paths:
        path = Path(os.path.abspath(path))  # noqa: PTH100 - Path.absolute keeps ".."
        if path.is_dir():
            finder.folder(path)
        elif path.exists():
            finder.named(path)
        else:
            finder.files.audio.append(path)  # whoever opens it says that it is not there
    return finder.files


class _Finder:
    def __init__(
        self,
        format: str | None,
        options: Mapping[str, Any],
        beside: Path | None,
        readings: Mapping[Path, Reading],
    ) -> None:
        self.files = Files()
        self._readings = readings
        self._format, self._options, self._beside = format, options, beside
        self._seen: set[Path] = set()
        if format:
            formats.get(format, **options)  # says now what there is not
        for reading in readings.values():
            if reading.format:
                formats.get(reading.format, **reading.options)

    @cached_property
    def _readers(self) -> dict[str, Format]:
        """Formats that may claim a file; loaded only where something is not audio."""
        if self._format:
            return {self._format: formats.get(self._format, **self._options)}
        found: dict[str, Format] = {}
        for name in registry.names("format"):
            try:
                reader = formats.get(name, **self._options)
            except OptionError:
                raise
            except SpeechLabelError as error:  # of another package, and broken: the others still read
                self.files.notes.append(error.message)
                continue
            if reader.can_read:
                found[name] = reader
        return found

    def named(self, path: Path) -> None:
        """Take a file that a person named: what is no annotation is tried as audio."""
        if path in self._seen:
            return
        if self._format and not _is_audio(path):
            self._seen.add(path)
            self._read(path, self._format)
        elif not self._take(path):
            self.files.audio.append(path)

    def folder(self, folder: Path, *, is_claimed: bool = False) -> None:
        """Walk a folder; in one that a format has claimed only audio is of interest."""
        if self._beside is not None and self._beside.exists() and folder.samefile(self._beside):
            return
        try:
            inside = sorted(folder.iterdir())
        except OSError as error:
            self.files.failed.append((folder, f"the folder cannot be read: {error.strerror}"))
            return
        is_claimed = is_claimed or self._take_whole(folder, inside)
        for path in inside:
            if path.name.startswith("."):
                continue
            if path.is_dir():
                if not path.is_symlink():  # it may lead back
                    self.folder(path, is_claimed=is_claimed)
            elif (_is_audio(path) or not is_claimed) and not self._take(path):
                self.files.skipped.append(path)

    def _take_whole(self, folder: Path, inside: Iterable[Path]) -> bool:
        """Take a folder as one document, if it is one or is to be read as one."""
        if folder in self._readings:
            return self._take(folder)
        if name := self._whole(folder, inside):
            self._read(folder, name)
        return bool(name)

    def _whole(self, folder: Path, inside: Iterable[Path]) -> str | None:
        """Name the one format that a folder is in as a whole, not one whose files stand each for itself."""
        claims = self._claims(folder)
        if len(claims) != 1:
            return None
        reader = self._readers[claims[0]]
        files = (path for path in inside if path.is_file() and not _is_audio(path))
        stands_alone = bool(reader.extensions) and any(reader.sniff(path) for path in files)
        return None if stands_alone else claims[0]

    def _take(self, path: Path) -> bool:
        """Take a file for what it is; False: it is nothing."""
        if path in self._seen:
            return True
        self._seen.add(path)
        if path in self._readings:
            reading = self._readings[path]
            if reading.format:
                self._read(path, reading.format, reading.options)
            return bool(reading.format)
        if _is_audio(path):
            self.files.audio.append(path)
            return True
        claims = self._claims(path)
        if len(claims) > 1:
            self.files.claims[path] = claims
            self.files.failed.append((path, f"looks like {' and '.join(claims)}; name the format"))
        elif claims:
            self._read(path, claims[0])
        return bool(claims)

    def _claims(self, path: Path) -> list[str]:
        return [name for name, reader in self._readers.items() if reader.sniff(path)]

    def _read(self, path: Path, name: str, options: Mapping[str, Any] | None = None) -> None:
        try:
            bundle = formats.load(path, name, **(self._options if options is None else options))
        except SpeechLabelError as error:
            self.files.failed.append((path, error.message))
            self.files.claims[path] = [name]
        else:
            self.files.documents.append(Document(path=path, format=name, bundle=bundle))


def _is_audio(path: Path) -> bool:
    return path.suffix.lower() in AUDIO_SUFFIXES
