// Premiere with its sequence as a test arranges it, and a scripted dubsync: see ../contract.py.
"use strict";

const { spawn } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

const PLUGIN = path.join(__dirname, "../../../plugins/premiere/dubsync_premiere");
const { PremiereHost } = require(path.join(PLUGIN, "adapter.js"));
const { Client } = require(path.join(PLUGIN, "client.js"));
const { Flow } = require(path.join(PLUGIN, "flow.js"));
const { Memory } = require(path.join(PLUGIN, "memory.js"));
const { folderOf, join } = require(path.join(PLUGIN, "paths.js"));
const { World, premiere } = require("./fake_premiere.js");

const SCRIPT = path.join(__dirname, "../scripted_rpc.py");
const START = 86400;
/** name, file, source, record.  The first and the last play one file. */
const CLIPS = [
  ["A001", "A001.mov", [1000, 1048], [START, START + 48]],
  ["A002", "A002.mov", [2000, 2024], [START + 48, START + 72]],
  ["A001_2", "A001.mov", [1100, 1124], [START + 72, START + 96]],
];

/** The disk of the machine, as uxp.js gives it to the panel. */
const disk = {
  folderOf, join,
  newFolder: async () => fs.mkdtempSync(path.join(os.tmpdir(), "dubsync_")),
  exists: async (name) => fs.existsSync(name),
  read: async (name) => fs.readFileSync(name, "utf-8"),
  write: async (name, text) => fs.writeFileSync(name, text),
  remove: async (name) => fs.rmSync(name, { recursive: true, force: true }),
};

/** A sequence with the clips of CLIPS on V1. */
function sequence(folder, guid, media) {
  const items = CLIPS.map(([name, file, source, record]) => {
    const full = path.join(folder, "media", file);
    if (!media.has(name)) {
      media.set(name, { name, path: full, start: name === "A002" ? 1900 : 900, frames: 500 });
    }
    const clip = media.get(name);
    return { clip, at: record[0] - START, frames: record[1] - record[0], first: source[0] - clip.start };
  });
  return { guid, name: "cut", zero: START, tracks: [{ name: "Video 1", items }], markers: [] };
}

class Stage {
  constructor(version, behave = "done", notes = []) {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), "premiere_"));
    this.world = new World(version);
    this.world.path = path.join(this.folder, "film.prproj");
    this.media = new Map();
    this.openNamesake();
    this.world.root.push({ name: "media", items: [...this.media.values()] });
    const shots = CLIPS.map(([name, file, source, record]) => (
      { name, media: path.join(this.folder, "media", file), source, record }));
    this.scene = path.join(this.folder, "scene.json");
    this.write({ rate: "24/1", shots, behave, notes });
    this.client = new Client(() => this._connect());
    this.host = new PremiereHost(premiere(this.world), disk);
    const memory = new Memory(disk, path.join(this.folder, "memory.json"));
    this.flow = new Flow(this.host, this.client, memory, disk);
  }

  write(scene) {
    fs.writeFileSync(this.scene, JSON.stringify(scene));
  }

  behave(how) {
    this.write({ ...JSON.parse(fs.readFileSync(this.scene, "utf-8")), behave: how });
  }

  /** A socket to the scripted dubsync: its lines are the messages. */
  async _connect() {
    const python = process.env.DUBSYNC_PYTHON || "python3";
    const child = spawn(python, ["-S", "-E", SCRIPT, this.scene]);
    const socket = { send: (text) => child.stdin.write(text + "\n"), close: () => child.stdin.end() };
    let held = "";
    child.stdin.on("error", () => {});
    child.stdout.on("data", (data) => {
      const lines = (held + data).split("\n");
      held = lines.pop();
      for (const line of lines) socket.onmessage(line);
    });
    let words = "";
    child.stderr.on("data", (data) => { words += data; });
    this.gone = new Promise((resolve) => child.on("close", () => {
      socket.onclose(words.trim());
      resolve();
    }));
    return socket;
  }

  async sync(names, { whole = false, dub = true } = {}) {
    this.select(...names);
    if (dub) await this.flow.choose({ dub: ["ELISE_it.wav"], language: "it-IT" });
    await this.flow.sync(whole);
    return this.flow;
  }

  /** The path of a new, empty file. */
  touch(name) {
    const file = path.join(this.folder, name);
    fs.writeFileSync(file, "");
    return file;
  }

  calls(method) {
    const file = path.join(this.folder, "calls.jsonl");
    const lines = fs.existsSync(file) ? fs.readFileSync(file, "utf-8").trim().split("\n") : [];
    return lines.map((line) => JSON.parse(line)).filter(([name]) => name === method)
      .map(([, params]) => params);
  }

  async close() {
    this.flow.close();
    await this.gone;
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  // -- arranging -----------------------------------------------------------------------------------

  select(...names) {
    for (const one of this.world.active.tracks[0].items) one.selected = names.includes(one.clip.name);
  }

  unsave() { this.world.path = ""; }

  takeOffline(name) { this.media.get(name).offline = true; }

  answerNothing() { this.world.mute = true; }

  openNamesake() {
    const made = sequence(this.folder, `guid-${this.world.sequences.length + 1}`, this.media);
    this.world.sequences.push(made);
    this.world.active = made;
  }

  originals() {
    const told = (name, value) => (name === "selected" ? undefined : value);
    return JSON.stringify(this.world.active.tracks[0], told);
  }

  /** name -> [file, record, first frame within the file] of what was laid in. */
  laid() {
    const found = {};
    for (const track of this.world.active.tracks.slice(1)) {
      for (const one of track.items) {
        const name = path.basename(one.clip.path).split("_v")[0];
        const at = this.world.active.zero + one.at;
        found[name] = [path.basename(one.clip.path), [at, at + one.frames], one.first];
      }
    }
    return found;
  }

  setMarker(frame, text) {
    const { markers, zero } = this.world.active;
    markers.push({ guid: "mine", name: text, comments: "", at: frame - zero, colour: 3 });
  }

  markerTexts() {
    return this.world.active.markers.map((one) => [one.name, one.comments].join(" ").trim());
  }

  movePlayhead(frame) { this.world.active.player = frame - this.world.active.zero; }
}

module.exports = { CLIPS, START, Stage, disk };
