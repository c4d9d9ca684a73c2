import pytest

from speechlabel.segment.channels import channels_to_segment


@pytest.mark.parametrize(
    "layout, n_channels, wanted",
    [
        ("mono", 1, [None]),
        (None, 1, [None]),
        ("dual_mono", 2, [None]),
        ("mixed", 2, [None]),  # a person said that both are one
        ("mixed", 1, [None]),
        ("separate", 2, [0, 1]),
        ("separate", 6, [0, 1, 2, 3, 4, 5]),
        (None, 2, [0, 1]),
        ("separate", 1, [None]),
    ],
)
def test_separate_voices_stay_apart_and_the_rest_is_the_mix(layout, n_channels, wanted):
    assert channels_to_segment(layout, n_channels) == wanted


def test_no_channel_is_a_bug_of_the_caller():
    with pytest.raises(ValueError):
        channels_to_segment("mono", 0)
