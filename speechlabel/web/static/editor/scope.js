// Owns every listener, timer, frame, observer and worker of a mounted editor, so that one call frees them all:
// the page that holds the editor gives no unmount call.

export class Scope {
  /** @type {Set<() => void>} */
  #cleanups = new Set();
  #isDisposed = false;

  get isDisposed() {
    return this.#isDisposed;
  }

  /**
   * Run a function when the scope is disposed (at once, if it already is).
   * @param {() => void} cleanup
   * @returns {() => void} runs it now, once
   */
  own(cleanup) {
    if (this.#isDisposed) {
      cleanup();
      return () => {};
    }
    const once = () => {
      if (this.#cleanups.delete(once)) cleanup();
    };
    this.#cleanups.add(once);
    return once;
  }

  /**
   * @param {EventTarget} target
   * @param {string} type
   * @param {(event: any) => void} fn
   * @param {AddEventListenerOptions} [options]
   * @returns {() => void} removes the listener
   */
  listen(target, type, fn, options) {
    if (this.#isDisposed) return () => {};
    target.addEventListener(type, fn, options);
    return this.own(() => target.removeEventListener(type, fn, options));
  }

  /** @param {() => void} fn @param {number} ms @returns {() => void} cancels */
  timeout(fn, ms) {
    if (this.#isDisposed) return () => {};
    const cancel = this.own(() => clearTimeout(timer));
    const timer = setTimeout(() => {
      cancel();
      fn();
    }, ms);
    return cancel;
  }

  /** @param {() => void} fn @param {number} ms @returns {() => void} cancels */
  interval(fn, ms) {
    if (this.#isDisposed) return () => {};
    const timer = setInterval(fn, ms);
    return this.own(() => clearInterval(timer));
  }

  /** One animation frame. @param {(time: number) => void} fn @returns {() => void} cancels */
  frame(fn) {
    if (this.#isDisposed) return () => {};
    const cancel = this.own(() => cancelAnimationFrame(frame));
    const frame = requestAnimationFrame((time) => {
      cancel();
      fn(time);
    });
    return cancel;
  }

  /**
   * @template {{disconnect(): void}} T
   * @param {T} observer  ResizeObserver, IntersectionObserver, MutationObserver …
   * @returns {T}
   */
  observe(observer) {
    this.own(() => observer.disconnect());
    return observer;
  }

  /**
   * A promise that resolves after some time, or never when the scope goes.
   * @param {number} ms
   * @returns {Promise<void>}
   */
  sleep(ms) {
    return new Promise((resolve) => void this.timeout(resolve, ms));
  }

  /** A scope that goes with this one, and can go before it. @returns {Scope} */
  child() {
    const child = new Scope();
    const release = this.own(() => child.dispose());
    child.own(release);
    return child;
  }

  dispose() {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    for (const cleanup of [...this.#cleanups].reverse()) cleanup();
    this.#cleanups.clear();
  }
}
