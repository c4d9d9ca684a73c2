// Keys of other tools, for hands that know them. Only what differs from the table in keys.js is written here.
//
// From their own documentation: ELAN 6 (shortcuts of the annotation and transcription modes), Praat (TextGrid
// editor) and OCTRA 2, Subtitle Edit 4, Label Studio and CVAT (audio). Left out is what a browser keeps for itself
// (Alt+Left, F5, Ctrl+W …) and what would hold the Tab key back from moving the focus.

/** @typedef {import("./keys.js").Overrides} Overrides */

/** @type {Record<string, Overrides>} */
export const PRESETS = {
  default: {},
  elan: {
    playPause: { text: ["Tab", "Ctrl+Space"], wave: ["Space", "Ctrl+Space"] },
    replay: { text: ["Shift+Tab", "Shift+Space"], wave: ["KeyC", "Shift+Space"] },
    loop: { text: ["Mod+KeyL"], wave: ["KeyR", "Mod+KeyL"] },
    back: { text: ["F1"], wave: ["F1", "ArrowLeft", "Shift+ArrowLeft"] },
    forward: { text: ["F2"], wave: ["F2", "ArrowRight", "Shift+ArrowRight"] },
    mergeNext: { text: ["Alt+KeyM"], wave: ["KeyM", "Mod+KeyA"] },
    mergePrevious: { text: ["Alt+Shift+KeyM"], wave: ["Shift+KeyM", "Mod+KeyB"] },
    startEarlier: { text: ["Mod+KeyJ"], wave: ["Comma", "Mod+KeyJ"] },
    startLater: { text: ["Mod+KeyU"], wave: ["Period", "Mod+KeyU"] },
    endEarlier: { text: ["Mod+Shift+KeyJ"], wave: ["Shift+Comma", "Mod+Shift+KeyJ"] },
    endLater: { text: ["Mod+Shift+KeyU"], wave: ["Shift+Period", "Mod+Shift+KeyU"] },
    remove: { text: ["Alt+Delete", "Alt+KeyD"], wave: ["KeyD", "Delete", "Alt+KeyD"] },
  },
  praat: {
    replay: { text: ["Shift+Backspace"], wave: ["KeyC", "Shift+Backspace"] },
    back: { text: ["F1", "Shift+Tab"], wave: ["F1", "ArrowLeft"] },
    split: { text: ["Alt+KeyS"], wave: ["KeyS", "Enter"] },
    editText: { text: [], wave: ["KeyT"] },
    tap: { text: ["Alt+KeyT"], wave: ["Alt+KeyT"] },
    mergeNext: { text: ["Alt+KeyM", "Alt+Backspace"], wave: ["KeyM", "KeyD", "Alt+Backspace"] },
    remove: { text: ["Alt+Delete"], wave: ["Delete"] },
  },
  subtitleEdit: {
    playPause: { text: ["Tab", "Ctrl+Space"], wave: ["Space", "Ctrl+Space"] },
    mergeNext: { text: ["Mod+Shift+KeyM"], wave: ["KeyM", "Mod+Shift+KeyM"] },
    mergePrevious: { text: ["Alt+Shift+KeyM"], wave: ["Shift+KeyM"] },
    setStart: { text: ["F11"], wave: ["BracketLeft", "F11"] },
    setEnd: { text: ["F12"], wave: ["BracketRight", "F12"] },
    insert: { text: ["Alt+Insert"], wave: ["KeyN", "Insert"] },
  },
  labelStudio: {
    replay: { text: ["Shift+Tab", "Shift+Space"], wave: ["KeyC", "Shift+Space"] },
    doneNext: { text: ["Enter", "Mod+Enter"], wave: ["Mod+Enter"] },
    back: { text: ["F1", "Mod+KeyB"], wave: ["F1", "ArrowLeft", "KeyD", "Mod+KeyB"] },
    forward: { text: ["F2"], wave: ["F2", "ArrowRight", "KeyF"] },
    split: { text: ["Alt+KeyM"], wave: ["KeyS", "Alt+KeyM"] },
    mergeNext: { text: ["Alt+KeyJ"], wave: ["KeyM"] },
    mergePrevious: { text: ["Alt+Shift+KeyJ"], wave: ["Shift+KeyM"] },
    next: { text: ["Alt+ArrowDown", "Alt+Period"], wave: ["Alt+ArrowDown", "ArrowDown", "Alt+Period"] },
    previous: { text: ["Alt+ArrowUp", "Alt+Comma"], wave: ["Alt+ArrowUp", "ArrowUp", "Alt+Comma"] },
    startEarlier: { text: [], wave: ["Comma"] },
    startLater: { text: [], wave: ["Period"] },
    label: { text: ["Alt+Digit*"], wave: ["Alt+Digit*", "Digit*"] },
    speaker: { text: ["Ctrl+Digit*"], wave: ["Ctrl+Digit*"] },
    remove: { text: ["Alt+Delete"], wave: ["Delete", "Backspace"] },
    fitSegment: { text: ["Alt+Digit0"], wave: ["KeyI"] },
  },
};
