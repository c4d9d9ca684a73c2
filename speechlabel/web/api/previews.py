"""What an import holds, as JSON for the page: files, recordings, tiers, tables, notes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from speechlabel import formats
from speechlabel.errors import SpeechLabelError
from speechlabel.formats.names import safe_id
from speechlabel.formats.tables.table_look import TableLook
from speechlabel.records import Recording
from speechlabel.workflow.annotations import Item, Outlook, Survey
from speechlabel.workflow.options import Reading

__all__ = ["below", "field_name", "preview_json", "unrecognised_tables", "without_folder"]

MOST_ROWS = 300  # recordings and files that are listed one by one; the sums are of all
MOST_TIERS = 300
MOST_NOTES = 300
SHOWN_ROWS = 4  # of a table
TABLES = {".csv": "csv", ".tsv": "csv", ".psv": "csv", ".xlsx": "xlsx"}
PLACE = re.compile(r"(?P<path>.*?):(?P<line>\d+)(?::(?P<column>\d+))?: (?P<reason>.*)", re.DOTALL)


@runtime_checkable
class Tabular(Protocol):
    """A format of tables, whose columns a person can map."""

    def look(self, path: Path) -> TableLook:
        """Show the columns of a table and what each is taken for."""
        ...


def preview_json(
    seen: Survey,
    outlooks: Sequence[Outlook],
    audio: Mapping[Path, Recording],
    folder: Path,
    readings: Mapping[Path, Reading],
) -> dict[str, Any]:
    """Return what was found as JSON.

    Parameters
    ----------
    outlooks : of each item of ``seen``
    audio : recordings that audio of the same drop has become
    folder : what was sent; paths are told below it
    readings : what a person has said of single files
    """
    items = list(zip(seen.items, outlooks, strict=True))
    by_file: dict[Path, list[dict[str, Any]]] = {}
    for item, outlook in items[:MOST_ROWS]:
        by_file.setdefault(item.document.path, []).append(_item_json(item, outlook, audio))
    named = {item.document.path: item.document.format for item in seen.items}
    files = [
        _file_json(path, folder, readings, format=named[path], state="read") | {"items": rows}
        for path, rows in by_file.items()
    ]
    for path, reason in seen.failed[:MOST_ROWS]:
        claims = seen.claims.get(path, [])
        format = claims[0] if len(claims) == 1 else None
        told = _failure_json(path, reason, folder)
        files.append(
            _file_json(path, folder, readings, format=format, state="failed")
            | told
            | {"claims": claims, "items": []}
        )
    for path in seen.skipped[:MOST_ROWS]:
        files.append(_file_json(path, folder, readings, format=None, state="unknown") | {"items": []})
    notes = [note for outlook in outlooks for note in outlook.notes]
    return {
        "files": files,
        "totals": {
            "files": len(named),
            "recordings": len(items),
            "segments": sum(item.segments for item, _ in items),
            "duration_us": sum(item.duration_us for item, _ in items),
            "unmatched": sum(item.match is None for item, _ in items),
            "same": sum(outlook.is_same for _, outlook in items),
            "failed": len(seen.failed),
            "unknown": len(seen.skipped),
        },
        "tiers": _tiers_json(seen.items),
        "channels": max((_channels(item, audio) for item, _ in items), default=1),
        "notes": [without_folder(note, folder) for note in seen.notes[:MOST_NOTES]],
        "n_notes": len(seen.notes),
        "losses": [without_folder(note, folder) for note in notes[:MOST_NOTES]],
        "n_losses": len(notes),
    }


def unrecognised_tables(seen: Survey) -> None:
    """Take tables whose columns nobody could tell for what failed, so that a person can tell them."""
    for path in [path for path in seen.skipped if path.suffix.lower() in TABLES]:
        name = TABLES[path.suffix.lower()]
        try:
            formats.load(path, name)
        except SpeechLabelError as error:
            seen.skipped.remove(path)
            seen.failed.append((path, error.message))
            seen.claims[path] = [name]


def _item_json(item: Item, outlook: Outlook, audio: Mapping[Path, Recording]) -> dict[str, Any]:
    match = item.match
    recording = _recording(item, audio)
    name = None if match is None else recording.name if recording else (match.path or Path()).name
    return {
        "recording": item.recording.name,
        "segments": item.segments,
        "duration_us": item.duration_us,
        "speakers": len(item.speakers),
        "audio": name,
        "how": match.how if match else None,
        "is_same": outlook.is_same,
        "n_losses": len(outlook.notes),
    }


def _file_json(
    path: Path, folder: Path, readings: Mapping[Path, Reading], *, format: str | None, state: str
) -> dict[str, Any]:
    reading = readings.get(path)
    return {
        "path": below(path, folder),
        "format": format,
        "state": "left_out" if reading is not None and reading.format is None else state,
        "is_chosen": reading is not None,
        "table": _table_json(path, format, reading) if format else None,
    }


def _failure_json(path: Path, reason: str, folder: Path) -> dict[str, Any]:
    """Where a file breaks, and why."""
    found = PLACE.fullmatch(reason)
    plain = reason.removeprefix(f"{path}: ")
    inside = None
    if found and Path(found["path"]).is_relative_to(folder):
        plain, inside = found["reason"], below(Path(found["path"]), folder)
    return {
        "reason": without_folder(plain, folder),
        "line": int(found["line"]) if found and inside is not None else None,
        "where": inside if inside != below(path, folder) else None,  # the file of a folder
    }


def _table_json(path: Path, format: str, reading: Reading | None) -> dict[str, Any] | None:
    try:
        reader = formats.get(format, **(reading.options if reading and reading.format else {}))
        if not isinstance(reader, Tabular):
            return None
        look = reader.look(path)
    except (SpeechLabelError, OSError):
        return None  # its row says what is wrong with it
    return {
        "columns": list(look.columns[:100]),
        "rows": [list(cell[:80] for cell in row[:100]) for row in look.rows[:SHOWN_ROWS]],
        "mapping": dict(look.mapping),
        "fields": list(look.fields),
        "unit": look.unit,
    }


def _tiers_json(items: Sequence[Item]) -> list[dict[str, Any]]:
    """Tiers of all items by their name, those with most segments first."""
    segments: Counter[str] = Counter()
    durations: Counter[str] = Counter()
    recordings: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for item in items:
        for tier in item.tiers:
            segments[tier.name] += tier.segments
            durations[tier.name] += tier.duration_us
            recordings[tier.name] += 1
            examples[tier.name] = examples.get(tier.name) or tier.example
    return [
        {
            "name": name,
            "segments": count,
            "duration_us": durations[name],
            "recordings": recordings[name],
            "example": examples[name],
            "field": field_name(name),
        }
        for name, count in segments.most_common(MOST_TIERS)
    ]


def field_name(tier: str) -> str:
    """Name that a layer made of a tier has."""
    return re.sub(r"[^a-z0-9_-]+", "_", safe_id(tier, max_length=40).lower()).strip("_-") or "text"


def _recording(item: Item, audio: Mapping[Path, Recording]) -> Recording | None:
    if item.match is None:
        return None
    return item.match.recording or (audio.get(item.match.path) if item.match.path else None)


def _channels(item: Item, audio: Mapping[Path, Recording]) -> int:
    recording = _recording(item, audio)
    return recording.channels if recording else 1


def below(path: Path, folder: Path) -> str:
    """Return where a file lies in what was sent."""
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name


def without_folder(text: str, folder: Path) -> str:
    """Return a message with paths as they were sent."""
    return text.replace(f"{folder}/", "").replace(str(folder), ".")
