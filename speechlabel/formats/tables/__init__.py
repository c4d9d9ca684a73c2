"""Tables: CSV, TSV and workbooks, with their columns found, mapped, read and written."""
