// Where a text may be cut: never inside what people see as one sign (a letter with its diacritics, an emoji of
// several parts, a syllable of Devanagari). No DOM.

const SEGMENTER =
  typeof Intl === "object" && typeof Intl.Segmenter === "function"
    ? new Intl.Segmenter(undefined, { granularity: "grapheme" })
    : null;
// Without a segmenter: marks, joiners, variation selectors, skin tones and tags stay with what is before them.
const CONTINUES = /^[\p{M}\u200c\u200d\ufe00-\ufe0f\u{1f3fb}-\u{1f3ff}\u{e0020}-\u{e007f}]/u;
const WINDOW = 64; // signs are short: no need to look at the whole of a long text

/**
 * The edge of a sign at or before a place.
 * @param {string} text @param {number} at UTF-16 units
 * @param {Intl.Segmenter|null} [segmenter] null: by the rules above
 * @returns {number}
 */
export function edgeBefore(text, at, segmenter = SEGMENTER) {
  if (at <= 0) return 0;
  if (at >= text.length) return text.length;
  return segmenter ? bySegmenter(text, at, segmenter) : byRules(text, at);
}

/** @param {string} text @param {number} at @param {Intl.Segmenter} segmenter */
function bySegmenter(text, at, segmenter) {
  // From a line's start, or from a place far enough before: a window that begins inside a sign ends it wrongly at
  // its own start only.
  const line = text.lastIndexOf("\n", at - 1) + 1;
  let from = Math.max(line, at - WINDOW);
  if (from > 0 && isLow(text.charCodeAt(from))) from -= 1;
  const found = segmenter.segment(text.slice(from, at + WINDOW)).containing(at - from);
  return found ? from + found.index : at;
}

/** @param {string} text @param {number} at */
function byRules(text, at) {
  let edge = isLow(text.charCodeAt(at)) ? at - 1 : at;
  while (edge > 0) {
    const rest = text.slice(edge, edge + 2);
    const joined = text[edge - 1] === "\u200d"; // a joiner takes what follows as well
    if (!joined && !CONTINUES.test(rest)) break;
    edge -= edge > 1 && isLow(text.charCodeAt(edge - 1)) ? 2 : 1;
  }
  return edge;
}

/** @param {number} unit */
const isLow = (unit) => unit >= 0xdc00 && unit <= 0xdfff;
