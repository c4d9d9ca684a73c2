// The spectrogram's numbers: tiles, frequencies, colours.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  COLUMNS,
  LEVELS,
  ROWS,
  SCALES,
  ceilingOf,
  emphasis,
  frequencyAt,
  frequencyTicks,
  heightOf,
  levelFor,
  lookOf,
  paint,
  ramp,
  stepUs,
  tilePath,
  tilesOf,
} from "../../speechlabel/web/static/editor/see/spectrum.js";

const VIEW = /** @type {const} */ ({ scale: "mel", windowUs: 25_000, topHz: 8_000 });

test("a level is never coarser than the pixels, nor finer than the window tells apart", () => {
  for (const usPerPx of [50, 600, 3_000, 20_000, 100_000, 255_000]) {
    const level = levelFor(usPerPx, 5_000);
    assert.ok(level !== null && (stepUs(level) <= usPerPx || level <= 1), String(usPerPx));
    assert.ok(level !== null && (stepUs(level + 1) > usPerPx || level === LEVELS - 1));
  }
  assert.equal(levelFor(1, 50_000), 4); // 8 ms for 50 ms
  assert.equal(levelFor(600_000, 5_000), null);
});

test("tiles cover the view, join, and end with the recording", () => {
  const tiles = tilesOf(1_000_000, 5_000_000, 3, 4_500_000); // 1.024 s each
  assert.deepEqual(
    tiles.map((tile) => tile.index),
    [0, 1, 2, 3, 4],
  );
  assert.equal(tiles[1]?.startUs, tiles[0]?.endUs);
  assert.deepEqual(tilesOf(0, 10, 0, 5), [{ index: 0, startUs: 0, endUs: 128_000 }]);
  assert.equal(tilePath(VIEW, null, 3, 1), "spectrogram/mix/3/1?scale=mel&window_us=25000&top_hz=8000");
  assert.equal(tilePath(VIEW, 1, 3, 1), "spectrogram/1/3/1?scale=mel&window_us=25000&top_hz=8000");
});

test("height and frequency are inverse on every scale", () => {
  for (const scale of SCALES)
    for (const hz of [60, 440, 1_000, 7_999]) {
      const view = { ...VIEW, scale };
      assert.ok(Math.abs(frequencyAt(heightOf(hz, view), view) - hz) < 1e-6 * hz);
      assert.ok(Math.abs(heightOf(8_000, view) - 1) < 1e-12);
    }
});

test("marks can be read: none overlap or lie outside", () => {
  for (const scale of SCALES)
    for (const px of [20, 60, 200]) {
      const marks = frequencyTicks({ ...VIEW, scale }, px).map((hz) => heightOf(hz, { ...VIEW, scale }) * px);
      marks.forEach((y, i) => assert.ok(y > 0 && y < px && (i === 0 || y - Number(marks[i - 1]) >= 16)));
    }
});

test("the strongest cell is fully coloured, what is a range below it is not, low is at the bottom", () => {
  const tile = new Uint8Array(COLUMNS * ROWS);
  const added = emphasis(VIEW);
  const low = 20;
  for (let column = 0; column < COLUMNS; column++) tile[column * ROWS + low] = 200;
  const ceiling = ceilingOf(tile, added);
  assert.ok(Math.abs(ceiling - (200 + Number(added[low]))) <= 1);
  const colors = ramp([
    [0, 0, 0],
    [255, 255, 255],
  ]);
  const pixels = paint(tile, added, ceiling, 50, colors);
  const at = (/** @type {number} */ row) => pixels[((ROWS - 1 - row) * COLUMNS + 7) * 4];
  assert.ok(Number(at(low)) >= 253);
  assert.equal(at(low + 1), 0);
  assert.equal(pixels[3], 255);
});

test("high and weak sounds are raised by six decibels an octave", () => {
  const added = emphasis({ ...VIEW, scale: "linear" });
  const [one, two] = [1_000, 2_000].map((hz) => added[Math.round((hz / 8_000) * ROWS)] ?? 0);
  assert.ok(Math.abs(Number(two) - Number(one) - 12) < 0.5);
});

test("settings are held to what there is and to what the recording can hold", () => {
  assert.deepEqual(lookOf({}, 16_000), { view: VIEW, rangeDb: 60 });
  assert.equal(lookOf({}, 8_000).view.topHz, 4_000);
  assert.equal(lookOf({ topHz: 24_000 }, 44_100).view.topHz, 24_000);
  assert.equal(lookOf({ topHz: 24_000 }, 16_000).view.topHz, 8_000);
  const wrong = { scale: "bark", windowUs: "5000", topHz: -1, rangeDb: 1e9 };
  assert.deepEqual(lookOf(wrong, 16_000), lookOf({}, 16_000));
});
