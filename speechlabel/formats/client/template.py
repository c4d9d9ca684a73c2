"""A layout that a client asks for, declared as data in the guideline: JSON, JSONL, CSV or XLSX.

``docs/howto/client-template.md`` has the language.  Files are named by the template's pattern; beside them
lies ``template.json``, the layout that they were made from, by which they can be checked later.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, cast

import orjson

from speechlabel import guideline
from speechlabel.errors import InputError, OptionError, ParseError
from speechlabel.formats.base import Export, Fault, Format, Written
from speechlabel.formats.client.template_check import template_faults
from speechlabel.formats.client.template_fields import Place
from speechlabel.formats.client.template_json import JsonWriter
from speechlabel.formats.client.template_tables import TableWriter
from speechlabel.formats.client.template_values import Values
from speechlabel.guideline import Guideline
from speechlabel.records import Recording, from_dict, to_dict
from speechlabel.template import Template

__all__ = ["TemplateFormat"]

BESIDE = "template.json"
SCHEMA = "speechlabel.template/1.0"
UNSAFE = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f]')
LONGEST_NAME = 150  # signs of a file's name that come from a recording's
HEAD = 1_000_000  # bytes that template.json may have


class _Bound(NamedTuple):
    """A template and the guideline that it is a part of."""

    template: Template
    rules: Guideline | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class TemplateFormat(Format):
    """The layout that a client asks for, as the project's guideline declares it under ``[[templates]]``."""

    template: str = ""  # its name; without it the first of the guideline
    guideline: str = ""  # a file (TOML) to take it from, in the place of the project's guideline
    describe: bool = True  # template.json beside the files, to check them by

    name: ClassVar[str] = "template"
    title: ClassVar[str] = "Client template"
    extensions: ClassVar[tuple[str, ...]] = ()
    spec: ClassVar[str] = "docs/howto/client-template.md"
    carries: ClassVar[frozenset[str]] = frozenset({"recording"})
    can_write: ClassVar[bool] = True
    audio = "WAV"
    is_alone: ClassVar[bool] = True
    checked_by: ClassVar[tuple[str, ...]] = ("Python's json and csv", "openpyxl")
    _bound: ClassVar[_Bound | None] = None

    @property
    def time_step_us(self) -> int:
        """Grid of its unit of time."""
        unit = "s" if self._bound is None else self._bound.template.time
        return 1000 if unit in ("ms", "timecode") else 10 ** (6 - int(unit[2:] or 6))

    def bound(self, guideline: str | None) -> TemplateFormat:
        """Give the format with the template that was asked for, from a project's guideline.

        Raises
        ------
        OptionError
            There is no such template.
        ParseError, InputError
            The file that is to be taken from cannot be read, or is no guideline.
        """
        if self._bound is not None:
            return self
        made = dataclasses.replace(self)
        found = self._find(guideline)
        changes = {
            "_bound": found,
            "takes": found.template.takes,
            "includes": frozenset(found.template.include),
            "carries": _carried(found.template),
        }
        for name, value in changes.items():
            object.__setattr__(made, name, value)
        return made

    def _find(self, text: str | None) -> _Bound:
        notes: tuple[str, ...] = ()
        rules: Guideline | None = None
        if self.guideline:
            rules = _read(Path(self.guideline))
        elif text:
            try:
                rules = guideline.load(text)
            except ParseError as error:
                notes = (f"the guideline that comes with it cannot be read: {error.data['reason']}",)
        known = {item.name: item for item in (rules.templates if rules else ())}
        if self.template:
            if self.template not in known:
                names = ", ".join(known) or "none"
                raise OptionError("template", f"{self.template!r} is not in the guideline; it has {names}")
            return _Bound(known[self.template], rules, notes)
        if not known:
            note = (
                "the guideline declares no template: written as the layout that is shipped; see [[templates]]"
            )
            return _Bound(_plain(), rules, (*notes, note))
        first = next(iter(known.values()))
        if len(known) > 1:
            note = f"{first.name} is the first of several templates; choose by template: {', '.join(known)}"
            notes = (*notes, note)
        return _Bound(first, rules, notes)

    def sniff(self, path: Path) -> bool:
        """Tell a folder of JSON by the template beside it; tables are for the formats that read them."""
        template = _beside(path) if path.is_dir() else None
        return template is not None and template.layout == "json"

    def write(self, export: Export, out: Path) -> Written:
        """Write the files of the template, and ``template.json``.

        Raises
        ------
        ExportError
            Something that the template requires is not told.
        """
        bound = self.bound(export.bundle.guideline)._bound
        assert bound is not None, "a bound format has its template"
        values = Values(bound.template, bound.rules)
        place = Place(export=export, out=out)
        writer = _Files(values, place)
        writer.write()
        values.refuse_lacking()
        if self.describe:
            told = {"schema": SCHEMA, "template": to_dict(bound.template)}
            option = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
            (out / BESIDE).write_bytes(orjson.dumps(told, option=option))
        return Written(
            segments=sum(place.counts.values()),
            losses=(*values.tally.losses(), *writer.table.tally.losses()),
            warnings=(*bound.notes, *writer.notes),
        )

    def faults(self, path: Path) -> Iterator[Fault]:
        """Tell where files are not as their template says: the keys, the columns, what is required."""
        folder = path if path.is_dir() else path.parent
        template = self._bound.template if self._bound else _beside(folder)
        if template is None and (self.guideline or self.template):
            template = self._find(None).template
        if template is None:
            yield Fault("", None, f"there is no {BESIDE} to check it by; give guideline=FILE")
            return
        suffix = Path(template.pattern).suffix
        found = sorted(folder.rglob(f"*{suffix}")) if path.is_dir() else [path]
        for file in found:
            name = file.relative_to(folder).as_posix()
            if name not in (BESIDE, "snapshot.json") and file.is_file():
                yield from template_faults(template, file, name if path.is_dir() else "")


