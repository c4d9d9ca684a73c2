// The pointer on the waveform: click selects, drag an edge moves it, drag on nothing makes a segment, drag into
// another speaker's lane gives it to them.
//
// While something is dragged only the drawing follows; the model is told once, when it is dropped.

import { Edges, MIN_SEGMENT_US } from "./edges.js";
import { isIn } from "./lanes.js";
import { Touch } from "./touch.js";
import { RULER_PX } from "./waveform.js";

/** @typedef {import("../types.js").Segment} Segment */
/** @typedef {import("./edges.js").Edge} Edge */
/**
 * @typedef {object} Drag
 * @property {"edge"|"draw"|"pan"|"carry"} kind
 * @property {number} startX @property {number} startY @property {number} lastX @property {boolean} moved
 * @property {number} atUs time under the pointer when it went down
 * @property {Edge[]} edges those that move
 * @property {Segment|null} segment under the pointer
 * @property {number} lane
 */

const CLICK_PX = 4;
const FINGER_PX = 16;
const WHEEL_SHARE = 0.0022; // of a zoom, a pixel of the wheel
const PINCH_SHARE = 0.01; // a trackpad tells of a pinch as a wheel with Ctrl, in far smaller steps

export class Regions {
  /** @type {Drag|null} */
  #drag = null;

