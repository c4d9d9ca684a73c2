"""Files of other programs: Audacity, Label Studio, the Whisper family."""
