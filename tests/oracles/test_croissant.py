"""mlcroissant finds our description valid and reads the rows that were written."""

import json

import pytest

READ = """
import json, sys, mlcroissant
rows = mlcroissant.Dataset(jsonld=sys.argv[1]).records(sys.argv[2])
plain = lambda value: value.decode() if isinstance(value, bytes) else value
print(json.dumps([{key.partition("/")[2]: plain(value) for key, value in row.items()} for row in rows]))
"""


@pytest.mark.parametrize(("table", "count"), [("segments", 5), ("recordings", 3)])
def test_mlcroissant_reads_the_rows_that_were_written(oracle, exported, table, count):
    oracle.needs("mlcroissant")
    out = exported("croissant")
    oracle.run("mlcroissant", "validate", "--jsonld", out / "croissant.json", cwd=out)
    found = json.loads(oracle.run("python", "-c", READ, out / "croissant.json", table, cwd=out))
    lines = (out / f"{table}.jsonl").read_text(encoding="utf-8").rstrip("\n").split("\n")
    wanted = [json.loads(line) for line in lines]
    assert len(found) == count
    for row, line in zip(found, wanted, strict=True):
        assert row == {
            name: pytest.approx(value, abs=1e-9) if isinstance(value, float) else value
            for name, value in line.items()
        }
