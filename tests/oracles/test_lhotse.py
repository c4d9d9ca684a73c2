"""Lhotse takes our manifests for valid and hears in each segment just the samples that were labelled."""

import pytest

from oracles.conftest import SEGMENTS, one


@pytest.fixture
def lhotse(oracle):
    oracle.needs("lhotse", "torch", "urllib3")
    return oracle


def test_lhotse_validates_its_own_manifests(lhotse, exported, wanted, tmp_path):
    out = exported("lhotse")
    recordings, supervisions = one(out, "*recordings*.jsonl*"), one(out, "*supervisions*.jsonl*")
    lhotse.run("lhotse", "validate", "--read-data", recordings, cwd=out)
    lhotse.run("lhotse", "validate", supervisions, cwd=out)
    lhotse.run("lhotse", "validate-pair", recordings, supervisions, cwd=out)
    cuts = tmp_path / "cuts.jsonl.gz"
    lhotse.run("lhotse", "cut", "simple", "-r", recordings, "-s", supervisions, cuts, cwd=out)
    lhotse.run("lhotse", "validate", cuts, cwd=out)
    lhotse.run(
        "lhotse",
        "cut",
        "trim-to-supervisions",
        "--discard-overlapping",
        cuts,
        tmp_path / "trimmed.jsonl.gz",
        cwd=out,
    )
    lhotse.run("lhotse", "validate", tmp_path / "trimmed.jsonl.gz", cwd=out)
    assert sorted(lhotse.read("read_lhotse.py", recordings, supervisions, cwd=out)) == wanted


def test_lhotse_reads_the_cuts_that_are_written(lhotse, exported, wanted):
    out = exported("lhotse", manifest="cuts")
    cuts = one(out, "*cuts*.jsonl*")
    lhotse.run("lhotse", "validate", "--read-data", cuts, cwd=out)
    assert sorted(lhotse.read("read_lhotse.py", cuts, cwd=out)) == wanted


def test_lhotse_reads_the_shards_that_are_written(lhotse, exported, wanted):
    out = exported("lhotse_shar", shard_size=2)
    assert len(list(out.rglob("cuts.*.jsonl.gz"))) == 3
    assert sorted(lhotse.read("read_lhotse.py", out)) == wanted


def test_lhotse_imports_the_kaldi_directory(lhotse, exported, wanted, tmp_path):
    lhotse.needs("kaldi-native-io")
    out = exported("kaldi", decimals=6)
    lhotse.run("lhotse", "kaldi", "import", out, "16000", tmp_path / "made", cwd=out)
    recordings, supervisions = (tmp_path / f"made/{name}.jsonl.gz" for name in ("recordings", "supervisions"))
    lhotse.run("lhotse", "validate-pair", recordings, supervisions, cwd=out)
    assert sorted(lhotse.read("read_lhotse.py", recordings, supervisions, cwd=out)) == wanted


def test_nemo_lines_are_the_samples_that_were_labelled(lhotse, exported, wanted):
    found = lhotse.read("read_nemo.py", exported("nemo") / "manifest.jsonl")
    assert sorted(found) == wanted
    assert len(found) == sum(map(len, SEGMENTS.values()))
