// The pointer on the waveform: click selects, drag an edge moves it, drag on nothing makes a segment.
//
// While something is dragged only the drawing follows; the model is told once, when it is dropped.

import { laneRange } from "./lanes.js";
import { RULER_PX } from "./waveform.js";

/** @typedef {import("../types.js").Segment} Segment */
/** @typedef {{segment: Segment, edge: "start"|"end"}} Edge */
/**
 * @typedef {object} Drag
 * @property {"edge"|"draw"|"pan"} kind
 * @property {number} startX @property {number} lastX @property {boolean} moved
 * @property {number} atUs time under the pointer when it went down
 * @property {Edge[]} edges those that move
 * @property {Segment|null} segment under the pointer
 * @property {number|null} channel
 */

const EDGE_PX = 6;
const CLICK_PX = 4;
export const MIN_SEGMENT_US = 20_000;
const SAME_EDGE_US = 2_000;

export class Regions {
  /** @type {Drag|null} */
  #drag = null;

  /** @param {import("../session.js").Session} session @param {import("./waveform.js").Waveform} waveform */
  constructor(session, waveform) {
    this.session = session;
    this.waveform = waveform;
    const { scope } = session;
    const { element } = waveform;
    scope.listen(element, "pointerdown", (event) => this.#down(event));
    scope.listen(element, "pointermove", (event) => this.#move(event));
    scope.listen(element, "pointerup", (event) => this.#up(event));
    scope.listen(element, "pointercancel", () => this.cancel());
    scope.listen(element, "dblclick", (event) => this.#doubleClick(event));
    scope.listen(element, "wheel", (event) => this.#wheel(event), { passive: false });
  }

  /** Drop what is dragged where it was. @returns {boolean} whether something was */
  cancel() {
    const had = this.#drag !== null;
    this.#drag = null;
    this.waveform.previews.clear();
    this.waveform.draft = null;
    this.waveform.invalidate();
    return had;
  }

  /** @param {PointerEvent|MouseEvent} event @returns {[number, number]} px in the waveform */
  #at(event) {
    const box = this.waveform.element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  /** Segments in the lane under the pointer, the current one first. @param {number} x @param {number} y */
  #under(x, y) {
    const { timeline, model } = this.session;
    const lane = this.waveform.laneAt(y);
    const reach = EDGE_PX * timeline.usPerPx;
    const us = timeline.us(x);
    return this.waveform.window
      .between(us - reach, us + reach)
      .filter((segment) => {
        const [from, to] = laneRange(this.waveform.lanes, segment.channel);
        return from <= lane && lane < to;
      })
      .sort((a, b) => Number(b.id === model.currentId) - Number(a.id === model.currentId));
  }

  /** @param {number} x @param {number} y @returns {Edge|null} */
  #edgeAt(x, y) {
    const { timeline } = this.session;
    /** @type {{edge: Edge, px: number}|null} */
    let best = null;
    for (const segment of this.#under(x, y)) {
      if (segment.is_locked || timeline.x(segment.end_us) - timeline.x(segment.start_us) < 3) continue;
      for (const edge of /** @type {const} */ (["start", "end"])) {
        const px = Math.abs(timeline.x(segment[`${edge}_us`]) - x);
        if (px <= EDGE_PX && (!best || px < best.px - 0.5)) best = { edge: { segment, edge }, px };
      }
    }
    return best?.edge ?? null;
  }

  /** @param {number} x @param {number} y @returns {Segment|null} */
  #segmentAt(x, y) {
    const us = this.session.timeline.us(x);
    return this.#under(x, y).find((segment) => segment.start_us <= us && us < segment.end_us) ?? null;
  }

  /** The edge of a neighbour that lies on the same spot. @param {Edge} edge @returns {Edge|null} */
  #shared({ segment, edge }) {
    const us = segment[`${edge}_us`];
    const other = edge === "start" ? "end" : "start";
    const found = this.waveform.window
      .between(us - SAME_EDGE_US, us + SAME_EDGE_US)
      .find(
        (item) =>
          item.id !== segment.id &&
          !item.is_locked &&
          (this.waveform.lanes.length === 1 || item.channel === segment.channel) &&
          Math.abs(item[`${other}_us`] - us) < SAME_EDGE_US,
      );
    return found ? { segment: found, edge: other } : null;
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.button > 1) return;
    const [x, y] = this.#at(event);
    const { timeline, readOnly } = this.session;
    event.preventDefault(); // keeps the caret in the text unless it is a plain click, which moves the focus itself
    this.waveform.element.setPointerCapture(event.pointerId);
    const edge = y > RULER_PX && event.button === 0 && !readOnly ? this.#edgeAt(x, y) : null;
    const segment = y > RULER_PX ? this.#segmentAt(x, y) : null;
    const lane = this.waveform.laneAt(y);
    const shared = edge && event.shiftKey ? this.#shared(edge) : null;
    const isPan = y <= RULER_PX || event.button === 1 || (segment !== null && !event.altKey) || readOnly;
    this.#drag = {
      kind: edge ? "edge" : isPan ? "pan" : "draw",
      startX: x,
      lastX: x,
      moved: false,
      atUs: timeline.clampedUs(x),
      edges: edge ? [edge, ...(shared ? [shared] : [])] : [],
      segment: segment ?? edge?.segment ?? null,
      channel: this.waveform.lanes[lane] ?? null,
    };
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const [x, y] = this.#at(event);
    const drag = this.#drag;
    const { timeline, readOnly } = this.session;
    if (!drag) {
      const isEdge = y > RULER_PX && !readOnly && this.#edgeAt(x, y) !== null;
      this.waveform.element.style.cursor = isEdge
        ? "ew-resize"
        : y <= RULER_PX
          ? "grab"
          : this.#segmentAt(x, y) || readOnly
            ? "pointer"
            : "crosshair";
      return;
    }
    if (!drag.moved && Math.abs(x - drag.startX) < CLICK_PX) return;
    drag.moved = true;
    if (drag.kind === "pan") {
      timeline.panBy(drag.lastX - x);
      this.waveform.element.style.cursor = "grabbing";
    } else if (drag.kind === "draw") {
      const us = timeline.clampedUs(x);
      this.waveform.draft = {
        channel: drag.channel,
        start_us: Math.min(us, drag.atUs),
        end_us: Math.max(us, drag.atUs),
      };
    } else this.#moveEdges(drag, timeline.clampedUs(x));
    drag.lastX = x;
    this.waveform.invalidate();
  }

  /** @param {Drag} drag @param {number} us */
  #moveEdges(drag, us) {
    let at = us;
    for (const { segment, edge } of drag.edges) {
      at =
        edge === "start"
          ? Math.min(at, segment.end_us - MIN_SEGMENT_US)
          : Math.max(at, segment.start_us + MIN_SEGMENT_US);
    }
    for (const { segment, edge } of drag.edges) {
      const { id, start_us, end_us } = segment;
      this.waveform.previews.set(id, edge === "start" ? { id, start_us: at, end_us } : { id, start_us, end_us: at });
    }
  }

  /** @param {PointerEvent} event */
  #up(event) {
    const drag = this.#drag;
    if (!drag) return;
    this.#drag = null;
    const { session, waveform } = this;
    const previews = [...waveform.previews.values()];
    const { draft } = waveform;
    waveform.previews.clear();
    waveform.draft = null;
    waveform.invalidate();
    if (!drag.moved) this.#click(drag, event);
    else if (drag.kind === "edge") session.retime(previews);
    else if (draft && draft.end_us - draft.start_us >= MIN_SEGMENT_US) session.insert(draft);
  }

  /** @param {Drag} drag @param {PointerEvent} event */
  #click(drag, event) {
    const { session } = this;
    if (drag.segment && event.shiftKey && session.model.currentId) {
      session.model.selectRange(session.model.currentId, drag.segment.id);
      return;
    }
    this.waveform.element.focus({ preventScroll: true });
    if (drag.segment && drag.segment.id !== session.model.currentId)
      session.go(drag.segment.id, { focus: false, play: false });
    session.listening.seek(drag.atUs);
  }

  /** @param {MouseEvent} event */
  #doubleClick(event) {
    const [x, y] = this.#at(event);
    const segment = y > RULER_PX ? this.#segmentAt(x, y) : null;
    if (segment) this.session.go(segment.id, { focus: false, play: true });
    else this.session.listening.playOn();
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    const { timeline } = this.session;
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
    const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
    if (event.shiftKey || Math.abs(dx) > Math.abs(dy)) timeline.panBy(Math.abs(dx) > Math.abs(dy) ? dx : dy);
    else timeline.zoomAt(this.#at(event)[0], Math.exp(Math.max(-150, Math.min(150, dy)) * 0.0022));
  }
}
