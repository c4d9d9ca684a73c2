"""An ELAN file as it stands: tiers, annotations with their times, what depends on what.

Spec: https://www.mpi.nl/tools/elan/EAF_Annotation_Format_3.0_and_ELAN.pdf; versions 2.0 to 3.0 are read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from speechlabel.errors import ParseError
from speechlabel.formats.xmlfile import Document, Node, read_xml

__all__ = ["Annotation", "Eaf", "Tier", "read_eaf"]

# Milliseconds of a unit of time; the others than the first were used by the first versions of ELAN.
UNITS = {"milliseconds": 1.0, "PAL-frames": 40.0, "PAL-50-frames": 20.0, "NTSC-frames": 1001 / 30}
MOST_NOTES = 500


@dataclass(eq=False, slots=True)
class Annotation:
    """An annotation; its times are those of its slots, or of what it refers to."""

    id: str
    tier: Tier
    text: str
    node: Node  # ALIGNABLE_ANNOTATION or REF_ANNOTATION
    slots: tuple[str, str] | None  # None: it has no time of its own
    parent: Annotation | None = None
    start_us: int = 0
    end_us: int = 0
    children: list[Annotation] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]

    def below(self) -> list[Annotation]:
        """All that depends on it."""
        found = list(self.children)
        for child in found:
            found += child.children
        return found


@dataclass(eq=False, slots=True)
class Tier:
    """A tier with its annotations in the order of the file."""

    id: str
    node: Node
    participant: str
    type: str
    parent: Tier | None = None
    stereotype: str | None = None
    language: str | None = None
    annotations: list[Annotation] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType]

    @property
    def top(self) -> Tier:
        """The tier that all above depend on, itself where it depends on none."""
        tier = self
        while tier.parent is not None:
            tier = tier.parent
        return tier


@dataclass(eq=False, slots=True)
class Eaf:
    """A whole file."""

    document: Document
    tiers: list[Tier]
    annotations: dict[str, Annotation]
    slots: dict[str, int]  # times in µs of the recording, those of untimed slots interpolated
    origin_us: int  # what a time of the file lies before that of the recording
    unit_ms: float
    media: str  # where the file says the audio lies; "" where it does not
    notes: list[str]


def read_eaf(path: Path) -> Eaf:
    """Read an EAF.

    Raises
    ------
    ParseError
        It is not one, or refers to a slot, an annotation or a parent that is not there.
    """
    document, notes = read_xml(path)
    return _Reader(path, document, list(notes)).eaf()


class _Reader:
    def __init__(self, path: Path, document: Document, notes: list[str]) -> None:
        self._path, self._document, self._notes = path, document, notes
        self._root = document.root
        self._slots: dict[str, int | None] = {}
        self._tiers: dict[str, Tier] = {}
        self._annotations: dict[str, Annotation] = {}

    def _error(self, node: Node, reason: str) -> ParseError:
        return ParseError(self._path, reason, line=node.line)

    def _note(self, node: Node, text: str) -> None:
        if len(self._notes) < MOST_NOTES:
            self._notes.append(f"line {node.line}: {text}")

    def _need(self, node: Node, name: str) -> str:
        value = node.get(name)
        if value is None:
            raise self._error(node, f"{node.tag} has no {name}")
        return value

    def eaf(self) -> Eaf:
        if self._root.tag != "ANNOTATION_DOCUMENT":
            raise self._error(
                self._root, f"an ELAN file is an ANNOTATION_DOCUMENT, not {self._root.tag!r:.60}"
            )
        header = self._root.first("HEADER") or Node("HEADER")
        units = header.get("TIME_UNITS") or "milliseconds"
        if units not in UNITS:
            raise self._error(header, f"TIME_UNITS {units!r:.60} is none of {', '.join(UNITS)}")
        if units != "milliseconds":
            self._note(header, f"times are in {units}; taken as {UNITS[units]:g} ms each")
        media, origin_us = self._media(header)
        self._read_slots(UNITS[units], origin_us)
        self._read_tiers()
        self._connect()
        times = self._interpolated()
        self._time(times)
        tiers = list(self._tiers.values())
        return Eaf(
            self._document, tiers, self._annotations, times, origin_us, UNITS[units], media, self._notes
        )

    def _media(self, header: Node) -> tuple[str, int]:
        """Path of the sound, by its type the first, and what to add to times of the file."""
        found = list(header.all("MEDIA_DESCRIPTOR"))
        if len(found) > 1:
            sounds = [item for item in found if (item.get("MIME_TYPE") or "").startswith("audio")]
            found = sounds or found
            self._note(found[0], "several media; the first sound is taken")
        if not found:
            return _path(header.get("MEDIA_FILE") or "", self._path), 0
        item = found[0]
        url = item.get("RELATIVE_MEDIA_URL") or item.get("MEDIA_URL") or ""
        origin = item.get("TIME_ORIGIN") or "0"
        if not origin.lstrip("-").isdecimal() or len(origin) > 12:
            raise self._error(item, f"TIME_ORIGIN {origin!r:.60} is not a number of milliseconds")
        if int(origin):
            self._note(item, f"the sound begins {origin} ms before the annotations do; their times are moved")
        return _path(url, self._path), int(origin) * 1000

    def _read_slots(self, unit: float, origin_us: int) -> None:
        for order in self._root.all("TIME_ORDER"):
            for node in order.all("TIME_SLOT"):
                id = self._need(node, "TIME_SLOT_ID")
                if id in self._slots:
                    raise self._error(node, f"there are two time slots {id!r:.60}")
                value = node.get("TIME_VALUE")
                if value is None:
                    self._slots[id] = None
                    continue
                if not (value.isascii() and value.isdecimal() and len(value) < 13):
                    raise self._error(node, f"TIME_VALUE {value!r:.60} is not a number of milliseconds")
                time = round(int(value) * unit * 1000) + origin_us
                if time < 0:
                    self._note(node, "lies before the sound; taken as its start")
                self._slots[id] = max(0, time)

    def _read_tiers(self) -> None:
        stereotypes = {
            node.get("LINGUISTIC_TYPE_ID") or "": (node.get("CONSTRAINTS") or "").replace(" ", "_") or None
            for node in self._root.all("LINGUISTIC_TYPE")
        }
        for node in self._root.all("TIER"):
            id = self._need(node, "TIER_ID")
            if id in self._tiers:
                raise self._error(node, f"there are two tiers {id!r:.60}")
            kind = node.get("LINGUISTIC_TYPE_REF") or ""
            if kind not in stereotypes:
                self._note(node, f"tier {id!r:.60} is of the type {kind!r:.60}, which is not there")
            tier = Tier(id, node, (node.get("PARTICIPANT") or "").strip(), kind)
            tier.stereotype, tier.language = stereotypes.get(kind), node.get("LANG_REF")
            self._tiers[id] = tier
            for holder in node.all("ANNOTATION"):
                for item in holder.children:
                    if item.tag in ("ALIGNABLE_ANNOTATION", "REF_ANNOTATION"):
                        self._read_annotation(tier, item)
            if len({item.slots is None for item in tier.annotations}) > 1:
                self._note(node, f"tier {id!r:.60} holds annotations with and without times")

    def _read_annotation(self, tier: Tier, node: Node) -> None:
        id = self._need(node, "ANNOTATION_ID")
        if id in self._annotations:
            raise self._error(node, f"there are two annotations {id!r:.60}")
        slots = None
        if node.tag == "ALIGNABLE_ANNOTATION":
            slots = self._need(node, "TIME_SLOT_REF1"), self._need(node, "TIME_SLOT_REF2")
            for slot in slots:
                if slot not in self._slots:
                    raise self._error(node, f"refers to the time slot {slot!r:.60}, which is not there")
        value = node.first("ANNOTATION_VALUE")
        made = Annotation(id, tier, value.text if value is not None else "", node, slots)
        self._annotations[id] = made
        tier.annotations.append(made)

    def _connect(self) -> None:
        for tier in self._tiers.values():
            above = tier.node.get("PARENT_REF")
            if above is not None and above not in self._tiers:
                raise self._error(tier.node, f"depends on the tier {above!r:.60}, which is not there")
            tier.parent = self._tiers[above] if above is not None else None
        for tier in self._tiers.values():
            seen, at = {tier.id}, tier.parent
            while at is not None:
                if at.id in seen:
                    raise self._error(tier.node, f"tier {tier.id!r:.60} depends on itself")
                seen.add(at.id)
                at = at.parent
        for item in self._annotations.values():
            if item.slots is not None:
                continue
            above = self._need(item.node, "ANNOTATION_REF")
            if above not in self._annotations:
                raise self._error(item.node, f"refers to the annotation {above!r:.60}, which is not there")
            before = item.node.get("PREVIOUS_ANNOTATION")
            if before is not None and before not in self._annotations:
                raise self._error(item.node, f"follows the annotation {before!r:.60}, which is not there")
            item.parent = self._annotations[above]
        self._refuse_circles()

    def _refuse_circles(self) -> None:
        sound: set[str] = set()
        for item in self._annotations.values():
            chain: list[Annotation] = []
            inside: set[str] = set()
            at: Annotation | None = item
            while at is not None and at.id not in sound:
                if at.id in inside:
                    raise self._error(item.node, f"annotation {item.id!r:.60} refers to itself")
                chain.append(at)
                inside.add(at.id)
                at = at.parent
            sound |= inside

    def _interpolated(self) -> dict[str, int]:
        """Give all slots a time: untimed ones lie evenly between those of their chain, else of the file."""
        times = dict(self._slots)
        untimed = sum(value is None for value in times.values())
        if untimed:
            used = {slot for item in self._annotations.values() if item.slots for slot in item.slots}
            told = sum(times[slot] is None for slot in used)
            for tier in self._tiers.values():
                for chain in _chains(tier):
                    _fill(chain, times)
            _fill(list(times), times)
            self._notes.append(f"{told} untimed slots were put evenly between their neighbours")
        last = 0
        found: dict[str, int] = {}
        for slot, value in times.items():
            last = found[slot] = last if value is None else value
        return found

    def _time(self, times: dict[str, int]) -> None:
        for item in self._annotations.values():
            if item.slots is not None:
                item.start_us, item.end_us = times[item.slots[0]], times[item.slots[1]]
                if item.end_us < item.start_us:
                    self._note(item.node, f"annotation {item.id!r:.60} ends before it starts; turned round")
                    item.start_us, item.end_us = item.end_us, item.start_us
        for tier in self._tiers.values():
            if tier.parent is not None:
                self._find_parents(tier)
        for item in self._annotations.values():
            if item.parent is not None:
                item.parent.children.append(item)
        for item in self._annotations.values():
            if item.parent is None or item.slots is not None:
                _inherit(item)

    def _find_parents(self, tier: Tier) -> None:
        """Give alignable annotations of a dependent tier the annotation above that holds their middle."""
        assert tier.parent is not None
        above = sorted(
            (item for item in tier.parent.annotations if item.slots is not None),
            key=lambda item: item.start_us,
        )
        at = 0
        for item in sorted(
            (item for item in tier.annotations if item.slots is not None), key=lambda item: item.start_us
        ):
            middle = (item.start_us + item.end_us) / 2
            while at + 1 < len(above) and above[at].end_us <= middle:
                at += 1
            if above and above[at].start_us <= middle <= above[at].end_us:
                item.parent = above[at]
            else:
                self._note(item.node, f"annotation {item.id!r:.60} lies in none of the tier above")


def _chains(tier: Tier) -> list[list[str]]:
    """Slots of annotations that follow each other without a gap."""
    found: list[list[str]] = []
    for item in tier.annotations:
        if item.slots is None:
            continue
        if found and found[-1][-1] == item.slots[0]:
            found[-1].append(item.slots[1])
        else:
            found.append(list(item.slots))
    return found


def _fill(chain: list[str], times: dict[str, int | None]) -> None:
    at = 0
    while at < len(chain):
        if times[chain[at]] is not None or at == 0:
            at += 1
            continue
        until = at
        while until < len(chain) and times[chain[until]] is None:
            until += 1
        first = times[chain[at - 1]]
        last = times[chain[until]] if until < len(chain) else None
        if first is not None and last is not None:
            for place in range(at, until):
                times[chain[place]] = first + (last - first) * (place - at + 1) // (until - at + 1)
        at = until


def _inherit(item: Annotation) -> None:
    """Give what refers to an annotation its time; several of one tier share it evenly."""
    waiting = [item]
    while waiting:
        above = waiting.pop()
        tiers: dict[int, list[Annotation]] = {}
        for child in above.children:
            if child.slots is None:
                tiers.setdefault(id(child.tier), []).append(child)
        for found in tiers.values():
            found = _in_order(found)
            length = above.end_us - above.start_us
            is_split = len(found) > 1
            for number, child in enumerate(found):
                child.start_us = above.start_us + (length * number // len(found) if is_split else 0)
                child.end_us = above.start_us + (length * (number + 1) // len(found) if is_split else length)
            waiting += found
        above.children.sort(key=lambda child: child.start_us)


def _in_order(found: list[Annotation]) -> list[Annotation]:
    """Order what says which annotation it follows; the others stay as they are in the file."""
    after = {
        item.node.get("PREVIOUS_ANNOTATION"): item for item in found if item.node.get("PREVIOUS_ANNOTATION")
    }
    ids = {item.id for item in found}
    heads = [item for item in found if item.node.get("PREVIOUS_ANNOTATION") not in ids]
    ordered: list[Annotation] = []
    for head in heads:
        at: Annotation | None = head
        while at is not None and at not in ordered:
            ordered.append(at)
            at = after.get(at.id)
    return ordered if len(ordered) == len(found) else found


def _path(url: str, file: Path) -> str:
    """Path that a URL of a medium means, absolute where it can be; nothing is opened."""
    if not url.strip():
        return ""
    try:
        parts = urlsplit(url) if url.lower().startswith("file:") else None
    except ValueError:
        return ""
    place = unquote(parts.path if parts else url).replace("\\", "/")
    if len(place) > 2 and place[0] == "/" and place[2] == ":":
        place = place[1:]  # /C:/…
    if not place or "\0" in place:
        return ""
    if place.startswith("/") or place[1:2] == ":":
        return place
    return (file.parent.absolute() / place).as_posix()
