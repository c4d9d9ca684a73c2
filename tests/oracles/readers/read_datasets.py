"""Load a folder or Parquet files with Hugging Face datasets; print what each row sounds like."""

import json
import sys
from pathlib import Path

from datasets import Audio, load_dataset

from samples import told

kind, place = sys.argv[1], Path(sys.argv[2])
if kind == "parquet":
    splits = load_dataset("parquet", data_files=sorted(map(str, place.rglob("*.parquet"))))
else:
    splits = load_dataset(kind, data_dir=str(place))
found, bytes_back = [], 0
for rows in splits.values():
    assert isinstance(rows.features["audio"], Audio), rows.features
    names = [name for name in ("text", "transcription", "sentence") if name in rows.features]
    for row in rows:
        found.append(told(row[names[0]], row["audio"].get_all_samples().data.numpy()))
    for row in rows.cast_column("audio", Audio(decode=False)):
        bytes_back += bool(row["audio"]["bytes"]) or Path(row["audio"]["path"]).is_file()
print(
    json.dumps(
        {"rows": found, "files": bytes_back, "features": {k: str(v) for k, v in rows.features.items()}}
    )
)
