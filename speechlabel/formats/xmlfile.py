"""XML of other programs, read without what can hurt: no DTD is fetched, no entity is declared or expanded.

The tree keeps lines for errors, comments, and all blanks, so that what was not changed is written as it was.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from speechlabel.errors import ParseError
from speechlabel.formats.foreign import BOMS, LARGEST, decode

__all__ = ["Document", "Node", "attribute", "content", "head_of", "read_xml", "uncollected"]

DEEPEST = 100  # elements in elements
DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>\s*")


class Node:
    """An element; a comment or an instruction where ``tag`` is "", with its markup as ``text``."""

    __slots__ = ("attributes", "children", "line", "tag", "tail", "text")

    def __init__(self, tag: str, attributes: dict[str, str] | None = None, line: int = 0) -> None:
        self.tag, self.line = tag, line
        self.attributes = {} if attributes is None else attributes
        self.text = self.tail = ""
        self.children: list[Node] = []

    def get(self, name: str) -> str | None:
        """Value of an attribute."""
        return self.attributes.get(name)

    def all(self, tag: str) -> Iterator[Node]:
        """Child elements of a name."""
        return (child for child in self.children if child.tag == tag)

    def first(self, tag: str) -> Node | None:
        """First child element of a name."""
        return next(self.all(tag), None)

    def every(self) -> Iterator[Node]:
        """All elements below, in the order of the file."""
        for child in self.children:
            yield child
            yield from child.every()

    def insert(self, at: int, child: Node) -> None:
        """Put a child in, with the blanks that its neighbours have."""
        if self.children:
            before = self.children[at - 1] if at else None
            child.tail = self.text if before is None else before.tail
            if before is not None and at < len(self.children):
                child.tail = before.tail
            elif before is not None:
                child.tail, before.tail = before.tail, self.text
        self.children.insert(at, child)

    def remove(self, child: Node) -> None:
        """Take a child out, with the blanks before it."""
        at = next(number for number, other in enumerate(self.children) if other is child)
        if at:
            self.children[at - 1].tail = child.tail
        elif len(self.children) == 1:
            self.text = ""
        del self.children[at]


class Document:
    """A whole file: its root, and what stands before and after it."""

    def __init__(self, root: Node, before: str, after: str) -> None:
        self.root, self.before, self.after = root, before, after

    def to_bytes(self) -> bytes:
        """Give it as UTF-8."""
        parts = ['<?xml version="1.0" encoding="UTF-8"?>\n', self.before]
        _write(self.root, parts)
        return "".join([*parts, self.after]).encode()


def _write(node: Node, parts: list[str]) -> None:
    if not node.tag:
        parts += [node.text, node.tail]
        return
    attributes = "".join(f" {name}={attribute(value)}" for name, value in node.attributes.items())
    if node.text or node.children:
        parts.append(f"<{node.tag}{attributes}>{content(node.text)}")
        for child in node.children:
            _write(child, parts)
        parts.append(f"</{node.tag}>")
    else:
        parts.append(f"<{node.tag}{attributes}/>")
    parts.append(content(node.tail))


def attribute(value: str) -> str:
    """Value of an attribute in quotes; tabs and line ends survive."""
    return quoteattr(value, {"\n": "&#10;", "\t": "&#9;", "\r": "&#13;"})


def content(text: str) -> str:
    """Text between tags."""
    return escape(text, {"\r": "&#13;"})


def head_of(path: Path, size: int = 4096) -> str:
    """Beginning of a file as text, for telling what it is; "" where it cannot be read."""
    try:
        with path.open("rb") as file:
            return _text(file.read(size), path)[0].lstrip()
    except (OSError, ParseError):
        return ""


def _text(raw: bytes, path: Path) -> tuple[str, tuple[str, ...]]:
    """Text by its mark, else by its declaration, else as it looks."""
    declared = None if any(raw.startswith(bom) for bom, _ in BOMS) else DECLARED.match(raw)
    if declared:
        name = declared[1].decode("ascii")
        try:
            text = raw.decode("cp1252" if name.lower() in ("iso-8859-1", "latin1") else name)
        except (LookupError, UnicodeDecodeError, UnicodeError):
            text, notes = decode(raw, path)
            return text, (f"is not {name}, as it says; {notes[0] if notes else 'read as UTF-8'}",)
        return text.replace("\r\n", "\n").replace("\r", "\n"), ()
    return decode(raw, path)


def read_xml(path: Path) -> tuple[Document, tuple[str, ...]]:
    """Read a file whole, with notes on its encoding.

    Raises
    ------
    ParseError
        It is not well-formed, nested deeper than 100 elements, larger than 200 MB, or declares or names
        entities of its own.
    """
    if path.stat().st_size > LARGEST:
        raise ParseError(path, f"is larger than {LARGEST // 1_000_000} MB")
    text, notes = _text(path.read_bytes(), path)
    return _Builder(path).document(text.replace("\0", "\ufffd")), notes


@contextmanager
def uncollected() -> Generator[None]:
    """Let Python's search for unused objects rest while a tree is made: half the time went into it.

    It would look again and again at elements that are all in use.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Builder:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._open: list[Node] = []
        self._root: Node | None = None
        self._before: list[str] = []
        self._after: list[str] = []
        self._parser = parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.ordered_attributes = False
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.CommentHandler = lambda data: self._aside(f"<!--{data}-->")
        parser.ProcessingInstructionHandler = lambda target, data: self._aside(f"<?{target} {data}?>")
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._entity
        parser.SkippedEntityHandler = self._skipped

    def _error(self, reason: str) -> ParseError:
        place = self._parser
        return ParseError(
            self._path, reason, line=place.CurrentLineNumber, column=place.CurrentColumnNumber + 1
        )

    def document(self, text: str) -> Document:
        try:
            self._parser.Parse(text.encode("utf-8", "replace"), True)
        except expat.ExpatError as error:
            reason = f"is not well-formed XML: {expat.ErrorString(error.code)}"
            raise ParseError(self._path, reason, line=error.lineno, column=error.offset + 1) from error
        assert self._root is not None
        return Document(self._root, "".join(self._before), "".join(self._after))

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        node = Node(tag, attributes, self._parser.CurrentLineNumber)
        if len(self._open) >= DEEPEST:
            raise self._error(f"is nested deeper than {DEEPEST} elements")
        if self._open:
            self._open[-1].children.append(node)
        else:
            self._root = node
        self._open.append(node)

    def _end(self, _: str) -> None:
        self._open.pop()

    def _data(self, data: str) -> None:
        node = self._open[-1]
        if node.children:
            node.children[-1].tail += data
        else:
            node.text += data

    def _aside(self, markup: str) -> None:
        if not self._open:
            (self._before if self._root is None else self._after).append(
                f"{markup}\n" if self._root is None else f"\n{markup}"
            )
            return
        node = Node("", line=self._parser.CurrentLineNumber)
        node.text = markup
        self._open[-1].children.append(node)

    def _doctype(self, name: str, system: str | None, public: str | None, _: int) -> None:
        if public is not None:
            self._before.append(f'<!DOCTYPE {name} PUBLIC "{public}" "{system}">\n')
        elif system is not None:
            self._before.append(f'<!DOCTYPE {name} SYSTEM "{system}">\n')

    def _entity(self, name: str, *_: object) -> None:
        raise self._error(f"declares the entity {name!r:.60}; entities are not read")

    def _skipped(self, name: str, *_: object) -> None:
        raise self._error(f"names the entity {name!r:.60}, which nothing here declares")
