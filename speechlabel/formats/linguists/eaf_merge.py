"""Edits written into a copy of the ELAN file that the labels came from; all that was not edited stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, Literal, cast

from speechlabel.errors import ExportError
from speechlabel.formats.foreign import Collected
from speechlabel.formats.linguists.eaf_files import Annotation, Tier, read_eaf
from speechlabel.formats.linguists.eaf_out import STEP_US, values_of
from speechlabel.formats.linguists.eaf_tiers import NOBODY, collect, homes_of, role_of, words_tier
from speechlabel.formats.linguists.eaf_tree import Tree
from speechlabel.formats.linguists.eaf_words import words_inside
from speechlabel.formats.linguists.writeback import (
    Changes,
    InFile,
    compare,
    is_same_place,
    tell_speakers,
    told_untouched,
)
from speechlabel.formats.losses import Tally
from speechlabel.formats.times import on_grid
from speechlabel.records import Recording, Segment, Speaker, Word

__all__ = ["Dependents", "merged"]

Dependents = Literal["ask", "keep", "drop"]
MOST_LISTED = 20
OLD_ONLY = ("kind", "status")  # written back only where the file has a tier for them


def merged(
    original: Path,
    recording: Recording,
    segments: Sequence[Segment],
    speakers: Mapping[str, Speaker],
    dependents: Dependents,
    tally: Tally,
) -> tuple[bytes, list[str]]:
    """Bytes of a copy of the file with what was edited, and what to tell.

    Raises
    ------
    ExportError
        Annotations depend on some that were cut, joined or moved, and ``dependents`` is ``ask``.
    """
    eaf = read_eaf(original)
    collected = Collected("r", original)
    collect(eaf, collected)
    originals = {cast("str", _key(segment)): segment for segment in collected.segments}
    names = {speaker.id: speaker.name for speaker in speakers.values()}
    homes = {id: tier or home for id, (home, tier) in homes_of(eaf).items()}

    def home_of(segment: Segment) -> str | None:
        return segment.tier or names.get(segment.speaker or "", segment.speaker)

    changes = compare(
        InFile(originals, lambda key: eaf.annotations[key].tier.id, homes),
        segments,
        recording,
        key_of=_key,
        home_of=home_of,
        known=[*names.values(), *(segment.tier for segment in segments if segment.tier)],
    )
    merge = _Merge(Tree(eaf), originals, changes, recording, tally)
    merge.homes = {segment.id: home_of(segment) for segment in segments}
    tell_speakers(originals, changes, speakers, tally, collected.speakers.values())
    merge.told += told_untouched(originals, changes, lambda key: eaf.annotations[key].tier.id)
    merge.run(dependents, original)
    if not merge.tree.is_changed:
        return original.read_bytes(), merge.told
    return eaf.document.to_bytes(), merge.told


def _key(segment: Segment) -> str | None:
    link: Any = segment.custom.get("eaf")
    id = cast("dict[str, Any]", link).get("id") if isinstance(link, dict) else None
    return id if isinstance(id, str) else None


class _Merge:
    def __init__(
        self,
        tree: Tree,
        originals: Mapping[str, Segment],
        changes: Changes[str, str],
        recording: Recording,
        tally: Tally,
    ) -> None:
        self.tree, self.told = tree, list[str]()
        self.homes: dict[str, str | None] = {}
        self._originals, self._changes, self._recording, self._tally = originals, changes, recording, tally
        self._words = {tier.id: words_tier(tree.eaf, tier) for tier in tree.eaf.tiers if tier.parent is None}
        self._new_tiers: dict[str | None, list[Tier]] = {}

    def run(self, dependents: Dependents, original: Path) -> None:
        """Make all changes."""
        moved = {key for key, segment in self._changes.kept.items() if self._has_moved(key, segment)}
        heirs = self._heirs(moved)
        concerned = self._concerned(moved, heirs)
        if concerned and dependents == "ask":
            shown = ", ".join(list(concerned)[:MOST_LISTED]) + (" …" if len(concerned) > MOST_LISTED else "")
            raise ExportError(
                f"{original.name}: annotations depend on segments that were cut, joined or moved: {shown}; "
                "say dependents=keep to give them to the part that covers their time, or dependents=drop",
                segments=list(concerned),
            )
        pools: dict[str, list[Annotation]] = {}
        for key, heir in heirs.items():
            self._inherit(key, heir, pools, dependents)
        for key in [*self._changes.gone, *moved]:
            self.tree.remove(self._annotation(key))
        owners: dict[str, Annotation] = {}
        for key, segment in self._changes.kept.items():
            if key not in moved:
                owners[segment.id] = self._annotation(key)
                self._keep(key, segment, pools.get(key, []), dependents)
        new = [*(self._changes.kept[key] for key in moved), *self._changes.added]
        for segment in sorted(new, key=lambda item: (item.start_us, item.end_us, item.id)):
            owners[segment.id] = self._add(segment)
        if dependents == "keep":
            for key, parts in self._changes.parts.items():
                if key not in moved:
                    self._share_out(key, [owners[part.id] for part in parts])

    def _annotation(self, key: str) -> Annotation:
        return self.tree.eaf.annotations[key]

    def _has_moved(self, key: str, segment: Segment) -> bool:
        """Whether an annotation has to go to another tier: its speaker changed, or its tier is full there."""
        item = self._annotation(key)
        if self.homes[segment.id] != self._changes.homes[item.tier.id]:
            return True
        if is_same_place(segment, self._originals[key], self._recording):
            return False
        if item.slots is None:
            return False
        gone = set(self._changes.gone)
        for other in item.tier.annotations:
            if other is item or other.slots is None or other.id in gone:
                continue
            theirs = self._changes.kept.get(other.id, self._originals.get(other.id))
            if theirs is not None and theirs.start_us < segment.end_us and segment.start_us < theirs.end_us:
                return True
        return False

    def _heirs(self, moved: set[str]) -> dict[str, str]:
        """Annotations that are gone because another one was joined with them, and that one."""
        grown = {
            key: segment
            for key, segment in self._changes.kept.items()
            if key not in moved and not is_same_place(segment, self._originals[key], self._recording)
        }
        found: dict[str, str] = {}
        for key in self._changes.gone:
            old = self._originals[key]
            middle = (old.start_us + old.end_us) // 2
            tier = self._annotation(key).tier
            for other, segment in grown.items():
                if segment.start_us <= middle < segment.end_us and self._annotation(other).tier is tier:
                    found[key] = other
        return found

    def _concerned(self, moved: set[str], heirs: Mapping[str, str]) -> dict[str, None]:
        """Ids of segments whose dependents have no clear place."""
        found: dict[str, None] = {}
        for key, segment in self._changes.kept.items():
            item = self._annotation(key)
            if not item.children:
                continue
            parts = self._changes.parts.get(key, [])
            if parts or key in moved or self._outside(item, segment):
                found |= dict.fromkeys([segment.id, *(part.id for part in parts)])
        for key, heir in heirs.items():
            if self._annotation(key).children:
                found[self._changes.kept[heir].id] = None
        return found

    def _outside(self, item: Annotation, segment: Segment) -> list[Annotation]:
        """List what depends on an annotation and lies, in time, outside of where it is now."""
        words = self._words.get(item.tier.id)
        if is_same_place(segment, self._originals[item.id], self._recording):
            return []
        return [
            child
            for child in item.children
            if child.slots is not None
            and (child.tier is not words or child.children)
            and not (segment.start_us <= (child.start_us + child.end_us) // 2 < segment.end_us)
        ]

    def _inherit(
        self, key: str, heir: str, pools: dict[str, list[Annotation]], dependents: Dependents
    ) -> None:
        """Give what depended on an annotation that is gone to the one that it was joined with."""
        item, owner = self._annotation(key), self._annotation(heir)
        words = self._words.get(item.tier.id)
        for child in list(item.children):
            is_field = bool(role_of(child.tier)) and child.tier is not words
            if child.tier is words:
                pools.setdefault(heir, []).append(child)
            if (child.tier is words or dependents == "keep") and not (is_field and child.slots is None):
                self.tree.hand_over(child, owner)

    def _keep(self, key: str, segment: Segment, pool: list[Annotation], dependents: Dependents) -> None:
        item, before = self._annotation(key), self._originals[key]
        if (segment.text or "") != (before.text or ""):
            self.tree.set_text(item, segment.text or "")
        if not is_same_place(segment, before, self._recording):
            self._retime(item, segment, dependents)
        self._fields(item, segment, before)
        if segment.words != before.words or pool or not is_same_place(segment, before, self._recording):
            self._set_words(item, segment, pool)
        if dependents == "drop" and key in self._changes.parts:
            words = self._words.get(item.tier.id)
            for child in list(item.children):
                if child.tier is not words and not role_of(child.tier):
                    self.tree.remove(child)

    def _retime(self, item: Annotation, segment: Segment, dependents: Dependents) -> None:
        outside = self._outside(item, segment)
        if item.slots is None:
            self._tally.add("times", "an annotation without times of its own keeps those it had", segment.id)
            return
        self.tree.set_times(item, *self._grid(segment))
        for child in outside:
            if dependents == "drop":
                self.tree.remove(child)
            elif item.id not in self._changes.parts:
                self._squeeze(child, item)

    def _squeeze(self, child: Annotation, owner: Annotation) -> None:
        """Bring what depends on an annotation into its time."""
        start = min(max(child.start_us, owner.start_us), owner.end_us - STEP_US)
        end = max(min(child.end_us, owner.end_us), start + STEP_US)
        self.tree.set_times(child, start, end)

    def _grid(self, segment: Segment) -> tuple[int, int]:
        start, end = on_grid(segment.start_us, segment.end_us, STEP_US, self._recording.duration_us)
        first = max(0, self.tree.eaf.origin_us)
        if start < first:
            self._tally.add("times", "lies before the first time that the file can tell", segment.id)
            start = first
        return start, max(end, start + STEP_US)

    def _fields(self, item: Annotation, segment: Segment, before: Segment | None) -> None:
        """Write the texts of tiers right below that differ from what the file gives."""
        wanted = values_of(segment, self._tally)
        known = values_of(before, Tally()) if before is not None else {}
        for name in [*wanted, *(name for name in known if name not in wanted)]:
            text = wanted.get(name, "")
            if text == known.get(name, ""):
                continue
            there = [child for child in item.children if role_of(child.tier) == name]
            for child in there[1:] if text else there:
                self.tree.remove(child)
            if there and text:
                self.tree.set_text(there[0], text)
            elif text and (tier := self._field_tier(item.tier, name, segment)) is not None:
                self.tree.refer(tier, text, item)

    def _field_tier(self, top: Tier, name: str, segment: Segment) -> Tier | None:
        for tier in self.tree.eaf.tiers:
            if tier.parent is top and role_of(tier) == name:
                return tier
        if name in OLD_ONLY:
            if name == "kind":
                self._tally.add("kind", "the file it goes back to has no tier for it", segment.id)
            return None
        kind = self.tree.type_of(name, "Symbolic_Association")
        return self.tree.new_tier(f"{name}@{top.id}", kind, participant=top.participant, parent=top)

    def _add(self, segment: Segment) -> Annotation:
        start, end = self._grid(segment)
        tier = self._tier_for(self.homes[segment.id], start, end)
        made = self.tree.add(tier, segment.text or "", (start, end))
        if segment.start_us == segment.end_us:
            self._tally.add("segment", "a point became a stretch of 1 ms", segment.id)
        self._fields(made, segment, None)
        if segment.words:
            self._set_words(made, segment, [])
        return made

    def _tier_for(self, home: str | None, start_us: int, end_us: int) -> Tier:
        """Find the first tier of a speaker that is free there, or make one."""
        homes = self._changes.homes
        own = [
            tier
            for tier in self.tree.eaf.tiers
            if tier.id in homes and homes[tier.id] == home and tier.stereotype is None
        ]
        for tier in [*own, *self._new_tiers.get(home, [])]:
            if all(item.end_us <= start_us or end_us <= item.start_us for item in tier.annotations):
                return tier
        alike = own or [
            tier for tier in self.tree.eaf.tiers if tier.parent is None and tier.stereotype is None
        ]
        kind = alike[0].type if alike else self.tree.type_of("utterance", None)
        name = own[0].participant or own[0].id if own else home or ""
        made = self.tree.new_tier(own[0].id if own else home or NOBODY, kind, participant=name)
        self._new_tiers.setdefault(home, []).append(made)
        return made

    def _set_words(self, item: Annotation, segment: Segment, pool: list[Annotation]) -> None:
        """Make the annotations of the tier of words say what the segment's words are; those that fit stay."""
        tier = self._words.get(item.tier.id)
        if tier is None:
            if segment.words:
                self._tally.add("words", "the file it goes back to has no tier for them", segment.id)
            return
        have = sorted(
            (child for child in item.children if child.tier is tier), key=lambda child: child.start_us
        )
        words = words_inside(item, segment, self._tally)
        same = SequenceMatcher(
            None, [child.text for child in have], [word.word for word in words], autojunk=False
        )
        fitting: list[Annotation | None] = [None] * len(words)
        for _, first, last, start, end in same.get_opcodes():
            for child, at in zip(have[first:last], range(start, end), strict=False):
                fitting[at] = child
        for child in have:
            if child not in fitting:
                self.tree.remove(child)
        with_times = tier.stereotype != "Symbolic_Subdivision"
        before: Annotation | None = None
        for word, child in zip(words, fitting, strict=True):
            before = self._word(item, tier, word, child, before, with_times=with_times) or before
        if tier.stereotype == "Time_Subdivision":
            self._close_up(item, [child for child in item.children if child.tier is tier])

    def _word(
        self,
        item: Annotation,
        tier: Tier,
        word: Word,
        child: Annotation | None,
        before: Annotation | None,
        *,
        with_times: bool,
    ) -> Annotation | None:
        if child is not None:
            self.tree.set_text(child, word.word)
        if not with_times:
            return child or self.tree.refer(tier, word.word, item, before)
        if word.start_us is None or word.end_us is None:
            if child is None:
                self._tally.add("words", "a word without times is left out", item.id)
            return child
        if child is not None:
            if (child.start_us, child.end_us) != (word.start_us, word.end_us):
                self.tree.set_times(child, *on_grid(word.start_us, word.end_us, STEP_US))
            return child
        start, end = on_grid(word.start_us, word.end_us, STEP_US)
        made = self.tree.add(tier, word.word, (start, max(end, start + STEP_US)))
        made.parent = item
        item.children.append(made)
        return made

    def _close_up(self, item: Annotation, children: list[Annotation]) -> None:
        """Leave no gap between the parts of an annotation that has to be filled by them."""
        children.sort(key=lambda child: (child.start_us, child.end_us))
        if not children or item.slots is None:
            return
        edges = [item.slots[0], *(child.slots[0] for child in children[1:] if child.slots), item.slots[1]]
        for child, first, last in zip(children, edges, edges[1:], strict=False):
            self.tree.set_slots(child, first, last)

    def _share_out(self, key: str, parts: Sequence[Annotation]) -> None:
        """Give what depends on an annotation that was cut to the part that covers its time."""
        item = self._annotation(key)
        words = self._words.get(item.tier.id)
        for child in list(item.children):
            if child.tier is words or child.slots is None:
                continue
            middle = (child.start_us + child.end_us) // 2
            owner = next((part for part in parts if part.start_us <= middle < part.end_us), item)
            self._squeeze(child, owner)
            if owner is not item:
                self.tree.hand_over(child, owner)
