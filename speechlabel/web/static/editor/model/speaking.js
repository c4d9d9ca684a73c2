// Who speaks, given from one speaker to another. No DOM.

import { update } from "./edits.js";

/** @typedef {import("../types.js").Segment} Segment */

/**
 * What a speaker says, parted by whether it may be given to another one.
 * @param {readonly Segment[]} segments @param {string} id of the speaker
 * @returns {{free: Segment[], locked: Segment[]}}
 */
export function spokenBy(segments, id) {
  const theirs = segments.filter((segment) => segment.speaker === id);
  return { free: theirs.filter((item) => !item.is_locked), locked: theirs.filter((item) => item.is_locked) };
}

/**
 * The edits that give all of a speaker's segments to another one and take the speaker away. Locked segments stay as
 * they are, and with them the speaker whom they name.
 * @param {readonly Segment[]} segments @param {import("../types.js").Speaker} speaker @param {string|null} heirId
 * @returns {import("../types.js").Edit[]}
 */
export function removal(segments, { id, version }, heirId) {
  const { free, locked } = spokenBy(segments, id);
  const given = free.map((segment) => update(segment, { speaker: heirId }));
  return locked.length ? given : [...given, { action: "delete", target: "speaker", id, version }];
}
