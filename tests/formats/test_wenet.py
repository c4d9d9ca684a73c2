"""WeNet's lists of utterances and of tar shards."""

import dataclasses
import json
import tarfile

import pytest

from speechlabel import formats
from speechlabel.errors import ExportError, ParseError
from speechlabel.formats import detect, dump, load
from speechlabel.formats.contract import sample_export
from speechlabel.formats.examples import utterance_id
from speechlabel.formats.gather import TO_THE_END_US

from .conftest import segment


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]


def labels(bundle):
    return {(r.id, s.id): (s.start_us, s.end_us, s.text, s.channel) for r, ss in bundle.stream() for s in ss}


MADE = {
    ("a-mono", "s-2"): (1_500_000, 3_000_001, '你好, [laugh] "big" world', None),
    ("b_stereo", "t-2"): (250_000, 1_250_000, "right", 1),
}


@pytest.mark.parametrize("options", [{}, {"paths": "relative"}, {"shards": "true", "shard_size": "4"}])
@pytest.mark.parametrize("is_cut", [False, True])
def test_our_own_lists_come_back(tmp_path, options, is_cut):
    export = dataclasses.replace(sample_export(tmp_path), is_cut=is_cut)
    dump(export, tmp_path / "out", "wenet", **options)
    assert detect(tmp_path / "out") == "wenet"
    bundle = load(tmp_path / "out")
    assert MADE.items() <= labels(bundle).items()
    assert {one.name for one in bundle.speakers["a-mono"]} == {"Lin Wei", "李 明"}
    n_short = 1 if is_cut or "shards" in options else 0
    assert len(labels(bundle)) == 7 - n_short
    if not is_cut and "shards" not in options:
        assert bundle.audio["b_stereo", 1] == tmp_path / "out/audio/b_stereo_1.wav"


def test_stretches_are_named_by_both_ends_and_files_by_none(tmp_path):
    export = sample_export(tmp_path)
    dump(export, tmp_path / "out", "wenet")
    first = lines(tmp_path / "out/data.list")[0]
    assert first == {
        "key": utterance_id("a-mono", "s-1"),
        "wav": str(tmp_path / "a-mono.wav"),
        "txt": "hello",
        "start": 0.5,
        "end": 2.25,
        "speaker": "a_mono.7053cbbd_s2",
        "lang": "en",
    }
    dump(dataclasses.replace(export, is_cut=True), tmp_path / "cut", "wenet")
    first = lines(tmp_path / "cut/data.list")[0]
    assert (
        first["wav"] == str(tmp_path / f"cut/clips/{utterance_id('a-mono', 's-1')}.flac")
        and "start" not in first
    )


def test_a_shard_holds_the_text_before_the_audio(tmp_path):
    report = dump(sample_export(tmp_path), tmp_path / "out", "wenet", shards=True, shard_size=4)
    listed = (tmp_path / "out/data.list").read_text().splitlines()
    assert listed == [str(tmp_path / f"out/shards/shard_{n:09d}.tar") for n in (0, 1)]
    with tarfile.open(listed[0]) as tar:
        names = tar.getnames()
    key = utterance_id("a-mono", "s-1", dots=False)
    assert names[:2] == [f"{key}.txt", f"{key}.flac"] and len(names) == 8
    assert {"language"} == {loss.field for loss in report.losses if "a shard holds" in loss.reason}


def test_a_shuffled_list_finds_its_rows(tmp_path):
    dump(sample_export(tmp_path), tmp_path / "out", "wenet")
    path = tmp_path / "out/data.list"
    path.write_text("".join(sorted(path.read_text().splitlines(keepends=True), reverse=True)))
    assert MADE.items() <= labels(load(tmp_path / "out")).items()


