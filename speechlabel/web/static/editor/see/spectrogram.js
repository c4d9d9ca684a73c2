// The spectrogram under the waveform of a lane: tiles from the server, coloured here, kept as pictures.

import {
  COLUMNS,
  ROWS,
  ceilingOf,
  emphasis,
  frequencyTicks,
  heightOf,
  levelFor,
  paint,
  ramp,
  tilePath,
  tilesOf,
} from "./spectrum.js";
import { alpha } from "./theme.js";

/** @typedef {import("./spectrum.js").View} View */
/** @typedef {import("./theme.js").Theme} Theme */
/** @typedef {import("./spectrum.js").Look} Look */

/** @type {import("./spectrum.js").Rgb[]} */
const LIGHT = [
  [250, 251, 252],
  [186, 203, 226],
  [76, 110, 166],
  [12, 26, 58],
];
/** @type {import("./spectrum.js").Rgb[]} */
const DARK = [
  [18, 22, 28],
  [66, 42, 120],
  [196, 66, 92],
  [252, 236, 176],
];
const NAME_PX = 26; // the name of the channel stands at the bottom
const MAX_PICTURES = 96;
const RETRY_MS = 3000;
const STEP = 12; // half decibels by which the ceiling moves: each move colours everything anew

export class Spectrogram {
  /** @type {Map<string, HTMLCanvasElement>} coloured tiles, the oldest use first */
  #pictures = new Map();
  /** What was asked for and has not come. @type {Set<string>} */
  #asked = new Set();
  #ceiling = 0;
  #key = "";
  #added = new Float32Array(ROWS);
  #colors = new Uint8ClampedArray(1024);

  /**
   * @param {object} options
   * @param {Pick<import("../sync/client.js").Client, "spectrogram"|"peekSpectrogram">} options.client
   * @param {import("../scope.js").Scope} options.scope
   * @param {import("./timeline.js").Timeline} options.timeline
   * @param {string} options.tooFar said where so much is in view that nothing is drawn
   * @param {() => void} options.onReady something came: draw again
   */
  constructor({ client, scope, timeline, tooFar, onReady }) {
    this.client = client;
    this.scope = scope;
    this.timeline = timeline;
    this.tooFar = tooFar;
    this.onReady = onReady;
  }

  /**
   * Draw what is in view.
   * @param {CanvasRenderingContext2D} context
   * @param {{channel: number|null, top: number, bottom: number}} lane px
   * @param {Look} look @param {Theme} theme
   */
  draw(context, { channel, top, bottom }, look, theme) {
    this.#take(look, theme);
    const { timeline } = this;
    const width = Math.min(timeline.width, timeline.x(timeline.durationUs));
    const level = levelFor(timeline.usPerPx, look.view.windowUs);
    context.fillStyle = rgb(this.#colors);
    context.fillRect(0, top, width, bottom - top);
    context.font = `11px ${theme.font}`;
    context.textBaseline = "middle";
    if (level === null) {
      context.fillStyle = theme.muted;
      context.fillText(this.tooFar, 12, (top + bottom) / 2);
      return;
    }
    context.save();
    context.beginPath();
    context.rect(0, top, width, bottom - top);
    context.clip();
    context.imageSmoothingEnabled = true;
    for (const { index, startUs, endUs } of tilesOf(timeline.startUs, timeline.endUs, level, timeline.durationUs)) {
      const picture = this.#picture(tilePath(look.view, channel, level, index), look);
      const x = timeline.x(startUs);
      if (picture) context.drawImage(picture, x, top, timeline.x(endUs) - x, bottom - top);
    }
    context.restore();
    this.#ticks(context, top, bottom, look.view, theme);
  }

  /** @param {CanvasRenderingContext2D} context @param {number} top @param {number} bottom @param {View} view @param {Theme} theme */
  #ticks(context, top, bottom, view, theme) {
    for (const hz of frequencyTicks(view, bottom - top, NAME_PX)) {
      const y = Math.round(bottom - heightOf(hz, view) * (bottom - top));
      const words = hz >= 1000 ? `${hz / 1000}k` : String(hz);
      context.fillStyle = alpha(theme.lane, 0.75);
      context.fillRect(0, y - 7, 14 + context.measureText(words).width, 14);
      context.fillStyle = theme.muted;
      context.fillRect(0, y, 6, 1);
      context.fillText(words, 9, y + 0.5);
    }
  }

  /** @param {Look} look @param {Theme} theme */
  #take(look, theme) {
    const { scale, windowUs, topHz } = look.view;
    const key = `${scale} ${windowUs} ${topHz} ${look.rangeDb} ${theme.isDark}`;
    if (key === this.#key) return;
    this.#key = key;
    this.#pictures.clear();
    this.#added = emphasis(look.view);
    this.#colors = ramp(theme.isDark ? DARK : LIGHT);
    this.#ceiling = 0;
  }

  /** @param {string} path @param {Look} look @returns {HTMLCanvasElement|undefined} */
  #picture(path, look) {
    const old = this.#pictures.get(path);
    if (old) {
      this.#pictures.delete(path);
      this.#pictures.set(path, old);
      return old;
    }
    const tile = this.client.peekSpectrogram(path);
    if (!tile) return this.#ask(path);
    const ceiling = ceilingOf(tile, this.#added);
    if (ceiling > this.#ceiling) {
      this.#ceiling = Math.ceil(ceiling / STEP) * STEP;
      this.#pictures.clear();
      this.onReady();
    }
    const picture = document.createElement("canvas");
    [picture.width, picture.height] = [COLUMNS, ROWS];
    const pixels = paint(tile, this.#added, this.#ceiling, look.rangeDb, this.#colors);
    picture.getContext("2d")?.putImageData(new ImageData(pixels, COLUMNS, ROWS), 0, 0);
    this.#pictures.set(path, picture);
    if (this.#pictures.size > MAX_PICTURES) this.#pictures.delete(String(this.#pictures.keys().next().value));
    return picture;
  }

  /** @param {string} path @returns {undefined} */
  #ask(path) {
    if (this.#asked.has(path)) return;
    this.#asked.add(path);
    const again = () => {
      this.#asked.delete(path);
      this.onReady();
    };
    this.client.spectrogram(path).then(again, () => void this.scope.timeout(again, RETRY_MS));
  }
}

/** The first colour of a ramp. @param {Uint8ClampedArray} colors */
function rgb(colors) {
  return `rgb(${colors[0]} ${colors[1]} ${colors[2]})`;
}
