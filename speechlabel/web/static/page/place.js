// Where we are: the project, recording and view, kept in the address so that it can be mailed and reloaded.

/**
 * @typedef {object} Place
 * @property {string|null} project
 * @property {string|null} recording
 * @property {string|null} segment
 * @property {"label"|"projects"|"export"} view
 */

/** @param {string} [search] of an address, else of the present one @returns {Place} */
export function readPlace(search = location.search) {
  const query = new URLSearchParams(search);
  const view = query.get("view");
  return {
    project: query.get("project"),
    recording: query.get("recording"),
    segment: query.get("segment"),
    view: view === "projects" || view === "export" ? view : "label",
  };
}

/**
 * Put a place into the address without loading anything.
 * @param {Place} place
 * @param {{push: boolean}} options push: the browser's Back comes here again
 */
export function writePlace(place, { push }) {
  const query = new URLSearchParams(location.search);
  for (const name of /** @type {const} */ (["project", "recording", "segment"])) {
    const value = place[name];
    if (value) query.set(name, value);
    else query.delete(name);
  }
  if (place.view === "label") query.delete("view");
  else query.set("view", place.view);
  const address = `${location.pathname}?${query}`;
  if (address === location.pathname + location.search) return;
  if (push) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
}

/** The language the page is in: chosen before, else the browser's. @returns {"en"|"zh-CN"} */
export function readLocale() {
  return /^zh/i.test(kept("locale") ?? navigator.language) ? "zh-CN" : "en";
}

/** What a person chose before, if this browser keeps it. @param {"locale"|"theme"} name @returns {string|null} */
export function kept(name) {
  try {
    return localStorage.getItem(`speechlabel.${name}`);
  } catch {
    return null; // shut off by the person's settings
  }
}

/** @param {"locale"|"theme"} name @param {string} value */
export function keep(name, value) {
  try {
    localStorage.setItem(`speechlabel.${name}`, value);
  } catch {
    // Full or shut off: it holds until the page is left.
  }
}
