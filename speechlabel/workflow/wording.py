"""Other names and marks for what goes out, format by format, as the guideline declares them.

A guideline gives labels, reasons and the stand-in speakers an ``export`` table: by format, ``"*"`` for the
others, how each is written there.  ``native`` is verbatim: only what names it changes it.
"""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

from speechlabel import guideline
from speechlabel.errors import ParseError
from speechlabel.formats import Bundle, Loss
from speechlabel.formats.names import safe_id
from speechlabel.guideline import Guideline
from speechlabel.records import Segment, Speaker, Word
from speechlabel.workflow.outgoing import changed_bundle

__all__ = ["Taken", "Wording", "losses_of", "worded_bundle", "wording_for", "wording_of"]

VERBATIM = "native"
BLANK = re.compile(r"[^\S\n]+")

Taken = Counter[tuple[str, str]]  # (field, reason) → how many were taken out
REASONS = {
    "text": "marks taken out, as the guideline says",
    "labels": "labels taken out, as the guideline says",
    "invalid_reason": "reasons taken out, as the guideline says",
    "speaker": "a stand-in that the guideline takes out",
}


@dataclass(frozen=True, kw_only=True)
class Wording:
    """How one format writes what the guideline names.  What is not in a table stays as it is; ``""`` goes.

    Parameters
    ----------
    marks : of the text, and of the layers ``text_fields``
    names : of labels
    reasons : why a segment is not valid
    speakers : by id; the new name becomes the name, and the id as far as an id can hold it
    layer : of the segment's further layers the one that goes out as its text
    """

    marks: Mapping[str, str] = field(default_factory=dict[str, str])
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    reasons: Mapping[str, str] = field(default_factory=dict[str, str])
    speakers: Mapping[str, str] = field(default_factory=dict[str, str])
    layer: str | None = None
    text_fields: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Tell whether it changes anything."""
        return bool(self.marks or self.names or self.reasons or self.speakers or self.layer)

    def changed(
        self, segments: Iterable[Segment], speakers: Sequence[Speaker], taken: Taken | None = None
    ) -> tuple[list[Segment], list[Speaker]]:
        """Give a recording's segments and speakers as they go out; what is taken out is counted.

        The segments stay as many and in the same order.
        """
        if not self:
            return list(segments), list(speakers)
        taken = Counter() if taken is None else taken
        named, people = self._people(speakers)
        return [self._segment(item, named, taken) for item in segments], people

    def _people(self, speakers: Sequence[Speaker]) -> tuple[dict[str, str | None], list[Speaker]]:
        """Old id → new id of the stand-ins; the speakers that are left."""
        others = {item.id for item in speakers if item.id not in self.speakers}
        named: dict[str, str | None] = {}
        people: list[Speaker] = []
        for item in speakers:
            name = self.speakers.get(item.id)
            if name is None:
                people.append(item)
            elif not name:
                named[item.id] = None
            else:
                id = safe_id(name, others)
                others.add(id)
                named[item.id] = id
                people.append(dataclasses.replace(item, id=id, name=name))
        return named, people

    def _segment(self, item: Segment, named: Mapping[str, str | None], taken: Taken) -> Segment:
        if self.layer is not None:
            # The times of words are those of the text that was spoken.
            item = dataclasses.replace(item, text=item.fields.get(self.layer), words=())
        changes: dict[str, Any] = {}
        if self.marks:
            changes |= self._texts(item, taken)
        if self.names:
            changes["noise_labels"] = self._labels(item.noise_labels, taken)
            changes["tags"] = self._labels(item.tags, taken)
            labels = [(event, self.names.get(event.label, event.label)) for event in item.events]
            changes["events"] = tuple(
                dataclasses.replace(event, label=name) for event, name in labels if name
            )
            taken["noise_labels", REASONS["labels"]] += sum(not name for _, name in labels)
        reason = self.reasons.get(item.invalid_reason or "")
        if reason is not None:
            changes["invalid_reason"] = reason or None
            taken["invalid_reason", REASONS["invalid_reason"]] += not reason
        if (speaker := item.speaker or "") in named:
            changes["speaker"] = named[speaker]
            taken["speaker", REASONS["speaker"]] += changes["speaker"] is None
        changes = {name: value for name, value in changes.items() if value != getattr(item, name)}
        return dataclasses.replace(item, **changes) if changes else item

    def _labels(self, labels: tuple[str, ...], taken: Taken) -> tuple[str, ...]:
        found = [self.names.get(label, label) for label in labels]
        taken["noise_labels", REASONS["labels"]] += found.count("")
        return tuple(dict.fromkeys(name for name in found if name))

    def _texts(self, item: Segment, taken: Taken) -> dict[str, Any]:
        texts: dict[str, Any] = {}
        if item.text is not None:
            texts["text"] = self.text(item.text, taken)
        if item.words:
            words = [(word, self.text(word.word)) for word in item.words]
            texts["words"] = tuple(_said(word, text) for word, text in words if text or not word.word)
        if item.fields and self.text_fields & item.fields.keys():
            texts["fields"] = {
                name: self.text(value, taken) if name in self.text_fields else value
                for name, value in item.fields.items()
            }
        return texts

    def text(self, text: str, taken: Taken | None = None) -> str:
        """Write the marks in a text; around one that goes, the blanks become one."""
        if not any(mark in text for mark in self.marks):
            return text
        parts = self._pattern.split(text)
        made, is_open, has_gap = "", False, False
        for at, part in enumerate(parts):
            written = self.marks[part] if at % 2 else part
            if at % 2 and not written:
                if taken is not None:
                    taken["text", REASONS["text"]] += 1
                cut = made.rstrip(" \t\u3000\u00a0")
                has_gap = has_gap or cut != made
                made, is_open = cut, True
                continue
            if is_open:
                rest = BLANK.sub("", written, count=1) if BLANK.match(written) else written
                has_gap = has_gap or rest != written
                if not rest:
                    continue
                if has_gap and made and not made.endswith("\n") and not rest.startswith("\n"):
                    made += " "
                written, is_open, has_gap = rest, False, False
            made += written
        return made

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self.marks, key=lambda mark: (-len(mark), mark))
        return re.compile(f"({'|'.join(map(re.escape, longest_first))})")


PLAIN = Wording()


def _said(word: Word, text: str) -> Word:
    return word if word.word == text else dataclasses.replace(word, word=text)


def wording_for(rules: Guideline, format: str) -> Wording:
    """Collect what a guideline declares for a format."""
    marks: dict[str, str] = {}
    names: dict[str, str] = {}
    for label in rules.labels:
        told = _told(label.export, format)
        if told is None:
            continue
        parts = cast("dict[str, str]", told) if isinstance(told, dict) else None
        mark = parts.get("mark") if parts is not None else cast("str", told)
        name = parts.get("name") if parts is not None else mark if label.scope == "segment" else None
        if label.mark and mark is not None:
            marks[label.mark] = mark
        if name is not None:
            names[label.name] = name
    layer = _told(rules.text_layers, format)
    return Wording(
        marks=marks,
        names=names,
        reasons=_each(((item.name, item.export) for item in rules.invalid_reasons), format),
        speakers=_each(((item.name, item.export) for item in rules.stand_ins), format),
        layer=None if layer is None else str(layer),
        text_fields=frozenset(layer.name for layer in rules.fields if layer.kind == "text"),
    )


def _each(items: Iterable[tuple[str, Mapping[str, str]]], format: str) -> dict[str, str]:
    told = ((name, _told(export, format)) for name, export in items)
    return {name: str(value) for name, value in told if value is not None}


def _told(export: Mapping[str, object], format: str) -> object:
    return export.get(format, None if format == VERBATIM else export.get("*"))


def losses_of(taken: Taken) -> tuple[Loss, ...]:
    """Return what was taken out, as an export tells it."""
    return tuple(Loss(name, reason, count) for (name, reason), count in taken.items() if count)


def wording_of(rules: str, format: str, *, layer: str | None = None) -> Wording:
    """Return what a project's guideline (TOML text) declares for a format.

    ``layer`` : the one that was asked for, in the place of the guideline's
    """
    try:
        found = wording_for(guideline.load(rules), format)
    except ParseError:  # of an older version: it declares nothing
        return PLAIN
    return found if layer is None else dataclasses.replace(found, layer=None)


def worded_bundle(bundle: Bundle, format: str) -> tuple[Bundle, tuple[Loss, ...]]:
    """Give a bundle that comes with its guideline as it goes out, read lazily, and what is taken out of it.

    A guideline that cannot be read changes nothing; a note says so.
    """
    if not bundle.guideline:
        return bundle, ()
    try:
        wording = wording_for(guideline.load(bundle.guideline), format)
    except ParseError as error:
        note = f"names and marks go out as they are: its guideline cannot be read: {error.data['reason']}"
        return dataclasses.replace(bundle, notes=(*bundle.notes, note)), ()
    if not wording:
        return bundle, ()
    taken: Taken = Counter()
    for recording in bundle.recordings:
        known = bundle.speakers.get(recording.id, ())
        wording.changed(bundle.segments.get(recording.id, ()), known, taken)
    return changed_bundle(bundle, wording.changed), losses_of(taken)
