// Lanes, windows of segments, states, where to cut.

import assert from "node:assert/strict";
import test from "node:test";

import { cutPoint, dividingCaret } from "../../speechlabel/web/static/editor/commands/shape.js";
import {
  Window,
  channelsIn,
  heardChannel,
  isIn,
  joinedChannel,
  lanesOf,
  onlyChannel,
  speakersByChannel,
} from "../../speechlabel/web/static/editor/see/lanes.js";
import { full } from "../../speechlabel/web/static/editor/model/records.js";
import { mayBeDone, nextStatus, stateOf } from "../../speechlabel/web/static/editor/model/state.js";

/** @param {number} start_us @param {number} end_us @param {Record<string, unknown>} [more] */
const segment = (start_us, end_us, more = {}) => full("segment", { id: `s${start_us}`, start_us, end_us, ...more });
const TWO = /** @type {const} */ ({ layout: "separate", channels: 2 });
const MEETING = /** @type {const} */ ({ layout: "mono", channels: 1 });
/** @param {import("../../speechlabel/web/static/editor/see/lanes.js").Lane[]} lanes @param {number|null} channel @param {string|null} [speaker] */
const found = (lanes, channel, speaker = null) => lanes.flatMap((_, i) => (isIn(lanes, i, { channel, speaker }) ? [i] : []));

test("channels that are labelled apart have a lane each; all others share one", () => {
  assert.deepEqual(
    lanesOf(TWO).map(({ channel }) => channel),
    [0, 1],
  );
  for (const layout of /** @type {const} */ (["dual_mono", "mixed"]))
    assert.deepEqual(lanesOf({ layout, channels: 2 }), [{ channel: null, speaker: undefined }]);
  assert.equal(channelsIn(lanesOf(MEETING)), 1);
  assert.deepEqual(found(lanesOf(TWO), 1), [1]);
  assert.deepEqual(found(lanesOf(TWO), null), [0, 1], "the mix lies on all");
  assert.deepEqual(found(lanesOf(TWO), 5), [0, 1], "and so does a channel without a lane");
  assert.deepEqual(found(lanesOf(MEETING), 1, "ann"), [0]);
});

test("on demand each speaker of a channel has a lane, and one is for what nobody has", () => {
  const speakers = [
    { id: "ann", channel: 0 },
    { id: "bo", channel: null },
    { id: "cy", channel: null },
  ];
  const segments = [segment(0, 10, { speaker: "bo", channel: 1 })];
  const meeting = lanesOf(MEETING, speakersByChannel(speakers, segments));
  assert.deepEqual(
    meeting.map(({ speaker }) => speaker),
    ["ann", "bo", "cy", null],
  );
  assert.deepEqual(found(meeting, null, "bo"), [1]);
  assert.deepEqual(found(meeting, null), [3]);
  assert.deepEqual(found(meeting, null, "gone"), [3]);
  const call = lanesOf(TWO, speakersByChannel(speakers, segments));
  assert.deepEqual(
    call.map(({ channel, speaker }) => [channel, speaker]),
    [[0, "ann"], [0, "cy"], [0, null], [1, "bo"], [1, "cy"], [1, null]],
  ); // prettier-ignore
  assert.equal(channelsIn(call), 2);
  assert.deepEqual(found(call, 1, "bo"), [3]);
  assert.deepEqual(found(call, 1, "ann"), [5], "who has no lane on this channel is with those that nobody has");
});

test("a window finds what overlaps it, also a long segment that began far before", () => {
  const window = new Window();
  const all = [segment(0, 900), segment(10, 20), segment(100, 200), segment(200, 300), segment(950, 960)];
  window.take(all);
  assert.deepEqual(
    window.between(150, 250).map((item) => item.start_us),
    [0, 100, 200],
  );
  assert.deepEqual(window.between(900, 940), []);
});

test("states", () => {
  assert.equal(stateOf(segment(0, 1, { text: "a" })), "machine");
  assert.equal(stateOf(segment(0, 1)), "empty");
  assert.equal(stateOf(segment(0, 1, { status: "draft", text: "a" })), "draft");
  assert.equal(stateOf(segment(0, 1, { status: "done", is_valid: false })), "invalid");
  assert.equal(stateOf(segment(0, 1, { status: "unsure" })), "unsure");
});

