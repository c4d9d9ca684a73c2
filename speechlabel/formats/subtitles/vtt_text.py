"""Text of WebVTT cues: voices, inner times, language and entities out of it, and escapes into it.

Spec: WebVTT, "cue text tokenizer" and "cue text parsing rules".
"""

from __future__ import annotations

import html
import re
from contextlib import suppress
from dataclasses import dataclass

from speechlabel.checks import UNWRITABLE
from speechlabel.formats.times import parse_clock
from speechlabel.records import Word

__all__ = ["Payload", "escaped", "parse_payload"]

TOKEN = re.compile(r"<([^>]*)>?|([^<]+)")
TAG = re.compile(r"(/?)([^\s./>]*)((?:\.[^\s.>]*)*)(?:\s+(.*))?", re.DOTALL)
TIME = re.compile(r"(?:\d+:)?\d{1,2}:\d{1,2}[.,]\d{1,6}", re.ASCII)
KNOWN = {"c", "i", "b", "u", "ruby", "rt", "v", "lang"}


@dataclass(slots=True)
class Payload:
    """What the lines of a cue hold."""

    voices: list[tuple[str | None, str]]
    words: tuple[Word, ...]
    language: str | None
    is_plain: bool  # nothing but one voice over all of it: nothing else to keep


def escaped(text: str) -> str:
    """Text as a cue holds it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class _State:
    def __init__(self, start_us: int) -> None:
        self.pieces: list[tuple[str | None, str]] = []
        self.chunks: list[tuple[int, str]] = [(start_us, "")]  # between inner times
        self.voice: str | None = None
        self.open: list[str] = []
        self.languages: set[str] = set()
        self.outside = False  # text outside of the language's span
        self.is_plain = True

    def text(self, said: str) -> None:
        if "rt" in self.open:  # how a character is said, not what is said
            return
        said = UNWRITABLE.sub("\ufffd", html.unescape(said)) if "&" in said else said
        self.outside = self.outside or ("lang" not in self.open and bool(said.strip()))
        if self.pieces and self.pieces[-1][0] == self.voice:
            self.pieces[-1] = self.voice, self.pieces[-1][1] + said
        else:
            self.pieces.append((self.voice, said))
        self.chunks[-1] = self.chunks[-1][0], self.chunks[-1][1] + said

    def tag(self, inner: str) -> None:
        if TIME.fullmatch(inner):
            self.is_plain = False
            with suppress(ValueError):  # beyond all time: a mark like any other that is not known
                self.chunks.append((parse_clock(inner), ""))
            return
        match = TAG.fullmatch(inner)
        close, name, classes, annotation = match.groups() if match else ("", "", "", None)
        if close:
            self._close(name)
            return
        if name not in KNOWN:
            self.is_plain = False
            return
        self.open.append(name)
        said = " ".join(html.unescape(UNWRITABLE.sub(" ", annotation or "")).split())
        if name == "v":
            self.is_plain = self.is_plain and not classes and not self.pieces
            self.voice = said[:200] or None
        else:
            self.is_plain = False
            if name == "lang" and said:
                self.languages.add(said[:100])

    def _close(self, name: str) -> None:
        if name in self.open:
            while self.open.pop() != name:
                pass
        if name == "v":
            self.voice = None


def parse_payload(raw: str, start_us: int, end_us: int) -> Payload:
    """Take the text of a cue apart; times inside it make words of what stands between them."""
    state = _State(start_us)
    for match in TOKEN.finditer(raw):
        if match[2] is not None:
            state.text(match[2])
        else:
            state.tag(match[1])
    pieces = [(voice, said) for voice, said in state.pieces if said.strip()]
    if len({voice for voice, _ in pieces}) <= 1:
        voices = [(pieces[0][0] if pieces else None, _shown("".join(said for _, said in state.pieces)))]
    else:
        voices = [(voice, said.strip()) for voice, said in pieces]
    is_whole = "".join(said for _, said in state.pieces) == voices[0][1]
    return Payload(
        voices=voices,
        words=_words(state.chunks, end_us),
        language=next(iter(state.languages)) if len(state.languages) == 1 and not state.outside else None,
        is_plain=state.is_plain and is_whole,
    )


def _shown(text: str) -> str:
    """Text without the lines of blanks that captions which roll up are filled with."""
    return "\n".join(line for line in text.split("\n") if line.strip())


def _words(chunks: list[tuple[int, str]], end_us: int) -> tuple[Word, ...]:
    if len(chunks) == 1:
        return ()
    words: list[Word] = []
    for (start, said), (end, _) in zip(chunks, [*chunks[1:], (end_us, "")], strict=True):
        text = " ".join(said.split())
        if text:
            words.append(Word(word=text, start_us=max(0, start), end_us=max(0, start, end)))
    return tuple(words)
