"""Files in and out: ``load`` reads any known format, ``dump`` writes one, ``detect`` names what lies there.

Formats are found through ``registry`` and imported at first use.
"""

from __future__ import annotations

import dataclasses
import itertools
import typing
from pathlib import Path
from typing import Any

import orjson

from speechlabel import registry
from speechlabel.errors import ExportError, InputError, OptionError, ParseError
from speechlabel.formats.base import (
    Bundle,
    Clip,
    Export,
    Fault,
    Format,
    Labelled,
    Loss,
    MakeAudio,
    Report,
    Segments,
    Written,
)
from speechlabel.formats.losses import expected_losses
from speechlabel.formats.output import staged_folder

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
    "by_extension",
    "detect",
    "dump",
    "get",
    "load",
    "losses",
]


SNAPSHOT, OF_SNAPSHOT = "snapshot.json", "speechlabel.of_snapshot/1.0"
MOST_FAULTS = 20  # told when an export is refused


def get(name: str, **options: Any) -> Format:  # noqa: ANN401 - each format has its own options
    """Make a format by its registered name, with its options (text is converted to the option's type).

    Raises
    ------
    UnknownNameError
        No format has that name.
    OptionError
        The format has no such option, or the value is not one it takes.
    """
    return make(registry.load("format", name), **options)


def make(kind: type[Format], **options: Any) -> Format:  # noqa: ANN401
    """Make a format from its class; see ``get``."""
    fields = {item.name: item for item in dataclasses.fields(kind)} if dataclasses.is_dataclass(kind) else {}
    hints = typing.get_type_hints(kind)
    values: dict[str, Any] = {}
    for option, value in options.items():
        if option not in fields:
            known = f"it has {', '.join(fields)}" if fields else "it has none"
            raise OptionError(option, f"format {kind.name} has no such option; {known}")
        values[option] = _convert(option, value, hints[option])
    return kind(**values)


def _convert(option: str, value: Any, wanted: Any) -> Any:  # noqa: ANN401
    if typing.get_origin(wanted) is typing.Literal:
        choices = {str(choice): choice for choice in typing.get_args(wanted)}
        if str(value) not in choices:
            raise OptionError(option, f"must be one of {', '.join(choices)}")
        return choices[str(value)]
    if isinstance(value, str) and wanted is bool:
        if value.lower() not in ("true", "false"):
            raise OptionError(option, f"must be true or false, not {value!r}")
        return value.lower() == "true"
    if isinstance(value, str) and wanted is int:
        try:
            return int(value)
        except ValueError as error:
            raise OptionError(option, f"must be a whole number, not {value!r}") from error
    if type(value) is not wanted:
        raise OptionError(option, f"must be of type {wanted.__name__}")
    return value


def detect(path: Path) -> str:
    """Name of the one format that a file or folder is in.

    Raises
    ------
    InputError
        Nothing is there, no format claims it, or several do.
    """
    if not path.exists():
        raise InputError(f"there is no {str(path)!r}")
    claims = [name for name in registry.names("format") if get(name).sniff(path)]
    if len(claims) != 1:
        found = f"looks like {' and '.join(claims)}" if claims else "is in no known format"
        raise InputError(
            f"{str(path)!r} {found}; name the format: {', '.join(registry.names('format'))}",
            path=str(path),
            claims=claims,
        )
    return claims[0]


def by_extension(path: Path) -> str | None:
    """Name the one format that writes files with this ending; None where none or several do."""
    ending = path.suffix.lower()
    made = [get(name) for name in registry.names("format")]
    names = [item.name for item in made if item.can_write and ending in map(str.lower, item.extensions)]
    return names[0] if len(names) == 1 else None


def load(path: Path, format: str | None = None, **options: Any) -> Bundle:  # noqa: ANN401
    """Read a file or folder, in the format named or the one detected.

    Returns
    -------
    Bundle
        Whole and checked; ``notes`` lists what was repaired or guessed.

    Raises
    ------
    ParseError
        The content breaks the format; it says where.
    InputError, UnknownNameError, OptionError
        The format cannot be told, is not known, is never read, or has no such option.
    """
    reader = get(format or detect(path), **options)
    try:
        return reader.read(path)
    except OSError as error:
        raise ParseError(path, f"cannot be read: {error.strerror or error}") from error


def losses(bundle: Bundle, format: str, **options: Any) -> tuple[Loss, ...]:  # noqa: ANN401
    """Tell what an export would lose, before it is made."""
    return expected_losses(bundle, get(format, **options))


def dump(
    source: Bundle | Export,
    out: Path,
    format: str,
    *,
    overwrite: bool = False,
    **options: Any,  # noqa: ANN401
) -> Report:
    """Write a bundle as the folder ``out``; it appears whole, synced to disk, or not at all.

    Parameters
    ----------
    source
        An ``Export`` where channels have to be cut from recordings, else a ``Bundle``.
    overwrite
        Replace what lies at ``out``; without it only an empty folder is.

    Raises
    ------
    ExportError
        There is nothing to export, the target cannot be written, or its reader would refuse what was made
        (``faults`` lists why).
    UnknownNameError, OptionError
        No such format, or no such option.
    """
    return dump_as(get(format, **options), source, out, overwrite=overwrite)


def dump_as(
    writer: Format, source: Bundle | Export, out: Path, *, overwrite: bool = False, target: Path | None = None
) -> Report:
    """Write with a format that is at hand; see ``dump``.

    ``target`` is where ``out`` will lie in the end, where that is a part of something larger.
    """
    export = source if isinstance(source, Export) else Export(bundle=source, snapshot=source.snapshot)
    if not writer.can_write:
        raise ExportError(f"{writer.title} is read, not written")
    if not export.bundle.recordings:
        raise ExportError("there is nothing to export: no recording was chosen")
    export = dataclasses.replace(export, target=target or out)
    writer = writer.bound(export.bundle.guideline)
    with staged_folder(out, overwrite=overwrite) as folder:
        written = writer.write(export, folder)
        _refuse_faulty(writer, folder)
        _tell_snapshot(writer, export, folder)
        files = tuple(sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()))
    return Report(
        format=writer.name,
        path=out,
        recordings=len(export.bundle.recordings),
        segments=written.segments,
        files=files,
        losses=expected_losses(export.bundle, writer) + written.losses,
        warnings=written.warnings,
    )


def _tell_snapshot(writer: Format, export: Export, folder: Path) -> None:
    """Tell which snapshot the export is of, where no reader of the format would take that for its own."""
    if "snapshot" not in export.snapshot or (folder / SNAPSHOT).exists():
        return
    if writer.is_alone or ".json" in writer.extensions:
        return
    told = {"schema": OF_SNAPSHOT, "project": export.snapshot["project"], **export.snapshot["snapshot"]}
    (folder / SNAPSHOT).write_bytes(
        orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    )


def _refuse_faulty(writer: Format, folder: Path) -> None:
    found = list(itertools.islice(writer.faults(folder), MOST_FAULTS + 1))
    if not found:
        return
    told = "; ".join(str(fault) for fault in found[:MOST_FAULTS])
    more = " …" if len(found) > MOST_FAULTS else ""
    raise ExportError(
        f"what was made is not valid {writer.title}, so it was not kept: {told}{more}", faults=found
    )
