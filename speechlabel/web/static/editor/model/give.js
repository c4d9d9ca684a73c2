// Giving a part of a text to the segment next to it: words that were cut at the wrong place go where they belong.
// No DOM.

import { joinText, refuseLocked, update } from "./edits.js";
import { edgeBefore } from "./graphemes.js";
import { plain, squash, touched, trim, trimEnd, trimStart } from "./records.js";

/** @typedef {import("../types.js").Segment} Segment */
/** @typedef {import("../types.js").Word} Word */
/** @typedef {import("../types.js").Edit} Edit */

/**
 * The text from the caret on goes to the front of the next segment.
 * @param {Segment} from @param {Segment} next @param {number} caret UTF-16 units
 * @returns {Edit[]} none: there is nothing behind the caret
 */
export function giveNext(from, next, caret) {
  return give(from, next, caret, "next");
}

/**
 * The text before the caret goes to the end of the previous segment.
 * @param {Segment} from @param {Segment} previous @param {number} caret UTF-16 units
 * @returns {Edit[]} none: there is nothing before the caret
 */
export function givePrevious(from, previous, caret) {
  return give(from, previous, caret, "previous");
}

/** @param {Segment} from @param {Segment} to @param {number} caret @param {"next"|"previous"} where @returns {Edit[]} */
function give(from, to, caret, where) {
  const text = from.text ?? "";
  const at = edgeBefore(text, caret);
  const [head, tail] = [text.slice(0, at), text.slice(at)];
  const isNext = where === "next";
  const given = trim(isNext ? tail : head);
  if (!given) return [];
  refuseLocked(from, to);
  const left = isNext ? trimEnd(head) : trimStart(tail);
  const [before, after] = wordsAt(text, from.words, at);
  const [moved, stay] = isNext ? [after, before] : [before, after];
  const fromTo = edges(from, to, moved, stay, isNext);
  const words = isNext ? [...moved, ...to.words] : [...to.words, ...moved];
  /** @type {Record<string, any>} */
  const mine = { text: left === "" ? null : left, ...fromTo.from };
  /** @type {Record<string, any>} */
  const theirs = { text: isNext ? joinText(given, to.text) : joinText(to.text, given), ...fromTo.to };
  if (from.words.length) mine.words = plain("words", held(stay, { ...from, ...fromTo.from }));
  if (words.length) theirs.words = plain("words", held(words, { ...to, ...fromTo.to }));
  const edge = fromTo.edge;
  if (edge !== null && from.events.length) {
    const goes = (/** @type {import("../types.js").Event} */ { start_us, end_us }) =>
      start_us !== null && end_us !== null && (isNext ? start_us >= edge : end_us <= edge);
    const gone = from.events.filter(goes);
    mine.events = plain("events", from.events.filter((event) => !goes(event)));
    theirs.events = plain("events", isNext ? [...gone, ...to.events] : [...to.events, ...gone]);
  }
  // What is no longer written cannot be called done.
  if (left === "" && from.status === "done") mine.status = "draft";
  return [update(from, touched(from, mine)), update(to, touched(to, theirs))];
}

/**
 * The words before and behind a cut; one that is cut through belongs to neither.
 * @param {string} text @param {readonly Word[]} words @param {number} at UTF-16 units
 * @returns {[Word[], Word[]]}
 */
function wordsAt(text, words, at) {
  const solid = squash(text);
  const cut = squash(text.slice(0, at)).length;
  /** @type {[Word[], Word[]]} */
  const out = [[], []];
  let from = 0;
  for (const word of words) {
    const spoken = squash(word.word);
    const start = solid.indexOf(spoken, from);
    if (start < 0) continue; // written over since
    from = start + spoken.length;
    if (from <= cut) out[0].push(word);
    else if (start >= cut) out[1].push(word);
  }
  return out;
}

/**
 * New edges, so that the sound of timed words goes with them: where the two touch or lie apart, the one that gives
 * ends (or starts) at the words that go, and the other reaches for them. Nothing moves where no words are timed.
 * @param {Segment} from @param {Segment} to @param {readonly Word[]} moved @param {readonly Word[]} stay @param {boolean} isNext
 * @returns {{edge: number|null, from: Partial<Segment>, to: Partial<Segment>}}
 */
function edges(from, to, moved, stay, isNext) {
  const none = { edge: null, from: {}, to: {} };
  const timed = moved.filter((word) => word.start_us !== null && word.end_us !== null);
  if (timed.length === 0 || stay.length === 0 || from.channel !== to.channel) return none;
  if (isNext) {
    const start = Math.min(...timed.map((word) => word.start_us ?? 0));
    if (start <= from.start_us || start >= from.end_us || start >= to.start_us) return none;
    return { edge: start, from: { end_us: start }, to: { start_us: start } };
  }
  const end = Math.max(...timed.map((word) => word.end_us ?? 0));
  if (end >= from.end_us || end <= from.start_us || end <= to.end_us) return none;
  return { edge: end, from: { start_us: end }, to: { end_us: end } };
}

/** Words whose times lie outside have none. @param {readonly Word[]} words @param {Pick<Segment, "start_us"|"end_us">} within @returns {Word[]} */
function held(words, { start_us, end_us }) {
  return words.map((word) => {
    if (word.start_us === null || word.end_us === null) return word;
    return word.start_us >= start_us && word.end_us <= end_us ? word : { ...word, start_us: null, end_us: null };
  });
}
