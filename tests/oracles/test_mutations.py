"""Examples of every format, damaged in thousands of ways: none is read but as records or a ``ParseError``."""

import time
from pathlib import Path

import hypothesis
import pytest
from hypothesis import Phase

from speechlabel import formats, registry
from speechlabel.formats.contract import FormatContract

DATA = Path(__file__).parents[1] / "formats" / "data"
COUNT = 5_000
READABLE = [name for name in registry.names("format") if registry.load("format", name).can_read]


@pytest.fixture
def swiftly():
    """The same damage each time, and no search for a smaller one."""
    before = hypothesis.settings.get_current_profile_name()
    hypothesis.settings.register_profile("oracles", derandomize=True, phases=[Phase.generate])
    hypothesis.settings.load_profile("oracles")
    yield
    hypothesis.settings.load_profile(before)


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", READABLE)
def test_damaged_examples_are_read_or_refused(name, swiftly, tmp_path, record_property):
    body = {"format": registry.load("format", name), "fixtures": DATA / name, "mutations": COUNT}
    contract = type(f"Damaged_{name}", (FormatContract,), body)()
    start = time.perf_counter()
    contract.test_any_bytes_give_a_bundle_or_a_parse_error(formats.get(name), tmp_path)
    took = time.perf_counter() - start
    record_property(name, f"{COUNT:,} damaged examples in {took:.1f} s")
