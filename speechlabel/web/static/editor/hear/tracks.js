// Which channels are heard, and on which side. No Web Audio here: numbers in, numbers out.

/** @typedef {{channel: number|null, left: number, right: number}} Track a channel (null: the mix) and how loud on each side */
/** @typedef {{solo: number[], muted: number[], pans: Record<string, number>}} Desk pans: −1 left … 1 right, by channel */

/** @returns {Desk} */
export const plainDesk = () => ({ solo: [], muted: [], pans: {} });

/** Whether the channels of a recording can be heard apart. @param {{channels: number, layout?: string|null}} recording */
export function isApart({ channels, layout }) {
  return channels > 1 && layout !== "dual_mono";
}

/**
 * What is heard.  Channels that are soloed are heard whatever the segment; one that is muted never is.  One
 * channel alone is in the middle; several never add up to more than one of them could reach.
 * @param {{channels: number, layout?: string|null}} recording
 * @param {number|null} own  the channel of the segment; null: all
 * @param {Desk} desk
 * @returns {Track[]} none: all that should be heard is muted
 */
export function tracksOf(recording, own, { solo, muted, pans }) {
  const mix = [{ channel: null, left: 1, right: 1 }];
  if (!isApart(recording)) return mix;
  const all = Array.from({ length: recording.channels }, (_, channel) => channel);
  const soloed = all.filter((channel) => solo.includes(channel));
  const wanted = soloed.length ? soloed : own === null ? all : [own];
  const heard = wanted.filter((channel) => !muted.includes(channel));
  if (heard.length === 1) return [{ channel: heard[0], left: 1, right: 1 }];
  if (heard.length === all.length && all.every((channel) => !pans[channel])) return mix;
  const tracks = heard.map((channel) => {
    const pan = Math.min(1, Math.max(-1, pans[channel] ?? 0));
    return { channel, left: Math.min(1, 1 - pan), right: Math.min(1, 1 + pan) };
  });
  const sum = (/** @type {"left"|"right"} */ side) => tracks.reduce((total, track) => total + track[side], 0);
  const by = 1 / Math.max(1, sum("left"), sum("right"));
  return tracks.map(({ channel, left, right }) => ({ channel, left: left * by, right: right * by }));
}

/**
 * The samples for the loudspeakers: one row for both, or a row for each side.
 * @param {readonly Float32Array<ArrayBuffer>[]} rows  samples of each track, all of one length
 * @param {readonly Track[]} tracks
 * @returns {Float32Array<ArrayBuffer>[]}
 */
export function blend(rows, tracks) {
  if (tracks.length === 1 && tracks[0].left === 1 && tracks[0].right === 1) return [rows[0]];
  return /** @type {const} */ (["left", "right"]).map((side) => {
    const out = new Float32Array(rows[0].length);
    tracks.forEach((track, at) => {
      const by = track[side];
      const row = rows[at];
      if (by !== 0) for (let frame = 0; frame < out.length; frame += 1) out[frame] += row[frame] * by;
    });
    return out;
  });
}
