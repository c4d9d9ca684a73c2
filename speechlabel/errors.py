"""Every error speechlabel raises on purpose, in one tree.

SpeechLabelError
├─ InputError                    bad input from a person or a file
│  ├─ AudioError                 a recording cannot be opened or decoded
│  ├─ ParseError                 an annotation file is not what it should be (line, column)
│  ├─ RecordError                a field of a record breaks a rule
│  ├─ UnknownNameError           no format, segmenter, preset … of that name
│  └─ OptionError                an option is out of range or not known
├─ NotFoundError                 no such project, recording, transcript …
├─ ChangedError                  a recording's file is not the one that was taken in
├─ ConflictError                 a save met newer data (stale edits, lost lease, repeated id)
├─ SegmenterError                a segmenter broke off
├─ WorkspaceError                the workspace is locked, damaged, full or of a newer version
└─ ExportError                   nothing to export, or a target that cannot be written

Each error carries its data as attributes, prints one line that says what was wrong, where, and what to
do next, and has a stable ``code``.  ``web/api`` maps the tree to HTTP once, ``cli`` to exit codes once.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = [
    "AudioError",
    "ChangedError",
    "ConflictError",
    "ExportError",
    "InputError",
    "NotFoundError",
    "OptionError",
    "ParseError",
    "RecordError",
    "SegmenterError",
    "SpeechLabelError",
    "UnknownNameError",
    "WorkspaceError",
]


class SpeechLabelError(Exception):
    """Root of the tree; catch this to catch everything that speechlabel raises on purpose."""

    code = "error"

    def __init__(self, message: str, **data: Any) -> None:  # noqa: ANN401 - attributes of any type
        super().__init__(message)
        self.message = message
        self.data = data
        for name, value in data.items():
            setattr(self, name, value)

    def __reduce__(self) -> tuple[Any, ...]:
        # Worker processes send errors home by pickle; the default would lose the keyword data.
        return _rebuild, (type(self), self.message, self.data)

    def __str__(self) -> str:
        return self.message


def _rebuild(kind: type[SpeechLabelError], message: str, data: dict[str, Any]) -> SpeechLabelError:
    error = kind.__new__(kind)
    SpeechLabelError.__init__(error, message, **data)
    return error


class InputError(SpeechLabelError):
    """Something that a person or a file gave is not usable."""

    code = "input"


class AudioError(InputError):
    """A recording cannot be opened or decoded.  Attributes: ``path``, ``reason``."""

    code = "audio"

    def __init__(self, path: Path | str, reason: str) -> None:
        super().__init__(f"{Path(path).name!r}: {reason}", path=str(path), reason=reason)


class ParseError(InputError):
    """An annotation file breaks its format.  Attributes: ``path``, ``line``, ``column``, ``reason``."""

    code = "parse"

    def __init__(
        self, path: Path | str, reason: str, *, line: int | None = None, column: int | None = None
    ) -> None:
        where = str(path) + (f":{line}" if line is not None else "")
        where += f":{column}" if line is not None and column is not None else ""
        super().__init__(f"{where}: {reason}", path=str(path), line=line, column=column, reason=reason)


class RecordError(InputError):
    """A field breaks a rule of the records.  Attributes: ``record``, ``field``, ``value``, ``reason``."""

    code = "record"

    def __init__(self, record: str, field: str, value: object, reason: str) -> None:
        shown = repr(value)
        shown = shown if len(shown) <= 80 else shown[:77] + "…"
        super().__init__(
            f"{record}: {field} = {shown}: {reason}", record=record, field=field, value=value, reason=reason
        )


class UnknownNameError(InputError):
    """No implementation or preset has that name.  Attributes: ``kind``, ``name``, ``known``."""

    code = "unknown_name"

    def __init__(self, kind: str, name: str, known: Sequence[str]) -> None:
        super().__init__(
            f"unknown {kind} {name!r}; known: {', '.join(known) or 'none'}",
            kind=kind,
            name=name,
            known=list(known),
        )


class OptionError(InputError):
    """An option is unknown, of the wrong type or out of range.  Attributes: ``option``, ``reason``."""

    code = "option"

    def __init__(self, option: str, reason: str) -> None:
        super().__init__(f"option {option!r}: {reason}", option=option, reason=reason)


class NotFoundError(SpeechLabelError):
    """There is no such thing.  Attributes: ``kind``, ``id``."""

    code = "not_found"

    def __init__(self, kind: str, id: str, *, hint: str = "") -> None:
        super().__init__(f"there is no {kind} {id!r}" + (f"; {hint}" if hint else ""), kind=kind, id=id)


class ChangedError(SpeechLabelError):
    """A recording's file changed or vanished after it was taken in.  Attributes: ``path``, ``reason``."""

    code = "changed"

    def __init__(self, path: Path | str, reason: str) -> None:
        super().__init__(
            f"{str(path)!r} {reason}; put the original file back, or take the new one in as a new recording",
            path=str(path),
            reason=reason,
        )


class ConflictError(SpeechLabelError):
    """A save was refused whole.

    Attributes: ``reason`` is ``"stale"`` (an edit names an old version), ``"version_missing"``,
    ``"op_reused"`` (the same op id with other content), ``"lease_lost"`` or ``"read_only"``;
    ``conflicts`` lists, for each stale edit, the record as it is now and the edit that was refused.
    """

    code = "conflict"

    def __init__(self, reason: str, message: str, *, conflicts: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(message, reason=reason, conflicts=list(conflicts))


class SegmenterError(SpeechLabelError):
    """A segmenter, as a rule one of another package, broke off.  Attribute: ``segmenter``."""

    code = "segmenter"

    def __init__(self, segmenter: str, reason: str) -> None:
        super().__init__(f"segmenter {segmenter!r} broke off: {reason}", segmenter=segmenter, reason=reason)


class WorkspaceError(SpeechLabelError):
    """The workspace cannot be used.

    Attribute ``reason``: ``"locked"``, ``"full"``, ``"damaged"``, ``"newer"`` or ``"unwritable"``.
    """

    code = "workspace"

    def __init__(self, reason: str, message: str, **data: Any) -> None:  # noqa: ANN401 - attributes of any type
        super().__init__(message, reason=reason, **data)


class ExportError(SpeechLabelError):
    """An export would be empty, unreadable by its target, or cannot be written.

    Attributes: ``reason``; where it would be empty also ``remedy``, what to include so that it is not.
    """

    code = "export"

    def __init__(self, reason: str, **data: Any) -> None:  # noqa: ANN401 - attributes of any type
        super().__init__(reason, reason=reason, **data)
