// Two versions of one record, field by field as people call them, and where they differ. No DOM.

import { listed, titleOf } from "../i18n.js";
import { clock } from "../see/timeline.js";
import { layersOf } from "./layers.js";
import { STATES } from "./state.js";

/** @typedef {{name: string, title: string, mine: string, theirs: string, differs: boolean, isProse: boolean}} Difference "": nothing stands there */
/** @typedef {import("./model.js").Model} Model */
/** @typedef {{name: string, title: string, of: (record: any) => string, isProse?: boolean}} Field */

const WORDS =
  typeof Intl === "object" && typeof Intl.Segmenter === "function" ? new Intl.Segmenter(undefined, { granularity: "word" }) : null;

/**
 * What differs between two versions of a segment or a speaker; the text, or the name, stands first in any case.
 * @param {import("../types.js").Target} target
 * @param {Record<string, any>|null} mine null: it is gone @param {Record<string, any>|null} theirs
 * @param {Model} model @param {import("../i18n.js").Translate} t @param {string} locale
 * @returns {Difference[]}
 */
export function differences(target, mine, theirs, model, t, locale) {
  const fields = target === "segment" ? segmentFields(mine, theirs, model, t, locale) : speakerFields(t);
  return fields
    .map(({ name, title, of, isProse = false }) => {
      const [one, other] = [mine ? of(mine) : "", theirs ? of(theirs) : ""];
      return { name, title, mine: one, theirs: other, differs: one !== other, isProse };
    })
    .filter(({ differs }, i) => differs || i === 0);
}

/** @param {import("../i18n.js").Translate} t @returns {Field[]} */
const speakerFields = (t) => [
  { name: "name", title: t("editor.field.name"), of: ({ name }) => name, isProse: true },
  { name: "color", title: t("editor.speaker.color"), of: ({ color }) => color ?? "" },
  { name: "role", title: t("editor.field.role"), of: ({ role }) => role ?? "" },
];

/**
 * @param {Record<string, any>|null} mine @param {Record<string, any>|null} theirs
 * @param {Model} model @param {import("../i18n.js").Translate} t @param {string} locale
 * @returns {Field[]}
 */
function segmentFields(mine, theirs, model, t, locale) {
  const { guideline } = model;
  /** @param {readonly {name: string, title?: any}[]} items @param {string} name */
  const title = (items, name) => titleOf(items.find((item) => item.name === name) ?? { name }, locale);
  const declared = layersOf(guideline);
  const names = declared.map(({ name }) => name);
  // What an earlier guideline declared is no less work.
  const others = Object.keys({ ...mine?.["fields"], ...theirs?.["fields"] }).filter((name) => !names.includes(name));
  const layers = [...names, ...others.sort()].map((name) => {
    const choices = declared.find((item) => item.name === name)?.choices ?? [];
    const of = (/** @type {any} */ { fields }) => title(choices, fields[name] ?? "");
    return { name: `fields.${name}`, title: title(declared, name), of, isProse: choices.length === 0 };
  });
  return [
    { name: "text", title: t("editor.field.text"), of: ({ text }) => text ?? "", isProse: true },
    ...layers,
    { name: "time", title: t("editor.field.time"), of: ({ start_us, end_us }) => `${clock(start_us, 3)} – ${clock(end_us, 3)}` },
    {
      name: "channel",
      title: t("editor.field.channel"),
      of: ({ channel }) => (channel === null ? t("editor.wave.mix") : t("editor.wave.channel", { n: channel + 1 })),
    },
    { name: "speaker", title: t("editor.field.speaker"), of: ({ speaker }) => model.speaker(speaker)?.name ?? speaker ?? "" },
    {
      name: "labels",
      title: t("editor.field.labels"),
      of: ({ noise_labels, tags }) => listed([...noise_labels, ...tags].map((name) => title(guideline.labels, name)), locale),
    },
    { name: "is_valid", title: t("editor.field.valid"), of: ({ is_valid }) => t(is_valid ? "editor.panel.valid" : "editor.panel.invalid") },
    { name: "reason", title: t("editor.field.reason"), of: ({ invalid_reason }) => title(guideline.invalid_reasons, invalid_reason ?? "") },
    { name: "status", title: t("editor.field.status"), of: ({ status }) => t(STATES[/** @type {import("../types.js").Status} */ (status)].title) },
    { name: "language", title: t("editor.field.language"), of: ({ language }) => language ?? "" },
    { name: "note", title: t("editor.field.note"), of: ({ note }) => note ?? "", isProse: true },
    { name: "is_locked", title: t("editor.field.lock"), of: ({ is_locked }) => (is_locked ? t("editor.row.locked") : "") },
  ];
}

/**
 * The stretch of a text that another version does not share: what is before and behind it is the same in both.
 * @param {string} text @param {string} other
 * @returns {[string, string, string]} before, the stretch by whole words ("": none), behind
 */
export function ownPart(text, other) {
  if (text === other) return [text, "", ""];
  const [ours, theirs] = [wordsOf(text), wordsOf(other)];
  const most = Math.min(ours.length, theirs.length);
  let first = 0;
  while (first < most && ours[first] === theirs[first]) first += 1;
  let last = 0;
  while (last < most - first && ours[ours.length - 1 - last] === theirs[theirs.length - 1 - last]) last += 1;
  const end = ours.length - last;
  return [ours.slice(0, first).join(""), ours.slice(first, end).join(""), ours.slice(end).join("")];
}

/** @param {string} text */
const wordsOf = (text) => (WORDS ? [...WORDS.segment(text)].map(({ segment }) => segment) : text.split(/(\s+)/));
