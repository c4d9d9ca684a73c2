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

const REST_MS = 200;
let resting = 0;
/** @type {Place|null} what the address is to say when the person rests */
let latest = null;

/**
 * Put a place into the address once the person rests there: to write it at each step of somebody who walks from
 * segment to segment would hold up every step for two milliseconds.
 * @param {Place} place
 */
export function writePlaceSoon(place) {
  latest = place;
  clearTimeout(resting);
  resting = setTimeout(settle, REST_MS);
}

/** Write what waits: the browser's Back must come to the segment that was left, not to one before it. */
function settle() {
  clearTimeout(resting);
  const place = latest;
  latest = null;
  if (place) writePlace(place, { push: false });
}

/**
 * Put a place into the address without loading anything.
 * @param {Place} place
 * @param {{push: boolean}} options push: the browser's Back comes here again
 */
export function writePlace(place, { push }) {
  settle();
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
