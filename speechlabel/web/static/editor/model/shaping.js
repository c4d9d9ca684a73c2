// Many segments cut or joined in one step. No DOM.

import { mergeInLane } from "../see/lanes.js";
import { split } from "./edits.js";
import { EditError, compact, full, replaced } from "./records.js";

/** @typedef {import("../types.js").Segment} Segment */
/** @typedef {import("../types.js").Edit} Edit */

/**
 * Join segments into the first of them, whatever lies between.
 * @param {Pick<import("../types.js").Recording, "layout"|"channels">} recording
 * @param {readonly Segment[]} segments in order of time, two or more
 * @returns {Edit[]} one update, and a deletion of each other one
 */
export function mergeAll(recording, segments) {
  const [first, ...others] = segments;
  if (!first) return [];
  let whole = first;
  /** @type {Record<string, any>} */
  const changes = {};
  /** @type {Edit[]} */
  const gone = [];
  for (const other of others) {
    const [kept, away] = mergeInLane(recording, whole, other);
    if (kept?.action !== "update" || !away) continue;
    Object.assign(changes, kept.changes);
    whole = replaced("segment", whole, kept.changes);
    gone.push(away);
  }
  return [{ action: "update", target: "segment", id: first.id, version: first.version, changes }, ...gone];
}

/**
 * Cut a segment at several times.
 * @param {Segment} segment
 * @param {readonly number[]} cuts µs, ascending, all inside
 * @param {() => string} newId
 * @returns {Edit[]} one update, and an insertion of each further part
 */
export function splitAt(segment, cuts, newId) {
  let left = segment;
  /** @type {Record<string, any>} */
  const changes = {};
  /** @type {Edit[]} */
  const parts = [];
  for (const cut of [...cuts].reverse()) {
    const [kept, part] = split(left, cut, null, newId());
    if (kept?.action !== "update" || !part) continue;
    Object.assign(changes, kept.changes);
    left = replaced("segment", left, kept.changes);
    parts.unshift(part);
  }
  if (parts.length === 0) return [];
  return [{ action: "update", target: "segment", id: segment.id, version: segment.version, changes }, ...parts];
}

/**
 * Where to cut what is too long, so that no part is longer than `mostUs`: as late as that allows, where it is quietest.
 * @param {Pick<Segment, "start_us"|"end_us">} segment
 * @param {number} mostUs
 * @param {(fromUs: number, toUs: number) => number} quietest a time in a stretch
 * @returns {number[]}
 */
export function cutsFor({ start_us, end_us }, mostUs, quietest) {
  /** @type {number[]} */
  const cuts = [];
  let from = start_us;
  while (end_us - from > mostUs) {
    // The last but one part leaves a last one that is worth its row.
    const least = from + mostUs / 3;
    const most = Math.min(from + mostUs, end_us - mostUs / 10);
    const cut = Math.round(Math.min(most, Math.max(least, quietest(least, most))));
    cuts.push(cut);
    from = cut;
  }
  return cuts;
}

/**
 * What is not touched by cutting anew unless that is asked for: it has somebody's work in it.
 * @param {Segment} segment
 * @returns {boolean}
 */
export function isWorkedOn(segment) {
  return (
    (segment.text ?? "").trim() !== "" ||
    segment.status === "done" ||
    segment.status === "unsure" ||
    segment.noise_labels.length > 0 ||
    segment.tags.length > 0 ||
    segment.events.length > 0 ||
    Object.keys(segment.fields).length > 0 ||
    !segment.is_valid ||
    (segment.note ?? "") !== ""
  );
}

