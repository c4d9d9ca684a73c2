import subprocess
import sys

import numpy as np
import pytest

from speechlabel.errors import OptionError
from speechlabel.segment.energy import EnergyOptions, EnergySegmenter

RATE = 22_050


def listen(sound, **options):
    stream = EnergySegmenter(EnergyOptions(**options)).open(RATE)
    stream.feed(sound.astype(np.float32))
    return [(span.start_us / 1e6, span.end_us / 1e6) for span in stream.close()]


def tones(*seconds, level=0.1):
    """A tone for each positive duration, a pause for each negative one, over a hiss."""
    parts = [
        level * np.sin(2 * np.pi * 440 * np.arange(round(abs(s) * RATE)) / RATE) * (s > 0) for s in seconds
    ]
    sound = np.concatenate(parts)
    return sound + 1e-4 * np.random.default_rng(0).standard_normal(len(sound))


def test_any_sound_above_the_noise_is_found_with_its_edges():
    found = listen(tones(-1, 1, -0.5, 2, -1), pad_before_ms=0, pad_after_ms=0)
    assert np.array(found) == pytest.approx(np.array([(1, 2), (2.5, 4.5)]), abs=0.05)


def test_what_is_too_quiet_beside_the_rest_is_left_out():
    sound = np.concatenate([tones(-1, 2, -1), tones(2, -1, level=0.001)])
    assert len(listen(sound, range_db=30)) == 1
    assert len(listen(sound, range_db=60)) == 2


def test_the_lower_threshold_cannot_be_the_higher_one():
    with pytest.raises(OptionError, match="off_db"):
        EnergyOptions(on_db=3, off_db=5)


def test_librosa_is_not_imported_before_it_is_needed():
    code = "import sys, speechlabel.segment.energy; print('librosa' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
