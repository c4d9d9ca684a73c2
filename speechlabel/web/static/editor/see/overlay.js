// What lies over the lanes for a moment: a segment being drawn or carried, edges that would move, a tap that is open.

import { isIn } from "./lanes.js";
import { alpha } from "./theme.js";

/** @typedef {import("../types.js").Segment} Segment */

const LINE_PX = 3;

export class Overlay {
  /** @param {import("../session.js").Session} session @param {import("./waveform.js").Waveform} waveform */
  constructor(session, waveform) {
    this.session = session;
    this.waveform = waveform;
  }

  /** @param {CanvasRenderingContext2D} context */
  draw(context) {
    const { waveform } = this;
    const { draft, carried, tap, mark } = waveform;
    if (draft) this.#fill(context, this.#lanesOf(draft), draft);
    if (tap) this.#fill(context, this.#lanesOf(tap), { ...tap, end_us: Math.max(tap.start_us, this.session.listening.positionUs()) });
    if (carried) this.#fill(context, [carried.lane], carried.segment);
    for (const { segment, edge } of waveform.hovered) this.#edge(context, segment, edge);
    if (mark) this.#mark(context, mark);
  }

  /** Top and bottom of what the lanes take, px. @param {readonly number[]} lanes @returns {[number, number]} */
  #box(lanes) {
    const boxes = lanes.map((lane) => this.waveform.laneBox(lane));
    return [Math.min(...boxes.map(([top]) => top)), Math.max(...boxes.map(([, bottom]) => bottom))];
  }

  /** Lanes in which something like a segment lies. @param {{channel: number|null, speaker?: string|null}} what */
  #lanesOf({ channel, speaker }) {
    const { lanes } = this.waveform;
    const found = lanes.flatMap((_, lane) => (isIn(lanes, lane, { channel, speaker: speaker ?? null }) ? [lane] : []));
    return found.length ? found : lanes.map((_, lane) => lane);
  }

  /** @param {CanvasRenderingContext2D} context @param {readonly number[]} lanes @param {{start_us: number, end_us: number}} times */
  #fill(context, lanes, { start_us, end_us }) {
    const { timeline } = this.session;
    const { theme } = this.waveform;
    const [top, bottom] = this.#box(lanes);
    const [a, b] = [timeline.x(start_us), timeline.x(end_us)];
    context.fillStyle = alpha(theme.accent, 0.25);
    context.fillRect(a, top, b - a, bottom - top);
    context.fillStyle = theme.accent;
    context.fillRect(a, top, 1, bottom - top);
    context.fillRect(b - 1, top, 1, bottom - top);
  }

  /** Light up an edge that a drag would move. @param {CanvasRenderingContext2D} context @param {Segment} segment @param {"start"|"end"} edge */
  #edge(context, segment, edge) {
    const now = this.session.model.byId(segment.id);
    if (!now) return;
    const x = this.session.timeline.x(this.waveform.timesOf(now)[`${edge}_us`]);
    const [top, bottom] = this.#box(this.#lanesOf(segment));
    context.fillStyle = this.waveform.theme.accent;
    // To the inside of its segment, so that a shared edge is seen to be of two.
    context.fillRect(edge === "start" ? x : x - LINE_PX, top, LINE_PX, bottom - top);
  }

  /** Where a dragged edge is: a line through all lanes, with a sign where it has come to rest. @param {CanvasRenderingContext2D} context @param {import("./snap.js").Snapped} mark */
  #mark(context, { us, to }) {
    const { theme, element } = this.waveform;
    const x = Math.round(this.session.timeline.x(us));
    const [top] = this.waveform.laneBox(0);
    context.fillStyle = theme.accent;
    for (let y = top; y < element.clientHeight; y += 6) context.fillRect(x, y, 1, 3);
    if (to === null) return;
    context.beginPath();
    context.moveTo(x - 6, top - 8);
    context.lineTo(x + 6, top - 8);
    context.lineTo(x, top);
    if (to === "edge") context.fill();
    else {
      context.strokeStyle = theme.accent;
      context.lineWidth = 1.5;
      context.closePath();
      context.stroke();
    }
  }
}
