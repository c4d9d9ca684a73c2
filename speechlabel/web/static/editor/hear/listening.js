// What is heard: the current segment, or on from the playhead; resuming, speed, loop.

import { Follower } from "./follow.js";
import { Mixer } from "./mixer.js";
import { stretchOf } from "./parts.js";

/** @typedef {import("../types.js").Segment} Segment */
/** @typedef {import("../types.js").PlayerState} PlayerState */
/** @typedef {{startUs: number, endUs: number, segment: string|null, part: import("./parts.js").Part}} Stretch segment: null where it goes on to the end */

const AHEAD = 2;
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

  /** @param {import("../session.js").Session} session */
  constructor(session) {
    this.session = session;
    this.player = session.player;
    this.follower = new Follower(session);
    this.mixer = new Mixer(session.model.recording, () => this.rechannel());
    this.player.setRate(session.settings.rate);
    session.scope.own(this.player.onState((state) => this.#onState(state)));
  }

  get playing() {
    return this.#playing;
  }

  positionUs() {
    return this.#playing ? this.player.positionUs : this.#headUs;
  }

  /** Move the playhead; what plays goes on from there. @param {number} us */
  seek(us) {
    this.#headUs = Math.min(this.session.timeline.durationUs, Math.max(0, us));
    this.#paused = false;
    this.session.headMoved(this.#headUs);
    if (!this.#playing || !this.#stretch) return;
    const { startUs, endUs } = this.#stretch;
    if (this.#headUs < endUs) this.#start({ ...this.#stretch, startUs: Math.min(this.#headUs, startUs) }, this.#headUs);
    else {
      const to = this.#headUs;
      this.pause();
      this.#paused = false;
      this.#headUs = to; // and not where the sound was
      this.session.headMoved(to);
    }
  }

  /** Play a segment from its start, or a part of it. @param {Segment} segment @param {import("./parts.js").Part} [part] */
  playSegment(segment, part = "all") {
    const stretch = stretchOf(segment, part, this.session.timeline.durationUs);
    this.#start({ ...stretch, segment: segment.id, part });
  }

  /** Pause, or go on where it was paused, a little earlier; from the start when the segment was heard to its end. */
  playPause() {
    const segment = this.session.model.current;
    if (this.#playing) this.pause();
    else if (this.isPausedOn) this.#playOn(Math.max(0, this.#headUs - this.session.settings.rewindMs * 1000));
    else if (!segment) this.playOn();
    else {
      const isInside = this.#paused && this.#headUs > segment.start_us && this.#headUs < segment.end_us - 20_000;
      if (!isInside) this.playSegment(segment);
      else {
        const atUs = Math.max(segment.start_us, this.#headUs - this.session.settings.rewindMs * 1000);
        const startUs = this.session.settings.loop ? segment.start_us : atUs; // a loop goes over all of it
        this.#start({ startUs, endUs: segment.end_us, segment: segment.id, part: "all" }, atUs);
      }
    }
  }

  /** Play on to the end of the recording. @param {number} [fromUs] the playhead if not given */
  playOn(fromUs = this.positionUs()) {
    this.follower.begin();
    this.#playOn(fromUs);
  }

  /** @param {number} fromUs */
  #playOn(fromUs) {
    const { durationUs } = this.session.timeline;
    const startUs = fromUs >= durationUs - 20_000 ? 0 : fromUs;
    this.#start({ startUs, endUs: durationUs, segment: null, part: "all" });
  }

  /** Whether it goes on past the end of the segment. */
  get isPlayingOn() {
    return this.#playing && this.#stretch?.segment === null;
  }

  /** Whether it was paused while it went on past the end of the segment. */
  get isPausedOn() {
    return this.#paused && this.#stretch?.segment === null;
  }

  /** What is heard for a segment, or for the whole recording. @param {Segment|null|undefined} segment */
  #tracksOf(segment) {
    const own = segment && !this.session.settings.bothChannels ? this.session.channelOf(segment) : null;
    return this.mixer.tracks(own);
  }

  /** What plays goes on from where it is, with the channels that are wished now. */
  rechannel() {
    this.#fetchFrom(this.session.model.currentId);
    if (this.#playing && this.#stretch) this.#start(this.#stretch, this.player.positionUs);
  }

  pause() {
    this.#pausedByTyping = false;
    if (!this.#playing) return;
    this.#headUs = this.player.positionUs;
    this.#paused = true;
    this.player.stop();
  }

  /** Go back or forward within what is heard. @param {number} byUs */
  skip(byUs) {
    const segment = this.session.model.current;
    const at = this.positionUs() + byUs;
    const isPlaying = this.#playing;
    const goesOn = !segment || (isPlaying && this.#stretch?.segment === null);
    const from = goesOn ? 0 : segment.start_us;
    const to = goesOn ? this.session.timeline.durationUs : segment.end_us;
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
    this.session.change({ rate });
    this.player.setRate(rate); // what plays goes on from where it is
    return rate;
  }

  /** Typing began: be silent until it rests, if that is wanted. */
  typed() {
    this.follower.typed();
    if (!this.session.settings.pauseTyping || (!this.#playing && !this.#pausedByTyping)) return;
    this.pause();
    this.#pausedByTyping = true;
    this.#stopWaiting();
    this.#stopWaiting = this.session.scope.timeout(() => {
      if (this.#pausedByTyping) this.playPause();
      this.#pausedByTyping = false;
    }, 900);
  }

  /** Another segment became the current one; the next ones are likely to be heard soon. @param {string|null} id */
  arrived(id) {
    this.#paused = false;
    this.#pausedByTyping = false;
    this.#fetchFrom(id);
  }

  /** @param {string|null} id of a segment */
  #fetchFrom(id) {
    const { segments } = this.session.model;
    const at = id === null ? -1 : this.session.model.indexOf(id);
    if (at < 0) return;
    this.player.turn();
    for (const segment of segments.slice(at, at + 1 + AHEAD)) {
      this.player.prefetch({
        startUs: segment.start_us,
        endUs: segment.end_us,
        tracks: this.#tracksOf(segment),
      });
    }
  }

  /** The edges of a segment moved: what plays of it goes on, up to the new end. @param {Segment} segment */
  edgesMoved(segment) {
    if (!this.#playing || this.#stretch?.segment !== segment.id) return;
    const stretch = stretchOf(segment, this.#stretch.part, this.session.timeline.durationUs);
    this.#stretch = { ...this.#stretch, ...stretch };
    this.player.moveRange(stretch.startUs, stretch.endUs);
  }

  /** @param {Stretch} stretch @param {number} [atUs] where in it to begin */
  #start(stretch, atUs = stretch.startUs) {
    const { settings } = this.session;
    this.#stretch = stretch;
    this.#paused = false;
    this.#headUs = atUs;
    const { startUs, endUs, segment } = stretch;
    if (endUs <= startUs) return;
    const tracks = this.#tracksOf(segment === null ? null : this.session.model.byId(segment));
    if (tracks.length === 0) {
      this.player.stop();
      this.session.say(this.session.t("editor.hear.allMuted"), "warn");
      return;
    }
    const loop = settings.loop && segment !== null;
    void this.player.play({ startUs, endUs, tracks, rate: settings.rate, loop }, atUs);
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
    if (state.playing && !state.loading) this.session.heard();
    if (state.playing && !wasPlaying) this.#follow();
    if (state.ended && wasPlaying && !state.playing && this.#stretch) this.#headUs = this.#stretch.endUs;
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
      const us = this.player.positionUs;
      this.session.headMoved(us);
      if (this.isPlayingOn) this.follower.moved(us);
      this.session.scope.frame(tick);
    };
    this.session.scope.frame(tick);
  }
}
