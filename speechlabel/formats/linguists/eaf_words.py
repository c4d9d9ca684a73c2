"""Words of a segment as annotations below the one that it is."""

from __future__ import annotations

from dataclasses import replace

from speechlabel.formats.linguists.eaf_files import Annotation
from speechlabel.formats.linguists.eaf_out import STEP_US
from speechlabel.formats.losses import Tally
from speechlabel.formats.times import on_grid
from speechlabel.records import Segment, Word

__all__ = ["words_inside"]


def words_inside(item: Annotation, segment: Segment, tally: Tally) -> list[Word]:
    """Give the words of a segment in order and no further than its annotation; others are told as lost."""
    found: list[Word] = []
    last = item.start_us
    for word in segment.words:
        if not word.word.strip():
            continue
        if word.start_us is None or word.end_us is None:
            found.append(word)
            continue
        if last <= word.start_us < word.end_us <= item.end_us:
            found.append(word)
            last = word.end_us
            continue
        start, end = on_grid(max(word.start_us, last), min(word.end_us, item.end_us), STEP_US)
        if min(word.end_us, item.end_us) - max(word.start_us, last) < STEP_US or end > item.end_us:
            tally.add("words", "outside of its segment, or over another one: left out", segment.id)
            continue
        found.append(replace(word, start_us=start, end_us=end))
        last = end
    return found
