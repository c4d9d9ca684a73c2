"""What counts as labelled: held to a plain model that looks at every microsecond."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from speechlabel.records import Recording, Segment
from speechlabel.workflow.labelled import labelled_spans

LENGTH = 40


def recording(channels=1, layout="mono"):
    return Recording(
        id="r",
        project_id="p",
        name="r.wav",
        path="/r.wav",
        content_hash="0" * 64,
        size_bytes=1,
        modified_ns=1,
        container="wav",
        codec="pcm_16",
        sample_rate=1_000_000,
        channels=channels,
        n_frames=LENGTH,
        layout=layout,
    )


@st.composite
def segments(draw, channels=(None,)):
    made = []
    for number in range(draw(st.integers(0, 7))):
        start = draw(st.integers(0, LENGTH - 1))
        end = draw(st.integers(start + 1, LENGTH))
        made.append(
            Segment(id=f"s{number}", channel=draw(st.sampled_from(channels)), start_us=start, end_us=end)
        )
    made.sort(key=lambda item: (item.start_us, item.end_us, item.id))
    return made, {item.id for item in made if draw(st.booleans())}


def covered(spans, channel):
    return {
        time
        for span in spans
        if span.channel in (None, channel)
        for time in range(span.start_us, span.end_us)
    }


def model(mine, left_out):
    """What is labelled, time by time: inside a segment that goes out; or in a pause both ends of which do."""
    labelled = set()
    for time in range(LENGTH):
        here = [item for item in mine if item.start_us <= time < item.end_us]
        before = [item for item in mine if item.end_us <= time]
        after = [item for item in mine if item.start_us > time]
        last_end = max((item.end_us for item in before), default=0)
        next_start = min((item.start_us for item in after), default=LENGTH)
        ends = [item for item in before if item.end_us == last_end]
        starts = [item for item in after if item.start_us == next_start]
        if here:
            if any(item.id not in left_out for item in here):
                labelled.add(time)
        elif all(item.id not in left_out for item in ends + starts):
            labelled.add(time)
    return labelled


@given(segments())
def test_nothing_that_is_not_labelled_counts_and_all_that_goes_out_does(made):
    mine, left_out = made
    spans = labelled_spans(mine, left_out, recording())
    got = covered(spans, None)
    going = {time for item in mine if item.id not in left_out for time in range(item.start_us, item.end_us)}
    staying = {time for item in mine if item.id in left_out for time in range(item.start_us, item.end_us)}
    assert going <= got
    assert not (staying - going) & got
    assert got == model(mine, left_out)


@given(segments())
def test_spans_are_ordered_apart_and_inside(made):
    spans = labelled_spans(*made, recording())
    assert all(0 <= span.start_us < span.end_us <= LENGTH for span in spans)
    assert all(one.end_us < two.start_us for one, two in pairwise(spans))


@given(segments(channels=(0, 1)))
def test_channels_do_not_speak_for_each_other(made):
    mine, left_out = made
    spans = labelled_spans(mine, left_out, recording(2, "separate"))
    for channel in (0, 1):
        alone = [item for item in mine if item.channel == channel]
        assert [span for span in spans if span.channel == channel] == list(
            span
            for span in labelled_spans(alone, left_out, recording(2, "separate"))
            if span.channel == channel
        )


@given(segments(channels=(None, 0, 1)))
def test_when_all_is_done_the_whole_recording_is_labelled(made):
    mine, _ = made
    spans = labelled_spans(mine, set(), recording(2, "separate"))
    for channel in (0, 1):
        assert covered(spans, channel) == set(range(LENGTH))


def test_silence_counts_only_when_a_person_has_heard_it():
    assert [tuple(span) for span in labelled_spans([], set(), recording())] == [(None, 0, LENGTH)]
    assert labelled_spans([], set(), recording(), by_person=False) == ()
    one = [Segment(channel=0, start_us=3, end_us=9)]
    spans = labelled_spans(one, set(), recording(2, "separate"), by_person=False)
    assert [tuple(span) for span in spans] == [(0, 0, LENGTH)]


def test_where_one_segment_is_of_the_mix_all_count_for_all_channels():
    of_mix = Segment(id="mix", start_us=0, end_us=10)
    of_channel = Segment(id="one", channel=1, start_us=20, end_us=30)
    spans = labelled_spans([of_mix, of_channel], {"one"}, recording(2, "separate"))
    assert [tuple(span) for span in spans] == [(None, 0, 10)]