test("an empty valid segment of speech cannot be done by Enter alone", () => {
  assert.equal(mayBeDone(segment(0, 1)), false);
  assert.equal(mayBeDone(segment(0, 1, { text: "  " })), false);
  assert.equal(mayBeDone(segment(0, 1, { text: "a" })), true);
  assert.equal(mayBeDone(segment(0, 1, { is_valid: false })), true);
  assert.equal(mayBeDone(segment(0, 1, { noise_labels: ["noise"] })), true);
  assert.equal(mayBeDone(segment(0, 1, { kind: "music" })), true);
});

test("timed words divide a text in which the caret was put nowhere", () => {
  const words = [{ word: "ab", start_us: 0, end_us: 1, score: null }];
  assert.equal(dividingCaret(segment(0, 9, { text: "ab cd", words }), 5), null);
  assert.equal(dividingCaret(segment(0, 9, { text: "ab cd\n", words }), 5), null);
  assert.equal(dividingCaret(segment(0, 9, { text: "ab cd", words }), 2), 2);
  assert.equal(dividingCaret(segment(0, 9, { text: "ab cd", words }), 0), 0);
  assert.equal(dividingCaret(segment(0, 9, { text: "ab cd" }), 5), 5);
});

test("a cut is at the playhead inside, else where the caret is in the text, else in the middle", () => {
  const whole = segment(1_000_000, 3_000_000, { text: "abcd" });
  assert.equal(cutPoint(whole, 1_700_000, 1), 1_700_000);
  assert.equal(cutPoint(whole, 5_000_000, 1), 1_500_000);
  assert.equal(cutPoint(whole, 1_000_000, 4), 2_000_000);
  assert.equal(cutPoint(whole, 3_000_000, null), 2_000_000);
});

test("a click on the state goes round; what may not be done yet goes to unsure", () => {
  assert.equal(nextStatus(segment(0, 1, { text: "a" })), "done");
  assert.equal(nextStatus(segment(0, 1, { text: "a", status: "done" })), "unsure");
  assert.equal(nextStatus(segment(0, 1, { text: "a", status: "unsure" })), "draft");
  assert.equal(nextStatus(segment(0, 1)), "unsure");
  assert.equal(nextStatus(segment(0, 1, { status: "done" })), "unsure");
  assert.equal(nextStatus(segment(0, 1, { is_valid: false })), "done");
});

const CALL = { layout: "separate", channels: 2 };
const MIXED = { layout: "mixed", channels: 2 };
const SAME = { layout: "dual_mono", channels: 2 };
const MONO = { layout: "mono", channels: 1 };

test("a segment is heard on its own channel, also where that has no lane; else as the mix", () => {
  assert.equal(heardChannel(CALL, 1), 1);
  assert.equal(heardChannel(CALL, null), null);
  assert.equal(heardChannel(MIXED, 1), 1);
  assert.equal(heardChannel(MIXED, null), null);
  assert.equal(heardChannel(MIXED, 2), null, "there is no such channel");
  assert.equal(heardChannel(SAME, 1), null);
  assert.equal(heardChannel(MONO, 0), null);
});

test("a new segment takes the channel that all others have", () => {
  assert.equal(onlyChannel([]), null);
  assert.equal(onlyChannel([{ channel: 0 }, { channel: 0 }]), 0);
  assert.equal(onlyChannel([{ channel: null }, { channel: null }]), null);
  assert.equal(onlyChannel([{ channel: 0 }, { channel: null }]), null);
  assert.equal(onlyChannel([{ channel: 0 }, { channel: 1 }]), null);
});

test("what one lane shows can be joined, but not two channels that differ", () => {
  assert.equal(joinedChannel(CALL, 0, 0), 0);
  assert.equal(joinedChannel(CALL, 0, 1), undefined);
  assert.equal(joinedChannel(CALL, null, 1), undefined);
  assert.equal(joinedChannel(MONO, null, 0), null);
  assert.equal(joinedChannel(MONO, 0, null), 0);
  assert.equal(joinedChannel(SAME, 0, 1), 0);
  assert.equal(joinedChannel(MIXED, 0, null), null);
  assert.equal(joinedChannel(MIXED, null, 1), null);
  assert.equal(joinedChannel(MIXED, 0, 1), undefined);
});
