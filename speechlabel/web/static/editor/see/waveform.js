// The waveform: a lane for each channel or speaker, the segments on it, the ruler over it, the playhead.
//
// One canvas of the size of the view, drawn only when something changed, in an animation frame. The playhead
// is an element of its own, moved by a transform: while the sound plays nothing is drawn anew.

import { h, setText } from "../dom.js";
import { LanePainter } from "./lane-painter.js";
import { channelsIn, lanesOf, speakersByChannel, Window } from "./lanes.js";
import { LookMenu, Splitter } from "./look.js";
import { problemsOf } from "../model/problems.js";
import { FLASH_MS } from "../list/rows.js";
import { Overlay } from "./overlay.js";
import { Sound } from "./sound.js";
import { speakerColor } from "./theme.js";
import { clock, tickDigits } from "./timeline.js";

/** @typedef {import("../types.js").Segment} Segment */
/** @typedef {import("./theme.js").Theme} Theme */
/** @typedef {{id: string, start_us: number, end_us: number}} Preview a segment while its edge is dragged */
/** @typedef {{channel: number|null, speaker?: string|null, start_us: number, end_us: number}} Draft a segment being drawn */

export const RULER_PX = 20;
const LEAST_LANE_PX = 44;

export class Waveform {
  /** @type {Map<string, Preview>} */
  previews = new Map();
  /** @type {Draft|null} */
  draft = null;
  /** A segment on its way to another lane. @type {{segment: Segment, lane: number}|null} */
  carried = null;
  /** Edges that a drag from here would move. @type {import("./edges.js").Edge[]} */
  hovered = [];
  /** Where a dragged edge is. @type {import("./snap.js").Snapped|null} */
  mark = null;
  /** A segment that began with a tap and has not ended. @type {{channel: number|null, start_us: number}|null} */
  tap = null;
  #headUs = 0;
  /** @type {import("./lanes.js").Lane[]} */
  lanes = [];
  /** @type {Theme} */
  theme;
  window = new Window();
  #dirty = false;
  /** Segments that are lit up for a moment. @type {Set<string>} */
  lit = new Set();
  /** @type {() => void} */
  #endFlash = () => {};

  /** @param {import("../session.js").Session} session @param {Theme} theme */
  constructor(session, theme) {
    this.session = session;
    this.theme = theme;
    this.canvas = h("canvas", { class: "sl-wave-canvas", "aria-hidden": "true" });
    this.head = h("div", { class: "sl-playhead", "aria-hidden": "true" });
    this.element = h(
      "div",
      {
        class: "sl-wave",
        tabindex: "0",
        role: "application",
        "aria-label": session.t("editor.wave.label"),
      },
      this.canvas,
      this.head,
    );
    this.names = h("div", { class: "sl-lane-names", "aria-hidden": "true" });
    this.element.append(this.names);
    this.overlay = new Overlay(session, this);
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
    this.painter = new LanePainter(session, this);
    this.look = new LookMenu(session, () => this.invalidate());
    this.element.append(this.look.element);
    this.splitter = new Splitter(session, this.element);
    this.window.take(session.model.segments);
    this.showLanes();
    session.scope.own(session.model.on("change", () => this.#lanesChanged()));
    this.showSpectrogram(session.settings.spectrogram);
    session.scope.observe(new ResizeObserver(() => this.resize())).observe(this.element);
    session.timeline.on(() => this.invalidate());
  }

  /** Whether each speaker has a lane. */
  get bySpeaker() {
    return this.session.settings.speakerLanes;
  }

  /** How many channels are seen apart. */
  get channels() {
    return channelsIn(this.lanes);
  }

  /** Lay the lanes out anew. */
  showLanes() {
    const { model, t } = this.session;
    this.lanes = lanesOf(model.recording, this.bySpeaker ? speakersByChannel(model.speakers, model.segments) : null);
    this.element.dataset["lanes"] = String(this.lanes.length);
    this.element.style.minHeight = this.bySpeaker ? `${RULER_PX + this.lanes.length * LEAST_LANE_PX}px` : "";
    const isApart = this.channels > 1;
    const names = this.lanes.map(({ channel, speaker }) => {
      const parts = isApart ? [t("editor.wave.channel", { n: Number(channel) + 1 })] : [];
      if (speaker !== undefined) parts.push(model.speaker(speaker)?.name ?? t("editor.wave.nobody"));
      const name = h("span", {}, parts.join(" · "), h("b", { class: "sl-gain" }));
      const color = speakerColor(model.speakers, speaker, this.session.isDark);
      if (color) name.style.borderInlineStart = `3px solid ${color}`;
      return name;
    });
    this.names.replaceChildren(...names);
    this.names.hidden = this.lanes.length === 1 && !this.bySpeaker && !this.session.settings.normalise;
    this.#laid = this.#layout();
    this.look.refresh();
    this.invalidate();
  }

  /** Say by how much a lane is stretched. @param {number} lane @param {number} gain */
  showGain(lane, gain) {
    const place = this.names.children[lane]?.lastElementChild;
    if (place) setText(place, this.session.t("editor.wave.gain", { n: gain < 10 ? gain.toFixed(1) : Math.round(gain) }));
  }

  #laid = "";

  /** What the lanes depend on. */
  #layout() {
    const { model } = this.session;
    const speakersOf = speakersByChannel(model.speakers, model.segments);
    const names = model.speakers.map(({ name, color }) => [name, color]);
    return JSON.stringify([lanesOf(model.recording, speakersOf), names]);
  }

  #lanesChanged() {
    if (this.bySpeaker && this.#layout() !== this.#laid) this.showLanes();
  }

  /** @param {Theme} theme */
  setTheme(theme) {
    this.theme = theme;
    this.painter.forget();
    this.showLanes();
  }

  /** @param {boolean} shown */
  showSpectrogram(shown) {
    this.element.classList.toggle("sl-with-spectrogram", shown);
    this.look.refresh();
    this.invalidate();
  }

  /** Light segments up for a moment. @param {readonly string[]} ids */
  flash(ids) {
    this.lit = new Set(ids);
    this.invalidate();
    this.#endFlash();
    this.#endFlash = this.session.scope.timeout(() => {
      this.lit.clear();
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
    if (this.tap && us !== this.#headUs) this.invalidate(); // what is open grows with the playhead
    this.#headUs = us;
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

  /** @param {Segment} segment */
  hasProblem(segment) {
    const { model } = this.session;
    return problemsOf(segment, model.indexOf(segment.id), model).length > 0;
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
    for (let lane = 0; lane < this.lanes.length; lane++) this.painter.draw(context, lane, order, scale);
    this.#ruler(context);
    this.overlay.draw(context);
    this.setHead(this.session.listening.positionUs());
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
