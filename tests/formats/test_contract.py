"""Every registered format keeps the contract of formats; one without a fixture folder fails here."""

from pathlib import Path

import pytest

from speechlabel import formats, registry
from speechlabel.testing import FormatContract

DATA = Path(__file__).parent / "data"

for _name in registry.names("format"):
    _body = {"format": registry.load("format", _name), "fixtures": DATA / _name}
    globals()[f"Test_{_name}"] = type(f"Test_{_name}", (FormatContract,), _body)


@pytest.mark.parametrize("name", registry.names("format"))
def test_detect_names_the_format_of_each_example(name):
    [example] = (DATA / name).glob("full*")
    assert formats.detect(example) == name
    assert formats.get(name).name == name
