"""Which audio an annotation is of: by the path it names, by name, by what lies beside it, by content."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Literal, NamedTuple

from speechlabel.formats.names import safe_id
from speechlabel.records import Recording

__all__ = ["How", "Match", "Matcher"]

How = Literal["known", "path", "beside", "content"]


class Match(NamedTuple):
    """The audio of a recording that an annotation file tells of: in the project already, or a file."""

    how: How
    recording: Recording | None = None
    path: Path | None = None


class Matcher:
    """Finds audio among the recordings of a project and the files that are brought in with annotations.

    Parameters
    ----------
    files : audio files that lie among the annotations
    may_open : whether a path that an annotation file names may be looked at
    """

    def __init__(
        self,
        known: Iterable[Recording],
        files: Iterable[Path],
        *,
        may_open: Callable[[Path], bool] = lambda _: True,
    ) -> None:
        self._may_open = may_open
        self._by_hash: dict[str, Recording] = {}
        self._by_path: dict[str, Recording] = {}
        self._known: dict[str, list[Recording]] = {}
        for recording in known:
            self._by_hash[recording.content_hash] = recording
            self._by_path[recording.path] = recording
            names = {recording.id, recording.name, Path(recording.name).stem, Path(recording.path).stem}
            for name in names | {safe_id(Path(recording.name).stem)}:
                self._known.setdefault(name.casefold(), []).append(recording)
        self._files: dict[str, list[Path]] = {}
        self._taken = set(map(str, files))
        for path in map(Path, sorted(self._taken)):
            for name in {path.name, path.stem, safe_id(path.stem)}:
                self._files.setdefault(name.casefold(), []).append(path)

    def find(self, wanted: Recording, audio: Iterable[Path], annotation: Path) -> Match | None:
        """Audio of ``wanted``, or None; where two would do, the one that lies nearest to the annotation.

        Parameters
        ----------
        audio : one-channel files that the annotation names for it, beside ``wanted.path``
        annotation : the file or folder that was read
        """
        if wanted.content_hash and (found := self._by_hash.get(wanted.content_hash)):
            return Match("content", recording=found)
        named = [Path(wanted.path)] if wanted.path else list(audio)
        if (path := self._named(named)) is not None:
            known = self._by_path.get(str(path))
            return Match("known", recording=known) if known else Match("path", path=path)
        names = [wanted.id, wanted.name, *(_base(str(path)) for path in named)]
        if annotation.is_file():
            names.append(annotation.name)
        for name in _forms(names):
            known = self._known.get(name, [])
            if len(known) == 1:
                return Match("known", recording=known[0])
            if beside := self._files.get(name):
                near = sorted(beside, key=lambda path: _distance(path, annotation))
                if len(near) == 1 or _distance(near[0], annotation) < _distance(near[1], annotation):
                    return Match("beside", path=near[0])
            if known:
                return None
        return None

    def _named(self, paths: list[Path]) -> Path | None:
        """Return the one file that is named, if it is there and may be looked at."""
        if len(paths) != 1 or not paths[0].is_absolute():
            return None
        inside = str(paths[0]) in self._taken or str(paths[0]) in self._by_path
        try:
            return paths[0] if inside or (self._may_open(paths[0]) and paths[0].is_file()) else None
        except (OSError, ValueError):
            return None


def _base(path: str) -> str:
    """Last part of a path of any system."""
    return PureWindowsPath(path).name if "\\" in path else PurePosixPath(path).name


def _forms(names: Iterable[str]) -> Iterable[str]:
    """Each name as it is, then without its ending, each once."""
    whole = [name.casefold() for name in names if name]
    return dict.fromkeys([*whole, *(Path(name).stem for name in whole)])


def _distance(path: Path, annotation: Path) -> int:
    """Folders between a file and an annotation."""
    folder = annotation if annotation.is_dir() else annotation.parent
    shared = len(set(path.parent.parents) & set(folder.parents))
    same = path.parent == folder
    return 0 if same else len(path.parent.parents) + len(folder.parents) - 2 * shared + 1
