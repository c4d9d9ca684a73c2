// Hearing: play, replay, speed.

/** @typedef {import("./index.js").AnyCommand} AnyCommand */
/** @typedef {import("./index.js").SegmentCommand} SegmentCommand */

const SKIP_US = 1_500_000;
const STEP_DB = 3;

/** @type {Record<string, AnyCommand>} */
export const any = {
  playPause: (s) =>
    s.inText() || s.headInCurrent() || s.listening.isPausedOn
      ? s.listening.playPause()
      : s.listening.playing
        ? s.listening.pause()
        : s.listening.playOn(),
  playOrStop: (s) => (s.listening.playing ? s.listening.pause() : s.run("replay")),
  loop: (s) => {
    s.change({ loop: !s.settings.loop });
    s.say(s.t(s.settings.loop ? "editor.say.loopOn" : "editor.say.loopOff"));
    if (s.settings.loop) s.run("replay");
  },
  playOn: (s) => {
    if (s.listening.isPlayingOn) s.listening.pause();
    else s.listening.playOn(startOfPlayOn(s));
  },
  bothChannels: (s) => {
    const { layout, channels } = s.model.recording;
    if (channels < 2 || layout === "dual_mono") {
      s.say(s.t("editor.say.oneChannel"));
      return;
    }
    s.change({ bothChannels: !s.settings.bothChannels });
    s.listening.rechannel();
    s.say(s.t(s.settings.bothChannels ? "editor.say.bothOn" : "editor.say.bothOff"));
  },
  back: (s) => s.listening.skip(-SKIP_US),
  forward: (s) => s.listening.skip(SKIP_US),
  slower: (s) => s.say(s.t("editor.say.speed", { rate: s.listening.changeRate(-1) })),
  quieter: (s) => raise(s, -1),
  louder: (s) => raise(s, 1),
  faster: (s) => s.say(s.t("editor.say.speed", { rate: s.listening.changeRate(1) })),
};

/** @type {Record<string, SegmentCommand>} */
export const current = {
  replay: (s, segment) => s.listening.playSegment(segment),
  playStart: (s, segment) => s.listening.playSegment(segment, "start"),
  playEnd: (s, segment) => s.listening.playSegment(segment, "end"),
  playAround: (s, segment) => s.listening.playSegment(segment, "around"),
};

/** @param {import("../session.js").Session} s @param {1|-1} direction */
function raise(s, direction) {
  const { mixer } = s.listening;
  mixer.raise(mixer.heard.db + direction * STEP_DB);
  s.say(s.t("editor.say.raised", { db: s.t("editor.hear.db", { n: mixer.heard.db }) }));
}

/** On from where it was heard last; who writes begins with the segment they write. @param {import("../session.js").Session} s */
function startOfPlayOn(s) {
  const at = s.listening.positionUs();
  const { current } = s.model;
  const isAway = current !== undefined && (at < current.start_us || at > current.end_us);
  return s.inText() && isAway ? current.start_us : at;
}
