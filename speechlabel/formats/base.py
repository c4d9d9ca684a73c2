"""What every format shares: the bundle it reads and writes, the export it is given, the report it gives.

A format is one module with one class derived from :class:`Format`.  It sees records and paths, never the
store and never samples: where a manifest must point at one-channel audio, ``Export.audio_for`` is asked.
``docs/howto/add-a-format.md`` shows a whole one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar, Literal, NamedTuple

from speechlabel.errors import ExportError, InputError, ParseError, RecordError
from speechlabel.formats.names import relative_posix
from speechlabel.records import Recording, Segment, Speaker
from speechlabel.timing import samples_to_us

__all__ = [
    "Bundle",
    "Clip",
    "Export",
    "Fault",
    "Format",
    "Labelled",
    "Loss",
    "MakeAudio",
    "Report",
    "Segments",
    "Written",
    "bare_recording",
]

MakeAudio = Callable[[Recording, int | None, Path], Path]
CutClips = Callable[[Recording, Iterable[tuple[Segment, str]], Path], "Iterator[tuple[Segment, Clip]]"]
CopyRecording = Callable[[Recording, Path], Path | None]


class Labelled(NamedTuple):
    """A stretch that somebody has labelled: what has no segment in it is known to hold no speech."""

    channel: int | None  # None: every channel
    start_us: int
    end_us: int


class Clip(NamedTuple):
    """One segment's samples as a file of its own, inside the folder that is being written."""

    path: Path
    n_frames: int
    sample_rate: int
    is_written: bool = True  # False in a preview: only where it would lie
    lead_us: int = 0  # of the recording before the segment begins

    @property
    def duration_us(self) -> int:
        """Length in microseconds, to the nearest."""
        return samples_to_us(self.n_frames, self.sample_rate)

    def read_bytes(self) -> bytes:
        """Bytes of the file, none in a preview."""
        return self.path.read_bytes() if self.is_written else b""


