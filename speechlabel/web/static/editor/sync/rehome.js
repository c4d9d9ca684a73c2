// Steps whose transcript is gone: an untouched pass is replaced when its recording is prepared anew, and what was
// made on it meanwhile must go into the pass that took its place.  No DOM, no fetch.

import { idOf } from "../model/edits.js";
import { compact, plain } from "../model/records.js";

/** @typedef {import("../types.js").After} After */
/** @typedef {import("../types.js").Edit} Edit */
/** @typedef {import("../types.js").Step} Step */

/** The records that steps touched, as the last of them left them. @param {readonly Pick<Step, "after">[]} steps @returns {After} */
export function newest(steps) {
  /** @type {After} */
  const out = { segment: {}, speaker: {} };
  for (const { after } of steps) {
    Object.assign(out.segment, after?.segment);
    Object.assign(out.speaker, after?.speaker);
  }
  return out;
}

/**
 * Edits that do on other records what steps did: a record that is not there is put in whole.
 * @param {import("../model/edits.js").Tables} tables  where they go to
 * @param {readonly Pick<Step, "edits"|"after">[]} steps
 * @returns {Edit[]}
 */
export function rehomed(tables, steps) {
  const after = newest(steps);
  /** @type {Edit[]} */
  const out = [];
  for (const target of /** @type {const} */ (["speaker", "segment"])) // who speaks must be there first
    for (const [id, record] of Object.entries(after[target])) {
      const theirs = tables[target].get(id);
      if (record && theirs) {
        const changes = changesOf(target, id, record, steps);
        out.push({ action: "update", target, id, version: theirs.version, changes });
      } else if (record) out.push({ action: "insert", target, record: compact(target, known(record, tables, after)) });
      else if (theirs) out.push({ action: "delete", target, id, version: theirs.version });
    }
  return out;
}

/**
 * A segment without the speaker whom nobody knows here.
 * @template {import("../types.js").Segment|import("../types.js").Speaker} T
 * @param {T} record
 * @param {import("../model/edits.js").Tables} tables
 * @param {After} after
 * @returns {T}
 */
function known(record, tables, after) {
  const speaker = "speaker" in record ? record.speaker : null;
  const isKnown = speaker === null || after.speaker[speaker] || tables.speaker.get(speaker);
  return isKnown ? record : { ...record, speaker: null };
}

/**
 * What the steps changed of a record, as they left it.
 * @param {"segment"|"speaker"} target @param {string} id @param {any} record @param {readonly Pick<Step, "edits">[]} steps
 */
export function changesOf(target, id, record, steps) {
  const mine = steps.flatMap((step) => step.edits).filter((edit) => edit.target === target && idOf(edit) === id);
  const names = mine.flatMap((edit) =>
    edit.action === "update" ? Object.keys(edit.changes) : edit.action === "insert" ? Object.keys(edit.record) : [],
  );
  return Object.fromEntries(
    [...new Set(names)].filter((name) => name !== "id" && name !== "version").map((name) => [name, plain(name, record[name])]),
  );
}
