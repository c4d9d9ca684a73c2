from pathlib import Path

import pytest

from speechlabel import formats
from speechlabel.errors import ExportError, InputError, OptionError, ParseError, RecordError, UnknownNameError
from speechlabel.formats import Bundle, Export, Labelled, Segments, detect, dump, get, load
from speechlabel.formats.base import bare_recording

from .conftest import recording, segment

OUT = Path("/out/.part")


def test_a_bundle_names_only_recordings_it_has():
    with pytest.raises(RecordError, match="not one of its recordings"):
        Bundle(recordings=(recording("a"),), segments={"b": []})
    with pytest.raises(RecordError, match="share one id"):
        Bundle(recordings=(recording("a"), recording("a")))


def test_segments_can_be_fetched_at_each_pass():
    calls = []

    def fetch():
        calls.append(1)
        yield segment("b", 5, 9)
        yield segment("a", 0, 9)

    bundle = Bundle(recordings=(recording(),), segments={"r": Segments(fetch)})
    for _ in range(2):
        [(_, found)] = bundle.stream()
        assert [item.id for item in found] == ["a", "b"]
    assert len(calls) == 2


def test_audio_made_for_an_export_is_asked_for_once_and_told_by_its_last_place():
    asked = []

    def make(recording, channel, folder):
        asked.append((recording.id, channel))
        return folder / f"{recording.id}{channel}.flac"

    stereo = recording(channels=2)
    export = Export(bundle=Bundle(recordings=(stereo,)), make_audio=make, target=Path("/out/new"))
    for _ in range(2):
        assert export.audio_for(stereo, 1, OUT) == Path("/out/new/audio/r1.flac")
        assert export.audio_path(stereo, 1, OUT) == "audio/r1.flac"
    mono = recording("m")
    assert export.audio_for(mono, 0, OUT) == export.audio_for(mono, None, OUT)
    assert asked == [("r", 1), ("m", None)]


def test_audio_that_is_known_is_used_and_that_is_not_is_told():
    stereo, bare = recording(channels=2), bare_recording("b", "b.TextGrid", 5)
    bundle = Bundle(recordings=(stereo, bare, recording("m")), audio={("r", 1): Path("/audio/one.wav")})
    export = Export(bundle=bundle, target=Path("/out/new"))
    assert export.audio_for(stereo, 1, OUT) == Path("/audio/one.wav")
    assert export.audio_path(recording("m"), None, OUT) == "../../audio/r.wav"
    assert [export.has_audio(item, 1) for item in bundle.recordings] == [True, False, True]
    for lacking, channel, reason in ((stereo, 0, "2 channels"), (bare, None, "not known")):
        with pytest.raises(ExportError, match=reason):
            export.audio_for(lacking, channel, OUT)


def test_all_is_labelled_where_nothing_is_told():
    one, two = recording("a"), recording("b")
    bundle = Bundle(recordings=(one, two), labelled={"b": ()})
    export = Export(bundle=bundle)
    assert export.labelled_spans(one) == (Labelled(None, 0, 10_000_000),)
    assert export.labelled_spans(two) == ()


def test_a_bare_recording_has_its_exact_length():
    assert bare_recording("x", "x", 1_234_567).duration_us == 1_234_567


def test_options_are_checked_and_converted():
    assert get("kaldi", decimals="6", all_kinds="TRUE").time_step_us == 1
    for option, value, reason in (
        ("decimals", 2, "must be one of 3, 4, 5, 6"),
        ("all_kinds", "yes", "true or false"),
        ("all_kinds", 1, "type bool"),
        ("speed", 1, "it has decimals, paths, all_kinds"),
    ):
        with pytest.raises(OptionError, match=reason):
            get("kaldi", **{option: value})
    with pytest.raises(OptionError, match="it has none"):
        get("native", x=1)


def test_detection_says_what_it_found_and_what_there_is(tmp_path):
    with pytest.raises(InputError, match="there is no"):
        detect(tmp_path / "x")
    (tmp_path / "x.txt").write_text("hello")
    with pytest.raises(InputError, match="no known format; name the format: native, csv, "):
        load(tmp_path / "x.txt")
    (tmp_path / "a.rttm").write_text("")
    (tmp_path / "a.TextGrid").write_text("")
    with pytest.raises(InputError, match="looks like rttm and textgrid"):
        load(tmp_path)


def test_a_format_that_is_not_there_is_told(tmp_path, bundle_of):
    with pytest.raises(UnknownNameError, match="known: native"):
        dump(bundle_of(), tmp_path / "out", "docx")
    with pytest.raises(ParseError, match="cannot be read"):
        load(tmp_path, "rttm") and load(tmp_path / "gone.rttm", "rttm")


def test_a_report_tells_what_was_done(tmp_path, bundle_of):
    with pytest.raises(ExportError, match="nothing to export"):
        dump(Bundle(recordings=()), tmp_path / "out", "native")
    report = dump(bundle_of(segment("a", 0, 1_000_000, text="x")), tmp_path / "out", "nemo")
    assert (report.format, report.path, report.recordings, report.segments) == (
        "nemo",
        tmp_path / "out",
        1,
        1,
    )
    assert report.files == ("manifest.jsonl",)


def test_the_package_says_what_it_offers():
    assert all(hasattr(formats, name) for name in formats.__all__)
