// What was chosen for each sequence: its reel, dub and takes.  Kept between sittings.
"use strict";

const BLANK = {
  folder: "", dub: [], takes: [], script: "", language: "", performers: {}, consent: [],
};

const kindOf = (value) => (Array.isArray(value) ? "list" : typeof value);

class Memory {
  /** disk: see uxp.js; path: of the file, which counts as empty where it is damaged. */
  constructor(disk, path) {
    Object.assign(this, { disk, path });
  }

  /** A copy of what is known of a sequence. */
  async get(key) {
    const known = (await this._read())[key];
    const result = JSON.parse(JSON.stringify(BLANK));
    if (known && typeof known === "object") {
      for (const name of Object.keys(BLANK)) {
        if (kindOf(known[name]) === kindOf(BLANK[name]) && known[name] !== null) {
          result[name] = known[name];
        }
      }
    }
    return result;
  }

  /** Keep what was chosen; where the disk refuses, it is asked again next time. */
  async put(key, chosen) {
    const everything = await this._read();
    everything[key] = chosen;
    try {
      await this.disk.write(this.path, JSON.stringify(everything, null, 1));
    } catch (error) {
      return false;
    }
    return true;
  }

  /** The reels of all sequences. */
  async folders() {
    return Object.values(await this._read()).map((one) => (one && one.folder) || "");
  }

  async _read() {
    try {
      const found = JSON.parse(await this.disk.read(this.path));
      return found && kindOf(found) === "object" ? found : {};
    } catch (error) {
      return {};
    }
  }
}

module.exports = { Memory };
