"""Data sets as others publish and load them: audiofolder, Parquet, WebDataset, Croissant."""
