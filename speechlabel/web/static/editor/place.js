// Where the person is in a transcript: kept while they work, taken up again after a reload.

import { keepPlace, loadPlace } from "./settings.js";

/** @typedef {import("./session.js").Session} Session */

const FIRST_VIEW_US = 20_000_000;

/**
 * Go to `segment`, or where the person was, or to the first one that is not done.
 * @param {Session} session
 * @param {string|null} [segment]
 */
export function goBack(session, segment = null) {
  const { model, timeline, rows, waveform, listening } = session;
  const place = loadPlace(model.transcript.id);
  const wanted = [segment, place?.segment].find((id) => id && model.byId(id));
  const first = model.segments.find((item) => item.status !== "done") ?? model.segments[0];
  const id = wanted ?? first?.id ?? null;
  const back = place && place.segment === wanted ? place : null;
  waveform.resize(); // the zoom below is in pixels
  rows.resize();
  timeline.fit(0, Math.min(timeline.durationUs, FIRST_VIEW_US), 0);
  session.waitsForSound = !navigator.userActivation?.hasBeenActive;
  session.showHint();
  if (id) session.go(id, { focus: false, play: false });
  if (back) {
    timeline.restore(back.startUs, back.usPerPx);
    rows.element.scrollTop = back.scrollTop;
    rows.render();
  }
  listening.seek(back ? back.headUs : (model.current?.start_us ?? 0));
  const elsewhere = document.activeElement?.matches("input, textarea, select") && !session.root.contains(document.activeElement);
  if (elsewhere) return; // who types into another box, as the search of the header, goes on there
  if (!id || (back && !back.inText)) waveform.element.focus({ preventScroll: true });
  else rows.focus(id, back ? back.caret : null);
  const isNew = !back && !session.waitsForSound && session.settings.autoPlay;
  if (isNew && model.current) listening.playSegment(model.current);
}

/** @param {Session} session */
export function keepWhere(session) {
  const { model, timeline, rows, listening } = session;
  // The focus on a button, as of the header by which one leaves, does not mean that one has left the text.
  const isOnWave = document.activeElement === session.waveform.element;
  const box = session.inText() ?? (isOnWave || !model.currentId ? null : rows.box(model.currentId));
  keepPlace(model.transcript.id, {
    segment: model.currentId,
    caret: box?.selectionStart ?? null,
    inText: box !== null,
    startUs: timeline.startUs,
    usPerPx: timeline.usPerPx,
    scrollTop: rows.element.scrollTop,
    headUs: listening.positionUs(),
  });
}
