"""Where work is kept: a workspace folder with a database and derived files.

The only room that imports SQLAlchemy; it never sees audio samples.
"""
