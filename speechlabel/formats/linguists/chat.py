"""CHAT, of CLAN and TalkBank: utterances with bullets, and tiers that depend on them.

Spec: https://talkbank.org/0info/manuals/CHAT.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from speechlabel.errors import ParseError
from speechlabel.formats.base import Bundle, Export, Fault, Format, Segments, Written, bare_recording
from speechlabel.formats.foreign import Collected, read_text
from speechlabel.formats.linguists.chat_file import faults_of, lines_of
from speechlabel.formats.linguists.chat_out import STEP_US, document
from speechlabel.formats.linguists.chat_speech import read_speech
from speechlabel.formats.losses import Tally
from speechlabel.formats.names import foreign_id
from speechlabel.formats.spool import Spool
from speechlabel.formats.xmlfile import head_of
from speechlabel.records import Recording, Speaker

__all__ = ["ChatFormat"]


@dataclass(frozen=True)
class ChatFormat(Format):
    """One .cha a recording: what each participant says, with its time in a bullet.

    Codes, marks and terminators of the text stay as they are.  Several bullets in one utterance make one
    segment from the first to the last, and are written again where nothing changed.  ``%com`` is the note,
    ``%wor`` the words, and each other tier a field; what has no bullet shares the time between what has one.
    In an export what is not transcribed is ``www``, and an utterance without a terminator gets a full stop.
    """

    name: ClassVar[str] = "chat"
    title: ClassVar[str] = "CHAT (CLAN)"
    extensions: ClassVar[tuple[str, ...]] = (".cha",)
    spec: ClassVar[str] = "https://talkbank.org/0info/manuals/CHAT.html"
    carries: ClassVar[frozenset[str]] = frozenset(
        {
            *("text", "speaker", "kind", "noise_labels", "tags", "fields", "words", "status", "note"),
            *("recording", "speaker.gender", "speaker.role", "speaker.language"),
        }
    )
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True
    checked_by: ClassVar[tuple[str, ...]] = ("pylangacq",)

    @property
    def time_step_us(self) -> int:
        """A millisecond."""
        return STEP_US

    def sniff(self, path: Path) -> bool:
        """Tell it by its first headers; a folder by the files in it."""
        if path.is_dir():
            return any(_files(path))
        head = head_of(path)
        return head.startswith("@") and "@Begin" in head

    def write(self, export: Export, out: Path) -> Written:
        """Write ``<recording id>.cha`` for each recording."""
        tally = Tally()
        count = 0
        for recording, segments in export.bundle.stream():
            speakers = export.bundle.speakers_of(recording.id)
            language = export.bundle.languages.get(recording.id)
            with (out / f"{recording.id}.cha").open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(document(recording, segments, speakers, language, tally))
            count += len(segments)
        return Written(segments=count, losses=tally.losses())

    def read(self, path: Path) -> Bundle:
        """Read a file, or each .cha of a folder, as one recording of which only the length is known."""
        recordings: list[Recording] = []
        segments: dict[str, Segments] = {}
        speakers: dict[str, tuple[Speaker, ...]] = {}
        languages: dict[str, str] = {}
        sources: dict[str, Path] = {}
        notes: list[str] = []
        spool = Spool()
        for file in sorted(_files(path)) if path.is_dir() else [path]:
            id = foreign_id(file.stem, segments)
            collected = Collected(id, file, spool)
            text, told = read_text(file)
            collected.notes.extend(told)
            facts = read_speech(lines_of(text, file, collected.notes), collected)
            place = (file.parent.absolute() / facts.media).as_posix() if facts.media else ""
            made = bare_recording(id, file.name, collected.end_us, path=place)
            recordings.append(replace(made, metadata={"chat": facts.headers} if facts.headers else {}))
            segments[id], sources[id] = collected.segments, file
            speakers[id] = tuple(
                replace(speaker, **facts.details.get(name, {}))
                for name, speaker in collected.speakers.items()
            )
            if facts.language:
                languages[id] = facts.language
            notes += [f"{file.name}: {note}" for note in collected.notes]
        return Bundle(
            recordings=tuple(recordings),
            segments=segments,
            speakers=speakers,
            languages=languages,
            sources=sources,
            notes=tuple(notes),
        )

    def faults(self, path: Path) -> Iterator[Fault]:
        """Everything for which CLAN would refuse a file."""
        for file in sorted(_files(path)) if path.is_dir() else [path]:
            try:
                lines = lines_of(read_text(file)[0], file, [])
            except ParseError as error:
                yield Fault(file.name, error.data["line"], error.data["reason"])
            else:
                yield from faults_of(lines, file.name)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if path.suffix.lower() == ".cha" and path.is_file())
