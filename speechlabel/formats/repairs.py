"""What readers of lines and cues repair instead of refusing, counted by kind and told with the lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from speechlabel.checks import UNWRITABLE

__all__ = ["Repairs", "mended", "printable"]

MOST_LINES = 20  # told of one kind of repair
SHORTEST_US = 1000


class Repairs:
    """Notes on what a reader repaired or left out: how many of a kind, and the lines of the first twenty."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], tuple[int, list[int]]] = {}

    def add(self, path: Path, line: int, what: str) -> None:
        """Note one more of a kind."""
        count, lines = self._found.get((path.name, what), (0, []))
        if count < MOST_LINES:
            lines.append(line)
        self._found[path.name, what] = count + 1, lines

    def note(self, path: Path, line: int, what: str) -> None:
        """Note something that is no fault of the file, only not taken in."""
        Repairs.add(self, path, line, what)

    def notes(self) -> Iterator[str]:
        """One line for each file and kind, in the order in which they were met."""
        for (name, what), (count, lines) in self._found.items():
            where = f"line {lines[0]}" if count == 1 else f"lines {', '.join(map(str, lines))}"
            more = f" and {count - len(lines):,} more" if count > len(lines) else ""
            yield f"{name}: {where}{more}: {what}"


def printable(path: Path, line: int, text: str, repairs: Repairs) -> str:
    """Text without control characters, which no record holds: U+FFFD stands for each."""
    if not text.isprintable() and UNWRITABLE.search(text.replace("\f", " ").replace("\v", " ")):
        repairs.add(path, line, "control characters became U+FFFD")
        return UNWRITABLE.sub("\ufffd", text)
    return text


def mended(path: Path, line: int, start_us: int, end_us: int, repairs: Repairs) -> tuple[int, int] | None:
    """Give a stretch that can be: not before the recording, not backwards, at least a millisecond long.

    None, and a note, where it lies before the recording as a whole.
    """
    if end_us < start_us:
        start_us, end_us = end_us, start_us
        repairs.add(path, line, "ends before it starts: turned round")
    if end_us < 0 or (end_us == 0 and start_us < 0):
        repairs.add(path, line, "lies before the recording: left out")
        return None
    if start_us < 0:
        start_us = 0
        repairs.add(path, line, "starts before the recording: cut off at 0")
    if end_us == start_us:
        end_us = start_us + SHORTEST_US
        repairs.add(path, line, "has no length: given a millisecond")
    return start_us, end_us
