// Find and replace: what is looked for, where it is, what would stand there instead. No DOM.

/**
 * @typedef {object} Query
 * @property {string} text
 * @property {boolean} isRegex a regular expression, as in JavaScript, with Unicode
 * @property {boolean} matchCase
 * @property {boolean} wholeWord
 */
/** @typedef {[number, number]} Match start and end, UTF-16 units */
/** @typedef {{id: string, at: number, start: number, end: number}} Found at: which match of the segment */

/**
 * The pattern of a query.
 * @param {Query} query
 * @returns {RegExp|null} null: nothing is looked for
 * @throws {SyntaxError} the regular expression is none
 */
export function patternOf({ text, isRegex, matchCase, wholeWord }) {
  if (!text) return null;
  const source = isRegex ? text : text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  // Letters of any language make words, not only those of English; Chinese has no edges inside its sentences.
  const edged = wholeWord ? `(?<![\\p{L}\\p{N}\\p{M}_])(?:${source})(?![\\p{L}\\p{N}\\p{M}_])` : source;
  return new RegExp(edged, matchCase ? "gu" : "giu");
}

/** Where a pattern is in a text; matches of nothing are none. @param {string} text @param {RegExp} pattern @returns {Match[]} */
export function matchesIn(text, pattern) {
  /** @type {Match[]} */
  const found = [];
  for (const match of text.matchAll(pattern)) if (match[0]) found.push([match.index, match.index + match[0].length]);
  return found;
}

/**
 * A text with its matches replaced.
 * @param {string} text @param {RegExp} pattern
 * @param {string} by  $1, $<name> and $& mean what they mean in JavaScript if the query is a regular expression
 * @param {boolean} isRegex
 * @param {(at: number) => boolean} [chosen] which of the matches
 */
export function replaced(text, pattern, by, isRegex, chosen = () => true) {
  let at = -1;
  return text.replace(pattern, (whole, ...rest) => {
    if (!whole) return whole;
    at += 1;
    if (!chosen(at)) return whole;
    return isRegex ? expand(by, whole, rest) : by;
  });
}

/** @param {string} template @param {string} whole @param {any[]} rest as String.replace gives them @returns {string} */
function expand(template, whole, rest) {
  const groups = typeof rest.at(-1) === "object" ? rest.at(-1) : {};
  const numbered = rest.slice(0, rest.findIndex((item) => typeof item === "number"));
  return template.replace(/\$(?:(\$)|(&)|(\d{1,2})|<([^>]+)>)|\\([nt])/g, (all, dollar, amp, number, name, escape) => {
    if (dollar) return "$";
    if (amp) return whole;
    if (escape) return escape === "n" ? "\n" : "\t";
    if (name) return groups[name] ?? "";
    return Number(number) >= 1 && Number(number) <= numbered.length ? (numbered[Number(number) - 1] ?? "") : all;
  });
}

/** All matches, in the order of the list. @param {readonly {id: string, text: string|null}[]} segments @param {RegExp} pattern @returns {Found[]} */
export function findAll(segments, pattern) {
  return segments.flatMap(({ id, text }) =>
    matchesIn(text ?? "", pattern).map(([start, end], at) => ({ id, at, start, end })),
  );
}

/**
 * The text around a match, for showing it: some of what stands before, the match, some of what follows.
 * @param {string} text @param {Match} match @param {number} [room] characters on each side
 * @returns {[string, string, string]}
 */
export function around(text, [start, end], room = 24) {
  const before = [...text.slice(0, start)];
  const after = [...text.slice(end)];
  return [
    (before.length > room ? "…" : "") + before.slice(-room).join(""),
    text.slice(start, end),
    after.slice(0, room).join("") + (after.length > room ? "…" : ""),
  ];
}
