// Faint recordings made louder; what would clip is rounded off softly and never passes full scale.

export const MOST_DB = 24;
const MOST = 10 ** (MOST_DB / 20);
const KNEE = 0.7; // below this nothing is changed
const POINTS = 32_769;

/** @param {number} value  a sample @returns {number} between −1 and 1 */
export function soft(value) {
  const size = Math.abs(value);
  if (size <= KNEE) return value;
  return Math.sign(value) * (KNEE + (1 - KNEE) * Math.tanh((size - KNEE) / (1 - KNEE)));
}

export class Loudness {
  /** @type {WaveShaperNode|null} */
  #shaper = null;
  /** @type {number|null} */
  #db = null;

  /** @param {BaseAudioContext} context @param {number} db */
  constructor(context, db) {
    this.context = context;
    this.input = context.createGain();
    this.set(db);
  }

  /** At 0 dB samples pass as they are. @param {number} db 0–24 */
  set(db) {
    const wanted = Math.min(MOST_DB, Math.max(0, db));
    if (wanted === this.#db) return;
    if (this.#db !== null) this.input.disconnect();
    this.#db = wanted;
    // The curve takes −1…1 only, so the samples go in smaller by the most that they can be raised.
    this.input.gain.value = wanted === 0 ? 1 : 10 ** (wanted / 20) / MOST;
    this.input.connect(wanted === 0 ? this.context.destination : this.#shaped());
  }

  #shaped() {
    if (this.#shaper) return this.#shaper;
    const middle = (POINTS - 1) / 2;
    const shaper = (this.#shaper = this.context.createWaveShaper());
    shaper.curve = Float32Array.from({ length: POINTS }, (_, at) => soft(((at - middle) / middle) * MOST));
    shaper.connect(this.context.destination);
    return shaper;
  }
}
