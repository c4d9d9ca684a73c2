"""Manifests that recognisers train on: NeMo, Kaldi, Lhotse, WeNet, FunASR, SpeechBrain, Whisper."""
