// The waveform: a lane a channel, the segments on it, the ruler over it, the playhead.
//
// One canvas of the size of the view, drawn only when something changed, in an animation frame. The playhead
// is an element of its own, moved by a transform: while the sound plays nothing is drawn anew.

import { h } from "./dom.js";
import { laneRange, lanesOf, Window } from "./lanes.js";
import { FLASH_MS } from "./rows.js";
import { Sound } from "./sound.js";
import { alpha, speakerColor } from "./theme.js";
import { clock, tickDigits } from "./timeline.js";

/** @typedef {import("./types.js").Segment} Segment */
/** @typedef {import("./theme.js").Theme} Theme */
/** @typedef {{id: string, start_us: number, end_us: number}} Preview a segment while its edge is dragged */
/** @typedef {{channel: number|null, start_us: number, end_us: number}} Draft a segment being drawn */

export const RULER_PX = 20;
const TEXT_PX = 17;

export class Waveform {
  /** @type {Map<string, Preview>} */
  previews = new Map();
  /** @type {Draft|null} */
  draft = null;
  /** @type {Theme} */
  theme;
  window = new Window();
  #dirty = false;
  /** @type {Set<string>} */
  #lit = new Set();
  /** @type {() => void} */
  #endFlash = () => {};
  #hatch = /** @type {CanvasPattern|null} */ (null);

  /** @param {import("./session.js").Session} session @param {Theme} theme */
  constructor(session, theme) {
    this.session = session;
    this.theme = theme;
    this.lanes = lanesOf(session.model.recording);
    this.canvas = h("canvas", { class: "sl-wave-canvas", "aria-hidden": "true" });
    this.head = h("div", { class: "sl-playhead", "aria-hidden": "true" });
    this.element = h(
      "div",
      {
        class: "sl-wave",
        tabindex: "0",
        role: "application",
        "aria-label": session.t("editor.wave.label"),
        "data-lanes": this.lanes.length,
      },
      this.canvas,
      this.head,
    );
    if (this.lanes.length > 1) {
      const names = this.lanes.map((channel) =>
        h("span", {}, session.t("editor.wave.channel", { n: Number(channel) + 1 })),
      );
      this.element.append(h("div", { class: "sl-lane-names", "aria-hidden": "true" }, ...names));
    }
    this.sound = new Sound({
      client: session.client,
      scope: session.scope,
      sampleRate: session.model.recording.sample_rate,
      peaks: session.opened.peaks,
      onReady: () => {
        this.invalidate();
        this.session.minimap.invalidate();
      },
    });
    this.window.take(session.model.segments);
    session.scope.observe(new ResizeObserver(() => this.resize())).observe(this.element);
    session.timeline.on(() => this.invalidate());
  }

  /** @param {Theme} theme */
  setTheme(theme) {
    this.theme = theme;
    this.#hatch = null;
    this.invalidate();
  }