  /** @param {import("../session.js").Session} session @param {import("./waveform.js").Waveform} waveform */
  constructor(session, waveform) {
    this.session = session;
    this.waveform = waveform;
    this.edges = new Edges(session, waveform);
    const { scope } = session;
    const { element } = waveform;
    this.touch = new Touch(scope, this.#gestures());
    scope.listen(element, "pointerdown", (event) => this.#down(event));
    scope.listen(element, "pointermove", (event) => this.#move(event));
    scope.listen(element, "pointerup", (event) => this.#up(event));
    scope.listen(element, "pointercancel", (event) => (event.pointerType === "touch" ? this.touch.cancel() : this.#let()));
    scope.listen(element, "pointerleave", () => this.#hover([]));
    scope.listen(element, "dblclick", (event) => this.#doubleClick(event));
    scope.listen(element, "wheel", (event) => this.#wheel(event), { passive: false });
    scope.listen(element, "contextmenu", (event) => {
      if (event.ctrlKey || this.#drag) event.preventDefault(); // a press on a Mac with Ctrl held, or a long one
    });
  }

  /** Drop what is dragged where it was; else forget a tap that is open, or what is picked. @returns {boolean} whether something was */
  cancel() {
    const had = this.#drag !== null || this.waveform.tap !== null;
    this.#drag = null;
    this.waveform.tap = null;
    this.#clear();
    if (had || this.session.model.selectedIds.size < 2) return had;
    this.session.model.setSelected([]);
    return true;
  }

  /** The pointer was taken away. */
  #let() {
    this.#drag = null;
    this.#clear();
  }

  #clear() {
    const { waveform } = this;
    waveform.previews.clear();
    waveform.draft = null;
    waveform.mark = null;
    waveform.carried = null;
    waveform.invalidate();
  }

  /** @param {PointerEvent|MouseEvent} event @returns {[number, number]} px in the waveform */
  #at(event) {
    const box = this.waveform.element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  /** @param {number} x @param {number} y @param {{edge: Edge|null, alone: boolean, mayDraw: boolean}} how @returns {Drag} */
  #begin(x, y, { edge, alone, mayDraw }) {
    const segment = y > RULER_PX ? this.edges.segmentAt(x, y) : null;
    return {
      kind: edge ? "edge" : mayDraw ? "draw" : "pan",
      startX: x,
      startY: y,
      lastX: x,
      moved: false,
      atUs: this.session.timeline.clampedUs(x),
      edges: edge ? this.edges.together(edge, alone) : [],
      segment: segment ?? edge?.segment ?? null,
      lane: this.waveform.laneAt(y),
    };
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.button > 1) return;
    const [x, y] = this.#at(event);
    event.preventDefault(); // keeps the caret in the text unless it is a plain click, which moves the focus itself
    this.waveform.element.setPointerCapture(event.pointerId);
    if (event.pointerType === "touch") {
      this.touch.down(event.pointerId, { x, y });
      return;
    }
    const { readOnly } = this.session;
    const isInLane = y > RULER_PX && event.button === 0 && !readOnly;
    const edge = isInLane ? this.edges.at(x, y) : null;
    const mayDraw = isInLane && (event.altKey || this.edges.segmentAt(x, y) === null);
    this.#drag = this.#begin(x, y, { edge, alone: event.shiftKey, mayDraw });
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const [x, y] = this.#at(event);
    if (event.pointerType === "touch") this.touch.move(event.pointerId, { x, y });
    else if (this.#drag) this.#dragTo(this.#drag, x, y, event.altKey || event.ctrlKey);
    else this.#point(x, y, event.shiftKey);
  }

  /** Nothing is dragged: say by the cursor and by light what a drag would do. @param {number} x @param {number} y @param {boolean} alone */
  #point(x, y, alone) {
    const { readOnly } = this.session;
    const edge = y > RULER_PX && !readOnly ? this.edges.at(x, y) : null;
    const edges = edge ? this.edges.together(edge, alone) : [];
    this.#hover(edges);
    this.waveform.element.style.cursor = edge
      ? edges.length > 1
        ? "col-resize"
        : "ew-resize"
      : y <= RULER_PX
        ? "grab"
        : this.edges.segmentAt(x, y) || readOnly
          ? "pointer"
          : "crosshair";
  }

  /** @param {Edge[]} edges */
  #hover(edges) {
    const { waveform } = this;
    const ids = (/** @type {Edge[]} */ list) => list.map(({ segment, edge }) => segment.id + edge).join();
    if (ids(waveform.hovered) === ids(edges)) return;
    waveform.hovered = edges;
    waveform.invalidate();
  }

  /** @param {Drag} drag @param {number} x @param {number} y @param {boolean} isFree */
  #dragTo(drag, x, y, isFree) {
    const { timeline } = this.session;
    const { waveform } = this;
    const [dx, dy] = [Math.abs(x - drag.startX), Math.abs(y - drag.startY)];
    if (!drag.moved && dx < CLICK_PX && dy < CLICK_PX) return;
    if (!drag.moved && drag.kind === "pan" && this.#mayCarry(drag) && dy > dx) drag.kind = "carry";
    if (!drag.moved && drag.kind !== "carry" && dx < CLICK_PX) return;
    drag.moved = true;
    if (drag.kind === "pan") {
      timeline.panBy(drag.lastX - x);
      waveform.element.style.cursor = "grabbing";
    } else if (drag.kind === "carry") {
      waveform.carried = { segment: /** @type {Segment} */ (drag.segment), lane: waveform.laneAt(y) };
      waveform.element.style.cursor = "ns-resize";
    } else if (drag.kind === "draw") this.#draw(drag, x, isFree);
    else this.edges.show(drag.edges, timeline.clampedUs(x), isFree);
    drag.lastX = x;
    waveform.invalidate();
  }

  /** A segment goes to another lane only where lanes are speakers'. @param {Drag} drag */
  #mayCarry({ segment }) {
    return segment !== null && this.waveform.bySpeaker && !this.session.readOnly;
  }

  /** @param {Drag} drag @param {number} x @param {boolean} isFree */
  #draw(drag, x, isFree) {
    const { waveform } = this;
    const lane = waveform.lanes[drag.lane];
    if (!lane) return;
    const rest = (/** @type {number} */ us) => (isFree ? { us, to: null } : this.edges.rest(us, lane.channel, []));
    const from = rest(drag.atUs);
    const to = rest(this.session.timeline.clampedUs(x));
    waveform.draft = { ...lane, start_us: Math.min(to.us, from.us), end_us: Math.max(to.us, from.us) };
    waveform.mark = to;
  }

  /** @param {PointerEvent} event */
  #up(event) {
    const [x, y] = this.#at(event);
    if (event.pointerType === "touch") this.touch.up(event.pointerId, { x, y });
    else if (this.#drag) this.#drop(this.#drag, event.shiftKey);
  }

  /** @param {Drag} drag @param {boolean} shift */
  #drop(drag, shift) {
    const { session, waveform } = this;
    this.#drag = null;
    const previews = [...waveform.previews.values()];
    const { draft, carried } = waveform;
    this.#clear();
    if (!drag.moved) this.#click(drag, shift);
    else if (drag.kind === "edge") session.retime(previews);
    else if (carried) this.#give(carried.segment, carried.lane);
    else if (draft && draft.end_us - draft.start_us >= MIN_SEGMENT_US) session.insert(draft);
  }

  /** A segment, or all that are picked, to the speaker of a lane. @param {Segment} segment @param {number} index of the lane */
  #give(segment, index) {
    const { session } = this;
    const { lanes } = this.waveform;
    const lane = lanes[index];
    const isHere = lane && (lane.channel === null || segment.channel === null || lane.channel === segment.channel);
    if (!lane || isIn(lanes, index, segment)) return;
    if (!isHere) session.say(session.t("editor.say.otherChannel"), "warn");
    else session.edit(() => session.model.update(session.targets(segment), { speaker: lane.speaker ?? null }));
  }

  /** @param {Drag} drag @param {boolean} shift */
  #click(drag, shift) {
    const { session } = this;
    if (drag.segment && shift && session.model.currentId) {
      session.model.selectRange(session.model.currentId, drag.segment.id);
      session.announce(session.t("editor.say.picked", { n: session.model.selectedIds.size }));
      return;
    }
    this.waveform.element.focus({ preventScroll: true });
    if (drag.segment && drag.segment.id !== session.model.currentId)
      session.go(drag.segment.id, { focus: false, play: false });
    session.listening.seek(drag.atUs);
  }

