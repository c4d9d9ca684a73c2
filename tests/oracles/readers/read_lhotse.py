"""Read cuts, shards, or recordings and supervisions with Lhotse; print what each supervision sounds like."""

import json
import sys
from pathlib import Path

from lhotse import CutSet, load_manifest

from samples import told

paths = sys.argv[1:]
if Path(paths[0]).is_dir():
    cuts = CutSet.from_shar(in_dir=paths[0])
elif len(paths) == 1:
    cuts = load_manifest(paths[0])
else:
    cuts = CutSet.from_manifests(recordings=load_manifest(paths[0]), supervisions=load_manifest(paths[1]))
cuts = cuts.trim_to_supervisions(keep_overlapping=False)
print(json.dumps([told(cut.supervisions[0].text, cut.load_audio()) for cut in cuts]))
