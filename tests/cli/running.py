"""Run the command line as people do, on recordings made for the occasion."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "speechlabel.cli"]


def voice(seconds: float, rate: int = 16_000, seed: int = 0) -> np.ndarray:
    """Sound that detectors take for speech: 1.2 s of a buzzing vowel, 0.8 s of nothing, and again."""
    rng = np.random.default_rng(seed)
    time = np.arange(int(seconds * rate)) / rate
    phase = 2 * np.pi * np.cumsum(110 + 10 * (seed % 7) + 20 * np.sin(2 * np.pi * 0.7 * time)) / rate
    vowel = sum(np.sin(k * phase) / k * np.exp(-(((k * 150 - 500) / 600) ** 2)) for k in range(1, 20))
    gate = (time % 2.0 < 1.2) * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * time))
    return (0.4 * vowel / np.abs(vowel).max() * gate + 1e-3 * rng.standard_normal(len(time))).astype(
        "float32"
    )


def write(path: Path | str, sound: np.ndarray, rate: int = 16_000, **kwargs: Any) -> Path:
    sf.write(path, sound, rate, **kwargs)
    return Path(path)


def environment(workspace: Path | None = None, **extra: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SPEECHLABEL_")}
    # Neither the settings nor the data of whoever runs the tests.
    kept |= {"XDG_CONFIG_HOME": "/nonexistent", "XDG_DATA_HOME": "/nonexistent", "SPEECHLABEL_WORKERS": "2"}
    if workspace is not None:
        kept["SPEECHLABEL_WORKSPACE"] = str(workspace)
    return kept | extra


def run(
    *words: str | Path | bytes, workspace: Path | None = None, code: int | None = 0, **kwargs: Any
) -> subprocess.CompletedProcess[str]:
    """Run ``speechlabel words…``; fails when it ends with another exit code than ``code`` (None: any)."""
    command = [*COMMAND, *(word if isinstance(word, bytes) else str(word) for word in words)]
    kwargs.setdefault("env", environment(workspace))
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, **kwargs)
    assert "Traceback" not in done.stderr, done.stderr
    assert code is None or done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return done


def answer(*words: str | Path | bytes, **kwargs: Any) -> Any:
    """Run a command with ``--json`` and return what it says."""
    return json.loads(run(*words, "--json", **kwargs).stdout)


def complaint(*words: str | Path | bytes, code: int, **kwargs: Any) -> str:
    """Run a command that must fail with one line on standard error, and return that line."""
    done = run(*words, code=code, **kwargs)
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("speechlabel: ")
    return lines[0]