  /** @returns {import("./touch.js").Gestures} */
  #gestures() {
    const { timeline } = this.session;
    return {
      take: ({ x, y }) => {
        // Only the segment one works on: a finger that pans must not move what it happens to touch.
        const edge = y > RULER_PX && !this.session.readOnly ? this.edges.at(x, y, FINGER_PX) : null;
        if (!edge || edge.segment.id !== this.session.model.currentId) return false;
        this.#drag = this.#begin(x, y, { edge, alone: false, mayDraw: false });
        return true;
      },
      drag: ({ x, y }) => {
        if (this.#drag) this.#dragTo(this.#drag, x, y, false);
      },
      drop: () => {
        if (this.#drag) this.#drop(this.#drag, false);
      },
      tap: ({ x, y }) => this.#click(this.#begin(x, y, { edge: null, alone: false, mayDraw: false }), false),
      press: ({ x, y }) => {
        if (this.session.readOnly || y <= RULER_PX) return;
        this.#drag = this.#begin(x, y, { edge: null, alone: false, mayDraw: true });
        const lane = this.waveform.lanes[this.#drag.lane];
        if (!lane) return;
        // What is marked at once can be seen under the finger, and is there if it is lifted.
        const half = (FINGER_PX * 2 * timeline.usPerPx) / 2;
        const { atUs } = this.#drag;
        this.waveform.draft = { ...lane, start_us: Math.max(0, atUs - half), end_us: Math.min(timeline.durationUs, atUs + half) };
        this.#drag.moved = true;
        this.waveform.invalidate();
      },
      pan: (px) => timeline.panBy(px),
      zoom: (x, factor) => timeline.zoomAt(x, factor),
      cancel: () => this.#let(),
    };
  }

  /** @param {MouseEvent} event */
  #doubleClick(event) {
    const [x, y] = this.#at(event);
    const segment = y > RULER_PX ? this.edges.segmentAt(x, y) : null;
    if (segment) this.session.go(segment.id, { focus: false, play: true });
    else this.session.listening.playOn();
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    const { timeline } = this.session;
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
    const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
    const by = Math.max(-150, Math.min(150, dy));
    const isPinch = event.ctrlKey && Math.abs(dy) < 50; // a wheel with Ctrl held goes in steps of a hundred
    if (event.ctrlKey) timeline.zoomAt(this.#at(event)[0], Math.exp(by * (isPinch ? PINCH_SHARE : WHEEL_SHARE)));
    else if (event.shiftKey || Math.abs(dx) > Math.abs(dy)) timeline.panBy(Math.abs(dx) > Math.abs(dy) ? dx : dy);
    else timeline.zoomAt(this.#at(event)[0], Math.exp(by * WHEEL_SHARE));
  }
}
