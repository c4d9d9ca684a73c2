// The edges of segments under the pointer: which one, whose else it is, where it may go and where it comes to rest.

import { heardChannel, isIn } from "./lanes.js";
import { SNAP_PX, quietest, snap } from "./snap.js";

/** @typedef {import("../types.js").Segment} Segment */
/** @typedef {{segment: Segment, edge: "start"|"end"}} Edge */

export const EDGE_PX = 6;
export const MIN_SEGMENT_US = 20_000;
const SAME_EDGE_US = 2_000;
const LEAST_PX = 3; // narrower segments have no edges to take hold of
const LOOK_PX = 0.5; // steps in which silence is looked for

export class Edges {
  /** @param {import("../session.js").Session} session @param {import("./waveform.js").Waveform} waveform */
  constructor(session, waveform) {
    this.session = session;
    this.waveform = waveform;
  }

  /** Segments in the lane under the pointer, the current one first. @param {number} x @param {number} y @param {number} [reachPx] */
  under(x, y, reachPx = EDGE_PX) {
    const { timeline, model } = this.session;
    const { lanes, window } = this.waveform;
    const lane = this.waveform.laneAt(y);
    const reach = reachPx * timeline.usPerPx;
    const us = timeline.us(x);
    return window
      .between(us - reach, us + reach)
      .filter((segment) => isIn(lanes, lane, segment))
      .sort((a, b) => Number(b.id === model.currentId) - Number(a.id === model.currentId));
  }

  /** @param {number} x @param {number} y @returns {Segment|null} */
  segmentAt(x, y) {
    const us = this.session.timeline.us(x);
    return this.under(x, y).find((segment) => segment.start_us <= us && us < segment.end_us) ?? null;
  }

  /** The edge under the pointer, if it may be moved. @param {number} x @param {number} y @param {number} [reachPx] @returns {Edge|null} */
  at(x, y, reachPx = EDGE_PX) {
    const { timeline } = this.session;
    /** @type {{edge: Edge, px: number}|null} */
    let best = null;
    for (const segment of this.under(x, y, reachPx)) {
      if (segment.is_locked || timeline.x(segment.end_us) - timeline.x(segment.start_us) < LEAST_PX) continue;
      for (const edge of /** @type {const} */ (["start", "end"])) {
        const px = Math.abs(timeline.x(segment[`${edge}_us`]) - x);
        if (px <= reachPx && (!best || px < best.px - 0.5)) best = { edge: { segment, edge }, px };
      }
    }
    return best?.edge ?? null;
  }

  /**
   * An edge with the neighbour's that lies on the same spot: they move together.
   * @param {Edge} edge @param {boolean} alone only this one
   * @returns {Edge[]}
   */
  together({ segment, edge }, alone) {
    const us = segment[`${edge}_us`];
    const other = edge === "start" ? "end" : "start";
    const isOneChannel = this.waveform.channels === 1;
    const found = alone
      ? undefined
      : this.waveform.window
          .between(us - SAME_EDGE_US, us + SAME_EDGE_US)
          .find(
            (item) =>
              item.id !== segment.id &&
              !item.is_locked &&
              (isOneChannel || item.channel === segment.channel) &&
              (!this.waveform.bySpeaker || item.speaker === segment.speaker) &&
              Math.abs(item[`${other}_us`] - us) < SAME_EDGE_US,
          );
    return found ? [{ segment, edge }, { segment: found, edge: other }] : [{ segment, edge }];
  }

  /**
   * Where a time near the pointer comes to rest.
   * @param {number} us @param {number|null} channel that is looked at @param {readonly string[]} moving ids of segments whose edges do not count
   * @returns {import("./snap.js").Snapped}
   */
  rest(us, channel, moving) {
    const { timeline, model } = this.session;
    const reach = SNAP_PX * timeline.usPerPx;
    const edges = this.waveform.window
      .between(us - reach, us + reach)
      .filter(({ id }) => !moving.includes(id))
      .flatMap(({ start_us, end_us }) => [start_us, end_us]);
    const step = timeline.usPerPx * LOOK_PX;
    return snap(us, reach, edges, (from, to) => {
      const columns = this.waveform.sound.columns(
        heardChannel(model.recording, channel), from, step, Math.ceil((to - from) / step)); // prettier-ignore
      const found = quietest(columns, from, step, us);
      return found === null ? null : Math.min(timeline.durationUs, Math.max(0, found));
    });
  }

  /**
   * Show edges at a new time, as far as that leaves no segment shorter than it may be.
   * @param {readonly Edge[]} edges @param {number} us @param {boolean} isFree where the pointer is, and nowhere else
   */
  show(edges, us, isFree) {
    const [first] = edges;
    if (!first) return;
    const { start_us, end_us } = this.session.model.byId(first.segment.id) ?? first.segment;
    const before = first.edge === "start" ? start_us : end_us;
    const moving = edges.map(({ segment }) => segment.id);
    const rest = isFree ? { us, to: null } : this.rest(us, first.segment.channel, moving);
    const starts = edges.filter(({ edge }) => edge === "start").map(({ segment }) => segment.end_us - MIN_SEGMENT_US);
    const ends = edges.filter(({ edge }) => edge === "end").map(({ segment }) => segment.start_us + MIN_SEGMENT_US);
    const [least, most] = [Math.max(0, ...ends), Math.min(this.session.timeline.durationUs, ...starts)];
    const at = least > most ? before : Math.min(most, Math.max(least, rest.us));
    for (const { segment, edge } of edges) {
      const { id } = segment;
      const times = { start_us: segment.start_us, end_us: segment.end_us, [`${edge}_us`]: at };
      this.waveform.previews.set(id, { id, ...times });
    }
    this.waveform.mark = { us: at, to: at === rest.us ? rest.to : null };
  }
}
