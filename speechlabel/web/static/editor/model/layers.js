// The further layers of a segment that a guideline declares: a normalised text, a translation, an emotion … Their
// values lie in the segment's `fields`. No DOM.

/** @typedef {import("../types.js").Segment} Segment */
/** @typedef {import("../types.js").Guideline} Guideline */

/** @typedef {"text"|"note"|`fields.${string}`} Typed what a person types into */

/** What is written there. @param {Segment} segment @param {Typed} field */
export const written = (segment, field) =>
  field === "text" || field === "note" ? segment[field] : layerText(segment, field.slice("fields.".length));

/** @param {Pick<Guideline, "fields">} guideline */
export const layersOf = (guideline) => guideline.fields ?? [];

/** What stands in a layer (null: in the text itself). @param {Pick<Segment, "text"|"fields">} segment @param {string|null} name @returns {string|null} */
export const layerText = (segment, name) => (name === null ? segment.text : (segment.fields[name] ?? null));

/**
 * The change that puts a text into a layer; what is empty is not kept.
 * @param {Pick<Segment, "fields">} segment @param {string|null} name null: the text itself @param {string|null} value
 * @returns {{text: string|null}|{fields: Record<string, string>}}
 */
export function layerChange(segment, name, value) {
  if (name === null) return { text: value };
  const { [name]: _, ...others } = segment.fields;
  return { fields: value ? { ...others, [name]: value } : others };
}

/**
 * Required layers in which nothing stands though the segment has a text.
 * @param {Pick<Segment, "text"|"fields"|"is_valid">} segment @param {Pick<Guideline, "fields">} guideline
 * @returns {string[]} their names
 */
export function missingLayers(segment, guideline) {
  if (!segment.is_valid || !segment.text?.trim()) return [];
  return layersOf(guideline).flatMap(({ name, required }) => (required && !segment.fields[name]?.trim() ? [name] : []));
}
