// The page's side of find-worker.js: the newest search counts, and one that takes too long is given up.

import { findAll } from "../model/find.js";

/** @typedef {import("../model/find.js").Found} Found */

const TOO_LONG_MS = 2000;

/** The search took too long: a regular expression that tries endless ways, nearly always. */
export class SlowSearchError extends Error {}

export class FindHost {
  /** @type {Worker|null} */
  #worker = null;
  #number = 0;
  /** @type {() => void} */
  #stop = () => {};

  /** @param {import("../scope.js").Scope} scope */
  constructor(scope) {
    this.scope = scope;
    scope.own(() => this.#end());
  }

  /**
   * Search; an older search that still runs is dropped and never answers.
   * @param {readonly {id: string, text: string|null}[]} segments @param {RegExp} pattern
   * @returns {Promise<Found[]>}
   * @throws {SlowSearchError}
   */
  search(segments, pattern) {
    this.#stop();
    this.#number += 1;
    const number = this.#number;
    const worker = this.#start();
    if (!worker) return Promise.resolve(findAll(segments, pattern));
    return new Promise((resolve, reject) => {
      const isOver = this.scope.timeout(() => {
        this.#end();
        reject(new SlowSearchError("the search took too long"));
      }, TOO_LONG_MS);
      this.#stop = isOver;
      worker.onmessage = ({ data }) => {
        if (data.number !== number) return;
        isOver();
        resolve(data.found);
      };
      worker.onerror = (event) => {
        event.preventDefault();
        isOver();
        this.#end();
        resolve(findAll(segments, pattern)); // no worker here (an old browser): on this thread
      };
      const texts = segments.map(({ id, text }) => ({ id, text }));
      worker.postMessage({ number, segments: texts, source: pattern.source, flags: pattern.flags });
    });
  }

  #start() {
    try {
      this.#worker ??= new Worker(new URL("./find-worker.js", import.meta.url), { type: "module" });
    } catch {
      this.#worker = null;
    }
    return this.#worker;
  }

  #end() {
    this.#worker?.terminate();
    this.#worker = null;
  }
}
