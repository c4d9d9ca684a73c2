"""Read a manifest as NeMo's Lhotse adapter does, line by line; print what each line sounds like."""

import json
import sys
from pathlib import Path

from lhotse import Recording

from samples import told

found = []
manifest = Path(sys.argv[1])
for line in manifest.read_text(encoding="utf-8").rstrip("\n").split("\n"):
    item = json.loads(line)
    recording = Recording.from_file(manifest.parent / item["audio_filepath"])
    cut = recording.to_cut()
    if offset := item.get("offset"):
        cut = cut.truncate(offset=offset, duration=item["duration"])
    elif item["duration"] < recording.duration:
        cut = cut.truncate(duration=item["duration"])
    audio = cut.load_audio()
    assert audio.shape == (1, round(item["duration"] * recording.sampling_rate)), item
    found.append(told(item["text"], audio))
print(json.dumps(found))
