// The lanes of the waveform, which segments lie in them, and which of those a stretch of time shows. No DOM.

import { firstIndex } from "../model/collection.js";
import { merge } from "../model/edits.js";

/** @typedef {import("../types.js").Segment} Segment */
/** @typedef {import("../types.js").Recording} Recording */

/**
 * A stripe of the waveform.
 * @typedef {object} Lane
 * @property {number|null} channel null: the mix, and all channels that have no lane
 * @property {string|null|undefined} speaker whose segments lie in it; null: nobody yet; undefined: everybody
 */

/**
 * One lane a channel where the channels are labelled apart, else one for the mix; on demand one for each speaker
 * of these, and one for what nobody has yet.
 * @param {Pick<Recording, "layout"|"channels">} recording
 * @param {((channel: number|null) => readonly string[])|null} [speakersOf] ids of those that speak on a channel;
 *   null: everybody in one lane
 * @returns {Lane[]}
 */
export function lanesOf(recording, speakersOf = null) {
  const isApart = recording.layout === "separate" && recording.channels > 1;
  const channels = isApart ? Array.from({ length: recording.channels }, (_, channel) => channel) : [null];
  return channels.flatMap((channel) => {
    /** @type {Lane["speaker"][]} */
    const speakers = speakersOf ? [...speakersOf(channel), null] : [undefined];
    return speakers.map((speaker) => ({ channel, speaker }));
  });
}

/**
 * Who gets a lane of their own on a channel: those that speak there, and those that speak nowhere yet.
 * @param {readonly Pick<import("../types.js").Speaker, "id"|"channel">[]} speakers
 * @param {readonly Pick<Segment, "speaker"|"channel">[]} segments
 * @returns {(channel: number|null) => string[]}
 */
export function speakersByChannel(speakers, segments) {
  /** @type {Map<string, Set<number|null>>} */
  const heard = new Map();
  for (const { speaker, channel } of segments)
    if (speaker) heard.set(speaker, (heard.get(speaker) ?? new Set()).add(channel));
  const isOn = (/** @type {number} */ channel) => (/** @type {Pick<import("../types.js").Speaker, "id"|"channel">} */ one) => {
    const on = heard.get(one.id);
    return one.channel === channel || (on ? on.has(channel) : one.channel === null);
  };
  return (channel) => (channel === null ? speakers : speakers.filter(isOn(channel))).map(({ id }) => id);
}

/**
 * Whether a segment is drawn in a lane. One of the mix lies on all channels; one of a speaker without a lane lies
 * with those that nobody has.
 * @param {readonly Lane[]} lanes
 * @param {number} index of the lane
 * @param {Pick<Segment, "channel"|"speaker">} segment
 */
export function isIn(lanes, index, { channel, speaker }) {
  const lane = lanes[index];
  if (!lane) return false;
  const isHere = lane.channel === null || lane.channel === channel;
  if (!isHere && lanes.some((item) => item.channel === channel)) return false;
  if (lane.speaker === undefined || lane.speaker === speaker) return true;
  return lane.speaker === null && !lanes.some((item) => item.channel === lane.channel && item.speaker === speaker);
}

/** How many channels have lanes of their own; 1: there is nothing to tell apart. @param {readonly Lane[]} lanes */
export function channelsIn(lanes) {
  return new Set(lanes.map(({ channel }) => channel)).size;
}

/**
 * The channel to hear for a segment: its own wherever channels may differ, also one that has no lane here.
 * @param {Pick<Recording, "layout"|"channels">} recording
 * @param {number|null} channel of the segment
 * @returns {number|null} null: the mix
 */
export function heardChannel({ layout, channels }, channel) {
  const mayDiffer = channels > 1 && layout !== "dual_mono";
  return mayDiffer && channel !== null && channel < channels ? channel : null;
}

/**
 * The channel of a new segment on a recording with one lane: the one that all others have, so that they can be
 * joined with it, else the mix.
 * @param {readonly Pick<Segment, "channel">[]} segments
 * @returns {number|null}
 */
export function onlyChannel(segments) {
  const first = segments[0]?.channel ?? null;
  return segments.every((segment) => segment.channel === first) ? first : null;
}

/**
 * The channel of two segments joined, or undefined: they lie on different channels.  Where there is one lane
 * the mix joins with a channel; where channels cannot differ all join.
 * @param {Pick<Recording, "layout"|"channels">} recording
 * @param {number|null} first
 * @param {number|null} second
 * @returns {number|null|undefined}
 */
export function joinedChannel(recording, first, second) {
  if (first === second) return first;
  if (channelsIn(lanesOf(recording)) > 1) return undefined;
  if (recording.channels < 2 || recording.layout === "dual_mono") return first;
  return first === null || second === null ? null : undefined;
}

/**
 * Join two segments, across channels where those are one lane.
 * @param {Pick<Recording, "layout"|"channels">} recording
 * @param {Segment} first
 * @param {Segment} second
 * @returns {import("../types.js").Edit[]}
 */
export function mergeInLane(recording, first, second) {
  const channel = joinedChannel(recording, first.channel, second.channel);
  if (channel === undefined) return merge(first, second); // which says why not
  const [kept, ...others] = merge({ ...first, channel }, { ...second, channel });
  if (kept.action !== "update" || channel === first.channel) return [kept, ...others];
  return [{ ...kept, changes: { channel, ...kept.changes } }, ...others];
}

/**
 * The next (1) or previous (−1) segment that one can be joined with.
 * @param {Pick<Recording, "layout"|"channels">} recording
 * @param {readonly Segment[]} segments
 * @param {number} index
 * @param {1|-1} direction
 * @returns {Segment|null}
 */
export function neighbourOf(recording, segments, index, direction) {
  const { channel } = segments[index];
  for (let at = index + direction; at >= 0 && at < segments.length; at += direction)
    if (joinedChannel(recording, channel, segments[at].channel) !== undefined) return segments[at];
  return null;
}

/** The sorted segments of a transcript with what it takes to find those of a window quickly. */
export class Window {
  /** @type {readonly Segment[]} */
  #segments = [];
  #longestUs = 0;

  /** @param {readonly Segment[]} segments sorted by start */
  take(segments) {
    this.#segments = segments;
    this.#longestUs = 0;
    for (const { start_us, end_us } of segments) this.#longestUs = Math.max(this.#longestUs, end_us - start_us);
  }

  /**
   * Index of the first segment that may be seen; go on until one starts after the window.
   * A single very long segment makes the walk longer, never wrong.
   * @param {number} startUs
   */
  first(startUs) {
    return firstIndex(this.#segments, (segment) => segment.start_us >= startUs - this.#longestUs);
  }

  /** @param {number} startUs @param {number} endUs @returns {Segment[]} that overlap the stretch */
  between(startUs, endUs) {
    const out = [];
    for (let i = this.first(startUs); i < this.#segments.length; i++) {
      const segment = /** @type {Segment} */ (this.#segments[i]);
      if (segment.start_us >= endUs) break;
      if (segment.end_us > startUs) out.push(segment);
    }
    return out;
  }
}
