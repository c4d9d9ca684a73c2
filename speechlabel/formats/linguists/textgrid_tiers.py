"""What the tiers of a TextGrid mean: who speaks, words and phones of utterances, points."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple

from speechlabel.errors import RecordError
from speechlabel.formats.foreign import Collected
from speechlabel.formats.linguists.textgrid_files import Grid, Item
from speechlabel.records import Word

__all__ = ["LAYER", "NOBODY", "POINTS", "Part", "collect", "is_plain", "part_of", "words_of"]

NOBODY, POINTS = "segments", "events"  # tiers of segments without a speaker, and of points
LAYER = re.compile(r"(.+) \(([2-9]|[1-9][0-9]+)\)", re.DOTALL)
KINDS = "words?|phones?|phonemes?|syllables?|syll"
# As aligners name tiers: "words", "Anna - words" (Montreal Forced Aligner), "word - Anna" (its first form).
PARTS = re.compile(
    rf"(?:(?P<owner>.+?) - )?(?P<kind>{KINDS})|(?P<kind2>{KINDS}) - (?P<owner2>.+)", re.IGNORECASE | re.DOTALL
)
SNAP_US = 1000  # an overlap this small is an aligner's rounding
MOST_NOTES = 500
Key = tuple[int, int]  # a tier and an item of it, each by its place


class Part(NamedTuple):
    """A tier that holds parts of utterances."""

    is_words: bool
    owner: str | None  # the speaker it names


def part_of(name: str) -> Part | None:
    """Tell a tier of words or phones by its name."""
    match = PARTS.fullmatch(name.strip())
    if match is None:
        return None
    kind, owner = match["kind"] or match["kind2"], match["owner"] or match["owner2"]
    return Part(kind.lower().startswith("word"), owner)


def is_plain(name: str) -> bool:
    """Whether a speaker's tier may bear this name and be read as that speaker's."""
    return part_of(name) is None and name == name.strip()


@dataclass
class _Spans:
    """Utterances of one or several tiers, found by time."""

    keys: list[tuple[int, int, Key]] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]

    def covering(self, item: Item) -> Key | None:
        """Find the one utterance that holds the middle of an item; None where none or several do."""
        middle = (item.start_us + item.end_us) / 2
        at = bisect_right(self.keys, middle, key=lambda entry: entry[0])
        found = [key for start, end, key in self.keys[max(0, at - 8) : at] if start <= middle < end]
        return found[0] if len(found) == 1 else None


def words_of(grid: Grid) -> dict[Key, list[Key]]:
    """Map each utterance to the intervals of tiers of words that are its words."""
    found: dict[Key, list[Key]] = {}
    for number, tier in enumerate(grid.tiers):
        part = part_of(tier.name)
        if part is None or not part.is_words or tier.is_points:
            continue
        spans = _utterances(grid, part.owner)
        for place, item in enumerate(tier.items):
            covering = spans.covering(item) if item.text.strip() and item.end_us > item.start_us else None
            if covering is not None:
                found.setdefault(covering, []).append((number, place))
    for key, parts in found.items():  # one tier of words is a segment's; a second one stays a tier
        found[key] = [part for part in parts if part[0] == parts[0][0]]
    return found


def _utterances(grid: Grid, owner: str | None) -> _Spans:
    """Utterances of a speaker: of the tier of that very name, else of its layers; without one, of all."""
    wanted = [
        (number, tier)
        for number, tier in enumerate(grid.tiers)
        if not tier.is_points and part_of(tier.name) is None
    ]
    if owner is not None:
        exact = [(number, tier) for number, tier in wanted if tier.name.strip() == owner]
        wanted = exact or [(number, tier) for number, tier in wanted if _base(tier.name) == owner]
    spans = _Spans()
    for number, tier in wanted:
        for place, item in enumerate(tier.items):
            if item.text.strip() and item.end_us > item.start_us:
                spans.keys.append((item.start_us, item.end_us, (number, place)))
    spans.keys.sort()
    return spans


def _base(name: str) -> str:
    layer = LAYER.fullmatch(name.strip())
    return layer[1] if layer else name.strip()


def collect(grid: Grid, collected: Collected, *, by_tier: bool) -> None:
    """Make segments of what has text, each with the place it is from; what was repaired is noted."""
    words = {} if by_tier else words_of(grid)
    used = {key for keys in words.values() for key in keys}
    names = {tier.name.strip() for tier in grid.tiers}
    ids: dict[Key, str] = {}
    parts: list[int] = []
    for number, tier in enumerate(grid.tiers):
        if part_of(tier.name) is not None and not tier.is_points:
            parts.append(number)
        else:
            _tier(grid, number, names, collected, _Made(ids, words, by_tier=by_tier))
    for number in parts:
        _part(grid, number, collected, _Made(ids, words, by_tier=by_tier), used)


@dataclass
class _Made:
    ids: dict[Key, str]
    words: dict[Key, list[Key]]
    by_tier: bool


def _tier(grid: Grid, number: int, names: set[str], collected: Collected, made: _Made) -> None:
    tier = grid.tiers[number]
    name = tier.name.strip()
    layer = LAYER.fullmatch(name)
    name = layer[1] if layer and layer[1] in names else name
    of_speaker = not (tier.is_points or made.by_tier or name == NOBODY or not name)
    speaker = collected.speaker(name, tier.line) if of_speaker else None
    in_tier = name if made.by_tier or (tier.is_points and name != POINTS) else None
    last = 0
    for place, item in enumerate(tier.items):
        if not item.text.strip():
            continue
        start = _start(item, last, collected)
        last = max(last, item.end_us)
        is_point = start == item.end_us
        if is_point and not tier.is_points:
            _note(collected, item, "an interval of no length became an event")
        key = number, place
        made.ids[key] = collected.segment(
            item.line,
            start_us=start,
            end_us=item.end_us,
            text=item.text,
            kind="event" if is_point else "speech",
            speaker=speaker,
            tier=in_tier,
            words=tuple(_word(grid, part, collected) for part in made.words.get(key, ())),
            custom={"textgrid": {"tier": number, "item": place}},
        )


def _part(grid: Grid, number: int, collected: Collected, made: _Made, used: set[Key]) -> None:
    """Make segments of phones, and of words of no utterance, each in its tier and below its utterance."""
    tier = grid.tiers[number]
    part = part_of(tier.name)
    owner = part.owner if part and not made.by_tier else None
    spans = _utterances(grid, owner)
    homeless = 0
    for place, item in enumerate(tier.items):
        if not item.text.strip() or (number, place) in used:
            continue
        covering = spans.covering(item)
        homeless += covering is None
        collected.segment(
            item.line,
            start_us=item.start_us,
            end_us=item.end_us,
            text=item.text,
            kind="event" if item.start_us == item.end_us else "speech",
            speaker=collected.speaker(owner, tier.line) if owner else None,
            tier=tier.name.strip(),
            parent_id=made.ids.get(covering) if covering else None,
            custom={"textgrid": {"tier": number, "item": place}},
        )
    if homeless and part and part.is_words and spans.keys:
        collected.notes.append(f"tier {tier.name!r}: {homeless} words lie in no utterance and stay a tier")


def _word(grid: Grid, key: Key, collected: Collected) -> Word:
    item = grid.tiers[key[0]].items[key[1]]
    try:
        return Word(word=item.text.strip(), start_us=item.start_us, end_us=item.end_us)
    except RecordError as error:
        raise collected.error(f"word: {error.data['reason']}", item.line) from error


def _start(item: Item, last: int, collected: Collected) -> int:
    start = item.start_us
    if start < last <= start + SNAP_US and last < item.end_us:
        _note(collected, item, f"an overlap of {last - start} µs was taken off")
        return last
    if start < last:
        _note(collected, item, "overlaps the interval before it")
    return start


def _note(collected: Collected, item: Item, text: str) -> None:
    if len(collected.notes) < MOST_NOTES:
        place = f"line {item.line}" if item.line else f"{item.start_us / 1e6:g} s"
        collected.notes.append(f"{place}: {text}")
