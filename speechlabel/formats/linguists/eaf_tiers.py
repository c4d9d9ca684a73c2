"""What the tiers of an ELAN file mean: who speaks, further texts of a segment, its words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from speechlabel.errors import RecordError
from speechlabel.formats.foreign import Collected
from speechlabel.formats.linguists.eaf_files import Annotation, Eaf, Tier
from speechlabel.records import Kind, Status, Word

__all__ = [
    "FIELDS",
    "NOBODY",
    "RESERVED",
    "collect",
    "homes_of",
    "joined",
    "role_of",
    "split_list",
    "words_tier",
]

NOBODY = "segments"  # the tier of segments without a speaker
# Fields of a segment that have a tier of their own, by the name of that tier before "@".
FIELDS = ("kind", "noise", "tags", "note", "status")
RESERVED = (*FIELDS, "words", "utterance")  # a field of such a name has "fields." before it
WORDS = re.compile(r"(words?|wd|wrd|tokens?|mots?|wort|wörter|palabras?|parole?)", re.IGNORECASE)
LAYER = re.compile(r"(.+) \(([2-9]|[1-9][0-9]+)\)", re.DOTALL)
SPLITS = ("Time_Subdivision", "Included_In", "Symbolic_Subdivision")


def _home(tier: Tier, names: Iterable[str] = ()) -> str | None:
    """Name of the speaker of a tier on which no other one stands."""
    name = tier.participant or tier.id.strip()
    if tier.participant or name != NOBODY:
        layer = LAYER.fullmatch(name)
        is_layer = layer is not None and not tier.participant and layer[1] in set(names)
        return (layer[1] if is_layer and layer else name) or None
    return None


def _base(tier: Tier) -> str:
    """Name of a dependent tier without that of the tier, or speaker, it belongs to."""
    for owner in (tier.top.id, tier.parent.id if tier.parent else "", tier.participant, tier.top.participant):
        for mark in ("@", "_", "-", " - "):
            if owner and tier.id.endswith(mark + owner) and len(tier.id) > len(mark + owner):
                return tier.id.removesuffix(mark + owner)
            if (
                owner
                and mark != "@"
                and tier.id.startswith(owner + mark)
                and len(tier.id) > len(owner + mark)
            ):
                return tier.id.removeprefix(owner + mark)
    base = tier.id.partition("@")[0]
    return base or tier.id


def role_of(tier: Tier) -> str:
    """Name what a tier right below a speaker's is: ``words``, a field, or "" for neither."""
    if tier.parent is None or tier.parent.parent is not None:
        return ""
    base = _base(tier)
    is_split = tier.stereotype in SPLITS or any(item.slots is not None for item in tier.annotations)
    if not is_split:
        return base
    return "words" if WORDS.fullmatch(base) or WORDS.fullmatch(tier.type) else ""


def words_tier(eaf: Eaf, top: Tier) -> Tier | None:
    """Find the one tier whose annotations are the words of a tier's segments."""
    below = [tier for tier in eaf.tiers if tier.parent is top]
    named = [tier for tier in below if role_of(tier) == "words"]
    splits = [tier for tier in below if role_of(tier) == ""]
    return named[0] if named else splits[0] if len(splits) == 1 else None


