// How much of a day was work, and how much audio was done in it. No DOM.

export const PAUSE_MS = 120_000; // longer without any input is no work
const REST_MS = 240_000; // longer without any input was a break
const TELLING_MS = 30_000; // of work, and of audio as below, before a pace is told: less is chance
const TELLING_US = 5_000_000;

/**
 * @typedef {{workMs: number, audioUs: number}} Day
 * @typedef {Day & {sinceRestMs: number, lastMs: number|null}} Clock lastMs: of the last input
 */

/** @returns {Clock} */
export const newClock = () => ({ workMs: 0, audioUs: 0, sinceRestMs: 0, lastMs: null });

/**
 * Somebody pressed a key or moved the mouse: the time since the last input was work, unless it was a pause.
 * @param {Clock} clock @param {number} nowMs @returns {Clock}
 */
export function touched(clock, nowMs) {
  const gap = clock.lastMs === null ? Infinity : Math.max(0, nowMs - clock.lastMs);
  const work = gap <= PAUSE_MS ? gap : 0;
  const sinceRestMs = gap > REST_MS ? 0 : clock.sinceRestMs + work;
  return { ...clock, workMs: clock.workMs + work, sinceRestMs, lastMs: nowMs };
}

/** Audio became done, or (below 0) was taken back. @param {Clock} clock @param {number} us @returns {Clock} */
export function achieved(clock, us) {
  return { ...clock, audioUs: clock.audioUs + us };
}

/** Working time for each minute of audio; null: too little to tell. @param {Day} day */
export function ratioOf({ workMs, audioUs }) {
  return workMs < TELLING_MS || audioUs < TELLING_US ? null : (workMs * 1000) / audioUs;
}

/** Working time that the rest takes at the pace of the day, ms; null: too little to tell. @param {Day} day @param {number} leftUs */
export function leftMs(day, leftUs) {
  const ratio = ratioOf(day);
  return ratio === null ? null : (leftUs / 1000) * ratio;
}

/** Whether it is time for a break. @param {Clock} clock @param {number} everyMinutes 0: never */
export function isBreakDue(clock, everyMinutes) {
  return everyMinutes > 0 && clock.sinceRestMs >= everyMinutes * 60_000;
}

/** How much audio a recording has in its segments, and how much of it is done, µs. @param {readonly import("../types.js").Segment[]} segments */
export function audioOf(segments) {
  const audio = { totalUs: 0, doneUs: 0 };
  for (const { start_us, end_us, status } of segments) {
    audio.totalUs += end_us - start_us;
    if (status === "done") audio.doneUs += end_us - start_us;
  }
  return audio;
}

/** Name of the day of a time, where the person is. @param {Date} date */
export function dayName(date) {
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/**
 * A day's work with more added, and no more days than are of use.
 * @param {Record<string, Day>} days @param {string} name @param {Day} more
 * @returns {Record<string, Day>}
 */
export function withMore(days, name, { workMs, audioUs }) {
  const before = days[name] ?? { workMs: 0, audioUs: 0 };
  const after = { workMs: before.workMs + workMs, audioUs: Math.max(0, before.audioUs + audioUs) };
  const kept = Object.keys(days).filter((day) => day !== name).sort().slice(-30);
  return { ...Object.fromEntries(kept.map((day) => [day, /** @type {Day} */ (days[day])])), [name]: after };
}
