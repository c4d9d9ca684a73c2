// Zoom and scroll of the waveform: which stretch of the recording the pixels show. No DOM.

const SECOND = 1_000_000;
/** Steps of the ruler, µs. */
const STEPS = [
  1_000,
  2_000,
  5_000,
  10_000,
  20_000,
  50_000,
  100_000,
  200_000,
  500_000,
  SECOND,
  2 * SECOND,
  5 * SECOND,
  10 * SECOND,
  15 * SECOND,
  30 * SECOND,
  60 * SECOND,
  120 * SECOND,
  300 * SECOND,
  600 * SECOND,
  900 * SECOND,
  1800 * SECOND,
  3600 * SECOND,
  7200 * SECOND,
];
/** The closest zoom: one sample of 48 kHz is then most of a pixel wide. */
const MIN_US_PER_PX = 25;
const MIN_TICK_PX = 72;

export class Timeline {
  #width = 1;
  #startUs = 0;
  #usPerPx = 10_000;
  /** @type {Set<() => void>} */
  #listeners = new Set();

  /** @param {number} durationUs */
  constructor(durationUs) {
    this.durationUs = Math.max(1, durationUs);
  }

  get width() {
    return this.#width;
  }
  get startUs() {
    return this.#startUs;
  }
  get usPerPx() {
    return this.#usPerPx;
  }
  get endUs() {
    return this.#startUs + this.#width * this.#usPerPx;
  }

  /**
   * @param {() => void} listener called after each change
   * @returns {() => void} stops it
   */
  on(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @param {number} us */
  x(us) {
    return (us - this.#startUs) / this.#usPerPx;
  }

  /** @param {number} x */
  us(x) {
    return Math.round(this.#startUs + x * this.#usPerPx);
  }

  /** The same, held inside the recording. @param {number} x */
  clampedUs(x) {
    return Math.min(this.durationUs, Math.max(0, this.us(x)));
  }

  /** The stretch that is seen stays; the zoom follows the width. @param {number} width px */
  setWidth(width) {
    if (width < 1 || width === this.#width) return;
    const seen = this.#width > 1 ? this.#width * this.#usPerPx : null;
    this.#width = width;
    this.#set(this.#startUs, seen === null ? this.#usPerPx : seen / width);
  }

  /** @param {number} startUs @param {number} usPerPx */
  restore(startUs, usPerPx) {
    this.#set(startUs, usPerPx);
  }

  /** The time under `x` stays where it is. @param {number} x @param {number} factor below 1: closer */
  zoomAt(x, factor) {
    const under = this.#startUs + x * this.#usPerPx;
    const usPerPx = this.#limit(this.#usPerPx * factor);
    this.#set(under - x * usPerPx, usPerPx);
  }

  /** @param {number} px */
  panBy(px) {
    this.#set(this.#startUs + px * this.#usPerPx, this.#usPerPx);
  }

  /** @param {number} us goes to the middle */
  centre(us) {
    this.#set(us - (this.#width * this.#usPerPx) / 2, this.#usPerPx);
  }

  /**
   * Show a stretch with some air around it.
   * @param {number} startUs @param {number} endUs @param {number} [air] share of the stretch on each side
   */
  fit(startUs, endUs, air = 0.15) {
    const pad = (endUs - startUs) * air;
    const usPerPx = this.#limit((endUs - startUs + 2 * pad) / this.#width);
    this.#set((startUs + endUs) / 2 - (this.#width * usPerPx) / 2, usPerPx);
  }

  fitAll() {
    this.#set(0, this.durationUs / this.#width);
  }

  /**
   * Scroll, and zoom out if it must be, so that a stretch is seen; one that is seen moves nothing.
   * @param {number} startUs @param {number} endUs
   */
  reveal(startUs, endUs) {
    const seen = this.#width * this.#usPerPx;
    if (startUs >= this.#startUs && endUs <= this.endUs) return;
    if (endUs - startUs > seen * 0.9) this.fit(startUs, endUs);
    else this.centre((startUs + endUs) / 2);
  }

  /** Turn the page when a playhead leaves it. @param {number} us */
  follow(us) {
    if (us < this.#startUs || us > this.endUs) this.#set(us - this.#width * this.#usPerPx * 0.08, this.#usPerPx);
  }

  /** Marks of the ruler that are seen. @returns {{us: number, x: number, step: number}[]} */
  ticks() {
    const step = STEPS.find((item) => item / this.#usPerPx >= MIN_TICK_PX) ?? 7200 * SECOND;
    const out = [];
    for (let us = Math.floor(this.#startUs / step) * step; us <= Math.min(this.endUs, this.durationUs); us += step) {
      if (us >= 0) out.push({ us, x: this.x(us), step });
    }
    return out;
  }

  /** @param {number} usPerPx */
  #limit(usPerPx) {
    return Math.min(Math.max(usPerPx, MIN_US_PER_PX), Math.max(MIN_US_PER_PX, this.durationUs / this.#width));
  }

  /** @param {number} startUs @param {number} usPerPx */
  #set(startUs, usPerPx) {
    const scale = this.#limit(usPerPx);
    const last = Math.max(0, this.durationUs - this.#width * scale);
    const start = Math.min(Math.max(0, startUs), last);
    if (start === this.#startUs && scale === this.#usPerPx) return;
    this.#startUs = start;
    this.#usPerPx = scale;
    for (const listener of this.#listeners) listener();
  }
}

/**
 * A time as people read it: "1:02:03.450", "02:03.4", "02:03".
 * @param {number} us
 * @param {number} [digits] after the point
 */
export function clock(us, digits = 0) {
  const unit = 10 ** (6 - digits);
  const whole = Math.floor(Math.max(0, us) / unit) * unit;
  const seconds = Math.floor(whole / SECOND);
  const h = Math.floor(seconds / 3600);
  const mm = String(Math.floor(seconds / 60) % 60).padStart(2, "0");
  const ss = String(seconds % 60).padStart(2, "0");
  const part = digits ? "." + String((whole % SECOND) / unit).padStart(digits, "0") : "";
  return `${h ? `${h}:` : ""}${mm}:${ss}${part}`;
}

/** Digits after the point that tell ruler marks apart. @param {number} step µs */
export function tickDigits(step) {
  return step >= SECOND ? 0 : step >= 100_000 ? 1 : step >= 10_000 ? 2 : 3;
}
