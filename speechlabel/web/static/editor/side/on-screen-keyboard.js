// A keyboard that comes up on a tablet's screen lies over the page: the editor moves out from under it.

const LEAST_PX = 120; // less is the bar of a browser that comes and goes

/** @param {import("../session.js").Session} session */
export function makeRoom({ root, scope, rows, model }) {
  const view = window.visualViewport;
  if (!view) return;
  const fit = () => {
    const covered = view.scale > 1.05 ? 0 : window.innerHeight - view.height - view.offsetTop;
    const isUp = covered > LEAST_PX;
    root.classList.toggle("sl-squeezed", isUp);
    root.style.height = isUp ? `${Math.round(view.offsetTop + view.height - root.getBoundingClientRect().top)}px` : "";
    if (isUp && model.currentId) rows.reveal(model.currentId);
  };
  scope.listen(view, "resize", fit);
  scope.listen(view, "scroll", fit);
}
