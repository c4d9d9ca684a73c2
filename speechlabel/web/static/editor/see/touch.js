// Fingers on the waveform: one pans, two pinch, a tap selects, a long press marks a new segment.

/** @typedef {{x: number, y: number}} Point */
/**
 * What gestures do; times and lanes are not known here.
 * @typedef {object} Gestures
 * @property {(point: Point) => boolean} take whether the finger takes hold of something to drag
 * @property {(point: Point) => void} drag @property {() => void} drop
 * @property {(point: Point) => void} tap
 * @property {(point: Point) => void} press begins to mark
 * @property {(px: number) => void} pan
 * @property {(x: number, factor: number) => void} zoom
 * @property {() => void} cancel
 */

const PRESS_MS = 500;
const MOVED_PX = 8;

export class Touch {
  /** @type {Map<number, Point>} */
  #fingers = new Map();
  /** @type {"none"|"wait"|"pan"|"drag"|"pinch"} */
  #kind = "none";
  #start = { x: 0, y: 0 };
  /** @type {() => void} */
  #stopWaiting = () => {};

  /** @param {import("../scope.js").Scope} scope @param {Gestures} gestures */
  constructor(scope, gestures) {
    this.scope = scope;
    this.gestures = gestures;
  }

  /** @param {number} id of the finger @param {Point} point */
  down(id, point) {
    this.#fingers.set(id, point);
    this.#stopWaiting();
    if (this.#fingers.size > 1) {
      if (this.#kind === "drag") this.gestures.cancel();
      this.#kind = "pinch";
      return;
    }
    this.#start = point;
    this.#kind = this.gestures.take(point) ? "drag" : "wait";
    if (this.#kind === "drag") return;
    this.#stopWaiting = this.scope.timeout(() => {
      if (this.#kind !== "wait") return;
      this.#kind = "drag";
      this.gestures.press(point);
    }, PRESS_MS);
  }

  /** @param {number} id @param {Point} point */
  move(id, point) {
    const before = this.#fingers.get(id);
    if (!before) return;
    const spread = this.#spread();
    const middle = this.#middle();
    this.#fingers.set(id, point);
    if (this.#kind === "pinch" && this.#fingers.size === 2) {
      const now = this.#middle();
      this.gestures.pan(middle - now);
      if (spread > 0 && this.#spread() > 0) this.gestures.zoom(now, spread / this.#spread());
    } else if (this.#kind === "drag") this.gestures.drag(point);
    else if (this.#kind === "wait" && Math.hypot(point.x - this.#start.x, point.y - this.#start.y) > MOVED_PX) {
      this.#stopWaiting();
      this.#kind = "pan";
      this.gestures.pan(this.#start.x - point.x);
    } else if (this.#kind === "pan") this.gestures.pan(before.x - point.x);
  }

  /** @param {number} id @param {Point} point */
  up(id, point) {
    if (!this.#fingers.delete(id)) return;
    this.#stopWaiting();
    if (this.#kind === "wait") this.gestures.tap(point);
    else if (this.#kind === "drag") this.gestures.drop();
    // After a pinch the finger that is left does nothing any more.
    this.#kind = this.#fingers.size > 0 ? this.#kind : "none";
  }

  cancel() {
    this.#fingers.clear();
    this.#stopWaiting();
    this.#kind = "none";
    this.gestures.cancel();
  }

  /** Distance of two fingers along the time. */
  #spread() {
    const [one, other] = [...this.#fingers.values()];
    return one && other ? Math.hypot(one.x - other.x, one.y - other.y) : 0;
  }

  #middle() {
    const all = [...this.#fingers.values()];
    return all.reduce((sum, { x }) => sum + x, 0) / Math.max(1, all.length);
  }
}
