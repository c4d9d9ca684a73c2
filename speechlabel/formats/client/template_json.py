"""JSON as a template wants it, written piece by piece: a list of a million segments is never in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import orjson

from speechlabel.errors import ExportError
from speechlabel.formats.client.template_fields import Place, inside
from speechlabel.formats.client.template_values import OMIT, Values
from speechlabel.template_parts import EACH, Leaf, Loop, Ref, Scope, node_of, parse

__all__ = ["JsonWriter"]


class JsonWriter:
    """Writes the document of a template."""

    def __init__(self, values: Values) -> None:
        self._values, self._template = values, values.template
        self._nodes: dict[int, object] = {}
        self._streams: dict[int, bool] = {}

    def document(self, place: Place) -> Iterator[bytes]:
        """Give the pieces of a document, the end of its line included."""
        yield from self._pieces(self._template.document, place, self._template.root, 0, "")
        yield b"\n"

    def line(self, place: Place) -> bytes:
        """Return the document as one line."""
        made = self._built(self._template.document, place, self._template.root, "")
        return _dumped(made, 0) + b"\n"

    def _node(self, data: object) -> object:
        if id(data) not in self._nodes:  # the template outlives this
            self._nodes[id(data)] = node_of(data)
        return self._nodes[id(data)]

    def _pieces(self, data: object, place: Place, scope: Scope, depth: int, path: str) -> Iterator[bytes]:
        node = self._node(data)
        if isinstance(node, Loop):
            items = self._items(node, place, scope, depth + 1, path)
            yield from self._between(b"[", items, b"]", depth)
        elif isinstance(node, dict) and self._has_loop(data):
            members = self._members(cast("dict[str, object]", node), place, scope, depth + 1, path)
            yield from self._between(b"{", members, b"}", depth)
        else:
            made = self._built(data, place, scope, path)
            yield _dumped(None if made is OMIT else made, depth, is_pretty=self._template.pretty)

    def _between(
        self, start: bytes, items: Iterator[Iterator[bytes]], end: bytes, depth: int
    ) -> Iterator[bytes]:
        pretty = self._template.pretty
        is_first = True
        for item in items:
            yield start if is_first else b","
            is_first = False
            if pretty:
                yield b"\n" + b"  " * (depth + 1)
            yield from item
        if is_first:
            yield start
        elif pretty:
            yield b"\n" + b"  " * depth
        yield end

    def _items(
        self, loop: Loop, place: Place, scope: Scope, depth: int, path: str
    ) -> Iterator[Iterator[bytes]]:
        inner = EACH[loop.each]
        for found in inside(place, loop, _refs(loop, inner)):
            yield self._pieces(loop.item, found, inner, depth, f"{path}[{found.index}]")

    def _members(
        self, node: dict[str, object], place: Place, scope: Scope, depth: int, path: str
    ) -> Iterator[Iterator[bytes]]:
        colon = b": " if self._template.pretty else b":"
        for key, value in node.items():
            where = f"{path}.{key}" if path else key
            if isinstance(self._node(value), Leaf):
                made = self._built(value, place, scope, where)
                if made is not OMIT:
                    yield iter(
                        [orjson.dumps(key), colon, _dumped(made, depth, is_pretty=self._template.pretty)]
                    )
            else:
                yield _after(orjson.dumps(key) + colon, self._pieces(value, place, scope, depth, where))

    def _has_loop(self, data: object) -> bool:
        """Whether a list of things is anywhere inside."""
        if id(data) not in self._streams:
            node = self._node(data)
            found = isinstance(node, Loop)
            if isinstance(node, dict):
                found = any(self._has_loop(value) for value in cast("dict[str, object]", node).values())
            self._streams[id(data)] = found
        return self._streams[id(data)]

    def _built(self, data: object, place: Place, scope: Scope, path: str) -> object:
        node = self._node(data)
        if isinstance(node, Leaf):
            return self._values.typed(node, place, scope, path)
        if isinstance(node, Loop):
            inner = EACH[node.each]
            found = (
                self._built(node.item, at, inner, f"{path}[{at.index}]")
                for at in inside(place, node, _refs(node, inner))
            )
            return [value for value in found if value is not OMIT]
        if isinstance(node, dict):
            members = (
                (key, self._built(value, place, scope, f"{path}.{key}" if path else key))
                for key, value in cast("dict[str, object]", node).items()
            )
            return {key: value for key, value in members if value is not OMIT}
        if isinstance(node, list):
            made = (self._built(value, place, scope, path) for value in cast("list[object]", node))
            return [None if value is OMIT else value for value in made]
        return node


def _refs(loop: Loop, scope: Scope) -> dict[str, Ref]:
    found = {name: parse(f"{{{name}}}", scope)[0] for name in loop.where}
    return {name: ref for name, ref in found.items() if isinstance(ref, Ref)}


def _after(start: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield start
    yield from rest


def _dumped(value: object, depth: int, *, is_pretty: bool = False) -> bytes:
    try:
        made = orjson.dumps(value, option=orjson.OPT_INDENT_2 if is_pretty else 0)
    except orjson.JSONEncodeError as error:
        raise ExportError(f"a value cannot be written as JSON: {error}") from error
    return made.replace(b"\n", b"\n" + b"  " * depth) if depth else made
