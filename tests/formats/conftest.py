"""Small records for the tests of formats."""

import pytest

from speechlabel.formats import Bundle
from speechlabel.records import Recording, Segment


def recording(id="r", *, seconds=10, channels=1, path="/audio/r.wav", **fields):
    facts = {"content_hash": "00", "size_bytes": 1, "modified_ns": 0, "container": "WAV", "codec": "PCM_16"}
    return Recording(
        id=id,
        project_id="p",
        name=f"{id}.wav",
        path=path,
        sample_rate=16_000,
        channels=channels,
        n_frames=16_000 * seconds,
        **(facts | fields),
    )


def segment(id, start_us, end_us, **fields):
    return Segment(id=id, start_us=start_us, end_us=end_us, **fields)


@pytest.fixture
def bundle_of():
    """Make a bundle of one recording ``r`` of 10 s with these segments, and speakers."""

    def make(*segments, speakers=(), channels=1, **fields):
        return Bundle(
            recordings=(recording(channels=channels),),
            segments={"r": segments},
            speakers={"r": tuple(speakers)},
            **fields,
        )

    return make
