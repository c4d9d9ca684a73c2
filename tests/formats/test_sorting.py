from hypothesis import given
from hypothesis import strategies as st

from speechlabel.formats.training import sorting
from speechlabel.formats.training.sorting import SortedRows


@given(st.lists(st.tuples(st.text(max_size=3), st.integers(0, 9))), st.integers(1, 4))
def test_rows_come_in_order_however_few_are_held(rows, held):
    before = sorting.HELD, sorting.CHUNK
    sorting.HELD, sorting.CHUNK = held, 2
    try:
        found = SortedRows()
        for row in rows:
            found.add(row)
        assert list(found) == list(found) == sorted(rows)
        assert found.count == len(rows)
    finally:
        sorting.HELD, sorting.CHUNK = before


def test_long_rows_are_put_aside_sooner(monkeypatch):
    monkeypatch.setattr(sorting, "HELD_CHARACTERS", 10)
    found = SortedRows()
    for key in "cba":
        found.add((key, "x" * 9))
    assert [key for key, _ in found] == ["a", "b", "c"]
