// A lane of the waveform: its sound, its spectrogram, the segments that lie in it.

import { isIn } from "./lanes.js";
import { linesOf, overlapsOf } from "./overlap.js";
import { Spectrogram } from "./spectrogram.js";
import { lookOf } from "./spectrum.js";
import { alpha, speakerColor } from "./theme.js";

/** @typedef {import("../types.js").Segment} Segment */

const TEXT_PX = 17;
const SOUND_SHARE = 0.36; // of a lane that shows the spectrogram too
const LEAST_SOUND_PX = 44;
const MOST_LINES = 4; // of texts over each other
const MOST_GAIN = 40;

export class LanePainter {
  /** @type {Map<string, CanvasPattern>} */
  #hatches = new Map();

  /** @param {import("../session.js").Session} session @param {import("./waveform.js").Waveform} waveform */
  constructor(session, waveform) {
    this.session = session;
    this.waveform = waveform;
    this.model = session.model;
    this.timeline = session.timeline;
    this.spectrogram = new Spectrogram({
      client: session.client,
      scope: session.scope,
      timeline: session.timeline,
      tooFar: session.t("editor.look.tooFar"),
      onReady: () => waveform.invalidate(),
    });
  }

  /** The theme has changed: what was made with its colours is no longer right. */
  forget() {
    this.#hatches.clear();
  }

  get theme() {
    return this.waveform.theme;
  }
  get sound() {
    return this.waveform.sound;
  }

  /** @param {CanvasRenderingContext2D} context @param {number} lane @param {Segment[]} segments in view @param {number} scale */
  draw(context, lane, segments, scale) {
    const { timeline, model, waveform } = this;
    const { settings } = this.session;
    const [top, bottom] = waveform.laneBox(lane);
    const share = settings.spectrogram ? Math.max(LEAST_SOUND_PX, (bottom - top) * SOUND_SHARE) : bottom - top;
    const middle = Math.round(top + share); // where the sound ends and the spectrogram begins
    const end = Math.min(timeline.width, timeline.x(timeline.durationUs));
    context.fillStyle = this.theme.lane;
    context.fillRect(0, top, end, bottom - top - 1);
    const here = segments.filter((segment) => isIn(waveform.lanes, lane, segment));
    const colors = here.map(
      (segment) => speakerColor(model.speakers, segment.speaker, this.theme.isDark) ?? this.theme.muted,
    );
    this.#tint(context, here, colors, [top, middle - 1], scale);
    const placed = here.map((segment) => ({ id: segment.id, ...waveform.timesOf(segment) }));
    this.#overlaps(context, placed, [top, middle - 1], scale);
    this.#samples(context, lane, here, colors, [top, middle], scale);
    if (settings.spectrogram) {
      const place = { channel: waveform.lanes[lane]?.channel ?? null, top: middle, bottom: bottom - 1 };
      this.spectrogram.draw(context, place, lookOf(settings.look, model.recording.sample_rate), this.theme);
    }
    const lines = linesOf(placed);
    here.forEach((segment, i) => {
      const line = Math.min(lines.get(segment.id) ?? 0, MOST_LINES - 1);
      this.#region(context, segment, /** @type {string} */ (colors[i]), [top, bottom], line);
    });
  }

