"""Segments that are put aside come back as they were, in their order, at each pass."""

from dataclasses import fields

from speechlabel.formats import spool
from speechlabel.formats.contract import sample_export
from speechlabel.records import Segment


def test_what_lies_in_the_file_is_what_was_put_aside(tmp_path, monkeypatch):
    monkeypatch.setattr(spool, "HELD", 3)
    aside = spool.Spool()
    wanted: dict[str, list[Segment]] = {}
    for recording, segments in sample_export(tmp_path).bundle.stream():
        for segment in (*segments, Segment(id="v", start_us=0, end_us=1, version=9)):
            aside.add(recording.id, segment)
            wanted.setdefault(recording.id, []).append(segment)
    assert sum(map(len, wanted.values())) > 6
    for id, segments in wanted.items():
        for _ in range(2):
            found = list(aside.segments(id))
            assert found == segments
            for one, other in zip(found, segments, strict=True):
                assert all(getattr(one, f.name) == getattr(other, f.name) for f in fields(Segment))
    assert list(aside.segments("nobody")) == []
