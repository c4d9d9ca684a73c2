"""Where a field of a guideline stands in its text."""

from __future__ import annotations

import pytest

from speechlabel.guideline_lines import line_of

TEXT = """version = 1
terms = [
  "a",
]

[[labels]]
name = "labels"
"color" = "red"

[[ labels ]] # the second
name = 'x'
color = "blue"

[[fields]]
name = "color"
"""


@pytest.mark.parametrize(
    ("field", "value", "line"),
    [
        ("version", "1", 1),
        ("terms", "a", 2),
        ("labels[0].color", "red", 8),
        ("labels[1].color", "blue", 12),
        ("labels[1].mark", None, 10),
        ("fields[0].choices[2].name", "color", 14),
        ("labels[5].name", "x", None),
        ("labels", ["x"], None),
        ("color", "red", None),
        ("", None, None),
    ],
)
def test_a_line_is_found_where_there_is_one(field, value, line):
    assert line_of(TEXT, field, value) == line
