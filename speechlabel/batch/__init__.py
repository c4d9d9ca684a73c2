"""Run a verb over many recordings.  One seam: ``concurrent.futures.Executor``."""
