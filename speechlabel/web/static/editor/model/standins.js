// Speakers that stand for no person in particular. Their ids are fixed, so that every export knows them, and their
// records are made when they are first used. No DOM.

/** By their keys, 1 to 3; the same ids as in formats/names.py. The colours are greyer than those of people. */
export const STAND_INS = [
  { id: "unknown", title: "editor.speaker.unknown", help: "editor.speaker.unknownHelp", color: "#7388a0" },
  { id: "several", title: "editor.speaker.several", help: "editor.speaker.severalHelp", color: "#8d7d5e" },
  { id: "outside", title: "editor.speaker.outside", help: "editor.speaker.outsideHelp", color: "#6f8f7c" },
];

/** @param {string} id of a speaker */
export const isStandIn = (id) => STAND_INS.some((item) => item.id === id);

/**
 * The segments after one until the next change of speaker, on its own channel: those who speak like the first of them.
 * @param {readonly import("../types.js").Segment[]} segments sorted
 * @param {number} index
 */
export function runAfter(segments, index) {
  const here = segments[index];
  const later = segments.slice(index + 1).filter((segment) => segment.channel === here?.channel);
  const end = later.findIndex((segment) => segment.speaker !== later[0]?.speaker);
  return end < 0 ? later : later.slice(0, end);
}
