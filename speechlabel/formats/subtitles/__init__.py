"""Subtitles: SRT, WebVTT and ASS."""
