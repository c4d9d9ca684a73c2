// A lane of the waveform: its sound, its spectrogram, the segments that lie in it.

import { laneRange } from "./lanes.js";
import { Spectrogram } from "./spectrogram.js";
import { lookOf } from "./spectrum.js";
import { alpha, speakerColor } from "./theme.js";

/** @typedef {import("../types.js").Segment} Segment */

const TEXT_PX = 17;
const SOUND_SHARE = 0.36; // of a lane that shows the spectrogram too
const LEAST_SOUND_PX = 44;

export class LanePainter {
  #hatch = /** @type {CanvasPattern|null} */ (null);

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
    this.#hatch = null;
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
    const here = segments.filter((segment) => {
      const [from, to] = laneRange(waveform.lanes, segment.channel);
      return from <= lane && lane < to;
    });
    const colors = here.map(
      (segment) => speakerColor(model.speakers, segment.speaker, this.theme.isDark) ?? this.theme.muted,
    );
    this.#tint(context, here, colors, [top, middle - 1], scale);
    this.#samples(context, lane, here, colors, [top, middle], scale);
    if (settings.spectrogram) {
      const place = { channel: waveform.lanes[lane] ?? null, top: middle, bottom: bottom - 1 };
      this.spectrogram.draw(context, place, lookOf(settings.look, model.recording.sample_rate), this.theme);
    }
    here.forEach((segment, i) => this.#region(context, segment, /** @type {string} */ (colors[i]), top, bottom));
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
      if (!segment.is_valid && b - a > 3) this.#fillHatch(context, a, top, b - a, bottom - top, scale);
    });
  }

  /** @param {CanvasRenderingContext2D} context @param {number} lane @param {Segment[]} segments @param {string[]} colors @param {[number, number]} box top and bottom @param {number} scale */
  #samples(context, lane, segments, colors, [top, bottom], scale) {
    const { timeline } = this;
    const n = Math.ceil(Math.min(timeline.width, timeline.x(timeline.durationUs)) * scale);
    if (n < 1) return;
    const { low, high, exact } = this.sound.columns(
      this.waveform.lanes[lane] ?? null,
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
    const half = (bottom - top - TEXT_PX - 8) * 0.5 * scale * this.sound.gain();
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

  /** @param {CanvasRenderingContext2D} context @param {Segment} segment @param {string} color @param {number} top @param {number} bottom */
  #region(context, segment, color, top, bottom) {
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
    const words = (segment.text ?? "").replace(/\s+/g, " ").trim();
    context.save();
    context.beginPath();
    context.rect(Math.max(a, 0) + 4, top, room + 2, TEXT_PX + 3);
    context.clip();
    context.font = `12px ${this.theme.font}`;
    context.textBaseline = "middle";
    context.fillStyle = words ? this.theme.text : this.theme.muted;
    context.fillText(
      words.slice(0, 200) || String(model.indexOf(segment.id) + 1),
      Math.max(a, 0) + 6,
      top + TEXT_PX / 2 + 3,
    );
    context.restore();
  }

  /** @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} width @param {number} height @param {number} scale */
  #fillHatch(context, x, y, width, height, scale) {
    if (!this.#hatch) {
      const size = Math.round(8 * scale);
      const tile = document.createElement("canvas");
      tile.width = tile.height = size;
      const brush = tile.getContext("2d");
      if (!brush) return;
      brush.strokeStyle = alpha(this.theme.bad, 0.55);
      brush.lineWidth = Math.max(1, scale);
      brush.beginPath();
      for (const shift of [-size, 0, size]) {
        brush.moveTo(shift, size);
        brush.lineTo(shift + size, 0);
      }
      brush.stroke();
      this.#hatch = context.createPattern(tile, "repeat");
      this.#hatch?.setTransform(new DOMMatrix().scale(1 / scale));
    }
    if (!this.#hatch) return;
    context.fillStyle = this.#hatch;
    context.fillRect(x, y, width, height);
  }
}
