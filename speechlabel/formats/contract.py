"""The contract of formats; ``speechlabel.testing`` gives it to plug-in authors.

Needs pytest and hypothesis, which a package has for its own tests; nothing else of formats imports it.
"""

from __future__ import annotations

import dataclasses
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from speechlabel import formats, registry
from speechlabel.errors import ExportError, InputError, ParseError
from speechlabel.formats import Bundle, Clip, Export, Format, Labelled, Loss, dump_as
from speechlabel.formats.times import on_grid
from speechlabel.records import Event, Recording, Segment, Speaker, Word
from speechlabel.timing import us_to_samples

__all__ = ["NASTY_TEXTS", "FormatContract", "sample_export"]

NASTY_TEXTS = (
    *"\"'<>&{}|\\!;",
    *(
        '""',
        "$5",
        "a\tb",
        "a\nb",
        "a\u00a0b",
        "a\u3000b",
        "a\u200bb",
        "\u2028",
        "a\u2029b",
        "😀",
        "e\u0301",
        "مرحبا",
    ),
    *(
        " lead and trail ",
        " ",
        "",
        "NA",
        "null",
        "007",
        "=1+1",
        "-->",
        ";; a",
        "<v Bob>",
        "! a",
        "[1]:",
        "你好 世界",
    ),
    *(
        "IGNORE_TIME_SEGMENT_IN_SCORING",
        "<s> #0 </s>",
        "<exists>",
        'say "it"" is"',
        "\\n",
        "0.5",
        "a  b",
        "x" * 40_000,
    ),
)


def sample_export(folder: Path) -> Export:
    """Two recordings, one of two channels and one empty, with every field of the records in use."""

    def recording(id: str, channels: int) -> Recording:
        return Recording(
            id=id,
            project_id="demo",
            name=f"{id} 一.wav",
            path=str(folder / f"{id}.wav"),
            content_hash="ab" * 32,
            size_bytes=320_044,
            modified_ns=0,
            container="WAV",
            codec="PCM_16",
            sample_rate=16_000,
            channels=channels,
            n_frames=160_000,
            layout="separate" if channels > 1 else "mono",
            metadata={"room": "三"},
            created_at="2026-11-24T08:00:00Z",
        )

    def segment(id: str, start_us: int, end_us: int, **fields: Any) -> Segment:  # noqa: ANN401
        return Segment(id=id, start_us=start_us, end_us=end_us, **fields)

    rich = segment(
        "s-2",
        1_500_000,
        3_000_001,
        text='你好, [laugh] "big" world',
        language="zh",
        speaker="s1",
        noise_labels=("laugh",),
        tags=("overlap", "far"),
        events=(Event(label="door", start_us=1_600_000, end_us=1_700_000, score=0.5), Event(label="cough")),
        is_valid=False,
        invalid_reason="overlap",
        fields={"emotion": "happy"},
        words=(Word(word="你好", start_us=1_500_000, end_us=1_900_000, score=0.25), Word(word="world")),
        status="done",
        is_locked=True,
        confidence=0.875,
        note="check\nagain",
        tier="utterances",
        parent_id="s-1",
        custom={"eaf": {"x": [1, 2.5, None]}},
    )
    lin = Speaker(
        id="s1",
        name="Lin Wei",
        role="agent",
        gender="female",
        age_band="30-39",
        accent="吴",
        language="zh",
        channel=0,
        color="#336699",
        custom={"crm": 7},
    )
    mono = (
        segment("s-1", 500_000, 2_250_000, text="hello", speaker="s2", status="draft", language="en"),
        rich,
        segment("s-3", 3_000_001, 3_500_000, text="", speaker="s2", status="unsure"),
        segment("s-4", 4_000_000, 4_000_000, kind="event", noise_labels=("click",)),
        segment("s-5", 4_100_000, 4_500_000, kind="music"),
        segment("s-6", 5_000_000, 10_000_000, text="to the very end"),
    )
    stereo = (
        segment("t-1", 0, 1_000_000, channel=0, text="left", speaker="agent"),
        segment("t-2", 250_000, 1_250_000, channel=1, text="right", speaker="customer"),
        segment("t-3", 1_250_000, 1_250_004, channel=1, text="four microseconds", speaker="customer"),
        segment("t-4", 7_000_000, 8_000_000, channel=1, kind="ignore"),
    )
    bundle = Bundle(
        recordings=(recording("a-mono", 1), recording("b_stereo", 2), recording("c.empty", 1)),
        segments={"a-mono": mono, "b_stereo": stereo},
        speakers={
            "a-mono": (lin, Speaker(id="s2", name="李 明", gender="male")),
            "b_stereo": (Speaker(id="agent", name="Agent"), Speaker(id="customer", name="Customer")),
        },
        labelled={"a-mono": (Labelled(None, 0, 10_000_000),), "c.empty": (Labelled(None, 0, 5_000_000),)},
        languages={"a-mono": "zh"},
        guideline='title = "demo"\n',
    )

    def make_audio(recording: Recording, channel: int | None, into: Path) -> Path:
        if recording.channels == 1:
            return Path(recording.path)
        into.mkdir(exist_ok=True)
        made = into / f"{recording.id}_{'mix' if channel is None else channel}.wav"
        made.write_bytes(b"RIFF")
        return made

    def cut_clips(
        recording: Recording, wanted: Iterable[tuple[Segment, str]], into: Path
    ) -> Iterator[tuple[Segment, Clip]]:
        into.mkdir(parents=True, exist_ok=True)
        for segment, stem in wanted:
            path = into / f"{stem}.flac"
            path.write_bytes(f"fLaC {stem}".encode())
            yield segment, Clip(path, us_to_samples(segment.duration_us, 16_000), 16_000)

    return Export(
        bundle=bundle,
        make_audio=make_audio,
        cut_clips=cut_clips,
        snapshot={"transcripts": {"a-mono": "t1"}},
    )


