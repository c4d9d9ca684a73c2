"""Reading a list of WeNet's tar shards: the texts of those that lie beside it."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

from speechlabel.errors import ParseError
from speechlabel.formats.jsonfile import clean
from speechlabel.formats.training.tar_shards import members
from speechlabel.formats.training.utterances import Utterances

__all__ = ["read_shards", "shard_paths"]

LARGEST_TEXT = 1_000_000  # bytes
LONGEST_PATH = 4096


def shard_paths(file: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, path) of each shard of a list; nothing where its first line names none."""
    if not file.is_file():
        return
    with file.open("rb") as stream:
        first = True
        number = 0
        while raw := stream.readline(LONGEST_PATH):
            number += 1
            path = raw.decode("utf-8", "replace").strip()
            if first and not path.endswith(".tar"):
                return
            first = False
            if path:
                yield number, path


def read_shards(file: Path, found: Utterances) -> None:
    """Read the texts of the shards that lie beside a list, under their names.

    Raises
    ------
    ParseError
        None of the shards is there, or one is not a whole tar.
    """
    n_here = 0
    for line, path in shard_paths(file):
        name = path.rpartition("/")[2]
        here = next(
            (one for one in (file.parent / "shards" / name, file.parent / name) if one.is_file()), None
        )
        if here is None:
            found.found.notes.add(file.name, line, "the shard does not lie beside the list: not read")
            continue
        n_here += 1
        try:
            _read(here, line, found)
        except (tarfile.TarError, OSError, EOFError) as error:
            raise ParseError(file, f"{name!r:.80} is not a whole tar: {error}", line=line) from error
    if not n_here:
        raise ParseError(file, "none of its shards lies beside it", line=1)


def _read(shard: Path, line: int, found: Utterances) -> None:
    key, text = "", None
    for name, size, content in members(shard):
        stem, _, ending = name.rpartition(".")
        if ending == "txt":
            if size > LARGEST_TEXT:
                raise EOFError(f"{name!r:.80} is larger than a text")
            key, text = stem, clean(content().decode("utf-8", "replace")).strip()
        elif text is not None and stem == key:
            found.add(line, key, name, text=text, times=(0, None))
            text = None
