"""ELAN files made anew, in version 3.0: a tier for each speaker, below it one for each field in use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import quote

from speechlabel.errors import SpeechLabelError
from speechlabel.formats.linguists.eaf_tiers import NOBODY, RESERVED, joined, split_list
from speechlabel.formats.losses import Tally
from speechlabel.formats.times import on_grid
from speechlabel.formats.xmlfile import attribute, content
from speechlabel.guideline import load
from speechlabel.records import Recording, Segment, Speaker

__all__ = ["document", "lists_of", "media_of", "values_of"]

STEP_US = 1000
CLOSED: Mapping[str, Sequence[str]] = {
    "kind": ("nonspeech", "noise", "music", "silence", "ignore"),
    "status": ("draft", "done", "unsure"),
}
STEREOTYPES = {  # in ELAN's own words
    "Time_Subdivision": (
        "Time subdivision of parent annotation's time interval, no time gaps allowed within this interval"
    ),
    "Symbolic_Subdivision": (
        "Symbolic subdivision of a parent annotation. Annotations refering to the same parent are ordered"
    ),
    "Symbolic_Association": "1-1 association with a parent annotation",
    "Included_In": (
        "Time alignable annotations within the parent annotation's time interval, gaps are allowed"
    ),
}
MIME = {
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".mpg": "video/mpeg",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
}


@dataclass
class _Note:
    """An annotation to be written; ``above`` is the number of the one it refers to."""

    number: int
    start_ms: int
    end_ms: int
    text: str
    above: int = 0


@dataclass
class _Out:
    id: str
    type: str
    participant: str = ""
    parent: str = ""
    notes: list[_Note] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]


def media_of(path: str | None, folder: str) -> str:
    """MEDIA_DESCRIPTOR of a recording's path, relative to the folder or absolute."""
    if not path:
        return ""
    absolute = path if path.startswith("/") or path[1:2] == ":" else f"{folder}/{path}"
    slash = "" if absolute.startswith("/") else "/"
    mime = MIME.get(PurePosixPath(path).suffix.lower(), "audio/x-wav")
    relative = "" if absolute == path else f" RELATIVE_MEDIA_URL={attribute('./' + quote(path))}"
    url = attribute("file://" + slash + quote(_plain(absolute), safe="/:"))
    return f'        <MEDIA_DESCRIPTOR MEDIA_URL={url} MIME_TYPE="{mime}"{relative}/>\n'


def _plain(path: str) -> str:
    """Path without steps up and down."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == ".." and parts and parts[-1]:
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def lists_of(guideline: str | None) -> dict[str, Sequence[str]]:
    """Give closed lists by the field that takes its values from them."""
    found = dict(CLOSED)
    try:
        fields = load(guideline).fields if guideline else ()
    except SpeechLabelError:
        return found
    return found | {layer.name: [item.name for item in layer.choices] for layer in fields if layer.choices}


def values_of(segment: Segment, tally: Tally) -> dict[str, str]:
    """Texts of the tiers below a segment's, by the name that each has before "@"."""
    found = {
        name if name not in RESERVED else f"fields.{name}": text for name, text in segment.fields.items()
    }
    for name, text in found.items():
        if not text:
            tally.add("fields", f"{name}: empty, which reads as not there", segment.id)
    for name, labels in (("noise", segment.noise_labels), ("tags", segment.tags)):
        found[name] = joined(labels)
        if split_list(found[name]) != labels:
            tally.add(
                "noise_labels" if name == "noise" else "tags", "a semicolon in a name parts it", segment.id
            )
    if segment.kind not in ("speech", "event"):
        found["kind"] = segment.kind
    if segment.status != "machine":
        found["status"] = segment.status
    found["note"] = segment.note or ""
    return {name: text for name, text in found.items() if text}


def tier_names(speakers: Mapping[str, Speaker], tally: Tally) -> dict[str | None, str]:
    """Give each speaker a participant's name that reads back as that speaker and no other."""
    names: dict[str | None, str] = {None: ""}
    for speaker in speakers.values():
        name = speaker.name.strip()
        while name in names.values():
            name = f"{name}_"
        if name != speaker.name:
            tally.add("speaker.name", "another speaker has that name", speaker.id)
        names[speaker.id] = name
    return names


