"""Label speech: segment, transcribe, tag speakers and noise, export an aligned manifest."""

__version__ = "0.1.0"
