// Where we are: the project, recording and view, kept in the address so that it can be mailed and reloaded.

/**
 * @typedef {object} Place
 * @property {string|null} project
 * @property {string|null} recording
 * @property {string|null} segment
 * @property {"label"|"projects"|"export"} view
 */

/** @returns {Place} */
export function readPlace() {
  const query = new URLSearchParams(location.search);
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
  const chosen = localStorage.getItem("speechlabel.locale");
  return /^zh/i.test(chosen ?? navigator.language) ? "zh-CN" : "en";
}

/** @param {"en"|"zh-CN"} locale */
export function writeLocale(locale) {
  localStorage.setItem("speechlabel.locale", locale);
}
