// The panel's buttons and lines.  What they do is the flow's.
"use strict";

const { exchangeNotes, openInDesk } = require("./notes.js");
const problems = require("./problems.js");
const words = require("./words.js");

const SOUND = ["wav", "aif", "aiff", "flac", "mp3", "m4a", "mxf", "mov", "mp4"];
const NAMES = [
  "dub", "takes", "language", "chosen", "selected", "whole", "cancel", "bar", "status", "details",
  "notes", "desk",
];
/** What must not be pressed while a job runs. */
const IDLE_ONLY = ["dub", "takes", "selected", "whole", "notes", "desk"];

class Panel {
  /** pick(types) => Promise of the paths of files that the user chooses. */
  constructor(document, flow, pick) {
    Object.assign(this, { flow, pick, parts: {} });
    for (const name of NAMES) this.parts[name] = document.getElementById(name);
  }

  /** Begin to answer the buttons. */
  open() {
    const { parts, flow } = this;
    this._on(parts.dub, () => this._choose("dub"));
    this._on(parts.takes, () => this._choose("takes"));
    this._on(parts.selected, () => this._sync(false));
    this._on(parts.whole, () => this._sync(true));
    this._on(parts.cancel, () => flow.cancel());
    this._on(parts.notes, () => this._notes());
    this._on(parts.desk, () => openInDesk(flow));
    flow.changed = () => this.draw();
    this.draw();
    return this._showChosen();
  }

  draw() {
    const { parts, flow } = this;
    parts.status.textContent = words.statusOf(flow);
    parts.details.textContent = words.detailsOf(flow).join("\n");
    parts.bar.style.width = `${Math.round((flow.busy ? words.shareOf(flow) : 0) * 100)}%`;
    for (const name of IDLE_ONLY) parts[name].disabled = flow.busy;
    parts.cancel.disabled = !flow.busy;
  }

  _on(button, work) {
    button.addEventListener("click", async () => {
      try {
        await work();
      } catch (error) {
        this._say(problems.asProblem(error).text().split("\n"));
      }
    });
  }

  _say([status, ...details]) {
    this.parts.status.textContent = status;
    this.parts.details.textContent = details.join("\n");
  }

  async _sync(whole) {
    await this._keepLanguage();
    await this.flow.sync(whole);
  }

  async _choose(name) {
    const paths = await this.pick(SOUND);
    if (!paths.length) return;
    await this.flow.choose({ [name]: paths });
    await this._showChosen();
  }

  async _keepLanguage() {
    const language = (this.parts.language.value || "").trim();
    if (language) await this.flow.choose({ language });
  }

  async _notes() {
    const made = await exchangeNotes(this.flow);
    const kept = words.counted(made.kept, "marker");
    this._say([`${words.counted(made.set, "marker")} set, ${kept} kept as notes`, ...made.warnings]);
  }

  /** Show what is chosen for the open sequence; nothing where none is open. */
  async _showChosen() {
    try {
      const { dub, takes, language } = await this.flow.chosen();
      const names = (paths) => paths.map((path) => path.split(/[\\/]/).pop()).join(", ");
      const lines = [dub.length && `Dub: ${names(dub)}`, takes.length && `Takes: ${names(takes)}`];
      this.parts.chosen.textContent = lines.filter(Boolean).join("; ");
      if (language) this.parts.language.value = language;
    } catch (error) {
      if (!(error instanceof problems.Problem)) throw error;
      this.parts.chosen.textContent = "";
    }
  }
}

module.exports = { Panel };