def split_list(text: str) -> tuple[str, ...]:
    """Names out of a list with semicolons."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(";") if part.strip()))


def joined(names: Iterable[str]) -> str:
    """List of names as it stands in a tier."""
    return "; ".join(names)


def homes_of(eaf: Eaf) -> dict[str, tuple[str | None, str | None]]:
    """Give the speaker of each tier that depends on none, and its name unless it is their first."""
    tops = [tier for tier in eaf.tiers if tier.parent is None]
    names = {tier.participant or tier.id for tier in tops}
    found: dict[str, tuple[str | None, str | None]] = {}
    first: dict[str | None, Tier] = {}
    for tier in tops:
        home = _home(tier, names)
        before = first.setdefault(home, tier)
        layer = LAYER.fullmatch(tier.id)
        is_same = before is tier or (layer is not None and layer[1] == before.id)
        found[tier.id] = home, None if is_same else tier.id
    return found


def collect(eaf: Eaf, collected: Collected) -> None:
    """Make segments of all tiers on which no other stands; what depends on them goes into them."""
    collected.notes.extend(eaf.notes)
    homes = homes_of(eaf)
    roles = {tier: role_of(tier) for tier in eaf.tiers}
    for tier in eaf.tiers:
        if tier.parent is not None:
            continue
        home, in_tier = homes[tier.id]
        speaker = collected.speaker(home, tier.node.line) if home else None
        words = words_tier(eaf, tier)
        for item in tier.annotations:
            if item.slots is None and item.parent is not None:
                continue  # refers to another one, and is found there
            parts = _parts(item, words, roles)
            _segment(item, (speaker, in_tier), parts, collected)


def _segment(
    item: Annotation, home: tuple[str | None, str | None], parts: dict[str, Any], collected: Collected
) -> None:
    line = item.node.line
    if item.start_us == item.end_us:
        collected.notes.append(f"line {line}: annotation {item.id!r:.60} has no length; taken as an event")
    kind = parts.pop("kind", "speech")
    try:
        made = tuple(_word(word) for word in parts.pop("words", ()))
    except RecordError as error:
        raise collected.error(f"word: {error.data['reason']}", line) from error
    collected.segment(
        line,
        start_us=item.start_us,
        end_us=item.end_us,
        text=item.text or None,
        kind="event" if item.start_us == item.end_us else kind,
        speaker=home[0],
        tier=home[1],
        language=item.node.get("LANG_REF") or item.tier.language,
        words=made,
        custom={"eaf": {"id": item.id, "tier": item.tier.id, **parts.pop("custom", {})}},
        **parts,
    )


def _parts(item: Annotation, words: Tier | None, roles: Mapping[Tier, str]) -> dict[str, Any]:
    """Fields of a segment that stand in tiers below it; ``words`` as annotations."""
    parts: dict[str, Any] = {}
    fields: dict[str, str] = {}
    rest: dict[str, list[list[Any]]] = {}
    for child in item.children:
        role = roles[child.tier]
        if child.tier is words:
            parts.setdefault("words", []).append(child)
        elif role and role != "words" and not _take(role, child.text, parts):
            name = role.removeprefix("fields.") if role.removeprefix("fields.") in RESERVED else role
            name = name if name not in fields else child.tier.id
            fields[name] = child.text if name not in fields else f"{fields[name]}\n{child.text}"
        elif not role or role == "words":
            rest.setdefault(child.tier.id, []).append(_kept(child))
    for child in item.below():
        if child.parent is not item:
            rest.setdefault(child.tier.id, []).append(_kept(child))
    if fields:
        parts["fields"] = fields
    if rest:
        parts["custom"] = {"below": rest}
    return parts


def _take(role: str, text: str, parts: dict[str, Any]) -> bool:
    """Take a field that segments have of their own; tell whether it is one, with a value it can have."""
    if role == "kind" and text in get_args(Kind) and text != "event":
        parts["kind"] = text
    elif role == "status" and text in get_args(Status):
        parts["status"] = text
    elif role == "noise":
        parts["noise_labels"] = split_list(text)
    elif role == "tags":
        parts["tags"] = split_list(text)
    elif role == "note":
        parts["note"] = text
    else:
        return False
    return True


def _kept(child: Annotation) -> list[Any]:
    """Keep what stands deeper as it is: id, id of what it depends on, start and end in µs, text."""
    above = child.parent.id if child.parent else None
    return [child.id, above, child.start_us, child.end_us, child.text]


def _word(child: Annotation) -> Word:
    if child.slots is None:
        return Word(word=child.text)
    return Word(word=child.text, start_us=child.start_us, end_us=child.end_us)