class Fault(NamedTuple):
    """Something the target program would refuse."""

    file: str  # POSIX, relative to what is checked; "" for the whole
    line: int | None  # from 1; None where it is not of one line
    reason: str

    @classmethod
    def of(cls, error: ParseError, path: Path) -> Fault:
        """Make a fault of what a reader of ``path`` refused."""
        place = Path(error.data["path"])
        inside = place.relative_to(path).as_posix() if place.is_relative_to(path) else place.name
        name = place.name if place == path else inside
        return cls("" if place == path and path.is_dir() else name, error.data["line"], error.data["reason"])

    def __str__(self) -> str:
        """Text as ``file:line: reason``."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.reason}" if place else self.reason


class Segments(Iterable[Segment]):
    """Segments fetched anew at each pass, so that a bundle of a thousand hours fits in memory."""

    def __init__(self, fetch: Callable[[], Iterable[Segment]]) -> None:
        self._fetch = fetch

    def __iter__(self) -> Iterator[Segment]:
        return iter(self._fetch())

    def each(self, change: Callable[[Segment], Segment]) -> Segments:
        """Give the same segments, each changed as it is fetched."""
        return Segments(lambda: (change(item) for item in self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Recordings with one transcript each: what one export writes and one import reads.

    Parameters
    ----------
    segments : mapping of recording id to an iterable of Segment
        Each can be passed over more than once; give ``Segments(fetch)`` to fetch lazily.  A recording
        without an entry has no segments.
    speakers : mapping of recording id to speakers
    labelled : mapping of recording id to ``Labelled`` stretches
        A recording without an entry counts as labelled from start to end.
    languages : mapping of recording id to the language of those of its segments that name none
    audio : mapping of (recording id, channel) to the one-channel file, where one is known
    sources : mapping of recording id to the file that held its annotation, for formats that can later write
        what was edited back into a copy of it
    notes : what a reader repaired or guessed, one line each, with line numbers

    Raises
    ------
    RecordError
        Two recordings share an id, or a mapping names a recording that is not there.
    """

    recordings: tuple[Recording, ...]
    segments: Mapping[str, Iterable[Segment]] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    speakers: Mapping[str, tuple[Speaker, ...]] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    labelled: Mapping[str, tuple[Labelled, ...]] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    languages: Mapping[str, str] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    audio: Mapping[tuple[str, int | None], Path] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    sources: Mapping[str, Path] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    guideline: str | None = None
    snapshot: Mapping[str, Any] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        known = {recording.id for recording in self.recordings}
        if len(known) != len(self.recordings):
            raise RecordError("bundle", "recordings", len(self.recordings), "two recordings share one id")
        for name in ("segments", "speakers", "labelled", "languages", "sources"):
            for recording_id in getattr(self, name):
                if recording_id not in known:
                    raise RecordError("bundle", name, recording_id, "is not one of its recordings")

    def stream(self) -> Iterator[tuple[Recording, list[Segment]]]:
        """Give recordings by id, each with its segments by (start, end, id): the order of every export."""
        for recording in sorted(self.recordings, key=lambda item: item.id):
            segments = self.segments.get(recording.id, ())
            yield recording, sorted(segments, key=attrgetter("start_us", "end_us", "id"))

    def speakers_of(self, recording_id: str) -> dict[str, Speaker]:
        """Speakers of a recording by id, in order of id."""
        return {one.id: one for one in sorted(self.speakers.get(recording_id, ()), key=lambda one: one.id)}

    def language_of(self, recording_id: str, segment: Segment) -> str | None:
        """Language of a segment: its own, else that of its recording; a format that carries it asks here."""
        return segment.language or self.languages.get(recording_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A bundle on its way out.  The caller has decided what is in it.

    Parameters
    ----------
    make_audio : callable (recording, channel, folder) → Path, or None
        Gives a file that holds just that channel (``None``: the mix of all) on the recording's own time
        line: the original where it is that already, else a file it writes into ``folder``, which it may
        have to make.  Asked once a channel.  Without it, ``bundle.audio`` and one-channel originals serve.
    copy_recording : callable (recording, folder) → Path or None, or None
        Copies a recording's own file, as it is, into ``folder``; None where the file is gone.  Given when the
        export carries its audio and must name nothing outside of itself.
    cut_clips : callable (recording, (segment, stem) each, folder) → iterator of (segment, Clip), or None
        Cuts segments out of their channel, each into ``folder / <stem>.<container>``; in the order asked for,
        some ahead of the reader.  What asks for clips where nothing can cut is refused.
    is_cut : a format that can name stretches of a recording shall give each segment a file of its own
    originals : mapping of recording id to the file that its transcript was once read from, unchanged:
        a format that can write into a copy of it changes there only what was edited since
    audio_root : (old, new) beginnings of absolute paths: how the host that trains sees the audio
    is_part : only the first recordings are here, to be looked at: what sums up the whole is left out
    snapshot : facts about the source for ``snapshot.json``: transcripts, revisions, filters
    target : where the export will lie in the end; ``formats.dump`` sets it
    """

    bundle: Bundle
    make_audio: MakeAudio | None = None
    copy_recording: CopyRecording | None = None
    cut_clips: CutClips | None = None
    is_cut: bool = False
    originals: Mapping[str, Path] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    audio_root: tuple[str, str] | None = None
    is_part: bool = False
    snapshot: Mapping[str, Any] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    target: Path = field(default_factory=Path)
    _made: dict[tuple[str, int | None], Path] = field(default_factory=dict, init=False, repr=False)  # pyright: ignore[reportUnknownVariableType]
    _told: dict[tuple[str, int | None], str] = field(default_factory=dict, init=False, repr=False)  # pyright: ignore[reportUnknownVariableType]

    def audio_for(self, recording: Recording, channel: int | None, out: Path) -> Path:
        """One-channel file for a channel of a recording, at the place where it will lie in the end.

        Raises
        ------
        ExportError
            The recording has several channels and nothing can make a one-channel file.
        """
        channel = None if recording.channels == 1 else channel
        key = recording.id, channel
        if key not in self._made:
            path = self._find_audio(recording, channel, out)
            inside = path.is_relative_to(out)
            self._made[key] = self.target / path.relative_to(out) if inside else path
        return self._made[key]

    def _find_audio(self, recording: Recording, channel: int | None, out: Path) -> Path:
        if self.make_audio is not None:
            return self.make_audio(recording, channel, out / "audio")
        if (known := self.bundle.audio.get((recording.id, channel))) is not None:
            return known
        if recording.channels == 1 and recording.path:
            return Path(recording.path)
        if not recording.path:
            raise ExportError(f"{recording.name!r}: its audio is not known; take the recording in first")
        raise ExportError(
            f"{recording.name!r} has {recording.channels} channels and this format needs one-channel files; "
            "export it from its project, which writes them"
        )

    def has_audio(self, recording: Recording, channel: int | None) -> bool:
        """Whether ``audio_for`` has a file to give."""
        known = self.make_audio is not None or (recording.id, channel) in self.bundle.audio
        return known or (recording.channels == 1 and bool(recording.path))

    def audio_path(self, recording: Recording, channel: int | None, out: Path) -> str:
        """POSIX path of ``audio_for``, relative to the export's folder where possible."""
        key = recording.id, None if recording.channels == 1 else channel
        if key not in self._told:  # each segment asks
            self._told[key] = self._seen_from_afar(self.audio_for(recording, channel, out))
        return self._told[key]

    def _seen_from_afar(self, path: Path) -> str:
        """Path as the export names it: what lies below the old root is told below the new one."""
        if self.audio_root is not None:
            old, new = self.audio_root
            absolute = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow the person's links
            if absolute.is_relative_to(old):
                return (PurePosixPath(new) / absolute.relative_to(old).as_posix()).as_posix()
        return relative_posix(path, self.target)

    def clips(
        self, recording: Recording, wanted: Iterable[tuple[Segment, str]], folder: Path
    ) -> Iterator[tuple[Segment, Clip]]:
        """Cut segments out into files named by the stems that are given; see ``cut_clips``.

        Raises
        ------
        ExportError
            There is no audio to cut.
        """
        if self.cut_clips is None:
            raise ExportError(
                f"{recording.name!r}: this format holds the audio of each segment, and there is none here to "
                "cut; export it from a project, or convert with the recordings at hand"
            )
        yield from self.cut_clips(recording, wanted, folder)

    def recording_path(self, recording: Recording, out: Path) -> str | None:
        """POSIX path of a recording's own file, relative to the export's folder where possible.

        None where it is not known, or where the export carries its audio and this file is gone.
        """
        if self.copy_recording is not None:
            copy = self.copy_recording(recording, out / "audio")
            return None if copy is None else copy.relative_to(out).as_posix()
        return self._seen_from_afar(Path(recording.path)) if recording.path else None

    def labelled_spans(self, recording: Recording) -> tuple[Labelled, ...]:
        """Labelled stretches of a recording; all of it where nothing else is told."""
        whole = (Labelled(None, 0, recording.duration_us),) if recording.n_frames else ()
        return self.bundle.labelled.get(recording.id, whole)


@dataclass(frozen=True, slots=True)
class Loss:
    """Something the target cannot hold, or holds changed.

    ``field`` is a field of Segment, ``speaker.<field>``, ``recording``, ``guideline``, ``times``, or
    ``segment`` where whole segments are left out.  ``ids`` names the first hundred concerned.
    """

    field: str
    reason: str
    count: int
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a format's ``write`` says it did: how many segments, what it changed, what to look at."""

    segments: int
    losses: tuple[Loss, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What ``formats.dump`` did."""

    format: str
    path: Path
    recordings: int
    segments: int
    files: tuple[str, ...]  # POSIX, relative to ``path``, sorted
    losses: tuple[Loss, ...]
    warnings: tuple[str, ...]


class Format:
    """One file format.  Derive from it as a frozen dataclass whose fields are the format's options.

    ``carries`` names what survives: fields of Segment (times and the recording's id always do, times to
    ``time_step_us``), ``speaker.<field>`` for Speaker, ``recording`` for recordings' facts and those without
    segments, ``guideline``, ``labelled``.  The loss report is made from it.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    extensions: ClassVar[tuple[str, ...]]  # with the dot; () for a folder of fixed names
    spec: ClassVar[str]  # where the format is described
    carries: ClassVar[frozenset[str]]
    can_read: ClassVar[bool] = False
    can_write: ClassVar[bool] = False
    takes: ClassVar[Literal["training", "speech", "everything"]] = "everything"  # what goes out unless told
    includes: ClassVar[frozenset[str]] = frozenset()  # reasons to stay out that do not count for it
    needs_text: ClassVar[bool] = False  # what nobody has transcribed cannot be written, even if told
    audio: ClassVar[Literal["FLAC", "WAV"]] = "FLAC"  # container of one-channel files made for it
    is_alone: ClassVar[bool] = False  # readers would take any other file of the folder for theirs
    checked_by: ClassVar[tuple[str, ...]] = ()  # independent programs that the tests hold it against

    @property
    def time_step_us(self) -> int:
        """Grid of the times it writes, in microseconds."""
        return 1

    def utterance_id(self, recording_id: str, segment: Segment) -> str:
        """Name of a segment among those of all recordings, where this format has such names."""
        return f"{recording_id}-{segment.id}"

    def bound(self, guideline: str | None) -> Format:
        """Give the format as it is for a project with this guideline (TOML text): itself, as a rule."""
        return self

    def sniff(self, path: Path) -> bool:
        """Whether a file or folder looks like this format; never raises for its content."""
        raise NotImplementedError

    def write(self, export: Export, out: Path) -> Written:
        """Write into the empty folder ``out``; ``formats.dump`` moves it to its place when all is well."""
        raise InputError(f"{self.title} is read, not written")

    def read(self, path: Path) -> Bundle:
        """Read a file or folder whole or raise ``ParseError``; checks all of it before it returns."""
        raise InputError(f"{self.title} is written, not read")

    def faults(self, path: Path) -> Iterator[Fault]:
        """Everything that the target program would refuse; each export is checked with it before it appears.

        Without rules of its own a format that reads holds what it cannot read for a fault.
        """
        if self.can_read:
            try:
                self.read(path)
            except ParseError as error:
                yield Fault.of(error, path)


def bare_recording(
    recording_id: str, name: str, duration_us: int, *, channels: int = 1, path: str = ""
) -> Recording:
    """Build a recording of which only the length is known, no hash; a microsecond is a frame.

    ``path`` is where the file says that its audio lies, made absolute; "" where it does not say.
    """
    return Recording(
        id=recording_id,
        project_id="",
        name=name,
        path=path,
        content_hash="",
        size_bytes=0,
        modified_ns=0,
        container="",
        codec="",
        sample_rate=1_000_000,
        channels=channels,
        n_frames=duration_us,
    )
