// Gradio's code boxes scroll, but no key reaches them: they can have the focus here, and have a name.

/** @param {string} name what screen readers call them @returns {MutationObserver} to be disconnected when the name changes */
export function nameScrollers(name) {
  const mend = () => {
    for (const box of document.querySelectorAll("#slp-export-view .cm-scroller")) {
      if (box.getAttribute("aria-label") === name && box.getAttribute("tabindex") === "0") continue;
      box.setAttribute("tabindex", "0");
      box.setAttribute("role", "region");
      box.setAttribute("aria-label", name);
    }
  };
  const observer = new MutationObserver(mend);
  observer.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["tabindex"] });
  mend();
  return observer;
}
