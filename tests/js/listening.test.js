// What is heard, without a page: where a pause goes on.

import assert from "node:assert/strict";
import test from "node:test";

import { Listening } from "../../speechlabel/web/static/editor/hear/listening.js";
import { heardAt, stretchOf } from "../../speechlabel/web/static/editor/hear/parts.js";

/** A session as far as listening needs one, with a player that notes what it was asked for. */
function made({ loop = false } = {}) {
  const segment = { id: "a", start_us: 1_000_000, end_us: 5_000_000, channel: null };
  const asked = [];
  let tell = () => {};
  const player = {
    positionUs: 0,
    setRate() {},
    prefetch() {},
    turn() {},
    onState: (fn) => ((tell = fn), () => {}),
    play(range, atUs) {
      asked.push([range.startUs, range.endUs, atUs, range.loop]);
      tell({ playing: true, loading: false, blocked: false, ended: false, error: null });
    },
    stop: () => tell({ playing: false, loading: false, blocked: false, ended: false, error: null }),
  };
  const session = {
    player,
    settings: { loop, rate: 1, rewindMs: 500, pauseTyping: false },
    model: { recording: { channels: 2, layout: "separate" }, current: segment, segments: [segment], indexOf: () => 0, byId: () => segment },
    timeline: { durationUs: 60_000_000 },
    scope: { own() {}, frame() {} },
    channelOf: () => null,
    heard() {},
    inText: () => null,
    headMoved() {},
    playChanged() {},
  };
  return { listening: new Listening(session), player, asked, session, segment };
}

test("a pause goes on a little earlier, up to the end of the segment", () => {
  const { listening, player, asked } = made();
  listening.playPause();
  player.positionUs = 3_000_000;
  listening.playPause();
  listening.playPause();
  assert.deepEqual(asked, [
    [1_000_000, 5_000_000, 1_000_000, false],
    [2_500_000, 5_000_000, 2_500_000, false],
  ]);
});

test("a loop that was paused goes on where it was, and loops over the whole segment", () => {
  const { listening, player, asked } = made({ loop: true });
  listening.playPause();
  player.positionUs = 1_200_000;
  listening.playPause();
  listening.playPause();
  player.positionUs = 3_000_000;
  listening.playPause();
  listening.playPause();
  assert.deepEqual(asked, [
    [1_000_000, 5_000_000, 1_000_000, true],
    [1_000_000, 5_000_000, 1_000_000, true], // no further back than the start
    [1_000_000, 5_000_000, 2_500_000, true],
  ]);
});

test("the edges, and what lies around a segment, inside it and inside the recording", () => {
  const segment = { start_us: 300_000, end_us: 5_000_000 };
  const of = (part, durationUs = 60_000_000) => Object.values(stretchOf(segment, part, durationUs));
  assert.deepEqual(of("all"), [300_000, 5_000_000]);
  assert.deepEqual(of("start"), [300_000, 1_300_000]);
  assert.deepEqual(of("end"), [4_000_000, 5_000_000]);
  assert.deepEqual(of("around", 5_200_000), [0, 5_200_000]);
  const short = { start_us: 300_000, end_us: 700_000 };
  for (const part of ["start", "end"]) assert.deepEqual(Object.values(stretchOf(short, part, 1_000_000)), [300_000, 700_000]);
});

test("a part that plays follows its edge, and stays that part", () => {
  const { listening, player, segment } = made();
  const moved = [];
  player.moveRange = (...range) => moved.push(range);
  listening.playSegment(segment, "end");
  listening.edgesMoved({ ...segment, end_us: 4_900_000 });
  assert.deepEqual(moved, [[3_900_000, 4_900_000]]);
});

test("of the segments at a time the one that began last is heard; in a pause none", () => {
  const segments = [[0, 9], [2, 4], [3, 5], [20, 30]].map(([start_us, end_us]) => ({ start_us, end_us }));
  const at = (us) => segments.indexOf(heardAt(segments, segments.filter((one) => one.start_us <= us).length, us));
  assert.deepEqual([0, 3, 4, 5, 8, 9, 20].map(at), [0, 2, 2, 0, 0, -1, 3]);
});

test("playing on is paused and goes on past the segment, a little earlier", () => {
  const { listening, player, asked } = made();
  listening.playOn(3_000_000);
  player.positionUs = 7_000_000;
  listening.playPause();
  assert.equal(listening.isPausedOn, true);
  listening.playPause();
  assert.deepEqual(asked, [
    [3_000_000, 60_000_000, 3_000_000, false],
    [6_500_000, 60_000_000, 6_500_000, false],
  ]);
});

test("one key adds the other channel, also to what plays, and takes it off", () => {
  const { listening, player, session, segment } = made();
  const channels = [];
  const { play } = player;
  player.play = (range, atUs) => (channels.push(range.tracks.map(({ channel }) => channel)), play(range, atUs));
  session.channelOf = () => 1;
  listening.playSegment(segment);
  session.settings.bothChannels = true;
  player.positionUs = 2_000_000;
  listening.rechannel();
  session.settings.bothChannels = false;
  listening.rechannel();
  assert.deepEqual(channels, [[1], [null], [1]]);
  listening.mixer.toggle("muted", 0);
  session.settings.bothChannels = true;
  listening.rechannel();
  assert.deepEqual(channels.at(-1), [1], "the other one is muted");
});

test("a text that is typed in keeps the caret, also after the silence for typing; told to play on anew, the list goes along", () => {
  globalThis.document = { activeElement: null, querySelector: () => null };
  const { listening, session, segment } = made();
  const later = { ...segment, id: "b", start_us: 6_000_000, end_us: 9_000_000 };
  const box = {};
  let rested = () => {};
  const moves = [];
  const { model } = session;
  Object.assign(session, { inText: () => box, keyboard: { guard: { composing: false } }, root: { contains: () => false } });
  Object.assign(model, { segments: [segment, later], currentId: "a", selectedIds: new Set(), select: (id) => moves.push(id) });
  model.indexAt = (us) => model.segments.filter((one) => one.start_us < us).length;
  session.rows = { focus: (id) => moves.push(`caret ${id}`) };
  session.timeline.follow = () => {};
  session.scope.timeout = (fn) => ((rested = fn), () => {});
  Object.assign(session.settings, { followList: true, pauseTyping: true });
  listening.playOn(3_000_000);
  listening.typed();
  assert.equal(listening.playing, false);
  rested();
  assert.equal(listening.isPlayingOn, true);
  listening.follower.moved(7_000_000);
  assert.deepEqual(moves, []);
  listening.playOn(3_000_000);
  session.keyboard.guard.composing = true;
  listening.follower.moved(7_000_000);
  assert.deepEqual(moves, []);
  session.keyboard.guard.composing = false;
  listening.follower.moved(7_000_000);
  assert.deepEqual(moves, ["b", "caret b"]);
  session.settings.followList = false;
  model.currentId = "a";
  listening.follower.moved(7_000_000);
  assert.equal(moves.length, 2);
});
