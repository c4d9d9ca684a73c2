"""How long an acknowledged save takes, beside the least that SQLite can do.

    python benchmarks/bench_save.py [--segments 20000] [--saves 500] [--folder DIR]

``bare`` is sqlite3 alone with the same pragmas on the same disk: ``BEGIN IMMEDIATE; UPDATE; INSERT; COMMIT``
on a table of as many segments, in turns with the saves, so that both meet the same noise.  After the
measurement the store is opened anew and every acknowledged save is looked for.  Prints one JSON object;
times in milliseconds unless the name says otherwise.
"""

import argparse
import json
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path

from speechlabel.records import Project, Recording, Segment, Speaker, Transcript, Word, new_id
from speechlabel.store.workspace import open_workspace
from speechlabel.testing import make_batch, set_text

SECOND_US = 1_000_000


def timed(call, into):
    begin = time.perf_counter()
    result = call()
    into.append((time.perf_counter() - begin) * 1000)
    return result


def spread(times):
    ordered = sorted(times)
    at = lambda ratio: round(ordered[min(len(ordered) - 1, int(len(ordered) * ratio))], 3)  # noqa: E731
    return {"p50": at(0.5), "p95": at(0.95), "max": round(ordered[-1], 3)}


def fill(store, n_segments, *, with_words):
    id = "words" if with_words else "plain"
    store.add_recording(
        Recording(
            id=id,
            project_id="p",
            name=id,
            path=f"/{id}",
            content_hash=new_id(),
            size_bytes=1,
            modified_ns=1,
            container="WAV",
            codec="PCM_16",
            sample_rate=16000,
            channels=1,
            n_frames=16000 * n_segments,
        )
    )
    words = (
        tuple(Word(word=char, start_us=1, end_us=2, score=0.5) for char in "今天天气很好")
        if with_words
        else ()
    )
    segments = [
        Segment(
            channel=0,
            start_us=number * SECOND_US,
            end_us=(number + 1) * SECOND_US,
            text=f"今天天气很好，我们去公园吧 {number}",
            language="zh",
            speaker=f"spk{number % 2}",
            words=words,
        )
        for number in range(n_segments)
    ]
    speakers = [Speaker(id=f"spk{number}", name=f"说话人{number}") for number in range(2)]
    took = []
    made = Transcript(project_id="p", recording_id=id, author="engine:x")
    made = timed(lambda: store.add_transcript(made, segments, speakers), took)
    return made, segments, took[0]


def bare_database(path, segments):
    database = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-16384"):
        database.execute(f"PRAGMA {pragma}")
    database.execute("CREATE TABLE segment (id TEXT PRIMARY KEY, text TEXT, version INTEGER)")
    database.execute("CREATE TABLE journal (id INTEGER PRIMARY KEY, segment TEXT, before TEXT, after TEXT)")
    database.execute("BEGIN")
    database.executemany("INSERT INTO segment VALUES (?, ?, 0)", [(item.id, item.text) for item in segments])
    database.execute("COMMIT")
    return database


def bare_save(database, ids, text):
    database.execute("BEGIN IMMEDIATE")
    for id in ids:
        database.execute("UPDATE segment SET text = ?, version = version + 1 WHERE id = ?", (text, id))
        database.execute("INSERT INTO journal (segment, before, after) VALUES (?, ?, ?)", (id, text, text))
    database.execute("COMMIT")


def bench_saves(store, transcript, segments, database, *, n_saves, size):
    versions, texts, ours, bare = {}, {}, [], []
    for number in range(n_saves):
        ids = [segments[(number * 37 + step) % len(segments)].id for step in range(size)]
        edits = [set_text(id, versions.get(id, 0), f"{number} {id}") for id in ids]
        batch = make_batch(*edits)
        saved = timed(lambda batch=batch: store.save(transcript.id, batch), ours)
        versions |= saved.versions["segment"]
        texts |= {id: f"{number} {id}" for id in ids}
        timed(lambda ids=ids, number=number: bare_save(database, ids, f"{number} {ids[0]}"), bare)
    ratio = statistics.median(ours) / statistics.median(bare)
    return texts, {"store": spread(ours), "bare": spread(bare), "ratio_p50": round(ratio, 2)}


def bench(folder, n_segments, n_saves):
    out = {"segments": n_segments}
    workspace = open_workspace(folder / "w")
    store = workspace.store
    store.create_project(Project(id="p", name="p", language="zh", guideline=""))
    source, segments, out["add_transcript"] = fill(store, n_segments, with_words=False)
    worded, worded_segments, _ = fill(store, n_segments, with_words=True)
    reading = {"plain": [], "words": []}
    for _ in range(7):
        assert timed(lambda: store.segments(source.id), reading["plain"]) == segments
        assert timed(lambda: store.segments(worded.id), reading["words"]) == worded_segments
    out["read"] = {name: spread(times) for name, times in reading.items()}
    out["read_per_s"] = round(n_segments / statistics.median(reading["plain"]) * 1000)
    passes = []
    for number in range(7):
        author = f"user:{number}"
        transcript = timed(lambda author=author: store.open_pass("p", "plain", author, source.id), passes)
    assert store.segments(transcript.id) == segments
    out["open_pass"] = spread(passes)
    database = bare_database(folder / "bare.db", segments)
    texts, out["save_1"] = bench_saves(store, transcript, segments, database, n_saves=n_saves, size=1)
    other = store.open_pass("p", "plain", "user:batch", source.id)
    texts_100, out["save_100"] = bench_saves(
        store, other, segments, database, n_saves=max(20, n_saves // 10), size=100
    )
    database.close()
    workspace.close()
    with open_workspace(folder / "w") as again:
        for id, wanted in ((transcript.id, texts), (other.id, texts_100)):
            found = {item.id: item.text for item in again.store.segments(id)}
            assert found == {item.id: item.text for item in segments} | wanted
    return out


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--segments", type=int, default=20_000)
    parser.add_argument("--saves", type=int, default=500)
    parser.add_argument("--folder", help="where to measure: on the disk that will hold the workspace")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        print(json.dumps(bench(Path(folder), arguments.segments, arguments.saves), indent=1))
