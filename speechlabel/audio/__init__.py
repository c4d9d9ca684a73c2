"""Sound: decode, peaks, chunks for playback, clips, and the one pass that prepares a recording."""
