import dataclasses
from pathlib import Path

import pytest

from speechlabel.errors import ExportError
from speechlabel.formats import Bundle, dump
from speechlabel.formats.contract import NASTY_TEXTS, sample_export
from speechlabel.formats.training.kaldi import plain_text
from speechlabel.formats.training.kaldi_check import validate_kaldi_dir
from speechlabel.records import Speaker

from .conftest import recording, segment

FULL = Path(__file__).parent / "data/kaldi/full"


def table(out, name):
    lines = (out / name).read_text(encoding="utf-8").split("\n")
    assert lines.pop() == ""
    return dict(line.partition(" ")[::2] for line in lines)


@pytest.mark.parametrize("name", sorted(path.name for path in FULL.iterdir()))
def test_the_directory_is_as_it_has_always_been(tmp_path, name):
    report = dump(sample_export(tmp_path), tmp_path / "out", "kaldi", paths="relative")
    assert (tmp_path / "out" / name).read_bytes() == (FULL / name).read_bytes()
    assert {file for file in report.files if "/" not in file} == {path.name for path in FULL.iterdir()}


def test_it_is_valid_whatever_the_texts(tmp_path, bundle_of):
    found = [segment(f"s{n}", n * 1000, n * 1000 + 999, text=text) for n, text in enumerate(NASTY_TEXTS)]
    report = dump(bundle_of(*found), tmp_path / "out", "kaldi")
    assert validate_kaldi_dir(tmp_path / "out") == []
    texts = table(tmp_path / "out", "text")
    [changed] = [set(loss.ids) for loss in report.losses if loss.field == "text"]
    for one in found:
        assert (texts[f"r_unknown-{one.id}"] != one.text) == (one.id in changed), one.text
    assert 0 < len(changed) < len(found)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (" 你\u3000好\n  世\u00a0界 ", "你 好 世 界"),
        ("<s> a #0 b </s>", "a b"),
        ("<sil> #01", "<sil> #01"),
        ("zero\u200dwidth e\u0301", "zero\u200dwidth e\u0301"),
        ("\U000e0fff gone", "gone"),
    ],
)
def test_text_keeps_its_words(text, plain):
    assert plain_text(text) == plain


def test_ids_stay_when_names_and_neighbours_change(tmp_path):
    def ids(out, bundle):
        dump(bundle, out, "kaldi")
        return {
            line.split("\t")[3]: line.split("\t")[0]
            for line in (out / "id_map.tsv").read_text().split("\n")[1:-1]
        }

    first = [
        segment("x1", 5_000, 9_000, text="a", speaker="s"),
        segment("x2", 10_000, 19_000, text="b", speaker="s"),
    ]
    before = ids(
        tmp_path / "one",
        Bundle(
            recordings=(recording("r"),),
            segments={"r": first},
            speakers={"r": (Speaker(id="s", name="Old"),)},
        ),
    )
    more = [segment("w0", 0, 4_000, text="new"), dataclasses.replace(first[0], text="other words"), first[1]]
    after = ids(
        tmp_path / "two",
        Bundle(
            recordings=(recording("a-first"), recording("r")),
            segments={"r": more, "a-first": first},
            speakers={"r": (Speaker(id="s", name="New"),)},
        ),
    )
    assert before == {"x1": "r_s-x1", "x2": "r_s-x2"}
    assert before.items() <= after.items()


def test_a_short_segment_keeps_a_length(tmp_path, bundle_of):
    bundle = bundle_of(
        segment("a", 1_000_100, 1_000_200, text="x"),
        segment("b", 9_999_900, 10_000_000, text="y"),
        segment("c", 1_000_501, 2_000_499, text="touch"),
        segment("d", 2_000_499, 3_000_000, text="touch"),
    )
    dump(bundle, tmp_path / "out", "kaldi")
    assert validate_kaldi_dir(tmp_path / "out") == []
    assert table(tmp_path / "out", "segments") == {
        "r_unknown-a": "r 1.000 1.001",
        "r_unknown-b": "r 9.999 10.000",
        "r_unknown-c": "r 1.001 2.000",
        "r_unknown-d": "r 2.000 3.000",
    }
    dump(bundle, tmp_path / "fine", "kaldi", decimals="6")
    assert table(tmp_path / "fine", "segments")["r_unknown-b"] == "r 9.999900 10.000000"


def test_gender_and_language_are_written_when_known_of_all(tmp_path, bundle_of):
    he, she = Speaker(id="he", name="he", gender="male"), Speaker(id="she", name="she", gender="female")
    one = segment("a", 0, 9_000, text="x", speaker="he", language="zh")
    two = segment("b", 0, 9_000, text="x", speaker="she", language="en")
    dump(bundle_of(one, two, speakers=[he, she]), tmp_path / "all", "kaldi")
    assert table(tmp_path / "all", "spk2gender") == {"r_he": "m", "r_she": "f"}
    assert table(tmp_path / "all", "utt2lang") == {"r_he-a": "zh", "r_she-b": "en"}
    assert validate_kaldi_dir(tmp_path / "all") == []
    other = dataclasses.replace(she, gender="other")
    nothing = dataclasses.replace(two, language=None)
    report = dump(bundle_of(one, nothing, speakers=[he, other]), tmp_path / "some", "kaldi")
    assert {"spk2gender", "utt2lang"}.isdisjoint(report.files)
    assert {"speaker.gender", "language"} <= {loss.field for loss in report.losses}
    filled = bundle_of(one, nothing, speakers=[he, other], languages={"r": "ja"})
    dump(filled, tmp_path / "filled", "kaldi")
    assert table(tmp_path / "filled", "utt2lang") == {"r_he-a": "zh", "r_she-b": "ja"}


def test_wav_scp_names_files_and_never_commands(tmp_path, bundle_of):
    bundle = bundle_of(segment("a", 0, 9_000, text="x"))
    dump(bundle, tmp_path / "out", "kaldi")
    assert table(tmp_path / "out", "wav.scp") == {"r": "/audio/r.wav"}
    for path in (
        "/audio/rm -rf |",
        "/audio/~x.wav",
        "/audio/a\nb.wav",
        "/audio/a.wav ",
        "/audio/a:12",
        "/audio/\udcff.wav",
    ):
        odd = dataclasses.replace(bundle, recordings=(recording(path=path),))
        with pytest.raises(ExportError, match="rename it"):
            dump(odd, tmp_path / "odd", "kaldi")
    flac = dataclasses.replace(bundle, recordings=(recording(path="/audio/r.flac"),))
    assert dump(flac, tmp_path / "flac", "kaldi").warnings == (
        "Kaldi itself opens only WAV; 1 files are not",
    )


def test_an_export_of_nothing_says_so(tmp_path, bundle_of):
    with pytest.raises(ExportError, match="no segment is speech with a text"):
        dump(bundle_of(segment("a", 0, 9)), tmp_path / "out", "kaldi")
    assert list(tmp_path.iterdir()) == []
