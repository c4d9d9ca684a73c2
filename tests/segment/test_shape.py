import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speechlabel.segment import shape as s
from speechlabel.segment.base import Span


def flags(text):
    return np.array([letter == "x" for letter in text])


def text(found, length):
    marks = np.full(length, ".")
    for start, end in zip(*found, strict=True):
        marks[start:end] = "x"
    return "".join(marks)


@pytest.mark.parametrize("width", [1, 2, 3, 4, 9, 50])
def test_a_moving_mean_is_the_mean_of_what_is_there(width):
    values = np.random.default_rng(0).random(20).astype(np.float32)
    before, after = (width - 1) // 2, width // 2
    wanted = [values[max(0, k - before) : k + after + 1].mean() for k in range(20)]
    assert s.moving_mean(values, width) == pytest.approx(wanted, rel=1e-5)
    assert s.moving_mean(values > 0.5, 1).tolist() == (values > 0.5).tolist()


def test_of_nothing_there_is_no_mean_and_no_floor():
    nothing = np.empty(0, np.float32)
    assert len(s.moving_mean(nothing, 5)) == 0
    assert len(s.running_floor(nothing, 10, 20)) == 0


def test_the_floor_follows_the_noise_and_not_the_speech():
    noise = np.repeat([-60.0, -40.0], 5_000) + np.random.default_rng(0).normal(0, 1, 10_000)
    speech = np.tile(np.repeat([0.0, 30.0], 100), 50)
    floor = s.running_floor((noise + speech).astype(np.float32), 500, 20)
    assert floor[:4_000] == pytest.approx(-60, abs=2.5)
    assert floor[6_000:] == pytest.approx(-40, abs=2.5)


def test_hysteresis_starts_high_and_ends_low():
    score = np.array([0.1, 0.4, 0.6, 0.4, 0.3, 0.2, 0.4, 0.9, 0.3], np.float32)
    assert text(s.runs(s.hysteresis(score, 0.5, 0.3)), 9) == "..xxx..xx"
    assert not s.hysteresis(np.array([0.4, 0.4], np.float32), 0.5, 0.3).any()


def test_a_majority_is_two_of_three():
    assert text(s.runs(s.majority(flags("x.x..xx.xx.x"))), 12) == ".x...xxxxxx."


def test_runs_of_flags_are_found_at_both_ends():
    assert [side.tolist() for side in s.runs(flags("xx.xxx..x"))] == [[0, 3, 8], [2, 6, 9]]
    assert [side.tolist() for side in s.runs(flags("..."))] == [[], []]


@pytest.mark.parametrize(
    "step, before, after",
    [
        (lambda found, n: s.shift(found, -2, n), ".xx..xxx", "x..xxx.."),
        (lambda found, n: s.shift(found, 2, n), "xx...xx.", "..xx...x"),
        (lambda found, n: s.close_gaps(found, 3), "xx..x...x", "xxxxx...x"),
        (lambda found, n: s.drop_short(found, 2), "x.xx.xxx", "..xx.xxx"),
        (lambda found, n: s.pad(found, 1, 2, n), "..xx....xx.", ".xxxxx.xxxx"),
        (lambda found, n: s.pad(found, 5, 5, n), ".x.", "xxx"),
        (lambda found, n: s.snap(found, flags(".xx.x...."), 2), "xxxxxx...", ".xxxx...."),
        (lambda found, n: s.snap(found, flags("....xx..."), 2), "xxxxxx...", "xxxxxx..."),
        (lambda found, n: s.snap(found, flags("........."), 2), "xxxxxx...", "xxxxxx..."),
    ],
)
def test_each_step_does_what_it_says(step, before, after):
    assert text(step(s.runs(flags(before)), len(before)), len(before)) == after


def test_paddings_share_a_narrow_gap_and_do_not_join():
    padded = s.pad(s.runs(flags("xx....xx")), 2, 4, 8)
    assert [side.tolist() for side in padded] == [[0, 4], [4, 8]]


