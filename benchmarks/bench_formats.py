"""Claim: a million segments pass in and out of each text format in under 300 MB, JSON lines at orjson's pace.

    python benchmarks/bench_formats.py [--segments 1000000] [--quick] [--only NAME ...]

Every format of the registry that can be written without cutting audio is written by one process and read by
another: 2,000 segments a recording, six out of seven with a speaker.  Seconds are CPU seconds of writing, and
of reading and passing over all segments once.  Writing makes the segments once for the files and once more
for the report of losses, and reads back what was written to refuse what the target would; ``make_s`` is what
making them once takes.  The megabytes are the highest resident memory that a process ever had (VmHWM;
``ru_maxrss`` would be its parent's too).  Where a format's files are JSON lines, a bare ``orjson.loads`` of
the same lines is timed in the same process, and our reader of lines alone: ``lines_times_orjson`` is its
ratio, ``times_orjson`` that of the whole load, from the file to checked segments in order.  Then other
people's readers take the same files, of a size that they can bear, in turns with ours.  Prints one JSON
object with what is claimed and whether it is met.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

A_RECORDING = 2_000  # segments
PEER_SEGMENTS = 20_000
ROUNDS = 3
LIMIT_MB = 300
SLOWEST = 3  # times a bare orjson loop
ROOT = Path(__file__).parents[1]
ORACLES = ROOT / ".venv-oracles" / "bin" / "python"
PEERS = {
    "praatio": ("textgrid", "*.TextGrid"),
    "pympi": ("eaf", "*.eaf"),
    "pysubs2": ("srt", "*.srt"),
    "pysubs2_ass": ("ass", "*.ass"),
    "webvtt": ("vtt", "*.vtt"),
    "lhotse": ("lhotse", "*supervisions*.jsonl*"),
}


# What the children do.  The parent imports nothing of it: a child begins with its parent's memory.
def export_of(n_segments, folder):
    """Make recordings and segments on the way, so that what is written is all that is held."""
    from speechlabel.formats import Bundle, Export, Segments
    from speechlabel.records import Recording, Segment, Speaker

    per = min(A_RECORDING, n_segments)
    facts = {
        "content_hash": "00" * 32,
        "size_bytes": 1,
        "modified_ns": 0,
        "container": "WAV",
        "codec": "PCM_16",
    }

    def segments(recording):
        for number in range(per):
            start = number * 2_000_000
            yield Segment(
                id=f"s{number}",
                start_us=start,
                end_us=start + 1_499_937,
                text=f"今天天气很好 we go to the park, part {number} of {recording}",
                speaker=f"p{number % 3}" if number % 7 else None,
                status="done",
            )

    ids = [f"rec{number:05}" for number in range(max(n_segments // per, 1))]
    recordings = tuple(
        Recording(
            id=id,
            project_id="p",
            name=f"{id}.wav",
            path=str(folder / f"{id}.wav"),
            sample_rate=16_000,
            channels=1,
            n_frames=16_000 * 2 * per,
            **facts,
        )
        for id in ids
    )
    speakers = tuple(Speaker(id=f"p{number}", name=f"Speaker{number}") for number in range(3))
    return Export(
        bundle=Bundle(
            recordings=recordings,
            segments={id: Segments(lambda id=id: segments(id)) for id in ids},
            speakers=dict.fromkeys(ids, speakers),
            languages=dict.fromkeys(ids, "zh"),
        )
    )


def peak_mb():
    with Path("/proc/self/status").open() as file:
        return round(next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1000, 1)


def child_names():
    from speechlabel import formats, registry

    made = [formats.get(name) for name in registry.names("format")]
    return {item.name: [item.can_read, item.can_write] for item in made}


def child_write(name, folder, n_segments):
    from speechlabel import formats
    from speechlabel.errors import ExportError

    formats.get(name)  # imports it
    export = export_of(n_segments, folder)
    begin = time.process_time()
    for _ in export.bundle.stream():
        pass
    make_s = time.process_time() - begin
    begin = time.process_time()
    try:
        report = formats.dump(export, folder / name, name)
    except ExportError as error:
        if "audio" not in str(error):
            raise
        return {"left_out": "holds audio"}
    seconds = time.process_time() - begin
    size = sum((folder / name / file).stat().st_size for file in report.files)
    return {
        "n": report.segments,
        "write_s": round(seconds, 2),
        "make_s": round(make_s, 2),
        "peak_mb": peak_mb(),
        "mb": round(size / 1e6, 1),
    }


def child_read(name, folder):
    from speechlabel import formats

    formats.get(name)  # imports it
    begin = time.process_time()
    bundle = formats.load(folder / name, name)
    count = sum(len(segments) for _, segments in bundle.stream())
    seconds = time.process_time() - begin
    out = {"n": count, "read_s": round(seconds, 2), "peak_mb": peak_mb()}
    lines = [path for path in (folder / name).rglob("*.jsonl*") if path.is_file()]
    if not lines:
        return out
    return out | {"orjson_s": round(bare(lines), 3), "lines_s": round(lines_only(name, lines), 3)}


def bare(paths):
    import orjson

    begin = time.process_time()
    for path in paths:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            for line in file:
                orjson.loads(line)
    return time.process_time() - begin


def lines_only(name, paths):
    """Read lines as our readers do, without making anything of them."""
    from speechlabel.formats.gather import Notes
    from speechlabel.formats.json_lines import objects
    from speechlabel.formats.native.lines import read_lines

    begin = time.process_time()
    for path in paths:
        for _ in read_lines(path) if name == "native" else objects(path, Notes()):
            pass
    return time.process_time() - begin


def child_peer(peer, folder):
    """Let someone else's reader and ours read the same files, in turns; the better round of each counts."""
    name, pattern = PEERS[peer]
    files = sorted((folder / name).rglob(pattern))
    sides = {"peer": lambda: sum(READERS[peer](str(path)) for path in files)}
    if peer != "lhotse":
        from speechlabel import formats

        def ours():
            bundle = formats.load(folder / name, name)
            return sum(len(segments) for _, segments in bundle.stream())

        sides["ours"] = ours
    best, counts = dict.fromkeys(sides, 1e9), {}
    for _ in range(ROUNDS):
        for side, call in sides.items():
            gc.collect()
            begin = time.process_time()
            counts[side] = call()
            best[side] = min(best[side], time.process_time() - begin)
    return {"files": len(files)} | {
        side: {"n": counts[side], "seconds": round(best[side], 3)} for side in sides
    }


