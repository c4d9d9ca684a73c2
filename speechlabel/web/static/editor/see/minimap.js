// The whole recording in one strip: where speech is, what is done, which part the waveform shows.

import { h } from "../dom.js";
import { alpha } from "./theme.js";

const HEIGHT = 34;
const DONE_PX = 4;

export class Minimap {
  #dirty = false;
  #segmentsDirty = true;
  #width = 0; // px; to ask the page for it while sound plays would have it laid out anew in each frame
  #headUs = 0;
  /** Segments of each column: to do, done, not valid; three numbers a column. @type {Uint16Array} */
  #columns = new Uint16Array(0);

  /** @param {import("../session.js").Session} session @param {import("./waveform.js").Waveform} waveform */
  constructor(session, waveform) {
    this.session = session;
    this.waveform = waveform;
    this.canvas = h("canvas", { class: "sl-map-canvas" });
    this.view = h("div", { class: "sl-map-view" });
    this.head = h("div", { class: "sl-map-head" });
    this.element = h(
      "div",
      { class: "sl-map", "aria-hidden": "true", title: session.t("editor.map.title") },
      this.canvas,
      this.view,
      this.head,
    );
    session.scope.observe(new ResizeObserver(() => this.#resize())).observe(this.element);
    session.timeline.on(() => this.#placeView());
    this.#listen();
  }

  invalidate() {
    if (this.#dirty) return;
    this.#dirty = true;
    this.session.scope.frame(() => {
      this.#dirty = false;
      this.#draw();
    });
  }

  /** Segments came, went, moved or changed their state. */
  segmentsChanged() {
    this.#segmentsDirty = true;
    this.invalidate();
  }

  /** @param {number} us */
  setHead(us) {
    this.#headUs = us;
    this.head.style.transform = `translateX(${(us / this.session.timeline.durationUs) * this.#width}px)`;
  }

  #resize() {
    const scale = devicePixelRatio || 1;
    this.#width = this.element.clientWidth;
    if (this.#width === 0) return;
    this.canvas.width = Math.round(this.#width * scale);
    this.canvas.height = Math.round(HEIGHT * scale);
    this.#segmentsDirty = true;
    this.#draw();
    this.#placeView();
    this.setHead(this.#headUs);
  }

  #placeView() {
    const { timeline } = this.session;
    const width = this.#width;
    const a = (timeline.startUs / timeline.durationUs) * width;
    const b = Math.min(width, (timeline.endUs / timeline.durationUs) * width);
    this.view.style.transform = `translateX(${a}px)`;
    this.view.style.width = `${Math.max(3, b - a)}px`;
  }

  #count() {
    const { timeline, model } = this.session;
    const width = this.#width;
    this.#columns = new Uint16Array(width * 3);
    const perPx = timeline.durationUs / width;
    for (const segment of model.segments) {
      const kind = !segment.is_valid ? 2 : segment.status === "done" ? 1 : 0;
      const from = Math.floor(segment.start_us / perPx);
      const to = Math.max(from + 1, Math.ceil(segment.end_us / perPx));
      for (let x = from; x < to && x < width; x++) this.#columns[x * 3 + kind] = (this.#columns[x * 3 + kind] ?? 0) + 1;
    }
    this.#segmentsDirty = false;
  }

  #draw() {
    const context = this.canvas.getContext("2d");
    const width = this.#width;
    if (!context || width === 0) return;
    if (this.#segmentsDirty) this.#count();
    const { theme, sound } = this.waveform;
    const { timeline } = this.session;
    const scale = this.canvas.width / width;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, HEIGHT);
    const { low, high } = sound.columns(null, 0, timeline.durationUs / width, width);
    const middle = (HEIGHT - DONE_PX) / 2;
    const reach = (middle - 1) * sound.gain();
    for (let x = 0; x < width; x++) {
      const [todo = 0, done = 0, bad = 0] = this.#columns.subarray(x * 3, x * 3 + 3);
      const total = todo + done + bad;
      const a = low[x] ?? NaN;
      const b = high[x] ?? NaN;
      // A column of a long recording holds many segments: its colour says what share of them is done.
      const layers =
        total === 0
          ? [[alpha(theme.muted, 0.45), 1]]
          : [
              [theme.wave, 1],
              [theme.done, done / total],
              [theme.bad, bad / total],
            ];
      for (const [color, share] of /** @type {[string, number][]} */ (layers)) {
        if (share === 0) continue;
        context.globalAlpha = share;
        context.fillStyle = color;
        if (!Number.isNaN(a)) context.fillRect(x, middle - b * reach, 1, Math.max(1, (b - a) * reach));
        if (total > 0) context.fillRect(x, HEIGHT - DONE_PX, 1, DONE_PX - 1);
      }
    }
    context.globalAlpha = 1;
  }

  #listen() {
    const { scope, timeline } = this.session;
    let dragging = false;
    const go = (/** @type {PointerEvent} */ event) => {
      const box = this.element.getBoundingClientRect();
      timeline.centre(((event.clientX - box.left) / box.width) * timeline.durationUs);
    };
    scope.listen(this.element, "pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      dragging = true;
      this.element.setPointerCapture(event.pointerId);
      go(event);
    });
    scope.listen(this.element, "pointermove", (event) => {
      if (dragging) go(event);
    });
    scope.listen(this.element, "dblclick", () => timeline.fitAll());
    for (const type of /** @type {const} */ (["pointerup", "pointercancel"]))
      scope.listen(this.element, type, () => {
        dragging = false;
      });
  }
}
