"""Hugging Face datasets loads what we write and decodes just the samples that were labelled."""

import pytest


@pytest.mark.parametrize("kind", ["audiofolder", "parquet"])
def test_datasets_decodes_each_segment(oracle, exported, wanted, kind):
    oracle.needs("datasets", "torch", "torchcodec")
    found = oracle.read("read_datasets.py", kind, exported(kind))
    assert sorted(found["rows"]) == wanted
    assert found["files"] == len(wanted)
    assert "Audio(" in found["features"]["audio"]
