// The editor in a page: mount it into an element that has a height.

import { Client, ClientError } from "./sync/client.js";
import { h } from "./dom.js";
import { loadTranslator, pickLocale } from "./i18n.js";
import { Model } from "./model/model.js";
import { goBack } from "./place.js";
import { listenToMediaKeys } from "./hear/media-keys.js";
import { Player } from "./hear/player.js";
import { Strips } from "./hear/strips.js";
import { Scope } from "./scope.js";
import { Session } from "./session.js";
import { pageIsDark } from "./see/theme.js";

/**
 * @typedef {object} MountOptions
 * @property {string} project
 * @property {string} recording
 * @property {string|null} [segment] where to go; without it, where the person was
 * @property {string} [locale] "en" or "zh-CN"
 * @property {string} [api] address before "/api" and "/media"; "" is this server
 * @property {string} staticBase address of the static files, without a slash at the end
 * @property {(place: {project: string, recording: string}) => void} [onGo] the person wants another recording; without it
 *   the editor opens it itself
 * @property {(name: string, detail: Record<string, unknown>) => void} [onEvent] "opened", "segment", "state", "export", "failed"
 */
/** @typedef {{dispose(): void, open(project: string, recording: string, segment?: string|null): Promise<void>}} Mounted */

/** Why a recording could not be opened, in words. @type {Record<string, string>} */
const FAILED = {
  network: "editor.open.network",
  not_found: "editor.open.notFound",
  signed_out: "editor.open.signedOut",
  busy: "editor.open.busy",
  locked: "editor.open.busy",
};

/**
 * Put the editor into an element. It goes away by itself when the element leaves the page.
 * @param {HTMLElement} element
 * @param {MountOptions} options
 * @returns {Mounted}
 */
export function mount(element, options) {
  const scope = new Scope();
  const onEvent = options.onEvent ?? (() => {});
  const locale = pickLocale(options.locale ?? document.documentElement.lang ?? "en");
  const root = h("div", { class: "sl-editor", lang: locale });
  root.classList.toggle("sl-dark", pageIsDark());
  element.replaceChildren(root);
  scope.own(() => root.remove());
  const ready = Promise.all([loadTranslator(locale, options.staticBase), addStyle()]);
  const client = new Client({ api: options.api ?? "", scope });
  /** @type {Scope|null} of the open recording */
  let inner = null;

  /** @param {string} project @param {string} recording @param {string|null} [segment] */
  async function open(project, recording, segment = null) {
    inner?.dispose();
    const mine = (inner = scope.child());
    const opening = client.open(project, recording);
    opening.catch(() => {}); // it is awaited below
    const [t] = await ready;
    if (mine.isDisposed) return;
    root.replaceChildren(h("p", { class: "sl-wait", role: "status" }, t("editor.open.wait")));
    try {
      const opened = await opening;
      if (mine.isDisposed) return;
      const model = new Model(opened);
      client.attach(model);
      const { sample_rate: sampleRate, n_frames: nFrames } = opened.recording;
      const player = new Player({ client, sampleRate, nFrames, scope: mine });
      const reopen = () => open(project, recording, null);
      const go = (/** @type {string} */ wanted, of = project) =>
        options.onGo ? options.onGo({ project: of, recording: wanted }) : void open(of, wanted);
      const parts = { root, opened, model, client, player, scope: mine, t, locale, onEvent, reopen, go };
      const session = new Session(parts);
      listenToMediaKeys(session);
      void new Strips(session);
      client.onGone = () => void reopen();
      client.onAdopted = () => session.say(t("editor.waiting.adopted"), "warn");
      goBack(session, segment);
      onEvent("opened", { project, recording, segment: model.currentId });
    } catch (error) {
      if (mine.isDisposed) return;
      if (!(error instanceof ClientError)) throw error;
      const words = t(FAILED[error.code] ?? "editor.open.failed", { message: error.message });
      const again = h("button", { type: "button", class: "sl-action" }, t("editor.open.again"));
      mine.listen(again, "click", () => void open(project, recording, segment));
      root.replaceChildren(h("div", { class: "sl-wait", role: "alert" }, h("p", {}, words), again));
      onEvent("failed", { project, recording, code: error.code, message: error.message });
    }
  }

  function dispose() {
    inner?.dispose();
    client.close();
    scope.dispose();
  }

  // The page around us tells nobody when it takes the element off. One that is only moved is there again
  // by the end of the task.
  const observer = scope.observe(
    new MutationObserver(() => {
      if (!root.isConnected)
        scope.timeout(() => {
          if (!root.isConnected) dispose();
        }, 0);
    }),
  );
  observer.observe(document.documentElement, { childList: true, subtree: true });
  void open(options.project, options.recording, options.segment ?? null);
  return { dispose, open };
}

/** The style sheet, once a page; the first drawing waits for it, since the canvas takes its colours from it. */
async function addStyle() {
  const href = new URL("./editor.css", import.meta.url).href;
  if ([...document.querySelectorAll("link")].some((link) => link.href === href && link.sheet)) return;
  const link = h("link", { rel: "stylesheet", href });
  const loaded = new Promise((resolve) => {
    link.onload = link.onerror = resolve;
  });
  document.head.append(link);
  await loaded;
}
