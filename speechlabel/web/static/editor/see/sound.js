// What the waveform draws: the lowest and highest sample under each column of pixels.
//
// From the peaks tiles of the fitting zoom level, or from the samples themselves when closer than those go.
// What is not there yet is asked for, left empty, and drawn when it has come.

import { REST } from "../hear/media.js";

/** @typedef {import("../types.js").PeaksTile} Tile */
/** @typedef {{low: Float32Array, high: Float32Array, exact: boolean}} Columns NaN: not there yet; exact: from samples */
/** @typedef {{samples_per_point: number, n_points: number}} Level */

const FULL = 32768;
const RETRY_MS = 3000;

export class Sound {
  /** What was asked for and has not come. @type {Set<string>} */
  #asked = new Set();
  #client;
  #scope;
  #rate;
  #levels;
  #tilePoints;
  #onReady;

  /**
   * @param {object} options
   * @param {Pick<import("../sync/client.js").Client, "peaks"|"peekPeaks"|"pcm"|"peekPcm">} options.client
   * @param {import("../scope.js").Scope} options.scope
   * @param {number} options.sampleRate
   * @param {{tile_points: number, levels: Level[]}} options.peaks
   * @param {() => void} options.onReady something came: draw again
   */
  constructor({ client, scope, sampleRate, peaks, onReady }) {
    this.#client = client;
    this.#scope = scope;
    this.#rate = sampleRate;
    this.#levels = peaks.levels;
    this.#tilePoints = peaks.tile_points;
    this.#onReady = onReady;
  }

  /**
   * @param {number|null} channel
   * @param {number} startUs
   * @param {number} usPerColumn
   * @param {number} n columns
   * @returns {Columns}
   */
  columns(channel, startUs, usPerColumn, n) {
    const low = new Float32Array(n).fill(NaN);
    const high = new Float32Array(n).fill(NaN);
    const first = (startUs * this.#rate) / 1e6;
    const perColumn = (usPerColumn * this.#rate) / 1e6;
    const closest = this.#levels[0]?.samples_per_point ?? 128;
    const exact = perColumn < closest;
    if (exact) this.#fromSamples(channel, first, perColumn, low, high);
    if (!exact || low.some(Number.isNaN)) this.#fromPeaks(channel, first, perColumn, low, high);
    return { low, high, exact };
  }

  /** Columns no narrower than this, µs, need no samples. @param {number} wishedUs */
  peakStep(wishedUs) {
    const closest = this.#levels[0]?.samples_per_point ?? 128;
    return Math.max(wishedUs, Math.ceil((closest * 1e6) / this.#rate));
  }

  /**
   * The columns of a stretch, when all of it has come.
   * @param {number|null} channel @param {number} startUs @param {number} endUs @param {number} stepUs from `peakStep`
   * @returns {Promise<Columns>}
   */
  async whole(channel, startUs, endUs, stepUs) {
    const level = this.#level((stepUs * this.#rate) / 1e6);
    const { samples_per_point: perPoint = 128, n_points: nPoints = 0 } = this.#levels[level] ?? {};
    const tile = (/** @type {number} */ us) =>
      Math.floor(Math.min(Math.max(0, nPoints - 1), (us * this.#rate) / 1e6 / perPoint) / this.#tilePoints);
    for (let index = tile(startUs); index <= tile(endUs); index++) await this.#client.peaks(level, index);
    return this.columns(channel, startUs, stepUs, Math.ceil((endUs - startUs) / stepUs));
  }

  /** The zoom level whose points are no wider than a column. @param {number} perColumn samples */
  #level(perColumn) {
    let level = 0;
    while ((this.#levels[level + 1]?.samples_per_point ?? Infinity) <= perColumn) level += 1;
    return level;
  }

  /** By how much to stretch the drawing so that a quiet recording fills its lane. */
  gain() {
    const tile = this.#tile(Math.max(0, this.#levels.length - 1), 0);
    if (!tile) return 1;
    let most = 0;
    for (let i = 0; i < tile.max.length; i++) most = Math.max(most, tile.max[i] ?? 0, -(tile.min[i] ?? 0));
    return most === 0 ? 1 : Math.min(12, (FULL * 0.96) / most);
  }

  /** @param {number|null} channel @param {number} first @param {number} perColumn @param {Float32Array} low @param {Float32Array} high */
  #fromPeaks(channel, first, perColumn, low, high) {
    const level = this.#level(perColumn);
    const perPoint = this.#levels[level]?.samples_per_point ?? 128;
    const nPoints = this.#levels[level]?.n_points ?? 0;
    let index = -1;
    let tile = /** @type {Tile|undefined} */ (undefined);
    for (let column = 0; column < low.length; column++) {
      if (!Number.isNaN(low[column])) continue;
      const from = Math.max(0, Math.floor((first + column * perColumn) / perPoint));
      const to = Math.min(nPoints, Math.max(from + 1, Math.floor((first + (column + 1) * perColumn) / perPoint)));
      let least = Infinity;
      let most = -Infinity;
      for (let point = from; point < to; point++) {
        const wanted = Math.floor(point / this.#tilePoints);
        if (wanted !== index) tile = this.#tile(level, (index = wanted));
        if (!tile) continue;
        const at = point % this.#tilePoints;
        const [a, b] = channel === null ? [0, tile.channels] : [channel, channel + 1];
        for (let c = a; c < b; c++) {
          least = Math.min(least, /** @type {number} */ (tile.min[c * tile.length + at]));
          most = Math.max(most, /** @type {number} */ (tile.max[c * tile.length + at]));
        }
      }
      if (most >= least) {
        low[column] = least / FULL;
        high[column] = most / FULL;
      }
    }
  }

  /** @param {number|null} channel @param {number} first @param {number} perColumn @param {Float32Array} low @param {Float32Array} high */
  #fromSamples(channel, first, perColumn, low, high) {
    const perChunk = 2 * this.#rate;
    let index = -1;
    let chunk = /** @type {Int16Array|undefined} */ (undefined);
    for (let column = 0; column < low.length; column++) {
      const from = Math.max(0, Math.floor(first + column * perColumn));
      const to = Math.max(from + 1, Math.floor(first + (column + 1) * perColumn));
      let least = Infinity;
      let most = -Infinity;
      for (let sample = from; sample < to; sample++) {
        const wanted = Math.floor(sample / perChunk);
        if (wanted !== index) chunk = this.#chunk(channel, (index = wanted));
        const value = chunk?.[sample - index * perChunk];
        if (value === undefined) continue;
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
      if (most >= least) {
        low[column] = least / FULL;
        high[column] = most / FULL;
      }
    }
  }

  /** @param {number} level @param {number} index @returns {Tile|undefined} */
  #tile(level, index) {
    return (
      this.#client.peekPeaks(level, index) ?? this.#ask(`${level}/${index}`, () => this.#client.peaks(level, index))
    );
  }

  /** @param {number|null} channel @param {number} index @returns {Int16Array|undefined} */
  #chunk(channel, index) {
    return (
      this.#client.peekPcm(channel, index) ??
      this.#ask(`pcm ${channel}/${index}`, () => this.#client.pcm(channel, index, REST)) // what is heard goes first
    );
  }

  /** @param {string} key @param {() => Promise<unknown>} load @returns {undefined} */
  #ask(key, load) {
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    const again = () => {
      this.#asked.delete(key);
      this.#onReady();
    };
    load().then(again, () => void this.#scope.timeout(again, RETRY_MS));
  }
}
