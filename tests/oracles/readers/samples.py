"""Samples as the tests compare them: 16 bit, by their fingerprint."""

import hashlib

import numpy as np


def told(text, audio):
    """[text, number of samples, fingerprint] of one channel of floats between -1 and 1."""
    found = np.round(np.asarray(audio, dtype=np.float64).reshape(-1) * 32768).astype(np.int16)
    return [text, len(found), hashlib.sha256(found.tobytes()).hexdigest()]
