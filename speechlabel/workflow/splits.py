"""Splits for training: who is in train, who in dev, who in test, and what leaks from one into another.

A speaker is in one split with all that they say (``by="speaker"``), or a recording with all that is heard in
it (``by="recording"``).  What was assigned once stays: the assignment is kept, and data that comes later is
put where the shares want it.  Units are taken in an order that depends on the seed and their names alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Literal, NamedTuple, get_args

from speechlabel.errors import InputError
from speechlabel.formats.names import STAND_INS
from speechlabel.records import Recording, Segment, Speaker
from speechlabel.workflow.filtering import same_text
from speechlabel.workflow.speakers import is_generic

__all__ = [
    "Leak",
    "Split",
    "SplitReport",
    "SplitSpec",
    "Stratum",
    "UnitCount",
    "assign",
    "parse_shares",
    "unit_of",
]

By = Literal["speaker", "recording"]
Stratum = Literal["gender", "age_band", "accent", "channel", "noise", "language"]
NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
HOUR_US = 3_600_000_000
MOST_EXAMPLES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitSpec:
    """How to split.

    Parameters
    ----------
    shares : mapping of a split's name to its share of all (``0.1``), hours (``"5h"``) or ``"rest"``
    seed : another one gives another split
    by : what stays together
    strata : what each split should have its share of
    """

    shares: Mapping[str, float | str]
    seed: int = 0
    by: By = "speaker"
    strata: tuple[Stratum, ...] = ()

    def __post_init__(self) -> None:
        if len(self.shares) < 2:
            raise InputError("a split has two parts at least, such as train=rest and test=0.1")
        for name, share in self.shares.items():
            if not NAME.fullmatch(name):
                raise InputError(f"{name!r} is not a name for a split: small letters, digits, _ and -")
            _share(share)
        if sum(share == "rest" for share in self.shares.values()) > 1:
            raise InputError("only one split can take the rest")
        if sum(share for share in self.shares.values() if isinstance(share, float | int)) > 1 + 1e-9:
            raise InputError("the shares are more than all there is")
        if self.by not in get_args(By):
            raise InputError(f"by {self.by!r} is not one of {', '.join(get_args(By))}")
        for name in self.strata:
            if name not in get_args(Stratum):
                raise InputError(f"{name!r} is not one of {', '.join(get_args(Stratum))}")

    def targets(self, total_us: int) -> dict[str, float]:
        """Microseconds that each split wants of a total."""
        wanted = {name: _share(share) for name, share in self.shares.items()}
        sure = {
            name: amount * (total_us if unit == "of all" else HOUR_US)
            for name, (amount, unit) in wanted.items()
            if unit != "rest"
        }
        left = max(0.0, total_us - sum(sure.values()))
        return {name: sure.get(name, left) for name in self.shares}


def _share(share: float | str) -> tuple[float, Literal["of all", "hours", "rest"]]:
    if share == "rest":
        return 0.0, "rest"
    if isinstance(share, str):
        match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6})?)h", share)
        if match is None:
            raise InputError(f"{share!r} is neither a share such as 0.1, hours such as 5h, nor rest")
        return float(match[1]), "hours"
    if not 0 <= share <= 1:
        raise InputError(f"share {share!r} does not lie between 0 and 1")
    return float(share), "of all"


def parse_shares(pairs: Mapping[str, str]) -> dict[str, float | str]:
    """Read shares as people write them: ``0.1``, ``10%``, ``5h`` or ``rest``.

    Raises
    ------
    InputError
        One is none of these.
    """
    found: dict[str, float | str] = {}
    for name, text in pairs.items():
        number = text.strip().removesuffix("%")
        try:
            found[name] = float(number) / (100 if number != text.strip() else 1)
        except ValueError:
            found[name] = text.strip()
            _share(found[name])
    return found


class UnitCount(NamedTuple):
    """What stays together, how much of it there is, and in which strata, in microseconds."""

    duration_us: int
    strata: Mapping[tuple[str, str], int]  # (stratum, value) → microseconds


def unit_of(recording_id: str, speaker: Speaker | None, by: By) -> str:
    """Name what a segment stays together with.

    People of one name are one person, but for names that programs give (``spk1``), which mean somebody else
    in each recording, as does nobody.
    """
    if by == "recording" or speaker is None:
        return f"recording:{recording_id}"
    if speaker.id in STAND_INS or is_generic(speaker.name):
        return f"recording:{recording_id}/{speaker.id}"
    return f"speaker:{speaker.name}"


def strata_of(
    segment: Segment, speaker: Speaker | None, names: Iterable[Stratum]
) -> Iterable[tuple[str, str]]:
    """Give (stratum, value) for each stratum of a segment."""
    for name in names:
        if name == "channel":
            yield name, "mix" if segment.channel is None else str(segment.channel)
        elif name == "noise":
            yield name, "noisy" if segment.noise_labels else "clean"
        elif name == "language":
            yield name, segment.language or ""
        else:
            yield name, getattr(speaker, name, None) or ""


def assign(
    units: Mapping[str, UnitCount], spec: SplitSpec, before: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Give each unit its split; those assigned ``before`` keep theirs.

    The largest units come first, those of one size in an order drawn from the seed; each goes where most is
    missing, of everything and of its strata.
    """
    total = sum(unit.duration_us for unit in units.values())
    targets = spec.targets(total)
    of_all: Counter[tuple[str, str]] = Counter()
    for unit in units.values():
        of_all.update(unit.strata)
    wanted = {
        (name, *stratum): amount * targets[name] / max(total, 1)
        for name in targets
        for stratum, amount in of_all.items()
    }
    has: Counter[str] = Counter()
    has_of: Counter[tuple[str, str, str]] = Counter()
    found: dict[str, str] = {}

    def put(key: str, name: str) -> None:
        found[key] = name
        has[name] += units[key].duration_us
        has_of.update({(name, *stratum): amount for stratum, amount in units[key].strata.items()})

    def need(name: str, unit: UnitCount) -> float:
        """Share of a split that is still missing, the mean of all and of the unit's strata."""
        missing = [(targets[name] - has[name]) / max(targets[name], 1.0)]
        for stratum in unit.strata:
            goal = wanted[(name, *stratum)]
            missing.append((goal - has_of[(name, *stratum)]) / max(goal, 1.0))
        fits = targets[name] - has[name] >= unit.duration_us / 2
        return sum(missing) / len(missing) + (0 if fits else -1e6)

    for key, name in (before or {}).items():
        if key in units and name in targets:
            put(key, name)
    for key in sorted(
        units.keys() - found.keys(), key=lambda key: (-units[key].duration_us, _drawn(spec.seed, key))
    ):
        # Of equals the one that is named first.
        put(key, max(targets, key=lambda name: need(name, units[key])))
    return {key: found[key] for key in sorted(found)}


