// What is heard: the current segment, or on from the playhead; resuming, speed, loop.

/** @typedef {import("./types.js").Segment} Segment */
/** @typedef {import("./types.js").PlayerState} PlayerState */
/** @typedef {{startUs: number, endUs: number, channel: number|null, goesOn: boolean}} Stretch goesOn: the next part follows */

const PART_US = 30_000_000; // "on from here" is played in parts, since each is assembled whole
const TAIL_US = 1_000_000;
export const RATES = [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3];

export class Listening {
  /** @type {Stretch|null} */
  #stretch = null;
  #headUs = 0;
  #paused = false;
  #playing = false;
  #wasBlocked = false;
  #pausedByTyping = false;
  /** @type {() => void} */
  #stopWaiting = () => {};

  /** @param {import("./session.js").Session} session */
  constructor(session) {
    this.session = session;
    this.player = session.player;
    this.player.setRate(session.settings.rate);
    session.scope.own(this.player.onState((state) => this.#onState(state)));
  }

  get playing() { return this.#playing; }

  positionUs() {
    return this.#playing ? this.player.positionUs() : this.#headUs;
  }

  /** Move the playhead; what plays goes on from there. @param {number} us */
  seek(us) {
    this.#headUs = Math.min(this.session.timeline.durationUs, Math.max(0, us));
    this.#paused = false;
    this.session.headMoved(this.#headUs);
    if (this.#playing && this.#stretch) this.#start({ ...this.#stretch, startUs: Math.min(this.#headUs, this.#stretch.endUs - 1) });
  }

  /** Play a segment from its start. @param {Segment} segment */
  playSegment(segment) {
    this.#start({ startUs: segment.start_us, endUs: segment.end_us, channel: this.session.channelOf(segment), goesOn: false });
  }

  /** The last second, to hear whether the end is cut well. @param {Segment} segment */
  playEnd(segment) {
    const startUs = Math.max(segment.start_us, segment.end_us - TAIL_US);
    this.#start({ startUs, endUs: segment.end_us, channel: this.session.channelOf(segment), goesOn: false });
  }

  /** Pause, or go on where it was paused, a little earlier; from the start when the segment was heard to its end. */
  playPause() {
    const segment = this.session.model.current;
    if (this.#playing) this.pause();
    else if (!segment) this.playOn();
    else {
      const isInside = this.#paused && this.#headUs > segment.start_us && this.#headUs < segment.end_us - 20_000;
      if (!isInside || this.session.settings.loop) this.playSegment(segment);
      else {
        const startUs = Math.max(segment.start_us, this.#headUs - this.session.settings.rewindMs * 1000);
        this.#start({ startUs, endUs: segment.end_us, channel: this.session.channelOf(segment), goesOn: false });
      }
    }
  }

  /** Play on from the playhead to the end of the recording. */
  playOn() {
    const { durationUs } = this.session.timeline;
    const startUs = this.#headUs >= durationUs - 20_000 ? 0 : this.#headUs;
    this.#start({ startUs, endUs: Math.min(durationUs, startUs + PART_US), channel: null, goesOn: true });
  }

  pause() {
    this.#pausedByTyping = false;
    if (!this.#playing) return;
    this.#headUs = this.player.positionUs();
    this.#paused = true;
    this.player.stop();
  }

  /** Go back or forward within what is heard. @param {number} byUs */
  skip(byUs) {
    const segment = this.session.model.current;
    const at = this.positionUs() + byUs;
    const isPlaying = this.#playing;
    const from = segment && !this.#stretch?.goesOn ? segment.start_us : 0;
    const to = segment && !this.#stretch?.goesOn ? segment.end_us : this.session.timeline.durationUs;
    const wanted = Math.min(Math.max(at, from), to);
    if (isPlaying && wanted >= to) this.pause();
    this.seek(wanted);
    this.#paused = true;
  }

  /** @param {1|-1} direction @returns {number} the new speed */
  changeRate(direction) {
    const { settings } = this.session;
    const at = RATES.findIndex((rate) => rate >= settings.rate - 0.001);
    return this.setRate(RATES[Math.min(RATES.length - 1, Math.max(0, at + direction))] ?? 1);
  }

  /** @param {number} rate */
  setRate(rate) {
    const from = this.positionUs();
    this.session.change({ rate });
    this.player.setRate(rate);
    if (this.#playing && this.#stretch) this.#start({ ...this.#stretch, startUs: Math.min(from, this.#stretch.endUs - 1) });
    return rate;
  }

  /** Typing began: be silent until it rests, if that is wanted. */
  typed() {
    if (!this.session.settings.pauseTyping || (!this.#playing && !this.#pausedByTyping)) return;
    this.pause();
    this.#pausedByTyping = true;
    this.#stopWaiting();
    this.#stopWaiting = this.session.scope.timeout(() => {
      if (this.#pausedByTyping) this.playPause();
      this.#pausedByTyping = false;
    }, 900);
  }

  /** Another segment became the current one. */
  arrived() {
    this.#paused = false;
    this.#pausedByTyping = false;
  }

  /** @param {Stretch} stretch */
  #start(stretch) {
    const { settings } = this.session;
    this.#stretch = stretch;
    this.#paused = false;
    this.#headUs = stretch.startUs;
    const { startUs, endUs, channel } = stretch;
    if (endUs <= startUs) return;
    void this.player.play({ startUs, endUs, channel, rate: settings.rate, loop: settings.loop && !stretch.goesOn });
    this.#follow();
  }

  /** @param {PlayerState} state */
  #onState(state) {
    const wasPlaying = this.#playing;
    this.#playing = state.playing;
    if (state.blocked !== this.#wasBlocked) {
      this.#wasBlocked = state.blocked;
      this.session.soundBlocked(state.blocked);
    }
    if (state.playing && !wasPlaying) {
      this.session.heard();
      this.#follow();
    }
    if (state.ended && wasPlaying && !state.playing && this.#stretch) {
      this.#headUs = this.#stretch.endUs;
      if (this.#stretch.goesOn && this.#headUs < this.session.timeline.durationUs) {
        this.playOn();
        return;
      }
    }
    if (state.error) this.session.say(this.session.t("editor.error.sound", { message: state.error }), "error");
    this.session.playChanged(state);
    this.session.headMoved(this.positionUs());
  }

  #following = false;

  #follow() {
    if (this.#following) return;
    this.#following = true;
    const tick = () => {
      if (!this.#playing) {
        this.#following = false;
        return;
      }
      const us = this.player.positionUs();
      this.session.headMoved(us);
      if (this.#stretch?.goesOn) this.session.timeline.follow(us);
      this.session.scope.frame(tick);
    };
    this.session.scope.frame(tick);
  }
}
