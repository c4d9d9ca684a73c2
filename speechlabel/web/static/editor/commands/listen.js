// Hearing: play, replay, speed.

/** @typedef {import("./index.js").AnyCommand} AnyCommand */
/** @typedef {import("./index.js").SegmentCommand} SegmentCommand */

const SKIP_US = 1_500_000;

/** @type {Record<string, AnyCommand>} */
export const any = {
  playPause: (s) =>
    s.inText() || s.headInCurrent()
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
  back: (s) => s.listening.skip(-SKIP_US),
  forward: (s) => s.listening.skip(SKIP_US),
  slower: (s) => s.say(s.t("editor.say.speed", { rate: s.listening.changeRate(-1) })),
  faster: (s) => s.say(s.t("editor.say.speed", { rate: s.listening.changeRate(1) })),
};

/** @type {Record<string, SegmentCommand>} */
export const current = {
  replay: (s, segment) => s.listening.playSegment(segment),
  playEnd: (s, segment) => s.listening.playEnd(segment),
};
