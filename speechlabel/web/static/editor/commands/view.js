// What is seen, and where the focus is.

/** @typedef {import("./index.js").AnyCommand} AnyCommand */
/** @typedef {import("./index.js").SegmentCommand} SegmentCommand */
/** @typedef {import("../session.js").Session} Session */

/** @type {Record<string, AnyCommand>} */
export const any = {
  zoomIn: (s) => s.timeline.zoomAt(anchor(s), 1 / 1.6),
  zoomOut: (s) => s.timeline.zoomAt(anchor(s), 1.6),
  fitAll: (s) => s.timeline.fitAll(),
  spectrogram: (s) => {
    s.change({ spectrogram: !s.settings.spectrogram });
    s.waveform.showSpectrogram(s.settings.spectrogram);
  },
  speakerLanes: (s) => {
    s.change({ speakerLanes: !s.settings.speakerLanes });
    s.waveform.showLanes();
    s.say(s.t(s.settings.speakerLanes ? "editor.say.lanesOn" : "editor.say.lanesOff"));
  },
  normalise: (s) => {
    s.change({ normalise: !s.settings.normalise });
    s.waveform.showLanes();
    s.say(s.t(s.settings.normalise ? "editor.say.normaliseOn" : "editor.say.normaliseOff"));
  },
  nextPart: (s) => {
    // From the text, where Tab plays, there is no other way into the panel.
    if (s.inText()) s.panel.enter();
    else if (s.panel.element.contains(document.activeElement)) s.waveform.element.focus({ preventScroll: true });
    else s.returnFocus();
  },
  panel: (s) => s.panel.toggle(),
  help: (s) => s.help.open(),
  settings: (s) => s.desk.settings.open(),
};

/** @type {Record<string, SegmentCommand>} */
export const current = {
  fitSegment: (s, segment) => s.timeline.fit(segment.start_us, segment.end_us),
};

/** The pixel that keeps its place when keys zoom: the playhead if seen, else the current segment, else the middle. @param {Session} s */
function anchor(s) {
  const { timeline } = s;
  const current = s.model.current;
  const marks = [
    timeline.x(s.listening.positionUs()),
    current ? timeline.x((current.start_us + current.end_us) / 2) : -1,
  ];
  return marks.find((x) => x >= 0 && x <= timeline.width) ?? timeline.width / 2;
}
