"""The native manifest, in which nothing is lost: its lines, its schema, its files."""
