"""What goes out of each recording, one recording in memory at a time."""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import TypeVar

from speechlabel.errors import ExportError
from speechlabel.formats import Bundle, Labelled, Segments
from speechlabel.records import Project, Recording, Segment, Speaker
from speechlabel.workflow.labelled import labelled_spans

__all__ = ["Change", "Part", "Spool", "bundle_of", "changed_bundle", "part_of"]

T = TypeVar("T")
Change = Callable[
    [Iterable[Segment], Sequence[Speaker]], tuple[list[Segment], list[Speaker]]
]  # of a recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What goes out of one recording, as of one moment."""

    segments: list[Segment]
    speakers: tuple[Speaker, ...]
    labelled: tuple[Labelled, ...]


class Spool:
    """Parts put aside in a file that nobody else sees and that vanishes with the process.

    An export passes over its segments more than once, and what is saved meanwhile must not tear it: every
    pass reads the same.
    """

    def __init__(self) -> None:
        self._file = TemporaryFile(prefix="speechlabel-")  # noqa: SIM115 - closed by ``__exit__``
        self._places: dict[str, int] = {}

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def put(self, recording_id: str, part: Part) -> None:
        """Put a part aside.

        Raises
        ------
        ExportError
            The disk that holds temporary files is full or cannot be written.
        """
        try:
            self._places[recording_id] = self._file.seek(0, 2)
            pickle.dump(part, self._file, pickle.HIGHEST_PROTOCOL)
            self._file.flush()
        except OSError as error:
            raise ExportError(f"the folder of temporary files: {error.strerror or error}") from error

    def get(self, recording_id: str) -> Part:
        """Read a part back."""
        self._file.seek(self._places[recording_id])
        return pickle.load(self._file)


class _Latest:
    """Reads parts and keeps the last one: segments, speakers and labelled stretches are asked for in turn."""

    def __init__(self, read: Callable[[str], Part]) -> None:
        self._read = read
        self._id: str | None = None
        self._part: Part | None = None

    def __call__(self, recording_id: str) -> Part:
        if self._part is None or self._id != recording_id:
            self._part = None  # goes before the next one comes
            self._part, self._id = self._read(recording_id), recording_id
        return self._part


class _Each(Mapping[str, T]):
    """A mapping of which a value is read when it is asked for."""

    def __init__(self, ids: Sequence[str], read: Callable[[str], T]) -> None:
        self._ids, self._read = dict.fromkeys(ids), read

    def __getitem__(self, recording_id: str) -> T:
        if recording_id not in self._ids:
            raise KeyError(recording_id)
        return self._read(recording_id)

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)


def part_of(bundle: Bundle, keep: Callable[[Recording, Segment, Speaker | None], bool]) -> Bundle:
    """Give those segments of a bundle that are kept, and the recordings that have any.

    What is left out is not labelled then: another part has it.
    """

    def wanted(recording: Recording) -> Iterator[Segment]:
        speakers = {speaker.id: speaker for speaker in bundle.speakers.get(recording.id, ())}
        for segment in bundle.segments.get(recording.id, ()):
            if keep(recording, segment, speakers.get(segment.speaker or "")):
                yield segment

    def labelled(recording: Recording) -> tuple[Labelled, ...]:
        kept = {segment.id for segment in wanted(recording)}
        segments = list(bundle.segments.get(recording.id, ()))
        others = {segment.id for segment in segments if segment.id not in kept}
        return labelled_spans(segments, others, recording)

    recordings = {item.id: item for item in bundle.recordings if any(True for _ in wanted(item))}
    ids = list(recordings)
    return dataclasses.replace(
        bundle,
        recordings=tuple(recordings.values()),
        segments=_Each(ids, lambda id: Segments(lambda: wanted(recordings[id]))),
        speakers=_Each(ids, lambda id: bundle.speakers.get(id, ())),
        labelled=_Each(ids, lambda id: labelled(recordings[id])),
        languages={id: language for id, language in bundle.languages.items() if id in recordings},
        audio={key: path for key, path in bundle.audio.items() if key[0] in recordings},
        sources={id: path for id, path in bundle.sources.items() if id in recordings},
    )


def changed_bundle(bundle: Bundle, change: Change) -> Bundle:
    """Give a bundle of which each recording's segments and speakers are changed as they are read."""

    def changed(id: str) -> tuple[list[Segment], list[Speaker]]:
        return change(bundle.segments.get(id, ()), bundle.speakers.get(id, ()))

    ids = [item.id for item in bundle.recordings]
    return dataclasses.replace(
        bundle,
        segments=_Each(ids, lambda id: Segments(lambda: changed(id)[0])),
        speakers=_Each(ids, lambda id: tuple(change((), bundle.speakers.get(id, ()))[1])),
    )


def bundle_of(project: Project, recordings: Sequence[Recording], read: Callable[[str], Part]) -> Bundle:
    """Make a bundle of recordings whose parts are read, by recording id, as a format passes over them."""
    part = _Latest(read)
    ids = [item.id for item in recordings]
    return Bundle(
        recordings=tuple(recordings),
        segments=_Each(ids, lambda id: Segments(lambda: part(id).segments)),
        speakers=_Each(ids, lambda id: part(id).speakers),
        labelled=_Each(ids, lambda id: part(id).labelled),
        languages=dict.fromkeys(ids, project.language) if project.language else {},
        guideline=project.guideline,
    )
