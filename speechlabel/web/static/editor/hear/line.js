// How fast the line is, from what came over it; and whether that is enough to hear without waiting. No DOM.

const QUICK_MS = 10; // what comes sooner came from the browser's own store, or from this very machine
const KEPT_MS = 8000; // of waiting; older measurements count less and less

export class Line {
  #running = 0;
  #since = 0;
  #bytes = 0;
  #busyMs = 0;
  #isSlow = false;

  /** @param {number} needed  bits a second that must come through @param {() => number} [now] ms */
  constructor(needed, now = () => performance.now()) {
    this.needed = needed;
    this.now = now;
  }

  begin() {
    if (this.#running === 0) this.#since = this.now();
    this.#running += 1;
  }

  /** Several at once share the line: the time in which any of them ran is counted once. @param {number} bytes */
  end(bytes) {
    const now = this.now();
    const ms = now - this.#since;
    this.#running -= 1;
    this.#since = now;
    if (ms >= QUICK_MS && bytes > 0) this.#count(bytes, ms);
  }

  /** @param {number} bytes @param {number} ms */
  #count(bytes, ms) {
    const share = KEPT_MS / Math.max(KEPT_MS, this.#busyMs);
    this.#bytes = this.#bytes * share + bytes;
    this.#busyMs = this.#busyMs * share + ms;
    // What was slow must become twice as fast as needed before it counts as fast again.
    this.#isSlow = this.speed < this.needed * (this.#isSlow ? 2 : 1);
  }

  /** Bits a second; infinite while nothing is known. */
  get speed() {
    return this.#busyMs > 0 ? (this.#bytes * 8000) / this.#busyMs : Infinity;
  }

  get isSlow() {
    return this.#isSlow;
  }
}
