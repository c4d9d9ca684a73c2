"""The voices of the sample recordings: four synthesizers of Debian, called as programs."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

__all__ = ["Voice", "missing", "speak"]

Samples = NDArray[np.float64]

FESTIVAL_VOICES = Path("/usr/share/festival/voices")
PACKAGES = {"flite": "flite", "espeak": "espeak-ng", "festival": "festival"}
PROGRAMS = {"flite": "flite", "espeak": "espeak-ng", "festival": "text2wave"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One synthetic speaker.

    ``stretch`` is flite's duration factor; ``words_per_minute``, ``pitch`` (0–99) and ``pitch_range``
    (per cent) are espeak-ng's.
    """

    engine: str  # "flite", "espeak" or "festival"
    name: str
    stretch: float = 1.0
    words_per_minute: int = 175
    pitch: int = 50
    pitch_range: int = 100


def missing(voices: list[Voice]) -> list[str]:
    """Say which Debian packages must be installed before these voices can speak."""
    packages: set[str] = set()
    for voice in voices:
        if shutil.which(PROGRAMS[voice.engine]) is None:
            packages.add(PACKAGES[voice.engine])
        if voice.engine == "festival" and not any(FESTIVAL_VOICES.glob(f"*/{voice.name}")):
            packages.add("festvox-us-slt-hts")
    return sorted(packages)


def speak(voice: Voice, text: str) -> tuple[Samples, int]:
    """Return the samples (mono, nominal [-1, 1]) and their rate in Hz."""
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "line.wav"
        command, given = _command(voice, text, wav)
        subprocess.run(command, input=given, check=True, text=True, stdout=subprocess.DEVNULL)
        samples, rate = sf.read(wav, dtype="float64")
    return np.asarray(samples, dtype=np.float64), int(rate)


def _command(voice: Voice, text: str, wav: Path) -> tuple[list[str], str | None]:
    match voice.engine:
        case "flite":
            setting = f"duration_stretch={voice.stretch}"
            return ["flite", "-voice", voice.name, "--setf", setting, "-t", text, "-o", str(wav)], None
        case "festival":
            return ["text2wave", "-eval", f"(voice_{voice.name})", "-o", str(wav)], text
        case _:
            ssml = f'<speak><prosody range="{voice.pitch_range}%">{escape(text)}</prosody></speak>'
            pace, pitch = str(voice.words_per_minute), str(voice.pitch)
            return ["espeak-ng", "-m", "-v", voice.name, "-s", pace, "-p", pitch, "-w", str(wav), ssml], None