  /** Light segments up for a moment. @param {readonly string[]} ids */
  flash(ids) {
    this.#lit = new Set(ids);
    this.invalidate();
    this.#endFlash();
    this.#endFlash = this.session.scope.timeout(() => {
      this.#lit.clear();
      this.invalidate();
    }, FLASH_MS);
  }

  /** Draw in the next frame. */
  invalidate() {
    if (this.#dirty) return;
    this.#dirty = true;
    this.session.scope.frame(() => {
      this.#dirty = false;
      this.#draw();
    });
  }

  /** @param {number} us where the sound is */
  setHead(us) {
    const x = this.session.timeline.x(us);
    this.head.style.transform = `translateX(${Math.round(x * 2) / 2}px)`;
    this.head.hidden = x < 0 || x > this.session.timeline.width;
  }

  /** @param {number} index of a lane @returns {[number, number]} top and bottom, px */
  laneBox(index) {
    const height = (this.element.clientHeight - RULER_PX) / this.lanes.length;
    return [RULER_PX + index * height, RULER_PX + (index + 1) * height];
  }

  /** @param {number} y px @returns {number} lane */
  laneAt(y) {
    const height = (this.element.clientHeight - RULER_PX) / this.lanes.length;
    return Math.max(0, Math.min(this.lanes.length - 1, Math.floor((y - RULER_PX) / height)));
  }

  /** Where a segment is, also while it is dragged. @param {Segment} segment @returns {{start_us: number, end_us: number}} */
  timesOf(segment) {
    return this.previews.get(segment.id) ?? segment;
  }

  /** Take the size that the page gives. */
  resize() {
    const { clientWidth, clientHeight } = this.element;
    if (clientWidth === 0) return;
    const scale = devicePixelRatio || 1;
    this.canvas.width = Math.round(clientWidth * scale);
    this.canvas.height = Math.round(clientHeight * scale);
    this.session.timeline.setWidth(clientWidth);
    this.#draw(); // at once: a canvas that got a new size is blank
  }

  #draw() {
    const context = this.canvas.getContext("2d");
    if (!context || this.element.clientWidth === 0) return;
    const { timeline, model } = this.session;
    const scale = this.canvas.width / this.element.clientWidth;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, timeline.width, this.element.clientHeight);
    const shown = this.window.between(timeline.startUs, timeline.endUs);
    const current = model.currentId ? shown.find((segment) => segment.id === model.currentId) : undefined;
    const order = current ? [...shown.filter((segment) => segment !== current), current] : shown;
    for (let lane = 0; lane < this.lanes.length; lane++) this.#lane(context, lane, order, scale);
    if (this.draft) this.#drawDraft(context, this.draft);
    this.#ruler(context);
    this.setHead(this.session.listening.positionUs());
  }

  /** @param {CanvasRenderingContext2D} context @param {number} lane @param {Segment[]} segments @param {number} scale */
  #lane(context, lane, segments, scale) {
    const { timeline, model } = this.session;
    const [top, bottom] = this.laneBox(lane);
    const end = Math.min(timeline.width, timeline.x(timeline.durationUs));
    context.fillStyle = this.theme.lane;
    context.fillRect(0, top, end, bottom - top - 1);
    const here = segments.filter((segment) => {
      const [from, to] = laneRange(this.lanes, segment.channel);
      return from <= lane && lane < to;
    });
    const colors = here.map(
      (segment) => speakerColor(model.speakers, segment.speaker, this.theme.isDark) ?? this.theme.muted,
    );
    let filledTo = -1;
    here.forEach((segment, i) => {
      const { start_us, end_us } = this.timesOf(segment);
      const [a, b] = [Math.max(-2, timeline.x(start_us)), Math.min(timeline.width + 2, timeline.x(end_us))];
      const isCurrent = segment.id === model.currentId;
      if (b - a < 1 && b <= filledTo && !isCurrent) return; // thousands share a pixel when all is in view
      filledTo = Math.max(filledTo, Math.ceil(b));
      context.fillStyle = alpha(
        /** @type {string} */ (colors[i]),
        this.#lit.has(segment.id) ? 0.6 : isCurrent ? 0.3 : model.selectedIds.has(segment.id) ? 0.24 : 0.14,
      );
      context.fillRect(a, top, Math.max(1, b - a), bottom - top - 1);
      if (!segment.is_valid && b - a > 3) this.#fillHatch(context, a, top, b - a, bottom - top - 1, scale);
    });
    this.#samples(context, lane, here, colors, scale);
    here.forEach((segment, i) => this.#region(context, segment, /** @type {string} */ (colors[i]), top, bottom));
  }

  /** @param {CanvasRenderingContext2D} context @param {number} lane @param {Segment[]} segments @param {string[]} colors @param {number} scale */
  #samples(context, lane, segments, colors, scale) {
    const { timeline } = this.session;
    const n = Math.ceil(Math.min(timeline.width, timeline.x(timeline.durationUs)) * scale);
    if (n < 1) return;
    const { low, high, exact } = this.sound.columns(
      this.lanes[lane] ?? null,
      timeline.startUs,
      timeline.usPerPx / scale,
      n,
    );
    const owner = new Int32Array(n).fill(-1);
    segments.forEach((segment, i) => {
      const { start_us, end_us } = this.timesOf(segment);
      owner.fill(
        i,
        Math.max(0, Math.round(timeline.x(start_us) * scale)),
        Math.max(0, Math.round(timeline.x(end_us) * scale)),
      );
    });
    const [top, bottom] = this.laneBox(lane);
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
    const { timeline, model } = this.session;
    const { start_us, end_us } = this.timesOf(segment);
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

  /** @param {CanvasRenderingContext2D} context @param {Draft} draft */
  #drawDraft(context, draft) {
    const { timeline } = this.session;
    const [from, to] = laneRange(this.lanes, draft.channel);
    const top = this.laneBox(from)[0];
    const bottom = this.laneBox(to - 1)[1];
    const a = timeline.x(draft.start_us);
    context.fillStyle = alpha(this.theme.accent, 0.25);
    context.fillRect(a, top, timeline.x(draft.end_us) - a, bottom - top);
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

  /** @param {CanvasRenderingContext2D} context */
  #ruler(context) {
    const { timeline } = this.session;
    context.fillStyle = this.theme.bg;
    context.fillRect(0, 0, timeline.width, RULER_PX);
    context.fillStyle = this.theme.line;
    context.fillRect(0, RULER_PX - 1, timeline.width, 1);
    context.font = `11px ${this.theme.font}`;
    context.textBaseline = "middle";
    for (const { us, x, step } of timeline.ticks()) {
      context.fillStyle = this.theme.line;
      context.fillRect(Math.round(x), RULER_PX - 6, 1, 6);
      for (let part = 1; part < 5; part++)
        context.fillRect(Math.round(x + (part * step) / 5 / timeline.usPerPx), RULER_PX - 3, 1, 3);
      context.fillStyle = this.theme.muted;
      context.fillText(clock(us, tickDigits(step)), Math.round(x) + 4, RULER_PX / 2 - 1);
    }
  }
}
