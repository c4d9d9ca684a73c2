"""A guideline read and held against what it names outside of itself: the formats that there are."""

from __future__ import annotations

from collections.abc import Iterator

from speechlabel import guideline, registry
from speechlabel.errors import ParseError, RecordError
from speechlabel.guideline import Guideline
from speechlabel.guideline_lines import line_of

__all__ = ["load_rules"]


def load_rules(text: str, *, path: str = "guideline.toml") -> Guideline:
    """Read a guideline that somebody gives to a project.

    Raises
    ------
    ParseError
        It is no guideline, or names a format that there is not; ``line`` says where.  When a field is wrong,
        the ``RecordError`` that names it is the cause.
    """
    rules = guideline.load(text, path=path)
    known = {*registry.names("format"), "*"}
    for field, name in _formats(rules):
        if name not in known:
            reason = f"not a format; formats are {', '.join(sorted(known))}"
            error = RecordError("guideline", field, name, reason)
            raise ParseError(path, error.message, line=line_of(text, field, name)) from error
    return rules


def _formats(rules: Guideline) -> Iterator[tuple[str, str]]:
    """Yield each name of a format with the field that holds it."""
    kinds = {"labels": rules.labels, "invalid_reasons": rules.invalid_reasons, "stand_ins": rules.stand_ins}
    for kind, items in kinds.items():
        for at, item in enumerate(items):
            yield from ((f"{kind}[{at}].export", name) for name in item.export)
    yield from (("text_layers", name) for name in rules.text_layers)
