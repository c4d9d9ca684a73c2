// What each command of keys.js does: a file for each thing that people do.

import * as label from "./label.js";
import * as listen from "./listen.js";
import * as many from "./many.js";
import * as move from "./move.js";
import * as shape from "./shape.js";
import * as tap from "./tap.js";
import * as view from "./view.js";
import * as write from "./write.js";

/** @typedef {import("../session.js").Session} Session */
/** @typedef {import("../types.js").Segment} Segment */
/** @typedef {(session: Session, digit: number) => void} AnyCommand needs no current segment */
/** @typedef {(session: Session, segment: Segment, digit: number) => void} SegmentCommand */

/** @type {Record<string, AnyCommand>} */
const ANY = { ...listen.any, ...write.any, ...move.any, ...label.any, ...shape.any, ...tap.any, ...view.any };
/** @type {Record<string, SegmentCommand>} */
const CURRENT = { ...listen.current, ...write.current, ...label.current, ...shape.current, ...many.current, ...view.current };

/**
 * Do a command.
 * @param {Session} session
 * @param {string} id of keys.js, or "playOrStop"
 * @param {number} digit
 * @returns {boolean} whether there was something to do it on
 */
export function runCommand(session, id, digit) {
  const any = ANY[id];
  if (any) {
    any(session, digit);
    return true;
  }
  const segment = session.model.current;
  const command = CURRENT[id];
  if (!command || !segment) return false;
  command(session, segment, digit);
  return true;
}

/** Names of all commands, for the test that holds keys.js to them. */
export const COMMAND_IDS = [...Object.keys(ANY), ...Object.keys(CURRENT)];
