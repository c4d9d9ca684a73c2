// What stands around the work: settings.

import { SettingsDialog } from "./settings-dialog.js";

export class Desk {
  /** @param {import("../session.js").Session} session whose parts are all made */
  constructor(session) {
    this.settings = new SettingsDialog(session);
    session.root.append(this.settings.dialog);
  }
}
