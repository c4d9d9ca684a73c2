"""Changes to an ELAN file in memory: texts, times, new and removed annotations, new tiers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from speechlabel.formats.linguists.eaf_files import Annotation, Eaf, Tier
from speechlabel.formats.xmlfile import Node

__all__ = ["Tree"]

TEXT = "\n            "  # the blanks that ELAN writes before what stands in an annotation


class Tree:
    """An EAF that is changed; ``is_changed`` tells whether anything was."""

    def __init__(self, eaf: Eaf) -> None:
        self.eaf = eaf
        self.root = eaf.document.root
        self.is_changed = False
        self._tiers = {tier.id: tier for tier in eaf.tiers}
        self._uses = Counter(slot for item in eaf.annotations.values() for slot in item.slots or ())
        order = self.root.first("TIME_ORDER")
        assert order is not None or not self._uses
        self._order = order if order is not None else Node("TIME_ORDER")
        self._last_slot = _highest((node.get("TIME_SLOT_ID") or "" for node in self._order.children), "ts")
        self._last_id = _highest(eaf.annotations, "a")
        header = self.root.first("HEADER")
        self._last_used = next(
            (
                node
                for node in (header.all("PROPERTY") if header is not None else ())
                if node.get("NAME") == "lastUsedAnnotationId" and node.text.strip().isdecimal()
            ),
            None,
        )
        if self._last_used is not None:
            self._last_id = max(self._last_id, int(self._last_used.text))

    def set_text(self, item: Annotation, text: str) -> None:
        """Give an annotation another text, and the entry of its vocabulary where that has it."""
        if item.text == text:
            return
        self.is_changed = True
        item.text = text
        value = item.node.first("ANNOTATION_VALUE")
        if value is None:
            value = Node("ANNOTATION_VALUE")
            item.node.children.insert(0, value)
        value.text, value.children = text, []
        entry = self._entry(item.tier, text)
        if entry is not None:
            item.node.attributes["CVE_REF"] = entry
        else:
            item.node.attributes.pop("CVE_REF", None)

    def _entry(self, tier: Tier, text: str) -> str | None:
        kind = next(
            (
                node
                for node in self.root.all("LINGUISTIC_TYPE")
                if node.get("LINGUISTIC_TYPE_ID") == tier.type
            ),
            None,
        )
        wanted = kind.get("CONTROLLED_VOCABULARY_REF") if kind is not None else None
        for node in self.root.all("CONTROLLED_VOCABULARY"):
            if wanted is None or node.get("CV_ID") != wanted:
                continue
            for entry in node.all("CV_ENTRY_ML"):
                if any(value.text == text for value in entry.all("CVE_VALUE")):
                    return entry.get("CVE_ID")
        return None

    def _units(self, time_us: int) -> int:
        return max(0, round((time_us - self.eaf.origin_us) / 1000 / self.eaf.unit_ms))

    def _new_slot(self, time_us: int | None) -> str:
        """Make a time slot, in its place by time; without a time it goes before the end."""
        self._last_slot += 1
        id = f"ts{self._last_slot}"
        node = Node("TIME_SLOT", {"TIME_SLOT_ID": id})
        at = len(self._order.children)
        if time_us is not None:
            node.attributes["TIME_VALUE"] = str(self._units(time_us))
            for number, other in enumerate(self._order.children):
                value = other.get("TIME_VALUE")
                if value is not None and int(value) > self._units(time_us):
                    at = number
                    break
        self._order.insert(at, node)
        self.eaf.slots[id] = time_us if time_us is not None else 0
        return id

    def set_times(self, item: Annotation, start_us: int, end_us: int) -> None:
        """Move an annotation; what depends on it and shares a slot with it goes along."""
        assert item.slots is not None
        wanted = start_us, end_us
        if (item.start_us, item.end_us) == wanted:
            return
        self.is_changed = True
        slots = list(item.slots)
        if self.eaf.slots[slots[0]] > self.eaf.slots[slots[1]]:
            slots.reverse()
        for side in (0, 1):
            if self.eaf.slots[slots[side]] != wanted[side]:
                made = self._new_slot(wanted[side])
                old, slots[side] = slots[side], made
                for below in item.below():
                    if below.slots is not None and old in below.slots:
                        self.set_slots(below, *(made if slot == old else slot for slot in below.slots))
        self.set_slots(item, *slots)
        item.start_us, item.end_us = wanted

    def set_slots(self, item: Annotation, first: str, last: str) -> None:
        """Tie an annotation to other slots; those that nothing uses any more go."""
        assert item.slots is not None
        if item.slots == (first, last):
            return
        self.is_changed = True
        old = item.slots
        self._uses.update((first, last))
        item.slots = first, last
        item.node.attributes["TIME_SLOT_REF1"], item.node.attributes["TIME_SLOT_REF2"] = first, last
        item.start_us, item.end_us = self.eaf.slots[first], self.eaf.slots[last]
        self._release(*old)

    def _release(self, *slots: str) -> None:
        self._uses.subtract(slots)
        for slot in set(slots):
            if self._uses[slot] <= 0:
                for node in list(self._order.children):
                    if node.get("TIME_SLOT_ID") == slot:
                        self._order.remove(node)

    def remove(self, item: Annotation) -> None:
        """Take an annotation out, and all that depends on it."""
        self.is_changed = True
        for child in [item, *item.below()]:
            holder = next(
                (node for node in child.tier.node.all("ANNOTATION") if child.node in node.children), None
            )
            if holder is not None:
                child.tier.node.remove(holder)
                child.tier.annotations.remove(child)
                self._close_gap(child)
                if child.slots is not None:
                    self._release(*child.slots)
            self.eaf.annotations.pop(child.id, None)
        if item.parent is not None and item in item.parent.children:
            item.parent.children.remove(item)

    def _close_gap(self, item: Annotation) -> None:
        before = item.node.get("PREVIOUS_ANNOTATION")
        for other in item.tier.annotations:
            if other.node.get("PREVIOUS_ANNOTATION") == item.id:
                if before is None:
                    del other.node.attributes["PREVIOUS_ANNOTATION"]
                else:
                    other.node.attributes["PREVIOUS_ANNOTATION"] = before

    def add(self, tier: Tier, text: str, times: tuple[int | None, int | None]) -> Annotation:
        """Make an annotation with times of its own."""
        slots = self._new_slot(times[0]), self._new_slot(times[1])
        self._uses.update(slots)
        names = {"TIME_SLOT_REF1": slots[0], "TIME_SLOT_REF2": slots[1]}
        made = self._made(tier, "ALIGNABLE_ANNOTATION", names, text, slots)
        made.start_us, made.end_us = times[0] or 0, times[1] or 0
        at = len(tier.annotations)
        if times[0] is not None:
            at = next((n for n, item in enumerate(tier.annotations) if item.start_us > made.start_us), at)
        self._hold(made, at)
        return made

    def refer(self, tier: Tier, text: str, above: Annotation, after: Annotation | None = None) -> Annotation:
        """Make an annotation that refers to another one."""
        names = {"ANNOTATION_REF": above.id}
        if after is not None:
            names["PREVIOUS_ANNOTATION"] = after.id
        made = self._made(tier, "REF_ANNOTATION", names, text, None)
        made.parent = above
        made.start_us, made.end_us = above.start_us, above.end_us
        above.children.append(made)
        if after is not None:
            for other in tier.annotations:
                if other.node.get("PREVIOUS_ANNOTATION") == after.id:
                    other.node.attributes["PREVIOUS_ANNOTATION"] = made.id
            at = tier.annotations.index(after) + 1
        else:
            later = (n for n, item in enumerate(tier.annotations) if item.start_us > made.start_us)
            at = next(later, len(tier.annotations))
        self._hold(made, at)
        return made

    def hand_over(self, item: Annotation, above: Annotation) -> None:
        """Give an annotation another one to depend on."""
        self.is_changed = True
        if item.parent is not None and item in item.parent.children:
            item.parent.children.remove(item)
        if item.slots is None:
            item.node.attributes["ANNOTATION_REF"] = above.id
            item.node.attributes.pop("PREVIOUS_ANNOTATION", None)
            last = [child for child in above.children if child.tier is item.tier]
            if last and item.tier.stereotype == "Symbolic_Subdivision":
                item.node.attributes["PREVIOUS_ANNOTATION"] = last[-1].id
        item.parent = above
        above.children.append(item)

    def _made(
        self, tier: Tier, tag: str, names: dict[str, str], text: str, slots: tuple[str, str] | None
    ) -> Annotation:
        self.is_changed = True
        self._last_id += 1
        if self._last_used is not None:
            self._last_used.text = str(self._last_id)
        id = f"a{self._last_id}"
        node = Node(tag, {"ANNOTATION_ID": id, **names})
        value = Node("ANNOTATION_VALUE")
        value.text, value.tail, node.text = text, TEXT, f"{TEXT}    "
        node.children.append(value)
        made = Annotation(id, tier, text, node, slots)
        if (entry := self._entry(tier, text)) is not None:
            node.attributes["CVE_REF"] = entry
        self.eaf.annotations[id] = made
        return made

    def _hold(self, item: Annotation, at: int) -> None:
        """Put an annotation into its tier, before the one that now is at ``at``."""
        holder = Node("ANNOTATION")
        holder.text, item.node.tail = TEXT, "\n        "
        holder.children.append(item.node)
        tier, children = item.tier, item.tier.node.children
        place = len(children)
        if at < len(tier.annotations):
            wanted = tier.annotations[at].node
            place = next(n for n, node in enumerate(children) if wanted in node.children)
        if not children:
            tier.node.text, holder.tail = "\n        ", "\n    "
        tier.node.insert(place, holder)
        tier.annotations.insert(at, item)

    def new_tier(self, id: str, kind: str, *, participant: str = "", parent: Tier | None = None) -> Tier:
        """Make a tier after the last one; a number is added to a name that is taken."""
        self.is_changed = True
        made, number = id, 1
        while made in self._tiers:
            number += 1
            made = f"{id} ({number})"
        node = Node("TIER", {"LINGUISTIC_TYPE_REF": kind})
        node.attributes |= {"PARENT_REF": parent.id} if parent is not None else {}
        node.attributes |= {"PARTICIPANT": participant} if participant else {}
        node.attributes["TIER_ID"] = made
        self._insert_last(node, "TIER", "TIME_ORDER")
        tier = Tier(made, node, participant, kind, parent, self._stereotype(kind))
        self.eaf.tiers.append(tier)
        self._tiers[made] = tier
        return tier

    def type_of(self, name: str, stereotype: str | None) -> str:
        """Find or make a linguistic type with that constraint."""
        known = {node.get("LINGUISTIC_TYPE_ID"): node for node in self.root.all("LINGUISTIC_TYPE")}
        made, number = name, 1
        while made in known:
            if self._stereotype(made) == stereotype:
                return made
            number += 1
            made = f"{name} ({number})"
        self.is_changed = True
        node = Node("LINGUISTIC_TYPE", {"CONSTRAINTS": stereotype} if stereotype else {})
        is_timed = "false" if stereotype and stereotype.startswith("Symbolic") else "true"
        node.attributes |= {
            "GRAPHIC_REFERENCES": "false",
            "LINGUISTIC_TYPE_ID": made,
            "TIME_ALIGNABLE": is_timed,
        }
        self._insert_last(node, "LINGUISTIC_TYPE", "TIER")
        if stereotype and all(item.get("STEREOTYPE") != stereotype for item in self.root.all("CONSTRAINT")):
            constraint = Node("CONSTRAINT", {"DESCRIPTION": stereotype, "STEREOTYPE": stereotype})
            tags = [item.tag for item in self.root.children]
            self._insert_last(
                constraint,
                *(tag for tag in ("CONSTRAINT", "LANGUAGE", "LOCALE", "LINGUISTIC_TYPE") if tag in tags),
            )
        return made

    def _stereotype(self, kind: str) -> str | None:
        node = next(
            (item for item in self.root.all("LINGUISTIC_TYPE") if item.get("LINGUISTIC_TYPE_ID") == kind),
            None,
        )
        return ((node.get("CONSTRAINTS") or "").replace(" ", "_") or None) if node is not None else None

    def _insert_last(self, node: Node, *after: str) -> None:
        """Put an element of the document after the last one of the first name that is there."""
        for tag in after:
            places = [number for number, item in enumerate(self.root.children) if item.tag == tag]
            if places:
                self.root.insert(places[-1] + 1, node)
                return
        self.root.insert(len(self.root.children), node)


def _highest(ids: Iterable[str], prefix: str) -> int:
    pattern = re.compile(rf"{prefix}([0-9]{{1,15}})")
    found = [int(match[1]) for id in ids if (match := pattern.fullmatch(id))]
    return max(found, default=0)