class _Files:
    """Writes what a template asks for into files of its names."""

    def __init__(self, values: Values, place: Place) -> None:
        self.template, self._place = values.template, place
        self._json, self.table = JsonWriter(values), TableWriter(values)
        self.notes: tuple[str, ...] = ()

    def write(self) -> None:
        template, place = self.template, self._place
        if template.per == "all":
            project = str(
                place.export.snapshot.get("project") or place.export.bundle.recordings[0].project_id
            )
            name = template.pattern.replace("{project}", _safe(project) or "project")
            self._one(place, self._file(name))
            return
        names = self._names()
        for here in place.recordings():
            assert here.recording is not None, "each of these is the place of a recording"
            self._one(here, self._file(names[here.recording.id]))

    def _file(self, name: str) -> Path:
        path = self._place.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _one(self, place: Place, path: Path) -> None:
        template = self.template
        if template.layout == "json":
            with path.open("wb") as file:
                file.writelines(self._json.document(place))
            return
        rows = (
            iter([place]) if place.recording and template.rows == "recordings" else place.each(template.rows)
        )
        if template.is_table:
            self.table.write(rows, path)
            return
        with path.open("wb") as file:
            file.writelines(self._json.line(row) for row in rows)

    def _names(self) -> dict[str, str]:
        """File of each recording; those of one name have its id added, whatever else goes out with them."""
        recordings = sorted(self._place.export.bundle.recordings, key=lambda item: item.id)
        names = {item.id: self._name(item, at) for at, item in enumerate(recordings, 1)}
        often = Counter(_folded(name) for name in [*names.values(), BESIDE])
        twice = [id for id, name in names.items() if often[_folded(name)] > 1]
        for id in twice:
            name = names[id]
            suffix = Path(name).suffix
            names[id] = f"{name.removesuffix(suffix)}-{id}{suffix}"
        if twice:
            self.notes = (f"{len(twice)} files would have had the name of another: their id was added",)
        return names

    def _name(self, recording: Recording, at: int) -> str:
        project = str(self._place.export.snapshot.get("project") or recording.project_id)
        values = {
            "recording": recording.id,
            "name": _safe(Path(recording.name).stem) or recording.id,
            "project": _safe(project) or "project",
            "index": at,
        }
        return re.sub(
            r"\{(\w+)(?::(0\d))?\}",
            lambda found: format(values[found[1]], found[2] or ""),
            self.template.pattern,
        )


def _folded(name: str) -> str:
    """Name as a file system sees it that knows no case."""
    return unicodedata.normalize("NFC", name).casefold()


def _safe(name: str) -> str:
    return UNSAFE.sub("_", name)[:LONGEST_NAME].strip(" .")


def _read(path: Path) -> Guideline:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"guideline {str(path)!r} cannot be read: {error}") from error
    return guideline.load(text, path=str(path))


@cache
def _plain() -> Template:
    text = (
        files("speechlabel")
        .joinpath("presets")
        .joinpath("templates")
        .joinpath("plain.toml")
        .read_text("utf-8")
    )
    return from_dict(Template, tomllib.loads(text))


def _beside(folder: Path) -> Template | None:
    """Template that lies beside the files made from it; None where there is none."""
    path = folder / BESIDE
    try:
        if not path.is_file() or path.stat().st_size > HEAD:
            return None
        data: Any = orjson.loads(path.read_bytes())
        if not isinstance(data, dict) or cast("dict[str, Any]", data).get("schema") != SCHEMA:
            return None
        return from_dict(Template, cast("dict[str, Any]", data)["template"])
    except (OSError, ValueError, LookupError, TypeError, AttributeError, InputError, RecursionError):
        return None


def _carried(template: Template) -> frozenset[str]:
    """Fields that a template writes, in the words of the loss report."""
    found = {"recording"} if template.per == "recording" or template.rows == "recordings" else set[str]()
    for ref in template.refs():
        if ref.scope == "speaker":
            found |= {"speaker"} if ref.field in ("id", "name", "key") else {f"speaker.{ref.field}"}
        elif ref.scope == "segment":
            name = "channel" if ref.field in ("channel_number", "audio.channel", "side") else ref.field
            found.add("is_valid" if name == "valid" else name)
        elif ref.scope in ("word", "event"):
            found.add(f"{ref.scope}s")
    return frozenset(found)
