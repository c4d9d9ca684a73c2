// A small seeded generator, so that a failure can be repeated (mulberry32).

export class Random {
  /** @param {number} seed */
  constructor(seed) {
    this.seed = seed >>> 0;
  }

  next() {
    this.seed = (this.seed + 0x6d2b79f5) >>> 0;
    let mixed = this.seed;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Whole number, from ≤ n < to. */
  whole(from, to) {
    return from + Math.floor(this.next() * (to - from));
  }

  pick(items) {
    return items[this.whole(0, items.length)];
  }
}
