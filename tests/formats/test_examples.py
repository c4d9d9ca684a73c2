import string

from hypothesis import given
from hypothesis import strategies as st

from speechlabel.formats.examples import speaker_key
from speechlabel.records import new_id

IDS = st.from_regex(r"[ab][ab_.-]{0,4}", fullmatch=True)


@given(st.lists(st.tuples(IDS, IDS | st.none()), max_size=30, unique=True))
def test_no_two_speakers_share_a_key_and_kaldi_sorts_them_alike(pairs):
    keys = [speaker_key(*pair) for pair in pairs]
    assert len(set(keys)) == len(pairs)
    assert all(set(key) <= set(string.ascii_letters + string.digits + "_.") for key in keys)
    utterances = [(key, f"{key}-{tail}") for key in keys for tail in ("1", "z-9")]
    assert sorted(utterances) == sorted(utterances, key=lambda pair: pair[1])


def test_keys_stay_short_and_the_same():
    assert speaker_key("call", "agent") == "call_agent"
    assert speaker_key("call", None) == speaker_key("call", "unknown") == "call_unknown"
    assert len(speaker_key("call", new_id())) == len("call_") + 10
    assert speaker_key("call-1", "a") == "call_1.5d7963c4_a"
