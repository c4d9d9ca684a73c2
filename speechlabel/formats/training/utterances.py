"""What manifests of named utterances share (WeNet's, FunASR's): one line of text, and the way back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from speechlabel.formats.base import Export
from speechlabel.formats.gather import TO_THE_END_US, Gathered, base_name, beside
from speechlabel.formats.jsonfile import clean
from speechlabel.formats.losses import Tally
from speechlabel.formats.names import absolute_posix
from speechlabel.formats.training.id_map import Origins
from speechlabel.records import Segment

__all__ = ["Utterances", "named", "one_line"]


def one_line(segment: Segment, tally: Tally) -> str:
    """Transcript on one line, without blanks at its ends; what that changes is told."""
    text = segment.text or ""
    made = " ".join(" ".join(text.split("\n")).split("\t")).strip()
    for letter in ("\u2028", "\u2029", "\x85", "\x0b", "\x0c"):  # ``splitlines`` ends a line there
        made = made.replace(letter, " ")
    made = made.strip()
    if made != text:
        tally.add("text", "line breaks, tabs and blanks at its ends became one line", segment.id)
    return made


def named(export: Export, path: str, *, is_absolute: bool) -> str:
    """Path as a manifest names it: trainers start from the working directory, not from the manifest."""
    return absolute_posix(export.target / path) if is_absolute else path


class Utterances:
    """Utterances as they are met; those that our own table knows go back to their recordings."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.found = Gathered(path)
        self._origins = Origins(folder, self.found.plain_notes)
        self._path = path

    def add(
        self,
        line: int,
        key: str,
        audio: str,
        *,
        text: str | None,
        times: tuple[int, int | None],
        speaker: str | None = None,
        **fields: Any,  # noqa: ANN401 - of Segment
    ) -> None:
        """Add an utterance: where its audio is, and from when to when (None: to the end)."""
        name = self._path.name
        origin = self._origins.find(key)
        start, end = times
        is_clip = False
        if origin is not None:
            id, channel = origin.recording_id, origin.channel
            self.found.recording(f"={id}", name=id, id=id)
            if origin.start_us is not None and origin.end_us is not None and origin.start_us < origin.end_us:
                start, end, is_clip = max(origin.start_us, 0), origin.end_us, True
            fields["channel"] = channel
            if origin.speaker_id:
                fields["speaker"] = self.found.speaker(
                    id, "", line, id=origin.speaker_id, name=origin.speaker_name or None
                )
            own: str | None = origin.segment_id
        else:
            id, channel = self._recording(audio), None
            if speaker:
                fields["speaker"] = self.found.speaker(id, clean(speaker)[:200], line)
            own = key
        if end is None:
            self.found.notes.add(name, line, "no length is told: taken to the end of the file")
            end = TO_THE_END_US
        if start < 0 or end <= start:
            self.found.notes.add(name, line, "does not end after its start: left out")
            return
        self._tell(line, id, channel, "" if is_clip else audio)
        self.found.segment(id, line, id=own, text=text, start_us=start, end_us=end, **fields)

    def _recording(self, audio: str) -> str:
        known = self.found.known(f" {audio}")
        if known is not None:
            return known
        name = clean(audio.replace("\\", "/").rpartition("/")[2])[:200] or "audio"
        return self.found.recording(f" {audio}", name=name, stem=clean(base_name(audio)) or "audio")

    def _tell(self, line: int, id: str, channel: int | None, audio: str) -> None:
        path = beside(self._path, audio)
        if audio and not path:
            self.found.notes.add(self._path.name, line, "its audio is not a path", repr(audio)[:80])
        if channel is not None and path:
            self.found.audio.setdefault((id, channel), Path(path))
        self.found.tell(id, channel=channel, path="" if channel is not None else path)
