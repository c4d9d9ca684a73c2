// What could be meant by the beginning of a word: terms of the project, and words of this recording's own texts.
// Looking up costs microseconds however many texts there are: words lie in buckets by how they begin. No DOM.

/** @typedef {{count: number, isTerm: boolean}} Known */

const HAN = /\p{Script=Han}/u;
const HAN_RUNS = /\p{Script=Han}{2,}/gu;
const WORDS = /[\p{L}\p{M}\p{N}_]+(?:['’.-][\p{L}\p{M}\p{N}_]+)*/gu;
const WORD_END = /[\p{L}\p{M}\p{N}_'’.-]+$/u;
const SHORTEST = 4; // letters of a word that is worth a proposal
const LONGEST_PAIR = 8; // Chinese characters
const MOST_BEFORE = 4; // Chinese characters that are looked at before the caret
const MOST_WORDS = 3; // words of a term that may have been written already
const MOST = 8; // proposals

const CHINESE =
  typeof Intl === "object" && typeof Intl.Segmenter === "function"
    ? new Intl.Segmenter("zh", { granularity: "word" })
    : null;

export class Proposals {
  /** @type {Map<string, Known>} */
  #known = new Map();
  /** @type {Map<string, Set<string>>} */
  #buckets = new Map();
  /** Words of each text that was taken in. @type {Map<string, string[]>} */
  #of = new Map();

  /** @param {readonly string[]} [terms] */
  constructor(terms = []) {
    for (const term of terms) {
      this.#add(term);
      /** @type {Known} */ (this.#known.get(term)).isTerm = true;
    }
  }

  /** Take in a text, in place of what the same segment held before. @param {string} id @param {string|null} text null: it is gone */
  take(id, text) {
    for (const word of this.#of.get(id) ?? []) this.#drop(word);
    const words = text ? wordsOf(text) : [];
    for (const word of words) this.#add(word);
    if (words.length) this.#of.set(id, words);
    else this.#of.delete(id);
  }

  /**
   * What may follow.
   * @param {string} before the text before the caret
   * @returns {string[]} what would be put in, the best first
   */
  after(before) {
    /** @type {Set<string>} */
    const out = new Set();
    for (const begun of beginnings(before)) {
      const isHan = HAN.test(begun);
      const lower = begun.toLowerCase();
      const length = [...begun].length;
      const found = [...(this.#buckets.get(bucketOf(begun)) ?? [])]
        .filter((word) => word.length > begun.length && word.toLowerCase().startsWith(lower))
        .map((word) => ({ word, ...(/** @type {Known} */ (this.#known.get(word))) }))
        .filter(({ count, isTerm }) => isTerm || count >= wantedCount(isHan, length));
      found.sort((a, b) => Number(b.isTerm) - Number(a.isTerm) || b.count - a.count || a.word.length - b.word.length);
      for (const { word } of found) out.add(word.slice(begun.length));
      if (out.size >= MOST) break;
    }
    return [...out].slice(0, MOST);
  }

  /** @param {string} word */
  #add(word) {
    const known = this.#known.get(word);
    if (known) known.count += 1;
    else {
      this.#known.set(word, { count: 1, isTerm: false });
      const key = bucketOf(word);
      this.#buckets.set(key, (this.#buckets.get(key) ?? new Set()).add(word));
    }
  }

  /** @param {string} word */
  #drop(word) {
    const known = this.#known.get(word);
    if (!known) return;
    known.count -= 1;
    if (known.count > 0 || known.isTerm) return;
    this.#known.delete(word);
    this.#buckets.get(bucketOf(word))?.delete(word);
  }
}

/** How often a word must have been written for so little of it to call it up. @param {boolean} isHan @param {number} length */
function wantedCount(isHan, length) {
  if (isHan) return length === 1 ? 3 : 2;
  return length === 2 ? 2 : 1;
}

/** @param {string} word */
function bucketOf(word) {
  const [first = "", second = ""] = word.toLowerCase();
  return HAN.test(first) ? first : first + second;
}

/** Words, and pairs of Chinese words, that are worth proposing again. @param {string} text @returns {string[]} */
function wordsOf(text) {
  /** @type {string[]} */
  const out = [];
  for (const [word] of text.matchAll(WORDS)) if (!HAN.test(word) && word.length >= SHORTEST) out.push(word);
  if (!CHINESE) return out;
  for (const [run] of text.matchAll(HAN_RUNS)) {
    const words = [...CHINESE.segment(run)].map(({ segment }) => segment);
    words.forEach((word, i) => {
      if (word.length > 1) out.push(word);
      const next = words[i + 1];
      if (next && word.length + next.length <= LONGEST_PAIR && word.length + next.length > 2) out.push(word + next);
    });
  }
  return out;
}

/** The ends of a text that may be the beginning of something, the longest first. @param {string} before @returns {string[]} */
function beginnings(before) {
  const tail = before.slice(-80);
  const signs = [...tail].slice(-MOST_BEFORE);
  if (HAN.test(signs.at(-1) ?? "")) return signs.map((_, i) => signs.slice(i).join("")).filter((text) => HAN.test([...text][0] ?? ""));
  /** @type {string[]} */
  const out = [];
  let at = tail.length;
  for (let n = 0; n < MOST_WORDS; n++) {
    const match = WORD_END.exec(tail.slice(0, at));
    if (!match) break;
    const begun = tail.slice(match.index);
    if (begun.length > 1 && !HAN.test(begun)) out.unshift(begun);
    at = tail.slice(0, match.index).replace(/ $/, "").length;
    if (at === match.index) break;
  }
  return out;
}

/**
 * The abbreviation that ends before the caret.
 * @param {string} before @param {readonly {short: string, text: string}[]} snippets
 * @returns {{short: string, text: string}|null} the longest one
 */
export function snippetAt(before, snippets) {
  const found = snippets.filter(({ short }) => {
    if (!before.endsWith(short)) return false;
    // Letters before it would make it the end of a word; Chinese has no edges inside its sentences.
    const last = [...before.slice(0, before.length - short.length)].at(-1) ?? "";
    return !/[\p{L}\p{N}_]/u.test(last) || HAN.test(last) || !/^[\p{L}\p{N}_]/u.test(short);
  });
  return found.sort((a, b) => b.short.length - a.short.length)[0] ?? null;
}
