// Segments sorted by time and speakers in their order, both by id.  Made for 20,000 segments: a change of one
// costs one slot of an array, and only what moves is spliced.

import { EditError, full } from "./records.js";
import { isStandIn } from "./standins.js";

/** @typedef {import("../types.js").Segment} Segment */
/** @typedef {import("../types.js").Speaker} Speaker */

const REBUILD = 32; // more moves than this at once: sort anew instead of splicing

export class Records {
  /**
   * @param {readonly Record<string, any>[]} segments  in JSON form
   * @param {readonly Record<string, any>[]} speakers
   */
  constructor(segments, speakers) {
    this.list = segments.map((data) => full("segment", data)).sort(byTime);
    this.speakers = speakers.map((data) => full("speaker", data)).sort(byMaking);
    this.tables = {
      segment: new Map(this.list.map((segment) => [segment.id, segment])),
      speaker: new Map(this.speakers.map((speaker) => [speaker.id, speaker])),
    };
  }

  /** Place in `list`, or −1. @param {string} id */
  indexOf(id) {
    const segment = this.tables.segment.get(id);
    return segment ? lowerBound(this.list, segment) : -1;
  }

  /** Versions from the server: the one field that changes in place, for nothing shows it. @param {import("../types.js").Versions} versions */
  setVersions(versions) {
    for (const target of /** @type {const} */ (["segment", "speaker"]))
      for (const [id, version] of Object.entries(versions[target] ?? {})) {
        const record = this.tables[target].get(id);
        if (record) record.version = version;
      }
  }

  /** The segment, or an EditError. @param {string} id */
  known(id) {
    const segment = this.tables.segment.get(id);
    if (!segment) throw new EditError("not_found", `there is no segment ${id}`, { id });
    return segment;
  }

  /** The segment if it may be changed, or an EditError. @param {string} id */
  unlocked(id) {
    const segment = this.known(id);
    if (segment.is_locked)
      throw new EditError("record", `segment ${id} is locked; unlock it first`, { field: "is_locked", id });
    return segment;
  }

  /** The speaker, or an EditError. @param {string} id */
  knownSpeaker(id) {
    const speaker = this.tables.speaker.get(id);
    if (!speaker) throw new EditError("not_found", `there is no speaker ${id}`, { id });
    return speaker;
  }

  /** First index whose segment starts at or after a time. @param {number} timeUs */
  indexAt(timeUs) {
    return firstIndex(this.list, (segment) => segment.start_us >= timeUs);
  }

  /**
   * Take in what edits changed.
   * @param {import("./edits.js").Changed} changed
   * @returns {boolean} whether any segment came, went or moved
   */
  put(changed) {
    /** @type {Segment[]} */
    const out = [];
    /** @type {Segment[]} */
    const came = [];
    for (const [id, segment] of changed.segment) {
      const old = this.tables.segment.get(id);
      if (old && segment && byTime(old, segment) === 0) this.list[lowerBound(this.list, old)] = segment;
      else {
        if (old) out.push(old);
        if (segment) came.push(segment);
      }
      if (segment) this.tables.segment.set(id, segment);
      else this.tables.segment.delete(id);
    }
    if (out.length + came.length > REBUILD) this.#rebuild(out, came);
    else {
      for (const old of out) this.list.splice(lowerBound(this.list, old), 1);
      for (const segment of came) this.list.splice(lowerBound(this.list, segment), 0, segment);
    }
    for (const [id, speaker] of changed.speaker) this.#putSpeaker(id, speaker);
    return out.length + came.length > 0;
  }

  /** @param {Segment[]} out @param {Segment[]} came */
  #rebuild(out, came) {
    const gone = new Set(out.map((segment) => segment.id));
    const next = [...this.list.filter((segment) => !gone.has(segment.id)), ...came].sort(byTime);
    this.list.length = 0; // the array stays the same one: others hold on to it
    for (const segment of next) this.list.push(segment);
  }

  /** @param {string} id @param {Speaker|null} speaker */
  #putSpeaker(id, speaker) {
    const at = this.speakers.findIndex((item) => item.id === id);
    if (speaker && at >= 0) this.speakers[at] = speaker;
    else if (speaker) {
      this.speakers.push(speaker);
      this.speakers.sort(byMaking); // one whose removal is undone comes back to its own key
    } else if (at >= 0) this.speakers.splice(at, 1);
    if (speaker) this.tables.speaker.set(id, speaker);
    else this.tables.speaker.delete(id);
  }
}

const MADE_HERE = /^[0-9a-f]{8}-[0-9a-f]{4}-7/; // ids of the page: they sort by the time of making

/**
 * Speakers that the recording came with first, then those that were added, in the order in which they were, and at
 * the end those that stand for nobody in particular:
 * keys and colours go by the place in the list, which must be the same after a reload.
 * @param {Speaker} one @param {Speaker} other
 */
function byMaking(one, other) {
  const [rank, otherRank] = [one, other].map(({ id }) => (isStandIn(id) ? 2 : Number(MADE_HERE.test(id))));
  if (rank !== otherRank) return Number(rank) - Number(otherRank);
  if (rank !== 1) return one.id.localeCompare(other.id, "en", { numeric: true }); // spk2 before spk10
  return one.id < other.id ? -1 : Number(one.id > other.id);
}

/** @param {Segment} one @param {Segment} other */
function byTime(one, other) {
  const byId = one.id < other.id ? -1 : one.id > other.id ? 1 : 0;
  return one.start_us - other.start_us || one.end_us - other.end_us || byId;
}

/**
 * First index whose segment does not sort before this one.
 * @param {readonly Segment[]} list
 * @param {Segment} segment
 */
function lowerBound(list, segment) {
  return firstIndex(list, (item) => byTime(item, segment) >= 0);
}

/**
 * @param {readonly Segment[]} list
 * @param {(segment: Segment) => boolean} isPast  false, then true, along the list
 */
export function firstIndex(list, isPast) {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isPast(list[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
