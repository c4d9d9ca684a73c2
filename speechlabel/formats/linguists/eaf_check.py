"""Rules of EAF 3.0 that a file may break and still be read, but ELAN would refuse or change."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from speechlabel.formats.base import Fault
from speechlabel.formats.linguists.eaf_files import Eaf, Tier

__all__ = ["faults_of"]

ORDER = (
    *("LICENSE", "HEADER", "TIME_ORDER", "TIER", "LINGUISTIC_TYPE", "LOCALE", "LANGUAGE", "CONSTRAINT"),
    *("CONTROLLED_VOCABULARY", "LEXICON_REF", "REF_LINK_SET", "EXTERNAL_REF"),
)


def faults_of(eaf: Eaf, name: str) -> Iterator[Fault]:
    """Give every fault of a file that could be read."""
    root = eaf.document.root
    yield from _order_faults(eaf, name)
    types = {node.get("LINGUISTIC_TYPE_ID"): node for node in root.all("LINGUISTIC_TYPE")}
    lists = {node.get("CV_ID") for node in root.all("CONTROLLED_VOCABULARY")}
    for node in types.values():
        if (wanted := node.get("CONTROLLED_VOCABULARY_REF")) is not None and wanted not in lists:
            yield Fault(name, node.line, f"there is no controlled vocabulary {wanted!r:.60}")
    for tier in eaf.tiers:
        if tier.type not in types:
            yield Fault(name, tier.node.line, f"there is no linguistic type {tier.type!r:.60}")
        elif tier.parent is not None and tier.stereotype is None:
            yield Fault(name, tier.node.line, "depends on a tier, but its type has no constraint")
        elif tier.parent is None and tier.stereotype is not None:
            yield Fault(name, tier.node.line, f"is {tier.stereotype:.60}, but depends on no tier")
        yield from _tier_faults(tier, name)


def _order_faults(eaf: Eaf, name: str) -> Iterator[Fault]:
    last = 0
    for node in eaf.document.root.children:
        if node.tag and node.tag not in ORDER:
            yield Fault(name, node.line, f"{node.tag:.60} is no part of an EAF")
        elif node.tag:
            at = ORDER.index(node.tag)
            if at < last:
                yield Fault(name, node.line, f"{node.tag} stands after {ORDER[last]}")
            last = max(last, at)


def _tier_faults(tier: Tier, name: str) -> Iterator[Fault]:
    if len({item.slots is None for item in tier.annotations}) > 1:
        yield Fault(name, tier.node.line, "holds annotations with and without times")
    timed = [item for item in tier.annotations if item.slots is not None]
    timed.sort(key=lambda item: (item.start_us, item.end_us))
    for item in timed:
        if item.start_us == item.end_us:
            yield Fault(name, item.node.line, f"annotation {item.id!r:.60} has no length")
    for before, item in pairwise(timed):
        if item.start_us < before.end_us:
            yield Fault(name, item.node.line, f"overlaps the annotation {before.id!r:.60} of its tier")
