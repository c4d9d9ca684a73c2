"""EXMARaLDA: events of tiers on a timeline that all of them share.

Spec: https://exmaralda.org/ and its basic-transcription.dtd, version 1.4, which is never fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

from speechlabel.errors import ParseError
from speechlabel.formats.base import Bundle, Export, Fault, Format, Segments, Written, bare_recording
from speechlabel.formats.foreign import Collected
from speechlabel.formats.linguists.exb_out import document
from speechlabel.formats.linguists.exb_tiers import read_tiers
from speechlabel.formats.losses import Tally
from speechlabel.formats.names import foreign_id
from speechlabel.formats.spool import Spool
from speechlabel.formats.xmlfile import Node, head_of, read_xml
from speechlabel.records import Recording, Speaker

__all__ = ["ExbFormat"]

HEAD = ("meta-information", "speakertable")
META = (
    *("project-name", "transcription-name", "referenced-file", "ud-meta-information", "comment"),
    "transcription-convention",
)


@dataclass(frozen=True)
class ExbFormat(Format):
    """One .exb a recording: a tier of what each speaker says, and tiers of what is told of that.

    Each event of a tier of type t becomes a segment.  Events of other tiers become fields of the segment of
    the same speaker that is as long, words of the one they lie in, and are kept beside it otherwise; those
    that stand for nothing that is said are segments of their own.  Points without a time are put evenly
    between those that have one.
    """

    name: ClassVar[str] = "exb"
    title: ClassVar[str] = "EXMARaLDA"
    extensions: ClassVar[tuple[str, ...]] = (".exb",)
    spec: ClassVar[str] = "https://exmaralda.org/"
    carries: ClassVar[frozenset[str]] = frozenset(
        {
            *("text", "speaker", "kind", "noise_labels", "tags", "fields", "words", "status", "note"),
            *("recording", "speaker.gender", "speaker.language"),
        }
    )
    can_read: ClassVar[bool] = True
    can_write: ClassVar[bool] = True
    checked_by: ClassVar[tuple[str, ...]] = ("lxml, with a DTD",)

    def sniff(self, path: Path) -> bool:
        """Tell it by its root; a folder by the files in it."""
        if path.is_dir():
            return any(_files(path))
        head = head_of(path)
        return head.startswith("<") and "<basic-transcription" in head

    def write(self, export: Export, out: Path) -> Written:
        """Write ``<recording id>.exb`` for each recording."""
        tally = Tally()
        warnings: list[str] = []
        count = 0
        for recording, segments in export.bundle.stream():
            speakers = export.bundle.speakers_of(recording.id)
            audio = export.recording_path(recording, out) or ""
            doubled: list[str] = []
            with (out / f"{recording.id}.exb").open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(document(recording, segments, speakers, audio, tally, doubled))
            count += len(segments)
            if doubled:
                warnings.append(
                    f"{recording.name}: {len(doubled)} segments begin before another one of their speaker "
                    "ends and stand in a further tier; EXMARaLDA divides into utterances only where a "
                    "speaker has one"
                )
        return Written(segments=count, losses=tally.losses(), warnings=tuple(warnings))

    def read(self, path: Path) -> Bundle:
        """Read a file, or each .exb of a folder, as one recording of which only the length is known."""
        recordings: list[Recording] = []
        segments: dict[str, Segments] = {}
        speakers: dict[str, tuple[Speaker, ...]] = {}
        sources: dict[str, Path] = {}
        notes: list[str] = []
        spool = Spool()
        for file in sorted(_files(path)) if path.is_dir() else [path]:
            id = foreign_id(file.stem, segments)
            collected = Collected(id, file, spool)
            tree, told = read_xml(file)
            collected.notes.extend(told)
            facts = read_tiers(tree.root, collected)
            place = (file.parent.absolute() / facts.audio).as_posix() if facts.audio else ""
            made = bare_recording(id, file.name, max(facts.end_us, collected.end_us), path=place)
            recordings.append(replace(made, metadata={"exb": facts.meta} if facts.meta else {}))
            segments[id], sources[id] = collected.segments, file
            speakers[id] = tuple(
                replace(speaker, **facts.details.get(name, {}))
                for name, speaker in collected.speakers.items()
            )
            notes += [f"{file.name}: {note}" for note in collected.notes]
        return Bundle(
            recordings=tuple(recordings),
            segments=segments,
            speakers=speakers,
            sources=sources,
            notes=tuple(notes),
        )

    def faults(self, path: Path) -> Iterator[Fault]:
        """Everything for which EXMARaLDA would refuse a file, or show it otherwise."""
        for file in sorted(_files(path)) if path.is_dir() else [path]:
            try:
                root = read_xml(file)[0].root
                read_tiers(root, Collected("faults", file))
            except ParseError as error:
                yield Fault(file.name, error.data["line"], error.data["reason"])
            else:
                yield from _faults(root, file.name)


def _faults(root: Node, name: str) -> Iterator[Fault]:
    for head in root.all("head"):
        yield from _order(head, HEAD, name)
        for meta in head.all("meta-information"):
            yield from _order(meta, META, name)
    for body in root.all("basic-body"):
        line = body.first("common-timeline")
        place = {node.get("id"): n for n, node in enumerate(line.all("tli"))} if line is not None else {}
        for tier in body.all("tier"):
            if tier.get("type") not in ("t", "d", "a", "l", "u") or tier.get("category") is None:
                yield Fault(name, tier.line, "a tier needs a category, and a type of t, d, a, l or u")
            spans = [(place[node.get("start")], place[node.get("end")], node) for node in tier.all("event")]
            for start, end, node in spans:
                if end <= start:
                    yield Fault(name, node.line, "an event does not end after it starts")
            for one, two in pairwise(sorted(spans, key=lambda span: span[:2])):
                if two[0] < one[1]:
                    yield Fault(name, two[2].line, "begins before another event of its tier ends")


def _order(node: Node, wanted: tuple[str, ...], name: str) -> Iterator[Fault]:
    tags = [child.tag for child in node.children if child.tag]
    if missing := [tag for tag in wanted if tag not in tags]:
        yield Fault(name, node.line, f"{node.tag} has no {missing[0]}")
    elif tags != sorted(tags, key=lambda tag: wanted.index(tag) if tag in wanted else -1):
        yield Fault(
            name, node.line, f"the elements of {node.tag} are not in their order: {', '.join(wanted)}"
        )


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if path.suffix.lower() == ".exb" and path.is_file())
