"""Segments of any number, put aside while a file is read, so that a million fit into little memory."""

from __future__ import annotations

import pickle
import weakref
from collections.abc import Iterator
from operator import attrgetter
from tempfile import TemporaryFile
from typing import Any

from speechlabel.errors import ExportError
from speechlabel.formats.base import Segments
from speechlabel.records import Segment

__all__ = ["Spool"]

HELD = 20_000  # segments in memory at most: 15 MB
# Segments lie in the file as tuples of their fields: the pickling of frozen dataclasses takes twice the time.
_fields = attrgetter(*Segment.__dataclass_fields__)
_setters = tuple(getattr(Segment, name).__set__ for name in Segment.__dataclass_fields__)


class Spool:
    """Segments by recording, in the order they came; beyond a few they lie in a file that nobody else sees.

    The file vanishes with the process, and with the last bundle that reads from it.
    """

    def __init__(self) -> None:
        self._held: dict[str, list[Segment]] = {}
        self._n_held = 0
        self._places: dict[str, list[int]] = {}
        self._file = None

    def add(self, recording_id: str, segment: Segment) -> None:
        """Put a segment aside.

        Raises
        ------
        ExportError
            The disk that holds temporary files is full or cannot be written.
        """
        self._held.setdefault(recording_id, []).append(segment)
        self._n_held += 1
        if self._n_held >= HELD:
            self._flush()

    def segments(self, recording_id: str) -> Segments:
        """Segments of a recording, read back at each pass."""
        return Segments(lambda: self._read(recording_id))

    def _flush(self) -> None:
        try:
            if self._file is None:
                self._file = TemporaryFile(prefix="speechlabel-")  # noqa: SIM115 - closed with the spool
                weakref.finalize(self, self._file.close)
            place = self._file.seek(0, 2)
            for recording_id, segments in self._held.items():
                self._places.setdefault(recording_id, []).append(place)
                pickle.dump([_fields(item) for item in segments], self._file, pickle.HIGHEST_PROTOCOL)
                place = self._file.tell()
            self._file.flush()
        except OSError as error:
            raise ExportError(f"the folder of temporary files: {error.strerror or error}") from error
        self._held, self._n_held = {}, 0

    def _read(self, recording_id: str) -> Iterator[Segment]:
        for place in self._places.get(recording_id, ()):
            assert self._file is not None
            self._file.seek(place)
            yield from map(_segment, pickle.load(self._file))
        yield from self._held.get(recording_id, ())


def _segment(values: tuple[Any, ...]) -> Segment:
    """Build a segment that was checked when it was made."""
    made = object.__new__(Segment)
    for put, value in zip(_setters, values, strict=True):
        put(made, value)
    return made
