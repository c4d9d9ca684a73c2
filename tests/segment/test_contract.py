"""Every registered segmenter keeps the contract of segmenters."""

from speechlabel import registry
from speechlabel.testing import SegmenterContract

for _name in registry.names("segmenter"):
    _body = {"segmenter": registry.load("segmenter", _name)}
    globals()[f"Test_{_name}"] = type(f"Test_{_name}", (SegmenterContract,), _body)


def test_each_segmenter_bears_the_name_it_is_registered_under():
    for name in registry.names("segmenter"):
        assert registry.load("segmenter", name).name == name