  /** Hatch where voices sound at once. @param {CanvasRenderingContext2D} context @param {readonly import("./overlap.js").Timed[]} placed @param {[number, number]} box top and bottom @param {number} scale */
  #overlaps(context, placed, [top, bottom], scale) {
    const { timeline } = this;
    for (const { start_us, end_us } of overlapsOf(placed)) {
      const [a, b] = [Math.max(-2, timeline.x(start_us)), Math.min(timeline.width + 2, timeline.x(end_us))];
      if (b - a > 2) this.#fillHatch(context, [a, top, b - a, bottom - top], scale, "muted");
    }
  }

  /** Colour the segments' ground. @param {CanvasRenderingContext2D} context @param {Segment[]} segments @param {string[]} colors @param {[number, number]} box top and bottom @param {number} scale */
  #tint(context, segments, colors, [top, bottom], scale) {
    const { timeline, model } = this;
    let filledTo = -1;
    segments.forEach((segment, i) => {
      const { start_us, end_us } = this.waveform.timesOf(segment);
      const [a, b] = [Math.max(-2, timeline.x(start_us)), Math.min(timeline.width + 2, timeline.x(end_us))];
      const isCurrent = segment.id === model.currentId;
      if (b - a < 1 && b <= filledTo && !isCurrent) return; // thousands share a pixel when all is in view
      filledTo = Math.max(filledTo, Math.ceil(b));
      context.fillStyle = alpha(
        /** @type {string} */ (colors[i]),
        this.waveform.lit.has(segment.id) ? 0.6 : isCurrent ? 0.3 : model.selectedIds.has(segment.id) ? 0.24 : 0.14,
      );
      context.fillRect(a, top, Math.max(1, b - a), bottom - top);
      if (!segment.is_valid && b - a > 3) this.#fillHatch(context, [a, top, b - a, bottom - top], scale, "bad");
    });
  }

  /** @param {CanvasRenderingContext2D} context @param {number} lane @param {Segment[]} segments @param {string[]} colors @param {[number, number]} box top and bottom @param {number} scale */
  #samples(context, lane, segments, colors, [top, bottom], scale) {
    const { timeline } = this;
    const n = Math.ceil(Math.min(timeline.width, timeline.x(timeline.durationUs)) * scale);
    if (n < 1) return;
    const { low, high, exact } = this.sound.columns(
      this.waveform.lanes[lane]?.channel ?? null,
      timeline.startUs,
      timeline.usPerPx / scale,
      n,
    );
    const owner = new Int32Array(n).fill(-1);
    segments.forEach((segment, i) => {
      const { start_us, end_us } = this.waveform.timesOf(segment);
      owner.fill(
        i,
        Math.max(0, Math.round(timeline.x(start_us) * scale)),
        Math.max(0, Math.round(timeline.x(end_us) * scale)),
      );
    });
    const middle = ((top + bottom) / 2 + TEXT_PX / 2) * scale;
    const half = (bottom - top - TEXT_PX - 8) * 0.5 * scale * this.#gain(lane, low, high);
    const ceiling = (top + TEXT_PX) * scale;
    const floor = (bottom - 2) * scale;
    /** @type {Map<string, Path2D>} */
    const paths = new Map();
    let previous = NaN;
    for (let column = 0; column < n; column++) {
      const a = /** @type {number} */ (low[column]);
      const b = /** @type {number} */ (high[column]);
      if (Number.isNaN(a)) {
        previous = NaN;
        continue;
      }
      const color = colors[/** @type {number} */ (owner[column])] ?? this.theme.wave;
      let path = paths.get(color);
      if (!path) paths.set(color, (path = new Path2D()));
      let y0 = Math.max(ceiling, middle - b * half);
      let y1 = Math.min(floor, middle - a * half);
      if (exact && !Number.isNaN(previous)) [y0, y1] = [Math.min(y0, previous), Math.max(y1, previous)]; // no gaps in a steep line
      previous = (Math.max(ceiling, middle - b * half) + Math.min(floor, middle - a * half)) / 2;
      path.rect(column, y0, 1, Math.max(1, y1 - y0));
    }
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    for (const [color, path] of paths) {
      context.fillStyle = color;
      context.fill(path);
    }
    context.restore();
  }

  /** By how much a lane is stretched: as the whole recording, or so that what is in view of it fills it. @param {number} lane @param {Float32Array} low @param {Float32Array} high */
  #gain(lane, low, high) {
    const usual = this.sound.gain();
    if (!this.session.settings.normalise) return usual;
    let most = 0;
    for (let i = 0; i < low.length; i++) most = Math.max(most, Number(high[i]) || 0, -Number(low[i]) || 0);
    const gain = most === 0 ? usual : Math.min(MOST_GAIN, 0.96 / most);
    this.waveform.showGain(lane, gain);
    return gain;
  }

  /** @param {CanvasRenderingContext2D} context @param {Segment} segment @param {string} color @param {[number, number]} box top and bottom @param {number} line of its text, from the top */
  #region(context, segment, color, [top, bottom], line) {
    const { timeline, model } = this;
    const { start_us, end_us } = this.waveform.timesOf(segment);
    const a = timeline.x(start_us);
    const b = timeline.x(end_us);
    if (b - a < 3) return;
    const isCurrent = segment.id === model.currentId;
    context.fillStyle = alpha(color, isCurrent ? 1 : 0.55);
    context.fillRect(a, top, 1, bottom - top - 1);
    context.fillRect(b - 1, top, 1, bottom - top - 1);
    if (isCurrent) {
      context.fillStyle = this.theme.accent;
      context.fillRect(a, top, b - a, 2);
      context.fillRect(a, bottom - 3, b - a, 2);
      context.fillRect(a - 1, top, 2, bottom - top - 1);
      context.fillRect(b - 1, top, 2, bottom - top - 1);
    }
    if (b - a > 14 && this.waveform.hasProblem(segment)) {
      // A corner folded over, as in a book: here is something to look at.
      context.fillStyle = this.theme.bad;
      context.beginPath();
      context.moveTo(b - 10, top);
      context.lineTo(b, top);
      context.lineTo(b, top + 10);
      context.fill();
    }
    const room = Math.min(b, timeline.width) - Math.max(a, 0) - 10;
    if (room < 22) return;
    const textTop = top + line * TEXT_PX;
    const words = (segment.text ?? "").replace(/\s+/g, " ").trim();
    context.save();
    context.beginPath();
    context.rect(Math.max(a, 0) + 4, textTop, room + 2, TEXT_PX + 3);
    context.clip();
    context.font = `12px ${this.theme.font}`;
    context.textBaseline = "middle";
    const x = Math.max(a, 0) + 6;
    const shown = `${segment.is_locked ? "🔒 " : ""}${words.slice(0, 200) || String(model.indexOf(segment.id) + 1)}`;
    if (line > 0) {
      // Over the sound: a ground of its own keeps it readable.
      context.fillStyle = alpha(this.theme.lane, 0.8);
      context.fillRect(x - 2, textTop + 3, context.measureText(shown).width + 4, TEXT_PX - 1);
    }
    context.fillStyle = words ? this.theme.text : this.theme.muted;
    context.fillText(shown, x, textTop + TEXT_PX / 2 + 3);
    context.restore();
  }

  /** @param {CanvasRenderingContext2D} context @param {[number, number, number, number]} box x, y, width, height @param {number} scale @param {"bad"|"muted"} color not valid, or several at once */
  #fillHatch(context, box, scale, color) {
    const hatch = this.#hatches.get(color) ?? this.#makeHatch(context, scale, color);
    if (!hatch) return;
    this.#hatches.set(color, hatch);
    context.fillStyle = hatch;
    context.fillRect(...box);
  }

  /** @param {CanvasRenderingContext2D} context @param {number} scale @param {"bad"|"muted"} color */
  #makeHatch(context, scale, color) {
    const size = Math.round(8 * scale);
    const tile = document.createElement("canvas");
    tile.width = tile.height = size;
    const brush = tile.getContext("2d");
    if (!brush) return null;
    brush.strokeStyle = alpha(this.theme[color], 0.55);
    brush.lineWidth = Math.max(1, scale);
    brush.beginPath();
    // The two lean to different sides, for those who do not see their colours.
    const [from, to] = color === "bad" ? [size, 0] : [0, size];
    for (const shift of [-size, 0, size]) {
      brush.moveTo(shift, from);
      brush.lineTo(shift + size, to);
    }
    brush.stroke();
    const pattern = context.createPattern(tile, "repeat");
    pattern?.setTransform(new DOMMatrix().scale(1 / scale));
    return pattern;
  }
}
