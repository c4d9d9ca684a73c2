// Microseconds ↔ samples, exactly as speechlabel/timing.py does it: rounded half up.  Whole seconds are taken
// apart first, because a day at 192 kHz times two million is beyond the integers that a double holds.

const MICROSECOND = 1_000_000;

/**
 * Index of the sample nearest to a time.
 * @param {number} timeUs
 * @param {number} sampleRate  Hz
 * @returns {number}
 */
export function usToSamples(timeUs, sampleRate) {
  const seconds = Math.floor(timeUs / MICROSECOND);
  const rest = timeUs - seconds * MICROSECOND;
  return seconds * sampleRate + Math.floor((2 * rest * sampleRate + MICROSECOND) / (2 * MICROSECOND));
}

/**
 * Time of a sample, in whole microseconds.
 * @param {number} samples
 * @param {number} sampleRate  Hz
 * @returns {number}
 */
export function samplesToUs(samples, sampleRate) {
  const seconds = Math.floor(samples / sampleRate);
  const rest = samples - seconds * sampleRate;
  return seconds * MICROSECOND + Math.floor((2 * rest * MICROSECOND + sampleRate) / (2 * sampleRate));
}