class FormatContract:
    """What a format promises.

    Set ``format`` to its class and ``fixtures`` to a folder that holds

    - ``full*``: an example, a file or a folder, that the format claims (and reads, if it reads);
    - ``broken-<line>*``: examples that it refuses with a ``ParseError`` at that line (if it reads).
    """

    format: ClassVar[type[Format]]
    fixtures: ClassVar[Path]
    mutations: ClassVar[int] = 100  # how many damaged examples are read; 5,000 in the long run
    __test__ = False  # the derived classes are the tests

    def __init_subclass__(cls) -> None:
        cls.__test__ = True

    @pytest.fixture
    def made(self) -> Format:
        """Give the format with its default options."""
        return formats.make(self.format)

    def test_says_what_it_is(self, made: Format) -> None:
        """Its name, title, spec and what it carries are told, and it reads or writes."""
        assert re.fullmatch("[a-z][a-z0-9_]*", made.name)
        assert made.title and made.spec and (type(made).__doc__ or "").strip()
        assert made.can_read or made.can_write
        assert all(extension.startswith(".") for extension in made.extensions)

    def test_claims_its_own_examples(self, made: Format) -> None:
        """Its ``sniff`` says yes to its example."""
        assert made.sniff(self.example())

    def test_claims_nothing_else(self, made: Format, tmp_path: Path) -> None:
        """Its ``sniff`` says no to what others write and to noise, and theirs to its example."""
        for name in registry.names("format"):
            other = formats.get(name)
            if other.name == made.name:
                continue
            assert not other.sniff(self.example()), f"{name} claims it too"
            if other.can_write:
                dump_as(other, sample_export(tmp_path), tmp_path / name)
                for path in (tmp_path / name, *(tmp_path / name).iterdir()):
                    assert not made.sniff(path), path.name
        (tmp_path / "noise").write_bytes(bytes(range(256)))
        assert not made.sniff(tmp_path / "noise")
        assert not made.sniff(tmp_path / "nothing there")

    def test_reads_its_example(self, made: Format) -> None:
        """Reading gives records, the same ones each time; a format that does not read says so."""
        if not made.can_read:
            with pytest.raises(InputError, match="written, not read"):
                made.read(self.example())
            return
        first, second = made.read(self.example()), made.read(self.example())
        assert first.recordings and first.recordings == second.recordings
        assert list(first.stream()) == list(second.stream())
        held = any(segments for _, segments in first.stream())
        assert held or first.labelled, "the example holds no segment, and nothing labelled"

    def test_refuses_broken_examples_at_the_right_line(self, made: Format) -> None:
        """Each ``broken-<line>*`` is refused with that line."""
        found = sorted(self.fixtures.glob("broken-*"))
        assert found or not made.can_read, "give it a broken example"
        for path in found:
            line = re.match(r"broken-(\d+)", path.name)
            assert line, f"{path.name} does not tell its line"
            with pytest.raises(ParseError) as caught:
                made.read(path)
            assert caught.value.data["line"] == int(line[1]), f"{path.name}: {caught.value}"

    def test_any_bytes_give_a_bundle_or_a_parse_error(self, made: Format, tmp_path: Path) -> None:
        """Examples cut, spliced and replaced by noise never raise anything but ``ParseError``."""
        if not made.can_read:
            return
        place = tmp_path / self.example().name
        if self.example().is_dir():
            shutil.copytree(self.example(), place)
        else:
            shutil.copy(self.example(), place)
        files = sorted(path for path in place.rglob("*") if path.is_file()) if place.is_dir() else [place]
        originals = [path.read_bytes() for path in files]

        @settings(max_examples=self.mutations, deadline=None, suppress_health_check=SLOW, database=None)
        @given(st.integers(0, len(files) - 1), st.data())
        def check(index: int, data: st.DataObject) -> None:
            whole = originals[index]
            at = data.draw(st.integers(0, len(whole)))
            noise = data.draw(st.one_of(st.binary(max_size=40), st.sampled_from(SPLICES)))
            files[index].write_bytes(whole[:at] + noise + whole[data.draw(st.integers(at, len(whole))) :])
            try:
                made.sniff(place)
                list(made.read(place).stream())
            except ParseError as error:
                assert str(error)
            finally:
                files[index].write_bytes(whole)

        check()

    def test_writes_the_same_bytes_twice(self, made: Format, tmp_path: Path) -> None:
        """Same inputs, same bytes; an export that is there already is not touched."""
        if not made.can_write:
            return
        export = sample_export(tmp_path)
        written: list[dict[str, bytes]] = []
        for _ in range(2):
            report = dump_as(made, export, tmp_path / "out", overwrite=True)
            written.append({name: (tmp_path / "out" / name).read_bytes() for name in report.files})
        assert written[0] and written[0] == written[1]
        with pytest.raises(ExportError, match="there already"):
            dump_as(made, export, tmp_path / "out")

    def test_keeps_what_it_carries(self, made: Format, tmp_path: Path) -> None:
        """Written and read, each segment has what the format carries, or is named in the loss report."""
        if not (made.can_read and made.can_write):
            return
        export = sample_export(tmp_path)
        report = dump_as(made, export, tmp_path / "out")
        _compare(made, export.bundle, made.read(tmp_path / "out"), report.losses)

    def test_nasty_texts_survive_or_are_reported(self, made: Format, tmp_path: Path) -> None:
        """Quotes, blanks, line breaks, tags and emoji come back as they were, or the report names them."""
        if not made.can_write:
            return
        sample = sample_export(tmp_path)
        whole = sample.bundle
        segments = [
            Segment(
                id=f"n{n:03}", start_us=n * 100_000, end_us=n * 100_000 + 90_000, text=text, speaker=f"p{n}"
            )
            for n, text in enumerate(NASTY_TEXTS)
        ]
        names = [text.strip()[:50] or "blank" for text in NASTY_TEXTS]
        bundle = Bundle(
            recordings=whole.recordings[:1],
            segments={"a-mono": segments},
            speakers={"a-mono": tuple(Speaker(id=f"p{n}", name=name) for n, name in enumerate(names))},
        )
        report = dump_as(made, dataclasses.replace(sample, bundle=bundle), tmp_path / "out")
        gone = {id for loss in report.losses if loss.field == "segment" for id in loss.ids}
        assert report.segments or gone == {segment.id for segment in segments}
        if made.can_read:
            _compare(made, bundle, made.read(tmp_path / "out"), report.losses)

    @classmethod
    def example(cls) -> Path:
        """Path of ``full*``."""
        found = sorted(cls.fixtures.glob("full*"))
        assert len(found) == 1, f"{cls.fixtures} needs one example named full*"
        return found[0]


