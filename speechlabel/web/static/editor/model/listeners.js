// Who wants to know of what. No DOM.

export class Listeners {
  /** @type {Map<string, Set<(detail: any) => void>>} */
  #of = new Map();

  /** @param {string} type @param {(detail: any) => void} fn @returns {() => void} stops listening */
  on(type, fn) {
    const set = this.#of.get(type) ?? new Set();
    this.#of.set(type, set.add(fn));
    return () => void set.delete(fn);
  }

  /** @param {string} type @param {unknown} detail */
  emit(type, detail) {
    for (const fn of [...(this.#of.get(type) ?? [])]) fn(detail);
  }
}