/**
 * Put new spans in place of the segments of a stretch: one step. Locked segments always stay, and so does what was
 * worked on unless `all`; spans give way to what stays.
 * @param {object} what
 * @param {readonly Segment[]} what.segments of the transcript
 * @param {number|null} what.channel
 * @param {boolean} what.isOneLane segments of all channels are meant
 * @param {number} what.startUs @param {number} what.endUs
 * @param {readonly {start_us: number, end_us: number}[]} what.spans
 * @param {ReadonlySet<string>|null} what.only ids of those that may go; null: all of the stretch
 * @param {boolean} what.all also what was worked on
 * @param {Record<string, any>} what.like of new segments that lie where none was: language, speaker
 * @param {() => string} what.newId
 * @param {number} what.leastUs shorter rests of a span are left out
 * @returns {{edits: Edit[], gone: number, kept: number, made: number}}
 */
export function recut({ segments, channel, isOneLane, startUs, endUs, spans, only, all, like, newId, leastUs }) {
  const here = segments.filter(
    (item) => item.start_us < endUs && item.end_us > startUs && (isOneLane || item.channel === channel),
  );
  // What reaches out of the stretch stays: half of it would be cut by rules that were not asked for there.
  const stays = (/** @type {Segment} */ item) =>
    item.is_locked ||
    item.start_us < startUs ||
    item.end_us > endUs ||
    (only !== null && !only.has(item.id)) ||
    (!all && isWorkedOn(item));
  const kept = here.filter(stays);
  const gone = here.filter((item) => !stays(item));
  const free = spans.flatMap((span) => without(span, kept)).filter(({ start_us, end_us }) => end_us - start_us >= leastUs);
  const same = new Set(); // what is found again as it is needs no edit
  const made = free.filter((span) => {
    const twin = gone.find(
      (item) => !isWorkedOn(item) && item.start_us === span.start_us && item.end_us === span.end_us && !same.has(item.id),
    );
    if (twin) same.add(twin.id);
    return !twin;
  });
  const leaving = gone.filter(({ id }) => !same.has(id));
  /** @type {Edit[]} */
  const edits = leaving.map(({ id, version }) => ({ action: "delete", target: "segment", id, version }));
  for (const span of made) {
    const before = mostOf(span, gone);
    const theirs = before ? { channel: before.channel, language: before.language, speaker: before.speaker } : like;
    const record = full("segment", { id: newId(), channel, ...span, ...theirs });
    edits.push({ action: "insert", target: "segment", record: compact("segment", record) });
  }
  return { edits, gone: leaving.length, kept: kept.length, made: made.length };
}

/** The segment that a span lies on most, if on any. @param {{start_us: number, end_us: number}} span @param {readonly Segment[]} segments */
function mostOf(span, segments) {
  let found = /** @type {Segment|null} */ (null);
  let most = 0;
  for (const segment of segments) {
    const share = Math.min(span.end_us, segment.end_us) - Math.max(span.start_us, segment.start_us);
    if (share > most) [found, most] = [segment, share];
  }
  return found;
}

/** A span without what others take of it. @param {{start_us: number, end_us: number}} span @param {readonly {start_us: number, end_us: number}[]} others */
function without(span, others) {
  let parts = [{ start_us: span.start_us, end_us: span.end_us }];
  for (const { start_us, end_us } of others) {
    parts = parts
      .flatMap((part) => [
        { start_us: part.start_us, end_us: Math.min(part.end_us, start_us) },
        { start_us: Math.max(part.start_us, end_us), end_us: part.end_us },
      ])
      .filter((part) => part.start_us < part.end_us);
  }
  return parts;
}

/**
 * The segments of ids, in order of time; refused if one of them is locked.
 * @param {import("./model.js").Model} model @param {Iterable<string>} ids
 * @returns {Segment[]}
 */
export function unlocked(model, ids) {
  const found = [...ids].flatMap((id) => model.byId(id) ?? []);
  const locked = found.find(({ is_locked }) => is_locked);
  if (locked) throw new EditError("record", `segment ${locked.id} is locked; unlock it first`, { field: "is_locked", id: locked.id });
  return found.sort((one, other) => model.indexOf(one.id) - model.indexOf(other.id));
}
