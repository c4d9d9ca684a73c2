// How a recording is heard: its channels alone, silent, on a side, and how loud; kept in this browser for each recording.

import { MOST_DB } from "./loudness.js";
import { isApart, plainDesk, tracksOf } from "./tracks.js";

const KEY = "speechlabel.sound";
const MOST_KEPT = 200;

/** @typedef {import("./tracks.js").Desk & {db: number}} Heard */

export class Mixer {
  /** @type {Heard} */
  heard = { ...plainDesk(), db: 0 };
  /** Whoever makes it heard, and shows it. @type {() => void} */
  onRaise = () => {};

  /** @param {import("../types.js").Recording} recording @param {() => void} onChange the channels are others now */
  constructor(recording, onChange) {
    this.recording = recording;
    this.onChange = onChange;
    const kept = read()[recording.content_hash];
    const channels = (/** @type {unknown} */ list) => (Array.isArray(list) ? list.filter(Number.isInteger) : []);
    if (kept && typeof kept === "object")
      this.heard = {
        solo: channels(kept.solo),
        muted: channels(kept.muted),
        pans: typeof kept.pans === "object" && kept.pans ? { ...kept.pans } : {},
        db: Math.min(MOST_DB, Math.max(0, Number(kept.db) || 0)),
      };
  }

  /** Whether there are channels to choose from. */
  get isApart() {
    return isApart(this.recording);
  }

  /** @param {number|null} own channel of the segment, null: all */
  tracks(own) {
    return tracksOf(this.recording, own, this.heard);
  }

  /** @param {"solo"|"muted"} list @param {number} channel */
  toggle(list, channel) {
    const before = this.heard[list];
    const after = before.includes(channel) ? before.filter((item) => item !== channel) : [...before, channel];
    this.#set({ [list]: after });
    this.onChange();
  }

  /** From the middle to the left, to the right, back to the middle. @param {number} channel */
  turn(channel) {
    const next = { 0: -1, [-1]: 1, 1: 0 }[this.heard.pans[channel] ?? 0] ?? 0;
    this.#set({ pans: { ...this.heard.pans, [channel]: next } });
    this.onChange();
  }

  /** @param {number} db 0 to MOST_DB; what is beyond is held at the nearer end */
  raise(db) {
    this.#set({ db: Math.min(MOST_DB, Math.max(0, db)) });
    this.onRaise();
  }

  /** @param {Partial<Heard>} change */
  #set(change) {
    this.heard = { ...this.heard, ...change };
    const all = read();
    delete all[this.recording.content_hash];
    const rows = [...Object.entries(all), [this.recording.content_hash, this.heard]];
    try {
      localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(rows.slice(-MOST_KEPT))));
    } catch {
      // Full or shut off: it is as it was at the next visit.
    }
  }
}

/** @returns {Record<string, any>} by the recording's content */
function read() {
  try {
    const value = JSON.parse(localStorage.getItem(KEY) ?? "null");
    return value && typeof value === "object" ? value : {};
  } catch {
    return {}; // shut off, or not ours
  }
}