def _drawn(seed: int, key: str) -> bytes:
    return blake2b(f"{seed}\x1f{key}".encode("utf-8", "surrogatepass"), digest_size=16).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """Something that two splits share."""

    kind: Literal["text", "recording"]
    splits: tuple[str, str]
    count: int  # segments of the second whose text the first has too; or recordings that both have
    examples: tuple[str, ...]


@dataclass(kw_only=True)
class SplitReport:
    """What is in each split, and what leaks."""

    spec: SplitSpec
    segments: Counter[str] = field(default_factory=Counter[str])
    duration_us: Counter[str] = field(default_factory=Counter[str])
    units: Counter[str] = field(default_factory=Counter[str])
    strata: Counter[tuple[str, str, str]] = field(default_factory=Counter[tuple[str, str, str]])
    leaks: tuple[Leak, ...] = ()
    kept: int = 0  # units that were assigned before

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "splits": {
                name: {
                    "segments": self.segments[name],
                    "duration_us": self.duration_us[name],
                    "units": self.units[name],
                    "strata": {
                        f"{stratum}={value}": amount
                        for (split, stratum, value), amount in sorted(self.strata.items())
                        if split == name
                    },
                }
                for name in self.spec.shares
            },
            "leaks": [
                {"kind": leak.kind, "splits": leak.splits, "count": leak.count, "examples": leak.examples}
                for leak in self.leaks
            ],
            "kept": self.kept,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """An assignment as it is kept."""

    name: str
    spec: SplitSpec
    units: Mapping[str, str]

    def of(self, recording_id: str, speaker: Speaker | None) -> str | None:
        """Return the split of what a person says in a recording; None for what came since."""
        return self.units.get(unit_of(recording_id, speaker, self.spec.by))

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        spec = self.spec
        return {
            "schema": "speechlabel.split/1.0",
            "name": self.name,
            "shares": dict(spec.shares),
            "seed": spec.seed,
            "by": spec.by,
            "strata": list(spec.strata),
            "units": dict(self.units),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Split:
        """Return what ``to_dict`` gave."""
        spec = SplitSpec(
            shares=data["shares"], seed=data["seed"], by=data["by"], strata=tuple(data["strata"])
        )
        return cls(name=data["name"], spec=spec, units=data["units"])


class LeakFinder:
    """Finds texts and recordings that splits share, in eight bytes a text."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._texts: dict[str, set[int]] = {name: set() for name in names}
        self._recordings: dict[str, set[str]] = {name: set() for name in names}

    def add(self, name: str, recording: Recording, segment: Segment) -> None:
        """Note what a split holds."""
        self._recordings[name].add(recording.id)
        if segment.text:
            self._texts[name].add(same_text(segment.text))

    def shared_texts(self, name: str, segment: Segment) -> list[str]:
        """Return the splits before this one that have the text of a segment too."""
        if not segment.text:
            return []
        key = same_text(segment.text)
        before = self._names[: self._names.index(name)]
        return [other for other in before if key in self._texts[other]]

    def recordings(self) -> list[Leak]:
        """Return the recordings of which two splits have segments."""
        found: list[Leak] = []
        for at, name in enumerate(self._names):
            for other in self._names[:at]:
                both = sorted(self._recordings[name] & self._recordings[other])
                if both:
                    found.append(
                        Leak(
                            kind="recording",
                            splits=(other, name),
                            count=len(both),
                            examples=tuple(both[:MOST_EXAMPLES]),
                        )
                    )
        return found