SLOW = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large)
SPLICES = (
    b"",
    b"\x00",
    b"\n",
    b'"',
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"NaN",
    b"1e999999",
    b"-1",
    b"[" * 2000,
    b"9" * 50,
)


def _compare(made: Format, before: Bundle, after: Bundle, losses: Iterable[Loss]) -> None:
    """Hold what was read against what was written, by place, but for what the report names as lost."""
    lost = {(loss.field, id) for loss in losses for id in loss.ids}
    kept = {recording.id for recording in after.recordings}
    for recording in before.recordings:
        assert recording.id in kept or "recording" not in made.carries, f"{recording.id} is gone"
    wanted = dict(_placed(made, before))
    found = dict(_placed(made, after, is_read=True))
    for place, (segment, speaker) in wanted.items():
        if ("segment", segment.id) in lost:
            continue
        assert place in found, f"{segment.id} at {place} is gone"
        other, other_speaker = found[place]
        for field in sorted(made.carries & set(Segment.__dataclass_fields__)):
            if (field, segment.id) in lost:
                continue
            if field == "speaker":
                same_name = speaker is None or ("speaker.name", speaker.id) in lost
                assert (speaker is None) == (other_speaker is None), f"{segment.id}: its speaker"
                assert same_name or (other_speaker and speaker and other_speaker.name == speaker.name), (
                    segment.id
                )
                continue
            if field == "language":
                id = place[0]
                assert after.language_of(id, other) == before.language_of(id, segment), segment.id
                continue
            assert getattr(other, field) == getattr(segment, field), f"{segment.id}: {field}"
    assert len(found) <= len(wanted), "segments came out of nowhere"


def _placed(
    made: Format, bundle: Bundle, *, is_read: bool = False
) -> Iterator[tuple[tuple[str, int, int], tuple[Segment, Speaker | None]]]:
    for recording, segments in bundle.stream():
        speakers = bundle.speakers_of(recording.id)
        for segment in segments:
            span = segment.start_us, segment.end_us
            if not is_read:
                span = on_grid(*span, made.time_step_us, recording.duration_us)
            yield (recording.id, *span), (segment, speakers.get(segment.speaker or ""))
