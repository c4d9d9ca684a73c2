// A server in memory that keeps the protocol's promises (versions, one answer for one op_id, all or nothing),
// and a network in front of it that breaks as a test wants.

import { apply } from "../../speechlabel/web/static/editor/model/edits.js";
import { EditError, compact, full } from "../../speechlabel/web/static/editor/model/records.js";
import { opened } from "./opened.js";

export class FakeServer {
  constructor(segments) {
    this.tables = {
      segment: new Map(segments.map((item) => [item.id, full("segment", item)])),
      speaker: new Map(),
    };
    this.revision = 1;
    this.ops = new Map();
    /** Every save that arrived, in order. */
    this.posts = [];
    /** @type {((post: {body: any, n: number}) => string|Response|null)[]} one for each save to come */
    this.faults = [];
    this.isDown = false;
    this.author = "user:me";
    this.fetch = async (address, options = {}) => {
      if (this.isDown) throw new TypeError("Failed to fetch");
      options.signal?.throwIfAborted();
      if (options.method !== "POST") return this.get(String(address));
      const body = JSON.parse(options.body);
      this.posts.push(body);
      const fault = this.faults.shift() ?? null;
      if (fault === "lost before") throw new TypeError("Failed to fetch");
      if (fault === "hangs") return new Promise((_, reject) => options.signal.addEventListener("abort", () => reject(new Error("aborted"))));
      if (fault instanceof Response) return fault;
      const answer = this.post(body);
      if (fault === "lost after") throw new TypeError("Failed to fetch");
      if (typeof fault === "function") return fault(answer);
      return answer;
    };
  }

  get(address) {
    if (!address.endsWith("/open")) return new Response(new Int16Array([1, 2, 3]).buffer);
    return Response.json({
      ...opened({ revision: this.revision }),
      author: this.author,
      segments: [...this.tables.segment.values()].map((item) => compact("segment", item)),
      speakers: [...this.tables.speaker.values()].map((item) => compact("speaker", item)),
    });
  }

  post({ op_id, edits }) {
    const content = JSON.stringify(edits);
    const seen = this.ops.get(op_id);
    if (seen?.content === content) return Response.json({ ...seen.saved, dup: true });
    if (seen) return refusal(422, { code: "conflict", reason: "op_reused" });
    let changed;
    try {
      changed = apply(this.tables, edits, this.revision + 1);
    } catch (error) {
      if (!(error instanceof EditError)) throw error;
      if (error.code !== "conflict") return refusal(422, { code: "record", field: error.field });
      const status = error.reason === "stale" ? 412 : 428;
      return refusal(status, { code: "conflict", reason: error.reason, conflicts: error.conflicts });
    }
    this.revision += 1;
    const versions = { segment: {}, speaker: {} };
    for (const target of ["segment", "speaker"])
      for (const [id, record] of changed[target])
        if (record) {
          this.tables[target].set(id, record);
          versions[target][id] = this.revision;
        } else this.tables[target].delete(id);
    const saved = { op_id, revision: this.revision, versions };
    this.ops.set(op_id, { content, saved });
    return Response.json({ ...saved, dup: false });
  }

  /** Somebody else's edit. */
  elsewhere(id, changes) {
    const version = this.tables.segment.get(id).version;
    this.post({ op_id: `else${this.revision}`, edits: [{ action: "update", target: "segment", id, version, changes }] });
  }

  text(id) {
    return this.tables.segment.get(id)?.text;
  }
}

export function refusal(status, error) {
  return Response.json({ error: { message: "no", ...error } }, { status });
}

