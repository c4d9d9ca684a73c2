"""Measures over what was labelled; pure functions of records and texts."""
