// The page's side of stretch-worker.js; without Workers the same code runs here.

import { Stretcher } from "./stretch.js";

/** The worker could not be run; asked again, the work is done on this thread. */
export class WorkerError extends Error {}

export class StretchHost {
  /** @type {Worker|null|undefined} undefined: not tried yet */
  #worker;
  /** @type {Map<number, {resolve: (rows: Float32Array[]) => void, reject: (error: Error) => void}[]>} */
  #waiting = new Map();
  #count = 0;

  /** @param {import("../scope.js").Scope} scope */
  constructor(scope) {
    this.scope = scope;
  }

  /**
   * One playback's stretcher: blocks in, blocks out, in order.
   * @param {number} sampleRate
   * @param {number} rate
   * @returns {(rows: Float32Array[]|null) => Promise<Float32Array[]>} null: the end
   */
  open(sampleRate, rate) {
    this.#count += 1;
    const id = this.#count;
    const worker = this.#start();
    if (!worker) {
      const stretcher = new Stretcher(sampleRate, rate);
      return async (rows) => (rows === null ? stretcher.flush() : stretcher.push(rows));
    }
    return (rows) =>
      new Promise((resolve, reject) => {
        this.#waiting.set(id, [...(this.#waiting.get(id) ?? []), { resolve, reject }]);
        worker.postMessage({ id, sampleRate, rate, rows });
      });
  }

  #start() {
    if (this.#worker !== undefined) return this.#worker;
    try {
      const worker = new Worker(new URL("./stretch-worker.js", import.meta.url), { type: "module" });
      worker.onmessage = ({ data }) => this.#waiting.get(data.id)?.shift()?.resolve(data.rows);
      worker.onerror = () => this.#fail();
      this.scope.own(() => worker.terminate());
      this.#worker = worker;
    } catch {
      this.#worker = null;
    }
    return this.#worker;
  }

  #fail() {
    this.#worker?.terminate();
    this.#worker = null; // from here on in this thread
    for (const { reject } of [...this.#waiting.values()].flat()) reject(new WorkerError("the stretch worker failed"));
    this.#waiting.clear();
  }
}
