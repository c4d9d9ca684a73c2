// Colours: those of the page for the canvas, and one for each speaker.

/** @typedef {import("../types.js").Speaker} Speaker */
/**
 * @typedef {object} Theme
 * @property {string} bg @property {string} lane @property {string} line @property {string} text
 * @property {string} muted @property {string} accent @property {string} wave @property {string} done
 * @property {string} bad @property {string} font @property {boolean} isDark
 */

/** Told apart by people with any colour vision next to each other; dark enough on white, light enough on black. */
const PALETTE = [
  ["#2563a8", "#7db4ec"],
  ["#b4530a", "#f0a35e"],
  ["#1d7a5f", "#5fcfae"],
  ["#9d2f7d", "#e58cc9"],
  ["#6b5b00", "#d9c24a"],
  ["#5a48b8", "#ada0f5"],
  ["#a8323a", "#f28b8f"],
  ["#3e6d2a", "#9fd184"],
  ["#4f6272", "#adc0cf"],
];

/** Colours that a speaker can be given: seen on white and on black. */
export const SWATCHES = ["#3b7dc8", "#d0701c", "#2f9a7a", "#c0509f", "#99830f", "#7a69d6", "#cf4f56", "#5b9440", "#7388a0"];

/** @param {Element} root @returns {Theme} */
export function readTheme(root) {
  const style = getComputedStyle(root);
  const get = (/** @type {string} */ name) => style.getPropertyValue(`--sl-${name}`).trim();
  return {
    bg: get("bg"),
    lane: get("lane"),
    line: get("line"),
    text: get("text"),
    muted: get("muted"),
    accent: get("accent"),
    wave: get("wave"),
    done: get("done"),
    bad: get("bad"),
    font: style.fontFamily,
    isDark: root.classList.contains("sl-dark"),
  };
}

/**
 * A speaker's colour: its own, else one by its place in the list.
 * @param {readonly Speaker[]} speakers
 * @param {string|null|undefined} id
 * @param {boolean} isDark
 * @returns {string|null} null: no speaker
 */
export function speakerColor(speakers, id, isDark) {
  if (!id) return null;
  const index = speakers.findIndex((speaker) => speaker.id === id);
  const own = speakers[index]?.color;
  if (own) return own;
  return PALETTE[Math.max(0, index) % PALETTE.length]?.[isDark ? 1 : 0] ?? null;
}

/** A colour with another opacity. @param {string} color "#rrggbb" @param {number} alpha 0 to 1 */
export function alpha(color, alpha) {
  return (
    color +
    Math.round(alpha * 255)
      .toString(16)
      .padStart(2, "0")
  );
}

/** Whether the page around us is dark: Gradio says so on the body, elsewhere the system does. */
export function pageIsDark() {
  if (document.body.classList.contains("dark")) return true;
  if (document.querySelector(".gradio-container")) return false;
  return matchMedia("(prefers-color-scheme: dark)").matches;
}
