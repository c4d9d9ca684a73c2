// What is heard, without a page: where a pause goes on.

import assert from "node:assert/strict";
import test from "node:test";

import { Listening } from "../../speechlabel/web/static/editor/hear/listening.js";

/** A session as far as listening needs one, with a player that notes what it was asked for. */
function made({ loop = false } = {}) {
  const segment = { id: "a", start_us: 1_000_000, end_us: 5_000_000, channel: null };
  const asked = [];
  let tell = () => {};
  const player = {
    positionUs: 0,
    setRate() {},
    prefetch() {},
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
    model: { current: segment, segments: [segment], indexOf: () => 0 },
    timeline: { durationUs: 60_000_000 },
    scope: { own() {}, frame() {} },
    channelOf: () => null,
    heard() {},
    headMoved() {},
    playChanged() {},
  };
  return { listening: new Listening(session), player, asked };
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
