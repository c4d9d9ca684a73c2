// Requests to the server: the only file of the editor that fetches more than its words and its style.

import { ClientError, json, outcomeOf, refusal } from "./answers.js";

/** @typedef {import("./outbox.js").Entry} Entry */
/** @typedef {import("./queue.js").Outcome} Outcome */

const TIMEOUT_MS = 15_000; // a connection that says nothing for so long is taken for dead
const KEEPALIVE_BYTES = 60_000; // browsers refuse to send more than 64 KiB after the page has gone

export class Server {
  /**
   * @param {object} parts
   * @param {string} parts.api  address before "/api" and "/media"; "" is this server
   * @param {import("../scope.js").Scope} parts.scope
   * @param {typeof fetch} [parts.fetch]
   */
  constructor({ api, scope, fetch }) {
    this.api = api;
    this.scope = scope;
    this.fetch = fetch ?? ((...args) => globalThis.fetch(...args));
  }

  /**
   * @param {string} path
   * @param {(body: any) => boolean} isIt  whether this is the answer: a captive portal answers 200 too
   * @param {object} [posted]  absent: it is only read
   * @returns {Promise<any>}
   */
  async json(path, isIt, posted) {
    const options = posted ? post(posted) : { headers: { Accept: "application/json" } };
    const { answer, body } = await this.#request(path, options, json);
    if (answer.ok && isIt(body)) return body;
    throw refusal(answer, body);
  }

  /** @param {string} path @returns {Promise<ArrayBuffer>} */
  async bytes(path) {
    const { answer, body } = await this.#request(path, {}, async (answer) => {
      const isPage = (answer.headers.get("content-type") ?? "").startsWith("text/html");
      return answer.ok && !isPage ? answer.arrayBuffer() : json(answer);
    });
    if (body instanceof ArrayBuffer) return body;
    throw refusal(answer, body);
  }

  /** Save one step. @param {Entry} entry @returns {Promise<Outcome>} */
  async post(entry) {
    try {
      const { answer, body } = await this.#request(edits(entry), bodyOf(entry), json);
      return outcomeOf(entry, answer, body);
    } catch (error) {
      return { kind: "retry", reason: error instanceof ClientError ? error.code : "network" };
    }
  }

  /** Save one step after the page has gone, if it is small enough for that. @param {Entry} entry */
  postAfter(entry) {
    const options = bodyOf(entry, true);
    if (String(options.body).length * 3 > KEEPALIVE_BYTES) return;
    this.fetch(this.api + edits(entry), { credentials: "same-origin", ...options }).catch(() => {});
  }

  /**
   * @template T
   * @param {string} path
   * @param {RequestInit} options
   * @param {(answer: Response) => Promise<T>} read  within the same time limit
   * @returns {Promise<{answer: Response, body: T}>}
   */
  async #request(path, options, read) {
    const abort = new AbortController();
    const cancel = this.scope.timeout(() => abort.abort(), TIMEOUT_MS);
    try {
      const answer = await this.fetch(this.api + path, { credentials: "same-origin", ...options, signal: abort.signal });
      return { answer, body: await read(answer) };
    } catch (error) {
      throw new ClientError("network", `no answer from the server: ${/** @type {Error} */ (error).message}`);
    } finally {
      cancel();
    }
  }
}

/** @param {Entry} entry */
const edits = (entry) => `/api/transcripts/${encodeURIComponent(entry.transcript)}/edits`;

/** @param {Entry} entry @param {boolean} [keepalive] @returns {RequestInit} */
function bodyOf({ op_id, visit, undoes, edits }, keepalive = false) {
  return { ...post({ op_id, visit, lease: null, undoes, edits }), keepalive };
}

/** @param {object} body */
const post = (body) => ({
  method: "POST",
  headers: { "Content-Type": "application/json", Accept: "application/json" },
  body: JSON.stringify(body),
});
