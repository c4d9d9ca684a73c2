// The keys for music on keyboards and headsets: as a media session where the system keeps them for the sound
// that plays, as plain keys where it does not. They have no other meaning, so they work wherever the focus is.

/** @type {Record<string, string>} action → command */
const ACTIONS = { play: "playPause", pause: "playPause", previoustrack: "previous", nexttrack: "next" };
/** @type {Record<string, string>} key → command */
const KEYS = {
  MediaPlayPause: "playPause",
  MediaPlay: "playPause",
  MediaPause: "playPause",
  MediaTrackPrevious: "previous",
  MediaTrackNext: "next",
};

/** @param {import("../session.js").Session} session */
export function listenToMediaKeys(session) {
  const { scope } = session;
  scope.listen(document, "keydown", (event) => {
    const command = KEYS[event.key];
    if (!command || session.root.offsetParent === null || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    if (!event.repeat) session.run(command);
  });
  const media = navigator.mediaSession;
  if (!media) return;
  for (const [action, command] of Object.entries(ACTIONS)) {
    const name = /** @type {MediaSessionAction} */ (action);
    try {
      media.setActionHandler(name, () => void session.run(command));
      scope.own(() => media.setActionHandler(name, null));
    } catch {
      // This browser does not know that action.
    }
  }
}
