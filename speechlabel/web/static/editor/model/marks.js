// Marks inside a text, such as [NOISE]: where they are, which of them the guideline knows, how they are taken away
// whole. No DOM.

/** @typedef {import("../types.js").Guideline} Guideline */
/** @typedef {{start: number, end: number, label: import("../types.js").GuidelineLabel|null}} Mark label: null where the guideline knows none; UTF-16 units */

const LONGEST = 24;
// What looks like a mark in one of the ways that projects write them: [laugh] <noise> {breath} 【笑】 ((unclear)).
const LOOKS = new RegExp(
  ["\\[[^\\[\\]\\n]{1,N}\\]", "<\\/?[\\p{L}_][^<>\\n]{0,N}>", "\\{[^{}\\n]{1,N}\\}", "【[^【】\\n]{1,N}】"].join("|").replaceAll("N", String(LONGEST)),
  "gu",
);

/**
 * @param {string} text
 * @param {Pick<Guideline, "labels">} guideline
 * @returns {Mark[]} in order, none over another
 */
export function marksIn(text, guideline) {
  const known = guideline.labels.flatMap((label) => (label.mark ? [{ mark: label.mark, label }] : []));
  /** @type {Mark[]} */
  const found = [];
  for (const { mark, label } of known)
    for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + mark.length))
      found.push({ start: at, end: at + mark.length, label });
  for (const match of text.matchAll(LOOKS)) {
    const [start, end] = [match.index, match.index + match[0].length];
    if (!found.some((mark) => mark.start < end && start < mark.end)) found.push({ start, end, label: null });
  }
  return found.sort((a, b) => a.start - b.start || b.end - a.end).filter((mark, i, all) => {
    const before = all[i - 1];
    return !before || mark.start >= before.end;
  });
}

/**
 * The known mark that a press of Backspace or Delete would cut into.
 * @param {string} text @param {Pick<Guideline, "labels">} guideline
 * @param {number} caret @param {"back"|"forward"} direction
 * @returns {Mark|null}
 */
export function markAt(text, guideline, caret, direction) {
  for (const mark of marksIn(text, guideline)) {
    const touches =
      direction === "back" ? mark.start < caret && caret <= mark.end : mark.start <= caret && caret < mark.end;
    if (touches && mark.label) return mark;
  }
  return null;
}

/**
 * The text in pieces, each in one kind of marking.
 * @param {string} text
 * @param {readonly {start: number, end: number, kind: string}[]} ranges in order, may lie over each other
 * @returns {{text: string, kinds: string[]}[]}
 */
export function pieces(text, ranges) {
  const edges = new Set([0, text.length]);
  for (const { start, end } of ranges) {
    edges.add(Math.min(start, text.length));
    edges.add(Math.min(end, text.length));
  }
  const sorted = [...edges].sort((a, b) => a - b);
  return sorted.slice(0, -1).map((from, i) => {
    const to = /** @type {number} */ (sorted[i + 1]);
    const kinds = ranges.filter(({ start, end }) => start < to && from < end).map(({ kind }) => kind);
    return { text: text.slice(from, to), kinds: [...new Set(kinds)] };
  });
}
