"""Controls of a Label Studio project for speech: what they are called, and the XML that makes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, get_args
from xml.sax.saxutils import quoteattr

from speechlabel.records import Kind, Segment
from speechlabel.timing import us_to_seconds

__all__ = ["AUDIO", "CONFIG", "FIELD", "NOBODY", "Controls"]

CONFIG = "labeling-config.xml"
AUDIO = "audio"
NOBODY = "speech"  # the label where no speaker is told
FIELD = "field_"  # a field of the guideline has a control of that name
KINDS = get_args(Kind)


class Controls:
    """What the values of all segments need as controls; ``results`` gives those of one segment."""

    def __init__(self) -> None:
        self._labels: dict[str, None] = {NOBODY: None}
        self._choices: dict[str, dict[str, None]] = {}
        self._texts: dict[str, None] = {"transcription": None}

    @property
    def n_labels(self) -> int:
        """How many speakers' names there are to choose from."""
        return len(self._labels)

    def results(
        self, segment: Segment, region_id: str, speaker: str, length_us: int
    ) -> Iterator[dict[str, Any]]:
        """Give a region and all that is said of it: one result a control, with one id."""
        span: dict[str, Any] = {
            "start": us_to_seconds(segment.start_us),
            "end": us_to_seconds(segment.end_us),
        }
        if segment.channel is not None:
            span["channel"] = segment.channel

        def result(control: str, type: str, value: dict[str, Any]) -> dict[str, Any]:
            return {
                "id": region_id,
                "from_name": control,
                "to_name": AUDIO,
                "type": type,
                "original_length": us_to_seconds(length_us),
                "value": span | value,
            }

        self._labels[speaker] = None
        region = result("speaker", "labels", {"labels": [speaker]})
        if segment.confidence is not None:
            region["score"] = segment.confidence
        yield region
        for control, text in self._texts_of(segment):
            self._texts[control] = None
            yield result(control, "textarea", {"text": [text]})
        for control, values in self._choices_of(segment):
            self._choices.setdefault(control, {}).update(dict.fromkeys(values))
            yield result(control, "choices", {"choices": list(values)})

    def _texts_of(self, segment: Segment) -> Iterator[tuple[str, str]]:
        if segment.text is not None:
            yield "transcription", segment.text
        if segment.note is not None:
            yield "note", segment.note
        if segment.invalid_reason is not None:
            yield "invalid_reason", segment.invalid_reason
        for name, value in segment.fields.items():
            yield f"{FIELD}{name}", value

    def _choices_of(self, segment: Segment) -> Iterator[tuple[str, Iterable[str]]]:
        if segment.kind != "speech":
            yield "kind", (segment.kind,)
        if segment.language is not None:
            yield "language", (segment.language,)
        if segment.noise_labels:
            yield "noise_labels", segment.noise_labels
        if segment.tags:
            yield "tags", segment.tags
        if not segment.is_valid:
            yield "validity", ("invalid",)

    def xml(self) -> Iterator[str]:
        """Lines of the labeling configuration for all that was given out."""
        yield "<View>\n"
        yield from self._choice("Labels", "speaker", "Label", self._labels, "")
        yield f'  <Audio name="{AUDIO}" value="${AUDIO}" zoom="true" waveHeight="64"/>\n'
        for name in self._texts:
            rows = 2 if name == "transcription" else 1
            yield f'  <TextArea name={quoteattr(name)} toName="{AUDIO}" perRegion="true" editable="true"'
            yield f' rows="{rows}" maxSubmissions="1" displayMode="region-list"/>\n'
        choices = {"kind": dict.fromkeys(KINDS), "validity": {"invalid": None}} | self._choices
        choices["kind"] = dict.fromkeys(KINDS)
        for name, values in sorted(choices.items()):
            many = "multiple" if name in ("tags", "noise_labels") else "single-radio"
            yield from self._choice("Choices", name, "Choice", values, f' perRegion="true" choice="{many}"')
        yield "</View>\n"

    def _choice(self, tag: str, name: str, item: str, values: Iterable[str], more: str) -> Iterator[str]:
        yield f'  <{tag} name="{name}" toName="{AUDIO}"{more}>\n'
        for value in sorted(values):
            yield f"    <{item} value={quoteattr(value)}/>\n"
        yield f"  </{tag}>\n"
