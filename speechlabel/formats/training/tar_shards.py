"""Tar files of examples, of a few at a time: the same examples give the same bytes."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType

from speechlabel.errors import ExportError
from speechlabel.formats.base import Fault
from speechlabel.formats.examples import Example

__all__ = ["Shards", "audio_of", "members", "shard_faults"]

LARGEST_MEMBER = 1 << 32  # bytes of a file that is in memory at once
MOST_EXAMPLES = 1_000_000


class Shards:
    """Writes examples, each a few files, into one tar after the other.

    Parameters
    ----------
    name : gives the path of a shard by its number, from 0
    size : examples in a shard
    """

    def __init__(self, name: Callable[[int], Path], size: int) -> None:
        if not 1 <= size <= MOST_EXAMPLES:
            raise ExportError(f"shard_size must be from 1 to {MOST_EXAMPLES:,}, not {size}")
        self._name, self._size = name, size
        self._file: tarfile.TarFile | None = None
        self._n_here = 0
        self.paths: list[Path] = []

    def __enter__(self) -> Shards:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    @property
    def number(self) -> int:
        """Number of the shard that is written to."""
        return len(self.paths) - 1

    def add(self, files: Iterable[tuple[str, bytes]]) -> bool:
        """Add the files of an example, neighbours in one shard; tell whether a new shard was begun."""
        is_new = self._file is None or self._n_here == self._size
        if is_new:
            self._close()
            path = self._name(len(self.paths))
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = tarfile.open(path, "w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - see _close
            self.paths.append(path)
            self._n_here = 0
        assert self._file is not None
        for name, content in files:
            # TarInfo says nothing of owner, time or place unless it is told: mtime, uid and gid are 0.
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            self._file.addfile(entry, io.BytesIO(content))
        self._n_here += 1
        return is_new

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def audio_of(example: Example) -> tuple[str, bytes]:
    """Return ending (without the dot) and bytes of an example's own file, which is then gone."""
    clip = example.clip
    assert clip is not None
    content = clip.read_bytes()
    if clip.is_written:
        clip.path.unlink()
    return clip.path.suffix.removeprefix("."), content


def members(path: Path) -> Iterator[tuple[str, int, Callable[[], bytes]]]:
    """Yield name, size and a reader of each plain file in a tar.

    Raises
    ------
    tarfile.TarError, OSError, EOFError
        It is not a tar, or not whole.
    """
    with tarfile.open(path, "r:") as file:
        for entry in file:
            if entry.isfile():
                yield entry.name, entry.size, lambda entry=entry: _content(file, entry)


def _content(file: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    stream = file.extractfile(entry)
    return stream.read(min(entry.size, LARGEST_MEMBER)) if stream is not None else b""


def shard_faults(
    path: Path, name: str, endings: Iterable[str], audio: Iterable[str], *, first_dot: bool = True
) -> Iterator[Fault | tuple[str, str]]:
    """Check that the files of each example are neighbours and all there; yield faults and (key, audio file).

    A key is a name up to the first dot of its last part, as most readers of such shards take it, or else up
    to the last one.
    """
    needed, sound = set(endings), set(audio)
    seen: set[int] = set()
    key, found = None, dict[str, str]()
    try:
        for member, _, _ in (*members(path), ("", 0, bytes)):
            folder, _, base = member.rpartition("/")
            stem, _, ending = base.partition(".") if first_dot else base.rpartition(".")
            this = f"{folder}/{stem}" if folder else stem
            if this != key:
                if key is not None:
                    heard = [ending for ending in found if ending in sound]
                    for lack in sorted(needed - found.keys()):
                        yield Fault(name, None, f"{key} has no .{lack}")
                    if len(heard) != 1:
                        yield Fault(name, None, f"{key} has {len(heard)} audio files")
                    else:
                        yield key, found[heard[0]]
                if hash(this) in seen:
                    yield Fault(name, None, f"the files of {this} are not neighbours, or there twice")
                seen.add(hash(this))
                key, found = this, {}
            if ending in found:
                yield Fault(name, None, f"{member} is there twice")
            found[ending] = member
    except (tarfile.TarError, OSError, EOFError) as error:
        yield Fault(name, None, f"is not a whole tar: {error}")