def test_a_long_stretch_is_cut_at_its_quietest_point():
    level = np.full(1_000, -20, np.float32)
    level[300:310] = -50
    level[700:710] = -45
    found = s.split_long((np.array([0]), np.array([1_000])), level, 500, 50)
    assert len(found[0]) == 3
    assert found[0][0] == 0
    assert found[1][-1] == 1_000
    assert 300 <= found[0][1] <= 310
    assert 700 <= found[0][2] <= 710
    assert found[0][1:].tolist() == found[1][:-1].tolist()


def test_a_day_that_only_gets_louder_is_cut_in_a_few_passes(monkeypatch):
    looked_at = []
    mean = s.moving_mean
    monkeypatch.setattr(
        s, "moving_mean", lambda part, width: looked_at.append(len(part)) or mean(part, width)
    )
    n = 400_000
    louder = np.linspace(-60, -20, n, dtype=np.float32)
    starts, ends = s.split_long((np.array([0]), np.array([n])), louder, 2_000, 50)
    assert (starts[0], ends[-1]) == (0, n)
    assert (starts[1:] == ends[:-1]).all()
    assert (ends - starts).max() <= 2_000
    assert sum(looked_at) < 20 * n


def test_without_a_quiet_point_the_middle_is_taken():
    found = s.split_long((np.array([100]), np.array([700])), np.zeros(1_000, np.float32), 500, 50)
    assert found[0][1] == pytest.approx(400, abs=5)


masks = st.lists(st.booleans(), max_size=120).map(lambda items: np.array(items, bool))
small = st.integers(0, 30)


@given(masks, small, small, small, small, st.integers(1, 60))
def test_shaped_spans_ascend_and_stay_inside(mask, gap, short, before, after, longest):
    n = len(mask)
    found = s.close_gaps(s.runs(mask), gap)
    assert ((found[0][1:] - found[1][:-1]) >= gap).all()
    found = s.drop_short(found, short)
    assert ((found[1] - found[0]) >= short).all()
    found = s.pad(found, before, after, n)
    level = np.random.default_rng(0).normal(size=n).astype(np.float32)
    found = s.split_long(found, level, longest, 2)
    edges = np.stack(found, axis=1).reshape(-1)
    assert (np.diff(edges) >= 0).all()
    assert (found[1] > found[0]).all()
    assert ((found[1] - found[0]) <= max(longest, 4)).all()
    assert len(edges) == 0 or (edges[0] >= 0 and edges[-1] <= n)


def test_shape_does_all_steps_in_order():
    options = s.ShapeOptions(
        pad_before_ms=20, pad_after_ms=30, min_speech_ms=50, min_silence_ms=40, max_speech_s=1.1
    )
    mask = np.zeros(300, bool)
    mask[10:20] = mask[22:30] = True  # a gap of 20 ms is closed
    mask[60:63] = True  # 30 ms are dropped
    mask[100:295] = True  # 1.95 s are cut
    level = np.zeros(300, np.float32)
    level[190:200] = -20
    spans = s.shape(s.runs(mask), level, options, s.Grid(160, 16_000, 2_975_000))
    assert spans[0] == Span(80_000, 330_000)
    assert len(spans) == 3
    assert spans[1].start_us == 980_000
    assert spans[1].end_us == spans[2].start_us == pytest.approx(1_950_000, abs=60_000)
    assert spans[2].end_us == 2_975_000


def test_a_grid_at_any_rate_counts_in_exact_time():
    grid = s.Grid(441, 44_100, 10**9)
    assert grid.frames(35) in (3, 4)
    assert grid.spans((np.array([0, 7]), np.array([3, 12]))) == [Span(0, 30_000), Span(70_000, 120_000)]
    odd = s.Grid(110, 11_025, 10**9)
    assert odd.spans((np.array([100]), np.array([200]))) == [Span(997_732, 1_995_465)]