class _Tiers:
    """Tiers while segments are put into them, in the order of time."""

    def __init__(self, recording: Recording, names: dict[str | None, str], tally: Tally) -> None:
        self.tops: dict[str, list[_Out]] = {}
        self.below: dict[str, dict[str, _Out]] = {}
        self.count = 0
        self._recording, self._names, self._tally = recording, names, tally
        self._taken: set[str] = set()
        for id, name in names.items():
            if id is not None:
                self._top(name)

    def _top(self, participant: str) -> _Out:
        base = participant or NOBODY
        id, number = base, 1
        while id in self._taken or (id == NOBODY and participant):
            number += 1
            id = f"{base} ({number})"
        self._taken.add(id)
        made = _Out(id, "utterance", participant)
        self.tops.setdefault(participant, []).append(made)
        self.below[id] = {}
        return made

    def _number(self) -> int:
        self.count += 1
        return self.count

    def add(self, segment: Segment) -> None:
        start, end = on_grid(segment.start_us, segment.end_us, STEP_US, self._recording.duration_us)
        if start == end:
            self._tally.add("segment", "a point became a stretch of 1 ms", segment.id)
            end = start + STEP_US
        if segment.text == "":
            self._tally.add("text", "transcribed as nothing: it reads as not transcribed", segment.id)
        name = self._names.get(segment.speaker, segment.speaker or "")
        start, end = start // STEP_US, end // STEP_US
        top = next((tier for tier in self.tops.get(name, ()) if _is_free(tier, start)), None) or self._top(
            name
        )
        made = _Note(self._number(), start, end, segment.text or "")
        top.notes.append(made)
        for base, text in values_of(segment, self._tally).items():
            self._child(top, base, base).notes.append(_Note(self._number(), start, end, text, made.number))
        if segment.words:
            self._words(segment, top, made)

    def _child(self, top: _Out, base: str, kind: str) -> _Out:
        if base not in self.below[top.id]:
            id = f"{base}@{top.id}"
            while id in self._taken:
                id = f"{id}_"
            self._taken.add(id)
            self.below[top.id][base] = _Out(id, kind, top.participant, top.id)
        return self.below[top.id][base]

    def _words(self, segment: Segment, top: _Out, made: _Note) -> None:
        last = made.start_ms
        for word in segment.words:
            if word.start_us is None or word.end_us is None or not word.word.strip():
                self._tally.add("words", "a word without times is left out", segment.id)
                continue
            start, end = on_grid(word.start_us, word.end_us, STEP_US)
            if word.score is not None or (start, end) != (word.start_us, word.end_us):
                self._tally.add("words", "scores, and times below a millisecond, are not kept", segment.id)
            start, end = start // STEP_US, end // STEP_US
            if start < last or end > made.end_ms or end <= start:
                self._tally.add(
                    "words", "a word outside of its segment, or over another, is left out", segment.id
                )
                continue
            last = end
            self._child(top, "words", "words").notes.append(_Note(self._number(), start, end, word.word))


def _is_free(tier: _Out, start_ms: int) -> bool:
    return not tier.notes or tier.notes[-1].end_ms <= start_ms


def document(
    recording: Recording,
    segments: Sequence[Segment],
    speakers: Mapping[str, Speaker],
    media: str,
    lists: Mapping[str, Sequence[str]],
    tally: Tally,
) -> Iterator[str]:
    """Lines of a whole file."""
    tiers = _Tiers(recording, tier_names(speakers, tally), tally)
    for segment in segments:
        tiers.add(segment)
    found: list[_Out] = []
    for top in (tier for group in tiers.tops.values() for tier in group):
        found += [top, *tiers.below[top.id].values()]
    if not found:
        found = [_Out(NOBODY, "utterance")]
    kinds = list(dict.fromkeys(tier.type for tier in found))
    date = recording.created_at if recording.created_at[:4].isdecimal() else "1970-01-01T00:00:00Z"
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<ANNOTATION_DOCUMENT AUTHOR="" DATE="{date}" FORMAT="3.0" VERSION="3.0"'
    yield ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    yield ' xsi:noNamespaceSchemaLocation="http://www.mpi.nl/tools/elan/EAFv3.0.xsd">\n'
    yield f'    <HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">\n{media}'
    yield f'        <PROPERTY NAME="lastUsedAnnotationId">{tiers.count}</PROPERTY>\n    </HEADER>\n'
    slots: dict[tuple[int, bool], str] = {}
    yield from _time_order(found, slots)
    for tier in found:
        yield from _tier(tier, slots, lists)
    for kind in kinds:
        yield _type(kind, lists)
    yield '    <LANGUAGE LANG_DEF="http://cdb.iso.org/lg/CDB-00130975-001" LANG_ID="und"'
    yield ' LANG_LABEL="undetermined (und)"/>\n'
    for stereotype, told in STEREOTYPES.items():
        yield f'    <CONSTRAINT DESCRIPTION={attribute(told)} STEREOTYPE="{stereotype}"/>\n'
    for kind in kinds:
        yield from _list(kind, lists.get(kind, ()))
    yield "</ANNOTATION_DOCUMENT>\n"


