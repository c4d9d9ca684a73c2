"""Where speech is: one file per segmenter, and the shaping of spans that they share."""