def test_lists_of_others_come_in(tmp_path):
    (tmp_path / "data.list").write_text(
        '{"key": "BAC/001", "wav": "/a/x y.wav", "txt": "而对楼市", "task": "asr"}\n'
        '{"key": "u2", "wav": "b.wav", "txt": 7, "start": 1.5, "end": "2.5",'
        ' "speaker": "li", "lang": "zh", "task": "x"}\n'
        '{"key": "u3", "wav": "s3://x/b.wav", "txt": "z", "start": 2, "end": 2}\n',
        encoding="utf-8",
    )
    bundle = load(tmp_path)
    found = labels(bundle)
    assert found["b", "u2"] == (1_500_000, 2_500_000, "7", None)
    [whole] = bundle.segments["x_y"]
    assert (whole.start_us, whole.end_us, whole.text) == (0, TO_THE_END_US, "而对楼市")
    assert whole.custom == {"wenet": {"task": "asr"}}
    assert {one.id: one.path for one in bundle.recordings}["b"] == str(tmp_path / "b.wav")
    assert [one.name for one in bundle.speakers["b"]] == ["li"]
    told = "\n".join(bundle.notes)
    assert "line 1: no length is told" in told and "line 3: does not end after its start" in told
    report = dump(bundle, tmp_path / "out", "wenet", paths="relative")
    [line] = lines(tmp_path / "out/data.list")
    assert (line["task"], line["wav"]) == ("x", "../b.wav")
    assert [loss.ids for loss in report.losses if "not known" in loss.reason] == [(whole.id,)]


def test_shards_that_are_elsewhere_are_told(tmp_path):
    (tmp_path / "data.list").write_text("/far/away/shard_0.tar\n")
    with pytest.raises(ParseError, match="none of its shards lies beside it"):
        load(tmp_path, "wenet")
    (tmp_path / "shard_0.tar").write_bytes(b"x" * 600)
    with pytest.raises(ParseError, match="not a whole tar"):
        load(tmp_path, "wenet")
    assert any("not a whole tar" in str(fault) for fault in formats.get("wenet").faults(tmp_path))


def test_texts_become_one_line(tmp_path, bundle_of):
    found = [segment("a", 0, 9_000, text=" a\n\tb\u2028c "), segment("b", 9_000, 19_000, text="fine")]
    report = dump(bundle_of(*found), tmp_path / "out", "wenet")
    assert [line["txt"] for line in lines(tmp_path / "out/data.list")] == ["a  b c", "fine"]
    assert [loss.ids for loss in report.losses if loss.field == "text"] == [("a",)]
    with pytest.raises(ExportError, match="nothing to export"):
        dump(bundle_of(segment("a", 0, 9)), tmp_path / "none", "wenet")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"key":"a b","wav":"x","txt":"t"}', "holds a blank"),
        ('{"key":"a","wav":"x","txt":"t","start":1}', "start and end go together"),
        ('{"key":"a","wav":"x","txt":"t","start":2,"end":1}', "seconds, in order"),
        ('{"key":"a","wav":"x","txt":"t","start":"0","end":1}', "seconds, in order"),
        ('{"key":"a","wav":"x"}', "txt is missing"),
        ('{"key":"ok","wav":"x","txt":"t"}', "'ok' is there twice"),
        ("{", "is not one JSON object"),
    ],
)
def test_what_wenet_would_stumble_over_is_told(tmp_path, line, reason):
    (tmp_path / "data.list").write_text('{"key":"ok","wav":"x","txt":"t"}\n' + line + "\n")
    [fault] = formats.get("wenet").faults(tmp_path)
    assert (fault.line, reason in fault.reason) == (2, True), fault


def test_an_empty_or_missing_list_is_a_fault(tmp_path):
    assert [fault.reason for fault in formats.get("wenet").faults(tmp_path)] == ["is missing"]
    (tmp_path / "data.list").write_text("")
    assert [fault.reason for fault in formats.get("wenet").faults(tmp_path)] == ["is empty"]
    (tmp_path / "data.list").write_text("a.tar\nb c.tar\n")
    assert ["without blanks" in fault.reason for fault in formats.get("wenet").faults(tmp_path)] == [True]
