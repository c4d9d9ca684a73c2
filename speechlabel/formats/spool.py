"""Segments of any number, put aside while a file is read, so that a million fit into little memory."""

from __future__ import annotations

import pickle
import weakref
from collections.abc import Iterator, Mapping
from tempfile import TemporaryFile
from typing import Any

from speechlabel.drafts import columns_of, segments_of
from speechlabel.errors import ExportError
from speechlabel.formats.base import Segments
from speechlabel.records import Segment

__all__ = ["Spool"]

HELD = 20_000  # segments in memory at most: 15 MB


class Spool:
    """Segments by recording, in the order they came; beyond a few they lie in a file that nobody else sees.

    There they lie field by field, those left out that all have their default: a fifth of the time of whole
    records.  The file vanishes with the process, and with the last bundle that reads from it.
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
        if (held := self._held.get(recording_id)) is None:
            held = self._held[recording_id] = []
        held.append(segment)
        self._n_held += 1
        if self._n_held >= HELD:
            self._flush()

    def segments(self, recording_id: str, **instead: Any) -> Segments:  # noqa: ANN401 - fields of Segment
        """Segments of a recording, read back at each pass; ``instead`` has values that all get for theirs."""
        return Segments(lambda: self._read(recording_id, instead))

    def _flush(self) -> None:
        try:
            if self._file is None:
                self._file = TemporaryFile(prefix="speechlabel-")  # noqa: SIM115 - closed with the spool
                weakref.finalize(self, self._file.close)
            place = self._file.seek(0, 2)
            for recording_id, segments in self._held.items():
                self._places.setdefault(recording_id, []).append(place)
                pickle.dump(columns_of(segments), self._file, pickle.HIGHEST_PROTOCOL)
                place = self._file.tell()
            self._file.flush()
        except OSError as error:
            raise ExportError(f"the folder of temporary files: {error.strerror or error}") from error
        self._held, self._n_held = {}, 0

    def _read(self, recording_id: str, instead: Mapping[str, Any]) -> Iterator[Segment]:
        for place in self._places.get(recording_id, ()):
            assert self._file is not None
            self._file.seek(place)
            yield from segments_of(pickle.load(self._file), instead)
        held = self._held.get(recording_id, ())
        yield from segments_of(columns_of(held), instead) if instead and held else held
