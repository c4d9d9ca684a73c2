// Heights of the rows of a long list: a row that was never drawn has a guess. No DOM.
//
// A Fenwick tree holds the sums, so that any row's place and the row at any place are found in O(log n).

export class Heights {
  /** @type {Float64Array} */
  #tree = new Float64Array(1);
  /** @type {Float64Array} */
  #heights = new Float64Array(0);
  #total = 0;

  get length() {
    return this.#heights.length;
  }
  get total() {
    return this.#total;
  }

  /**
   * Forget everything and take these heights.
   * @param {number} n
   * @param {(index: number) => number} height px
   */
  reset(n, height) {
    this.#heights = new Float64Array(n);
    this.#tree = new Float64Array(n + 1);
    this.#total = 0;
    for (let i = 0; i < n; i++) {
      const value = height(i);
      this.#heights[i] = value;
      this.#total += value;
      this.#tree[i + 1] = (this.#tree[i + 1] ?? 0) + value;
      const parent = i + 1 + ((i + 1) & -(i + 1));
      if (parent <= n) this.#tree[parent] = (this.#tree[parent] ?? 0) + (this.#tree[i + 1] ?? 0);
    }
  }

  /** @param {number} index */
  get(index) {
    return this.#heights[index] ?? 0;
  }

  /**
   * @param {number} index
   * @param {number} height px
   * @returns {number} by how much the row grew
   */
  set(index, height) {
    const grown = height - this.get(index);
    if (grown === 0) return 0;
    this.#heights[index] = height;
    this.#total += grown;
    for (let i = index + 1; i < this.#tree.length; i += i & -i) this.#tree[i] = (this.#tree[i] ?? 0) + grown;
    return grown;
  }

  /** Distance of a row's top from the first row's. @param {number} index */
  top(index) {
    let sum = 0;
    for (let i = Math.min(index, this.length); i > 0; i -= i & -i) sum += this.#tree[i] ?? 0;
    return sum;
  }

  /** The row at a distance from the top; the nearest one outside. @param {number} y px */
  at(y) {
    let index = 0;
    let left = y;
    for (let step = 2 ** Math.floor(Math.log2(Math.max(1, this.length))); step >= 1; step /= 2) {
      const next = index + step;
      if (next < this.#tree.length && (this.#tree[next] ?? 0) <= left) {
        index = next;
        left -= this.#tree[next] ?? 0;
      }
    }
    return Math.max(0, Math.min(index, this.length - 1));
  }

  /**
   * Rows to draw for a window, with some beyond each edge.
   * @param {number} top px @param {number} height px @param {number} [beyond] rows
   * @returns {[number, number]} first and one past the last
   */
  window(top, height, beyond = 6) {
    if (this.length === 0) return [0, 0];
    const first = this.at(Math.max(0, top));
    const last = this.at(top + height);
    return [Math.max(0, first - beyond), Math.min(this.length, last + 1 + beyond)];
  }
}

/**
 * Width of a text in half-width characters: Chinese, Japanese and Korean ones count as two.
 * @param {string} text
 */
export function halfWidths(text) {
  let n = 0;
  for (const character of text) n += /** @type {number} */ (character.codePointAt(0)) >= 0x2e80 ? 2 : 1;
  return n;
}

/**
 * A guess of how many lines a text takes.
 * @param {string|null|undefined} text
 * @param {number} halvesPerLine how many half-width characters a line holds
 */
export function guessLines(text, halvesPerLine) {
  if (!text) return 1;
  let lines = 0;
  for (const line of text.split("\n")) lines += Math.max(1, Math.ceil(halfWidths(line) / Math.max(4, halvesPerLine)));
  return lines;
}
