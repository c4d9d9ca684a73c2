// Making elements. Text always goes in as text, never as markup: transcripts are not ours to trust.

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string|number|boolean|null|undefined>} [attributes] "class", "data-…", "aria-…"; true: present, false or null: absent
 * @param {...(Node|string|null|undefined)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) attr(element, name, value);
  for (const child of children) if (child !== null && child !== undefined) element.append(child);
  return element;
}

/**
 * Set or take off an attribute, touching the page only if it changes.
 * @param {Element} element @param {string} name @param {string|number|boolean|null|undefined} value
 */
export function attr(element, name, value) {
  if (value === null || value === undefined || value === false) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
    return;
  }
  const text = value === true ? "" : String(value);
  if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

/** Set an element's text, touching the page only if it changes. @param {Element} element @param {string} text */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Paths of the icons, drawn in a box of 16 by 16. */
const ICONS = /** @type {Record<string, string>} */ ({
  play: "M4 2.5v11l9.5-5.5z",
  loud: "M2 6v4h2.500L8 13V3L4.500 6zM9.500 5.200a3.300 3.300 0 0 1 0 5.600V9.200a1.900 1.900 0 0 0 0-2.400zM9.500 2.300a6 6 0 0 1 0 11.400v-1.600a4.500 4.500 0 0 0 0-8.200z",
  pause: "M3.5 2.5h3v11h-3zM9.5 2.5h3v11h-3z",
  undo: "M6.5 3 2.5 6.5l4 3.5V7.6h3a2.4 2.4 0 0 1 0 4.8H6V14h3.5a4 4 0 0 0 0-8h-3z",
  redo: "m9.5 3 4 3.5-4 3.5V7.6h-3a2.4 2.4 0 0 0 0 4.8H10V14H6.5a4 4 0 0 1 0-8h3z",
  zoomIn:
    "M7 1.5a5.5 5.5 0 1 0 3.3 9.9l3 3 1.1-1.1-3-3A5.5 5.5 0 0 0 7 1.5zM7 3a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM6.3 4.8v1.5H4.8v1.4h1.5v1.5h1.4V7.7h1.5V6.3H7.7V4.8z",
  zoomOut:
    "M7 1.5a5.5 5.5 0 1 0 3.3 9.9l3 3 1.1-1.1-3-3A5.5 5.5 0 0 0 7 1.5zM7 3a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4.8 6.3v1.4h4.4V6.3z",
  fit: "M1.5 3H3v10H1.5zM13 3h1.5v10H13zM7.2 5.2 4.4 8l2.8 2.8V8.7h1.6v2.1L11.6 8 8.8 5.2v2.1H7.2z",
  help: "M8 1.2a6.8 6.8 0 1 0 0 13.6A6.8 6.8 0 0 0 8 1.2zm0 1.5a5.3 5.3 0 1 1 0 10.6A5.3 5.3 0 0 1 8 2.7zM8 4.2c-1.5 0-2.5.9-2.5 2.2H7c0-.5.4-.9 1-.9s1 .3 1 .9c0 .5-.3.7-.8 1.1-.6.4-1 .9-1 1.8h1.5c0-.5.3-.7.8-1 .6-.5 1-1 1-1.9 0-1.3-1-2.2-2.5-2.2zM7.2 10.3v1.5h1.6v-1.5z",
  print: "M4 1.500h8v3H4zM1.500 5.500h13v6h-2.500v3H4v-3H1.500zM5.500 9.500v3.500h5V9.500zM11.500 7v1.300h1.500V7z",
  panel: "M1.5 2.5h13v11h-13zM3 4v8h6V4zm7.5 0v8H13V4z",
  spectrogram:
    "M1.5 2.500h1.500v11H1.500zM4 11.500h1.500v2H4zM4 6.500h1.500v3H4zM6.500 9.500H8v4H6.500zM6.500 5H8v2.500H6.500zM9 11h1.500v2.500H9zM9 7h1.500v2H9zM9 3.500h1.500v1.500H9zM11.500 8.500H13v5h-1.500zM11.500 4.500H13v2h-1.500z",
  sliders: "M1.500 4h6v1.500h-6zM10.500 4h4v1.500h-4zM8 2.700h2v4.100H8zM1.500 10.500h3V12h-3zM7.500 10.500h7V12h-7zM5 9.200h2v4.100H5z",
  up: "M8 4.600 13.200 9.800l-1.100 1.100L8 6.800l-4.100 4.100-1.100-1.100z",
  down: "M8 11.400 2.800 6.200l1.100-1.100L8 9.200l4.100-4.100 1.100 1.100z",
  check: "m6.2 12.6-4-4 1.2-1.2 2.8 2.8 6.4-6.4 1.2 1.2z",
  pencil: "M11.3 1.9 14.1 4.7 5.3 13.5l-3.6.8.8-3.6zm0 2.1L4 11.4l-.3 1 1-.3 7.3-7.4z",
  question:
    "M8 2C5.8 2 4.3 3.3 4.3 5.2H6C6 4.2 6.8 3.5 8 3.5s2 .6 2 1.6c0 .8-.4 1.2-1.3 1.8-1 .7-1.5 1.4-1.5 2.7V10h1.6v-.3c0-.8.3-1.1 1.2-1.7 1-.7 1.7-1.5 1.7-2.9C11.7 3.2 10.2 2 8 2zM7.1 11.800v1.900h1.900v-1.900z",
  cross: "m4 2.9-1.1 1.1 4 4-4 4L4 13.100l4-4 4 4 1.1-1.1-4-4 4-4L12 2.900l-4 4z",
  ring: "M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3zm0 1.400a3.6 3.6 0 1 1 0 7.2 3.6 3.6 0 0 1 0-7.200z",
  machine: "M8 1.5 9.6 6.4 14.5 8 9.6 9.6 8 14.5 6.4 9.6 1.5 8 6.4 6.400z",
  cloudOff:
    "M2.6 1.5 1.5 2.600l2.8 2.800A4 4 0 0 0 4.5 13h7.400l1.5 1.5 1.1-1.100zM5.5 6.6 10.4 11.500H4.500a2.5 2.5 0 0 1 0-4.900zM8 3.500c-.7 0-1.4.2-2 .5l1.1 1.100a3 3 0 0 1 3.8 2.400l.1.6.6.1a1.8 1.8 0 0 1 1.5 2.300l1.1 1.100a3.3 3.3 0 0 0-1.8-4.800A4.5 4.5 0 0 0 8 3.500z",
  spin: "M8 1.500A6.5 6.5 0 1 0 14.5 8H13A5 5 0 1 1 8 3z",
  warn: "M8 1.3.8 14h14.400zM8 4.3 12.6 12.500H3.400zM7.2 6.600v3h1.600v-3zM7.2 10.400v1.500h1.600v-1.500z",
  lock: "M8 1.200a3.3 3.3 0 0 0-3.3 3.300v2H3v7.800h10V6.500h-1.700v-2A3.3 3.3 0 0 0 8 1.200zm0 1.500a1.8 1.8 0 0 1 1.8 1.800v2H6.200v-2A1.8 1.8 0 0 1 8 2.700zM4.5 8h7v4.800h-7z",
  plus: "M7.2 2.500v4.700H2.500v1.600h4.700v4.700h1.600V8.800h4.700V7.200H8.800V2.500z",
  lanes: "M1.5 2.500h13v4.800h-13zM3 4v1.800h10V4zM1.5 8.700h13v4.800h-13zM3 10.200V12h10v-1.800z",
  bin: "M6 1.500h4l.7 1.300H14v1.500H2V2.800h3.300zM3 5.300h10l-.7 9.200H3.700zM4.600 6.800l.5 6.200h5.800l.5-6.200z",
  gear: "M7 1h2l.35 1.9 1.2.5 1.6-1.1 1.55 1.6-1.1 1.6.5 1.2L15 7v2l-1.9.3-.5 1.2 1.1 1.6-1.6 1.6-1.600-1.1-1.2.5L9 15H7l-.3-1.900-1.2-.5-1.6 1.1-1.6-1.600 1.1-1.600-.5-1.2L1 9V7l1.900-.3.5-1.2-1.100-1.600 1.600-1.600 1.600 1.100 1.200-.5zM8 5.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5z",
  loop: "M11 1.500v2H5a3.5 3.5 0 0 0-3.5 3.500v1H3V7a2 2 0 0 1 2-2h6v2l3-2.700zM13 8v1a2 2 0 0 1-2 2H5V9l-3 2.7 3 2.800v-2h6A3.5 3.5 0 0 0 14.5 9V8z",
});

/**
 * A picture that screen readers skip: the words beside it, or the button's label, say what it is.
 * @param {string} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [key, value] of Object.entries({
    viewBox: "0 0 16 16",
    width: "16",
    height: "16",
    "aria-hidden": "true",
    focusable: "false",
    class: "sl-icon",
  })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name] ?? "");
  path.setAttribute("fill", "currentColor");
  path.setAttribute("fill-rule", "evenodd");
  svg.append(path);
  return svg;
}
