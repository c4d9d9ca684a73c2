// When the canvases follow what changed: a letter shows in its box at once, they wait until the typing rests.

const RESTS_MS = 300;

export class Redraw {
  /** @type {() => void} */
  #stop = () => {};

  /** @param {import("../session.js").Session} session */
  constructor(session) {
    this.session = session;
  }

  /** @param {boolean} isTyping */
  ask(isTyping) {
    this.#stop();
    if (isTyping) this.#stop = this.session.scope.timeout(() => this.#draw(), RESTS_MS);
    else this.#draw();
  }

  #draw() {
    this.session.waveform.invalidate();
    this.session.minimap.segmentsChanged();
  }
}
