"""Texts and their timed words: how they divide, join, and keep their times.  Pure; helpers of ``edits``.

A word is found in a text by its characters without the blanks: texts of languages that are written without
blanks have timed words too.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence

from speechlabel.records import Segment, Word

__all__ = ["clip_words", "divide_text", "join_text", "kept_words", "words_before"]

# Han, kana, bopomofo, CJK punctuation and full-width forms are written without blanks between words
# (Korean is not).  Escapes, because some of these characters change under Unicode normalisation.
UNSPACED = re.compile(
    "[\u2e80-\u312f\u3190-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]"
)


def words_before(segment: Segment, at_us: int, caret: int | None) -> int:
    """Count the words that belong to the first part: by the text when there is a caret, else by time."""
    if caret is None or segment.text is None:
        middles = [((word.start_us or 0) + (word.end_us or 0)) // 2 for word in segment.words]
        return sum(1 for middle in middles if middle < at_us)
    room = len(_squash(segment.text[:caret]))
    count = 0
    for word in segment.words:
        room -= len(_squash(word.word))
        if room < 0:
            break
        count += 1
    return count


def divide_text(segment: Segment, count: int, caret: int | None) -> tuple[str | None, str | None]:
    """Cut a segment's text at the caret, else after its first ``count`` words, else not at all."""
    text = segment.text
    if text is None:
        return None, None
    if caret is None:
        if not segment.words or _squash(text) != _squash("".join(word.word for word in segment.words)):
            return text, None
        caret = _offset_after(text, len(_squash("".join(word.word for word in segment.words[:count]))))
    return text[:caret].rstrip(), text[caret:].lstrip()


def _offset_after(text: str, n_solid: int) -> int:
    """Offset in ``text`` just after its ``n_solid``-th character that is not blank."""
    for offset, character in enumerate(text):
        if n_solid == 0:
            return offset
        n_solid -= not character.isspace()
    return len(text)


def _squash(text: str) -> str:
    return "".join(text.split())


def clip_words(words: Iterable[Word], start_us: int, end_us: int) -> tuple[Word, ...]:
    """Hold the times of words inside a stretch; a word left with no time keeps its place, untimed."""
    out: list[Word] = []
    for word in words:
        if word.start_us is None or word.end_us is None:
            out.append(word)
            continue
        start, end = max(word.start_us, start_us), min(word.end_us, end_us)
        timed = start < end
        out.append(
            dataclasses.replace(word, start_us=start if timed else None, end_us=end if timed else None)
        )
    return tuple(out)


def join_text(first: str | None, second: str | None) -> str | None:
    """Join two texts as one; None only if both are.  Unspaced scripts are joined without a blank."""
    if first is None or second is None:
        return second if first is None else first
    if not first or not second:
        return first + second
    unspaced = UNSPACED.match(first[-1]) or UNSPACED.match(second[0])
    return first + second if unspaced else f"{first} {second}"


def kept_words(words: Sequence[Word], old_text: str | None, new_text: str | None) -> tuple[Word, ...]:
    """Return the words that lie in the unchanged head or tail of a text; the others lose their place.

    The words need not be all of the old text (engines leave out punctuation, earlier edits dropped some);
    each is looked for behind the one before, and one that is not found is dropped.
    """
    old, new = _squash(old_text or ""), _squash(new_text or "")
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    kept: list[Word] = []
    at = 0
    for word in words:
        solid = _squash(word.word)
        start = old.find(solid, at)
        if start < 0:
            continue
        at = start + len(solid)
        if at <= head or start >= len(old) - tail:
            kept.append(word)
    return tuple(kept)


def _common(first: str, second: str) -> int:
    """Length of the common start of two texts."""
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count
