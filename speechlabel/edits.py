"""Edits: the only way a transcript changes.

An edit inserts, updates or deletes one segment or one speaker.  Everything a person does (split, merge,
retime, relabel, type) compiles to a list of edits; a list is applied whole or not at all, and has an inverse.
Pure: nothing here reads or writes anything.  ``web/static/editor/model/edits.js`` does the same in the
browser; ``tests/vectors/edits.json`` holds both to one set of examples.

JSON form, as posted to ``/api/transcripts/{id}/edits``::

    {"action": "insert", "target": "segment", "record": {…}}
    {"action": "update", "target": "segment", "id": "…", "version": 3, "changes": {"text": "…"}}
    {"action": "delete", "target": "segment", "id": "…", "version": 3}

``version`` is the version the record had before the batch.  Records that the batch itself inserted need none.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from speechlabel.errors import ConflictError, OptionError, RecordError
from speechlabel.records import Segment, Speaker, convert_field, from_dict, new_id, to_dict
from speechlabel.words import clip_words, divide_text, join_text, kept_words, words_before

__all__ = [
    "Delete",
    "Document",
    "Edit",
    "Insert",
    "Update",
    "apply",
    "edit_from_dict",
    "edit_to_dict",
    "invert",
    "merge",
    "retext",
    "retime",
    "split",
]

Target = Literal["segment", "speaker"]
TARGETS: Mapping[Target, type[Segment] | type[Speaker]] = {"segment": Segment, "speaker": Speaker}
FIXED = {"id", "version"}  # fields that no update may change


@dataclass(frozen=True, slots=True, kw_only=True)
class Insert:
    """Add a whole record."""

    target: Target
    record: Segment | Speaker


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """Change some fields of a record; ``changes`` maps field names to new values (of the record's types)."""

    target: Target
    id: str
    version: int | None = None
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Remove a record."""

    target: Target
    id: str
    version: int | None = None


Edit = Insert | Update | Delete


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Segments and speakers by id, as they are at one revision."""

    segments: Mapping[str, Segment] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]
    speakers: Mapping[str, Speaker] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType]


def edit_to_dict(edit: Edit) -> dict[str, Any]:
    """JSON form of an edit."""
    if isinstance(edit, Insert):
        return {"action": "insert", "target": edit.target, "record": to_dict(edit.record)}
    out: dict[str, Any] = {
        "action": "update" if isinstance(edit, Update) else "delete",
        "target": edit.target,
        "id": edit.id,
        "version": edit.version,
    }
    if isinstance(edit, Update):
        out["changes"] = {name: _json(value) for name, value in edit.changes.items()}
    return out


def _json(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, tuple):
        return [_json(item) for item in cast("tuple[Any, ...]", value)]
    return to_dict(value) if dataclasses.is_dataclass(value) else value


def edit_from_dict(data: Mapping[str, Any]) -> Edit:
    """Read an edit from its JSON form.

    Raises
    ------
    RecordError
        It is not an edit, names an unknown field, or carries a value that breaks a rule.
    """
    action, named = data.get("action"), data.get("target")
    if named not in TARGETS:
        raise RecordError("edit", "target", named, "must be segment or speaker")
    target = cast("Target", named)
    kind = TARGETS[target]
    allowed = {
        "insert": {"action", "target", "record"},
        "update": {"action", "target", "id", "version", "changes"},
        "delete": {"action", "target", "id", "version"},
    }.get(str(action))
    if allowed is None:
        raise RecordError("edit", "action", action, "must be insert, update or delete")
    if unknown := set(data) - allowed:
        raise RecordError("edit", min(unknown), data[min(unknown)], f"not a key of {action}")
    if action == "insert":
        record = data.get("record")
        if not isinstance(record, dict):
            raise RecordError("edit", "record", cast("object", record), "must be an object")
        return Insert(target=target, record=from_dict(kind, cast("Mapping[str, Any]", record)))
    id, version = data.get("id"), data.get("version")
    if not isinstance(id, str):
        raise RecordError("edit", "id", id, "must be text")
    if version is not None and type(version) is not int:
        raise RecordError("edit", "version", version, "must be a whole number")
    if action == "delete":
        return Delete(target=target, id=id, version=version)
    changes = data.get("changes")
    if not isinstance(changes, dict) or not changes:
        raise RecordError(
            "edit", "changes", cast("object", changes), "must be an object with at least one field"
        )
    return Update(target=target, id=id, version=version, changes=_converted(kind, cast("Any", changes)))