def _has_times(tier: _Out) -> bool:
    return tier.type in ("utterance", "words")


def _time_order(tiers: Sequence[_Out], slots: dict[tuple[int, bool], str]) -> Iterator[str]:
    """Slots by time; each annotation has its own two, so that one can be moved in ELAN without another."""
    ends = [
        (time, is_start, note.number)
        for tier in tiers
        if _has_times(tier)
        for note in tier.notes
        for time, is_start in ((note.start_ms, True), (note.end_ms, False))
    ]
    yield "    <TIME_ORDER>\n"
    for number, (time, is_start, owner) in enumerate(sorted(ends), 1):
        slots[owner, is_start] = f"ts{number}"
        yield f'        <TIME_SLOT TIME_SLOT_ID="ts{number}" TIME_VALUE="{time}"/>\n'
    yield "    </TIME_ORDER>\n"


def _tier(
    tier: _Out, slots: Mapping[tuple[int, bool], str], lists: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    head = f"LINGUISTIC_TYPE_REF={attribute(tier.type)}"
    head += f" PARENT_REF={attribute(tier.parent)}" if tier.parent else ""
    head += f" PARTICIPANT={attribute(tier.participant)}" if tier.participant else ""
    head += f" TIER_ID={attribute(tier.id)}"
    yield f"    <TIER {head}>\n" if tier.notes else f"    <TIER {head}/>\n"
    entries = {text: number for number, text in enumerate(lists.get(tier.type, ()), 1)}
    for note in tier.notes:
        if _has_times(tier):
            first, last = slots[note.number, True], slots[note.number, False]
            tag, where = "ALIGNABLE_ANNOTATION", f'TIME_SLOT_REF1="{first}" TIME_SLOT_REF2="{last}"'
        else:
            tag, where = "REF_ANNOTATION", f'ANNOTATION_REF="a{note.above}"'
        entry = f' CVE_REF="cve{entries[note.text]}"' if note.text in entries else ""
        yield f'        <ANNOTATION>\n            <{tag} ANNOTATION_ID="a{note.number}"{entry} {where}>\n'
        yield f"                <ANNOTATION_VALUE>{content(note.text)}</ANNOTATION_VALUE>\n"
        yield f"            </{tag}>\n        </ANNOTATION>\n"
    if tier.notes:
        yield "    </TIER>\n"


def _type(kind: str, lists: Mapping[str, Sequence[str]]) -> str:
    with_times = kind in ("utterance", "words")
    stereotype = "Included_In" if kind == "words" else "Symbolic_Association"
    bound = "" if kind == "utterance" else f' CONSTRAINTS="{stereotype}"'
    listed = f" CONTROLLED_VOCABULARY_REF={attribute(kind)}" if kind in lists else ""
    return (
        f'    <LINGUISTIC_TYPE{bound}{listed} GRAPHIC_REFERENCES="false" '
        f'LINGUISTIC_TYPE_ID={attribute(kind)} TIME_ALIGNABLE="{"true" if with_times else "false"}"/>\n'
    )


def _list(kind: str, values: Sequence[str]) -> Iterator[str]:
    if not values:
        return
    yield f'    <CONTROLLED_VOCABULARY CV_ID={attribute(kind)}>\n        <DESCRIPTION LANG_REF="und"/>\n'
    for number, value in enumerate(values, 1):
        yield f'        <CV_ENTRY_ML CVE_ID="cve{number}">\n'
        yield f'            <CVE_VALUE DESCRIPTION="" LANG_REF="und">{content(value)}</CVE_VALUE>\n'
        yield "        </CV_ENTRY_ML>\n"
    yield "    </CONTROLLED_VOCABULARY>\n"