def praatio(path):
    from praatio import textgrid

    grid = textgrid.openTextgrid(path, includeEmptyIntervals=False)
    return sum(len(tier.entries) for tier in grid.tiers)


def pympi(path):
    from pympi import Eaf

    file = Eaf(path)
    return sum(len(file.get_annotation_data_for_tier(tier)) for tier in file.get_tier_names())


def pysubs2(path):
    import pysubs2 as reader

    return len(reader.load(path, encoding="utf-8"))


def webvtt(path):
    import webvtt as reader

    return len(reader.read(path))


def lhotse(path):
    from lhotse import SupervisionSet

    return sum(1 for _ in SupervisionSet.from_file(path))


READERS = {
    "praatio": praatio,
    "pympi": pympi,
    "pysubs2": pysubs2,
    "pysubs2_ass": pysubs2,
    "webvtt": webvtt,
    "lhotse": lhotse,
}


# What the parent does.
def run(*words, python=sys.executable):
    command = [str(python), "-W", "ignore", __file__, "--child", *map(str, words)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        return {"failed": done.stderr.strip().split("\n")[-1][:300]}
    return json.loads(done.stdout)


def claim(value, most):
    return {"is": value, "wanted": f"<= {most}", "met": value <= most}


def measure(name, can_read, folder, n_segments):
    """Write and read one format; give the figures and what is claimed of them."""
    out = {}
    wrote = run("write", name, folder, n_segments)
    if "n" not in wrote:
        return wrote
    out |= {"files_mb": wrote["mb"], "write_s": wrote["write_s"], "make_s": wrote["make_s"]}
    out["written"], out["write_per_s"] = wrote["n"], round(wrote["n"] / max(wrote["write_s"], 0.01))
    out["claims"] = {"write_mb": claim(wrote["peak_mb"], LIMIT_MB)}
    if can_read:
        read = run("read", name, folder)
        if "n" not in read:
            return out | read
        out |= {"read": read["n"], "read_s": read["read_s"]}
        out["read_per_s"] = round(read["n"] / max(read["read_s"], 0.01))
        out["claims"]["read_mb"] = claim(read["peak_mb"], LIMIT_MB)
        if "orjson_s" in read:
            out |= {"orjson_s": read["orjson_s"], "lines_s": read["lines_s"]}
            for key, seconds in (("lines_times_orjson", read["lines_s"]), ("times_orjson", read["read_s"])):
                out["claims"][key] = claim(round(seconds / max(read["orjson_s"], 0.001), 2), SLOWEST)
    shutil.rmtree(folder / name, ignore_errors=True)
    return out


def compare(peer, folder, known):
    """Compare one reader of other people with ours on the same files."""
    name, _ = PEERS[peer]
    if name not in known:
        return {"left_out": f"there is no format {name}"}
    if peer == "lhotse" and not ORACLES.is_file():
        return {"left_out": "there is no .venv-oracles: make oracles"}
    if not (folder / name).is_dir():
        wrote = run("write", name, folder, PEER_SEGMENTS)
        if "n" not in wrote:
            return wrote
    found = run("peer", peer, folder, python=ORACLES if peer == "lhotse" else sys.executable)
    if peer == "lhotse" and "peer" in found and known[name][0]:
        ours = run("read", name, folder)
        found["ours"] = {"n": ours.get("n"), "seconds": ours.get("read_s")} if "n" in ours else ours
    if {"peer", "ours"} <= found.keys() and found["ours"].get("seconds"):
        found["peer_takes_times"] = round(found["peer"]["seconds"] / found["ours"]["seconds"], 2)
    return found


def bench(n_segments, only):
    known = run("names")
    out = {"segments": n_segments, "formats": {}, "peers": {}}
    with tempfile.TemporaryDirectory() as place:
        for name, (can_read, can_write) in known.items():
            if only and name not in only:
                continue
            if can_write:
                out["formats"][name] = measure(name, can_read, Path(place), n_segments)
            else:
                out["formats"][name] = {"left_out": "is only read"}
            print(name, json.dumps(out["formats"][name]), file=sys.stderr)
    with tempfile.TemporaryDirectory() as place:
        for peer, (name, _) in PEERS.items():
            if not only or name in only:
                out["peers"][peer] = compare(peer, Path(place), known)
                print(peer, json.dumps(out["peers"][peer]), file=sys.stderr)
    measured = [item for item in out["formats"].values() if "left_out" not in item]
    out["met"] = all(
        "failed" not in item and all(one["met"] for one in item["claims"].values()) for item in measured
    )
    return out


CHILDREN = {"names": child_names, "write": child_write, "read": child_read, "peer": child_peer}

if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        what, *words = sys.argv[2:]
        given = [
            word if n == 0 else int(word) if word.isdecimal() else Path(word) for n, word in enumerate(words)
        ]
        print(json.dumps(CHILDREN[what](*given)))
        raise SystemExit
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--segments", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true", help="50,000 segments")
    parser.add_argument("--only", nargs="*", help="formats to measure")
    arguments = parser.parse_args()
    print(json.dumps(bench(50_000 if arguments.quick else arguments.segments, arguments.only), indent=1))
