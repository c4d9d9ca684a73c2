// UUIDv7 from getRandomValues, since crypto.randomUUID is missing on plain http.

let lastTime = 0;
let sequence = 0;

/**
 * A UUIDv7: sorts by the time it was made, and those of one page sort in the order they were made.
 * @param {number} [now]  milliseconds since 1970
 * @returns {string}
 */
export function uuid7(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  if (now > lastTime) {
    lastTime = now;
    sequence = ((bytes[6] & 0x07) << 8) | bytes[7]; // 11 random bits leave room to count upwards
  } else {
    sequence += 1;
    if (sequence > 0xfff) {
      lastTime += 1;
      sequence = 0;
    }
  }
  for (let i = 0, time = lastTime; i < 6; i += 1, time = Math.floor(time / 256)) bytes[5 - i] = time % 256;
  bytes[6] = 0x70 | (sequence >> 8);
  bytes[7] = sequence & 0xff;
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