def _converted(kind: type[Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    for name in FIXED & set(changes):
        raise RecordError(kind.__name__.lower(), name, changes[name], "cannot be changed")
    return {name: convert_field(kind, name, value) for name, value in changes.items()}


def apply(document: Document, edits: Sequence[Edit], *, revision: int) -> Document:
    """Apply edits in order, whole or not at all; every record touched gets ``version = revision``.

    Raises
    ------
    ConflictError
        ``version_missing``: an update or delete names no version; ``stale``: an edit names a version that
        is not the current one, a record that is gone, or inserts an id that exists.
    RecordError
        A change would break a rule of the record.
    """
    tables: dict[Target, dict[str, Any]] = {
        "segment": dict(document.segments),
        "speaker": dict(document.speakers),
    }
    before: dict[Target, Mapping[str, Any]] = {"segment": document.segments, "speaker": document.speakers}
    conflicts: list[dict[str, Any]] = []
    for edit in edits:
        table = tables[edit.target]
        id = edit.record.id if isinstance(edit, Insert) else edit.id
        original = before[edit.target].get(id)
        if isinstance(edit, Insert):
            if id in table:
                conflicts.append(conflict(edit, table[id]))
                continue
            table[id] = dataclasses.replace(edit.record, version=revision)
            continue
        if edit.version is None and original is not None:
            raise ConflictError("version_missing", f"the edit of {edit.target} {id} names no version")
        if id not in table or (original is not None and edit.version != original.version):
            conflicts.append(conflict(edit, original))
        elif isinstance(edit, Delete):
            del table[id]
        else:
            table[id] = dataclasses.replace(table[id], **{**edit.changes, "version": revision})
    if conflicts:
        raise ConflictError(
            "stale", f"{len(conflicts)} of {len(edits)} edits met newer data", conflicts=conflicts
        )
    return Document(segments=tables["segment"], speakers=tables["speaker"])


def conflict(edit: Edit, theirs: Segment | Speaker | None) -> dict[str, Any]:
    """One entry of ``ConflictError.conflicts``: the record as it is now (None: gone) and the refused edit."""
    mine = edit_to_dict(edit)
    id = edit.record.id if isinstance(edit, Insert) else edit.id
    return {
        "target": edit.target,
        "id": id,
        "theirs": None if theirs is None else to_dict(theirs) | {"version": theirs.version},
        "mine": mine,
    }


def invert(document: Document, edits: Sequence[Edit]) -> list[Edit]:
    """Edits that undo ``edits`` on the document they were applied to.

    ``document`` is the state before.  Versions are left None: whoever posts the inverse fills in the
    versions that the batch was given.
    """
    tables: dict[Target, dict[str, Any]] = {
        "segment": dict(document.segments),
        "speaker": dict(document.speakers),
    }
    inverse: list[Edit] = []
    for edit in edits:
        table = tables[edit.target]
        if isinstance(edit, Insert):
            table[edit.record.id] = edit.record
            inverse.append(Delete(target=edit.target, id=edit.record.id))
        elif isinstance(edit, Delete):
            inverse.append(Insert(target=edit.target, record=table.pop(edit.id)))
        else:
            old = table[edit.id]
            changes = {name: getattr(old, name) for name in edit.changes}
            table[edit.id] = dataclasses.replace(old, **edit.changes)
            inverse.append(Update(target=edit.target, id=edit.id, changes=changes))
    return inverse[::-1]


def split(segment: Segment, at_us: int, *, caret: int | None = None, id: str | None = None) -> list[Edit]:
    """Cut a segment in two at ``at_us``; the text divides at ``caret`` (in characters).

    Without a caret the timed words decide; without those the text stays with the first part.  Blanks at
    the cut go.  Both parts become ``draft`` (``unsure`` stays).  The second part gets ``id`` or a new one.

    Raises
    ------
    OptionError
        The cut is not inside the segment.
    RecordError
        The segment is locked.
    """
    _refuse_locked(segment)
    if not segment.start_us < at_us < segment.end_us:
        raise OptionError("at", "the cut must lie inside the segment")
    count = words_before(segment, at_us, caret)
    left, right = divide_text(segment, count, caret)
    status = "unsure" if segment.status == "unsure" else "draft"
    first: dict[str, Any] = {"end_us": at_us, "text": left, "status": status}
    if segment.words:
        first["words"] = clip_words(segment.words[:count], segment.start_us, at_us)
    if segment.events:
        first["events"] = tuple(item for item in segment.events if (item.start_us or 0) < at_us)
    second = dataclasses.replace(
        segment,
        id=id or new_id(),
        start_us=at_us,
        text=right,
        status=status,
        words=clip_words(segment.words[count:], at_us, segment.end_us),
        events=tuple(item for item in segment.events if (item.start_us or 0) >= at_us),
        note=None,
        fields={},
        version=0,
    )
    return [
        Update(target="segment", id=segment.id, version=segment.version, changes=first),
        Insert(target="segment", record=second),
    ]


def merge(first: Segment, second: Segment) -> list[Edit]:
    """Join two segments of one channel into the first; the second is deleted.

    Texts are joined with a blank, or without one between characters that are written unspaced (Chinese).
    The result is ``done`` only if both were, ``unsure`` if either was, else ``draft``.

    Raises
    ------
    OptionError
        They lie on different channels.
    RecordError
        One of them is locked.
    """
    _refuse_locked(first, second)
    if first.channel != second.channel:
        raise OptionError("merge", "the two segments lie on different channels")
    statuses = {first.status, second.status}
    fields = {
        name: join_text(first.fields.get(name), second.fields.get(name)) or ""
        for name in [*first.fields, *(name for name in second.fields if name not in first.fields)]
    }
    scores = [item for item in (first.confidence, second.confidence) if item is not None]
    wanted: dict[str, Any] = {
        "start_us": min(first.start_us, second.start_us),
        "end_us": max(first.end_us, second.end_us),
        "text": join_text(first.text, second.text),
        "language": first.language or second.language,
        "speaker": first.speaker or second.speaker,
        "noise_labels": _union(first.noise_labels, second.noise_labels),
        "tags": _union(first.tags, second.tags),
        "events": first.events + second.events,
        "is_valid": first.is_valid and second.is_valid,
        "invalid_reason": first.invalid_reason or second.invalid_reason,
        "fields": fields,
        "words": first.words + second.words,
        "status": "unsure" if "unsure" in statuses else "done" if statuses == {"done"} else "draft",
        "confidence": min(scores) if scores else None,
        "note": "\n".join(note for note in (first.note, second.note) if note) or None,
    }
    changes = {name: value for name, value in wanted.items() if value != getattr(first, name)}
    return [
        Update(target="segment", id=first.id, version=first.version, changes=changes),
        Delete(target="segment", id=second.id, version=second.version),
    ]


def _union(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return first + tuple(item for item in second if item not in first)


def retext(segment: Segment, text: str | None) -> dict[str, Any]:
    """Return the changes for a new text: words in its unchanged head and tail keep their times."""
    changes: dict[str, Any] = {"text": text}
    kept = kept_words(segment.words, segment.text, text)
    return changes | {"words": kept} if len(kept) < len(segment.words) else changes


def retime(segment: Segment, start_us: int, end_us: int) -> list[Edit]:
    """Move the edges of a segment; word times are held inside.

    Raises
    ------
    RecordError
        The segment is locked, or the new times are not a stretch.
    """
    _refuse_locked(segment)
    dataclasses.replace(segment, start_us=start_us, end_us=end_us)  # checks the times
    changes: dict[str, Any] = {"start_us": start_us, "end_us": end_us}
    if segment.words and (words := clip_words(segment.words, start_us, end_us)) != segment.words:
        changes["words"] = words
    return [Update(target="segment", id=segment.id, version=segment.version, changes=changes)]


def _refuse_locked(*segments: Segment) -> None:
    for segment in segments:
        if segment.is_locked:
            raise RecordError(f"segment {segment.id}", "is_locked", True, "unlock it first")
