// Steps that wait, as a file: kept when all else fails, and brought back in.  No DOM, no fetch.

/** @typedef {import("./outbox.js").Entry} Entry */

export const FILE_FORMAT = "speechlabel-unsaved-1";

/** That a file is not one of ours; `message` is for developers. */
export class WaitingFileError extends Error {}

/**
 * What waits as a text that people and programs can read: JSON, a line a step.
 * @param {readonly Entry[]} entries @param {Date} now
 */
export function fileOf(entries, now) {
  const steps = entries.map((entry) => `\n    ${JSON.stringify(entry)}`).join(",");
  const head = { format: FILE_FORMAT, saved_at: now.toISOString(), steps: [] };
  return JSON.stringify(head, null, 2).replace('"steps": []', () => `"steps": [${steps}\n  ]`) + "\n";
}

/**
 * The steps in such a file.
 * @param {string} text
 * @returns {Entry[]}
 */
export function readFile(text) {
  /** @type {any} */
  let data;
  try {
    data = JSON.parse(text);
  } catch {
    throw new WaitingFileError("not JSON");
  }
  if (data?.format !== FILE_FORMAT || !Array.isArray(data.steps)) throw new WaitingFileError(`not ${FILE_FORMAT}`);
  for (const step of data.steps) {
    const isWhole =
      ["op_id", "step", "transcript"].every((name) => typeof step?.[name] === "string") &&
      Number.isSafeInteger(step.key) &&
      Array.isArray(step.edits) &&
      Array.isArray(step.inverse);
    if (!isWhole) throw new WaitingFileError("a step is not whole");
  }
  return data.steps;
}

/**
 * The steps of a file as they go into the outbox: as this person's, each under a key that nothing else has;
 * those that wait there already are left out.
 * @param {readonly Entry[]} steps @param {readonly Entry[]} there @param {string} owner
 * @returns {Entry[]}
 */
export function broughtBack(steps, there, owner) {
  const names = new Set(there.map((entry) => entry.op_id));
  const keys = new Set(there.map((entry) => entry.key));
  let last = 0;
  return steps
    .filter((step) => !names.has(step.op_id))
    .sort((one, other) => one.key - other.key)
    .map((step) => {
      let key = Math.max(step.key, last + 1);
      while (keys.has(key)) key += 1;
      last = key;
      return { ...step, key, owner, sent: true }; // their content is frozen: the server may have them already
    });
}

/**
 * @param {string} transcript @param {readonly Entry[]} entries @param {string|null} problem
 * @param {import("../types.js").Of|null} of  the open recording, if they belong to it
 * @returns {import("../types.js").Waiting}
 */
export const waitingOf = (transcript, entries, problem, of) => ({
  transcript,
  of: of ?? entries[0]?.of ?? null,
  steps: entries.length,
  sinceMs: Math.floor((entries[0]?.key ?? 0) / 1000), // keys are microseconds
  problem,
  isHere: of !== null,
});
