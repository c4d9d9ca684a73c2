"""pyannote.database: RTTM, UEM and the ``database.yml`` that makes a protocol of them.

Spec: https://github.com/pyannote/pyannote-database.  Pandas reads there: a name such as ``NA`` or ``null``
becomes nothing, a double quote swallows what follows, so such names are changed.  Read it through RTTM.
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from speechlabel.errors import OptionError
from speechlabel.formats.base import Export, Fault, Format, Written
from speechlabel.formats.losses import Tally
from speechlabel.formats.output import write_file
from speechlabel.formats.scoring.rttm import RttmFormat
from speechlabel.records import Speaker

__all__ = ["PyannoteFormat"]

NOTHING = {  # what pandas takes for a missing value
    *("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>"),
    *("N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
}
FOLDER = "annotation/speakers"


@dataclass(frozen=True)
class PyannoteFormat(Format):
    """A protocol for pyannote: who spoke when, what is labelled, and where the audio lies.

    The protocol is ``<database>.SpeakerDiarization.All`` and has the one subset that is asked for.
    ``audio.map`` names the recordings' own files by absolute paths: pyannote takes relative ones from where
    it is run.
    """

    subset: Literal["train", "development", "test"] = "train"
    database: str = "Speechlabel"

    name: ClassVar[str] = "pyannote"
    title: ClassVar[str] = "pyannote.database"
    extensions: ClassVar[tuple[str, ...]] = ()
    spec: ClassVar[str] = "https://github.com/pyannote/pyannote-database"
    carries: ClassVar[frozenset[str]] = frozenset({"speaker", "recording", "labelled"})
    can_write: ClassVar[bool] = True
    takes: ClassVar[Literal["training", "speech", "everything"]] = "speech"
    checked_by: ClassVar[tuple[str, ...]] = ("pyannote.database",)

    def __post_init__(self) -> None:
        if not re.fullmatch("[A-Za-z][A-Za-z0-9_]{0,99}", self.database):
            raise OptionError("database", "must be a name of letters, digits and _ that begins with a letter")

    @property
    def time_step_us(self) -> int:
        """A millisecond."""
        return 1000

    def sniff(self, path: Path) -> bool:
        """Tell a folder by its database.yml."""
        try:
            text = (path / "database.yml").read_bytes()[:4096].decode("utf-8", "replace")
        except OSError:
            return False
        return re.search("^Protocols:", text, re.MULTILINE) is not None

    def write(self, export: Export, out: Path) -> Written:
        """Write ``database.yml``, the list and map of recordings, and RTTM and UEM below ``annotation``."""
        tally = Tally()
        speakers = {
            recording.id: tuple(
                _readable(speaker, tally) for speaker in export.bundle.speakers_of(recording.id).values()
            )
            for recording in export.bundle.recordings
        }
        bundle = dataclasses.replace(export.bundle, speakers=speakers)
        folder = out / FOLDER
        folder.mkdir(parents=True)
        written = RttmFormat(channels="any").write(dataclasses.replace(export, bundle=bundle), folder)
        for ending in ("rttm", "uem"):
            (folder / f"segments.{ending}").rename(folder / f"{self.subset}.{ending}")
        recordings = sorted(export.bundle.recordings, key=lambda item: item.id)
        write_file(out / f"{self.subset}.lst", "".join(f"{recording.id}\n" for recording in recordings))
        warnings = [
            f"{recording.id}: pyannote reads this name as a missing value; rename the recording"
            for recording in recordings
            if recording.id in NOTHING
        ]
        paths: list[str] = []
        for recording in recordings:
            path = export.recording_path(recording, out)
            if path is None:
                warnings.append(f"{recording.id}: its audio is not known")
                continue
            whole = os.path.abspath(export.target / path)  # noqa: PTH100 - resolve() would follow links
            paths.append(f'{recording.id} "{Path(whole).as_posix()}"\n')
            if '"' in whole:
                warnings.append(
                    f"{recording.id}: pyannote cannot read the double quote in the path of its audio"
                )
        write_file(out / "audio.map", "".join(paths))
        write_file(out / "database.yml", self._protocol(has_audio=len(paths) == len(recordings)))
        return Written(
            segments=written.segments,
            losses=(*tally.losses(), *written.losses),
            warnings=(*warnings, *(said for said in written.warnings if "md-eval" not in said)),
        )

    def _protocol(self, *, has_audio: bool) -> str:
        audio = "          audio: audio.map\n" if has_audio else ""
        return (
            f"Protocols:\n  {self.database}:\n    SpeakerDiarization:\n      All:\n"
            f"        scope: file\n        {self.subset}:\n"
            f"          uri: {self.subset}.lst\n"
            f"          annotation: {FOLDER}/{self.subset}.rttm\n"
            f"          annotated: {FOLDER}/{self.subset}.uem\n{audio}"
        )

    def faults(self, path: Path) -> Iterator[Fault]:
        """Tell what is wrong with the RTTM and UEM files, and names that pyannote reads as nothing."""
        for folder in sorted(file.parent for file in path.rglob("*.rttm")):
            inside = folder.relative_to(path).as_posix()
            for fault in RttmFormat(channels="any").faults(folder):
                yield fault._replace(file=f"{inside}/{fault.file}")
        for file in sorted(path.glob("*.lst")):
            for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), 1):
                if line and line in NOTHING:
                    yield Fault(file.name, number, f"pyannote reads {line} as a missing value")


def _readable(speaker: Speaker, tally: Tally) -> Speaker:
    name = speaker.name.replace('"', "'")
    name = f"{name}_" if name.strip() in NOTHING else name
    if name == speaker.name:
        return speaker
    tally.add("speaker.name", "pyannote would read nothing there, or a quote", speaker.id)
    return dataclasses.replace(speaker, name=name)
