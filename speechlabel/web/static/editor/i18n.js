// Words of the page: flat keys, plain {name} placeholders. Numbers and times are put in by the caller.

/** @typedef {(key: string, values?: Record<string, string|number>) => string} Translate */

/**
 * The locale of ours that fits best: "zh", "zh-Hans-CN" and "zh_CN" are zh-CN.
 * @param {string} wanted
 */
export function pickLocale(wanted) {
  return /^zh\b/i.test(wanted.replace("_", "-")) ? "zh-CN" : "en";
}

/**
 * A function that gives the words of a key.
 *
 * A missing key shows itself: a blank button would be worse, and the tests hold both files complete.
 * @param {Record<string, string>} messages
 * @returns {Translate}
 */
export function translator(messages) {
  return (key, values = {}) =>
    (messages[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** By address. @type {Map<string, Translate>} */
const loaded = new Map();

/**
 * The words of a language, loaded once.
 * @param {string} locale
 * @param {string} staticBase address of the static files, without a slash at the end
 * @returns {Promise<Translate>}
 */
export async function loadTranslator(locale, staticBase) {
  const address = `${staticBase}/locales/${pickLocale(locale)}.json`;
  const known = loaded.get(address);
  if (known) return known;
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${answer.url}: ${answer.status}`);
  const made = translator(await answer.json());
  loaded.set(address, made);
  return made;
}

/**
 * What people call a recording: its title in their language if it has one, else its file's name.
 * @param {{name: string, title?: Record<string, string>|null, metadata?: {title?: Record<string, string>}}} recording
 *   itself, or its row in the list of a project
 * @param {string} locale
 */
export function nameOf({ name, title, metadata }, locale) {
  return (title ?? metadata?.title)?.[pickLocale(locale)] ?? name;
}

/** Several things in one sentence. @param {readonly string[]} parts @param {string} locale */
export const listed = (parts, locale) => parts.join(pickLocale(locale) === "en" ? ", " : "、");

/**
 * The title of a label, reason or role in the page's language.
 * @param {{name: string, title?: Record<string, string>|string|null}} item of the guideline
 * @param {string} locale
 */
export function titleOf(item, locale) {
  const { title } = item;
  if (!title) return item.name;
  if (typeof title === "string") return title;
  return title[pickLocale(locale)] ?? title["en"] ?? Object.values(title)[0] ?? item.name;
}
