"""Frictionless data package: ``datapackage.json`` beside the tables, which says what each column holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from speechlabel.formats.tables.table_write import RECORDINGS, SPEAKERS, Column
from speechlabel.records import RECORDING_ID, SEGMENT_ID

__all__ = ["describe"]

FROM_ZERO = {"start", "end", "duration", "recording_duration", "channel", "size_bytes", "n_frames"}
FROM_ONE = {"sample_rate", "channels"}


def describe(
    segments: Sequence[Column], *, suffix: str, delimiter: str, encoding: str, is_guarded: bool
) -> bytes:
    """JSON of the package; ``is_guarded`` says that ``'`` was set before cells that look like formulas."""
    tables = (("segments", segments), ("recordings", RECORDINGS), ("speakers", SPEAKERS))
    package: dict[str, Any] = {
        "profile": "tabular-data-package",
        "name": "speechlabel-export",
        "resources": [
            {
                "name": name,
                "type": "table",
                "profile": "tabular-data-resource",
                "path": f"{name}.{suffix}",
                "scheme": "file",
                "format": suffix,
                "mediatype": "text/csv",
                "encoding": encoding,
                "dialect": {"csv": {"delimiter": delimiter}},
                "schema": _schema(name, columns),
            }
            for name, columns in tables
        ],
        "custom": {"speechlabel": {"tables": "1.0", "guard": is_guarded}},
    }
    return orjson.dumps(package, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _schema(table: str, columns: Sequence[Column]) -> dict[str, Any]:
    made: dict[str, Any] = {"fields": [_field(table, column) for column in columns], "missingValues": [""]}
    made["primaryKey"] = ["id"] if table == "recordings" else ["recording_id", "id"]
    if table != "recordings":
        reference = {"resource": "recordings", "fields": ["id"]}
        made["foreignKeys"] = [{"fields": ["recording_id"], "reference": reference}]
    return made


def _field(table: str, column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {"name": column.name, "type": column.type}
    if column.description:
        field["description"] = column.description
    constraints: dict[str, Any] = {"required": True} if column.is_needed else {}
    if column.name in FROM_ZERO:
        constraints["minimum"] = 0
    if column.name in FROM_ONE:
        constraints["minimum"] = 1
    if column.name == "confidence":
        constraints |= {"minimum": 0, "maximum": 1}
    if column.name == "id" and table == "segments":
        constraints["pattern"] = SEGMENT_ID.pattern
    if column.name == "id" and table == "recordings":
        constraints["pattern"] = RECORDING_ID.pattern
    if constraints:
        field["constraints"] = constraints
    return field
