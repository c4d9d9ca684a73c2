"""Rows of any number in order: sorted in runs that are put aside in a file, then merged as they are read."""

from __future__ import annotations

import heapq
import pickle
import weakref
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import Generic, TypeVar, cast

from speechlabel.errors import ExportError

__all__ = ["Row", "SortedRows"]

HELD = 30_000  # rows in memory at most
HELD_CHARACTERS = 20_000_000  # and characters in them
CHUNK = 400  # rows read back at a time from each run

Row = TypeVar("Row", bound="tuple[str | int, ...]")


class SortedRows(Generic[Row]):
    """Tuples in the order of their first value, then the next: text by code point, as ``LC_ALL=C sort``.

    What does not fit lies in a file that vanishes with the process.  Each pass reads all rows anew.
    """

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._characters = 0
        self._runs: list[list[int]] = []  # where the chunks of each run lie
        self._file = None
        self.count = 0

    def add(self, row: Row) -> None:
        """Put a row aside.

        Raises
        ------
        ExportError
            The disk that holds temporary files is full or cannot be written.
        """
        self._rows.append(row)
        self.count += 1
        self._characters += sum(len(value) for value in row if isinstance(value, str))
        if len(self._rows) >= HELD or self._characters >= HELD_CHARACTERS:
            self._flush()

    def __iter__(self) -> Iterator[Row]:
        self._rows.sort()
        if not self._runs:
            return iter(self._rows)
        return heapq.merge(*(self._read(run) for run in self._runs), self._rows)

    def _flush(self) -> None:
        self._rows.sort()
        try:
            if self._file is None:
                self._file = TemporaryFile(prefix="speechlabel-")  # noqa: SIM115 - closed with these rows
                weakref.finalize(self, self._file.close)
            run: list[int] = []
            self._file.seek(0, 2)
            for first in range(0, len(self._rows), CHUNK):
                run.append(self._file.tell())
                pickle.dump(self._rows[first : first + CHUNK], self._file, pickle.HIGHEST_PROTOCOL)
            self._file.flush()
        except OSError as error:
            raise ExportError(f"the folder of temporary files: {error.strerror or error}") from error
        self._runs.append(run)
        self._rows, self._characters = [], 0

    def _read(self, run: list[int]) -> Iterator[Row]:
        for place in run:
            assert self._file is not None
            self._file.seek(place)
            yield from cast("list[Row]", pickle.load(self._file))
