// Premiere as the flow sees it.  "premierepro" comes in by the constructor, so that tests give a fake.
"use strict";

const { Placer } = require("./placing.js");
const problems = require("./problems.js");
const { SequenceReader, asked, given, plainPath } = require("./sequence.js");
const { timelineFile } = require("./timeline.js");

/** Premiere's colours of markers, by index. */
const COLOURS = ["green", "red", "magenta", "orange", "yellow", "white", "blue", "cyan"];
/** The name of a marker that stands for a note of dubsync: markers carry no data of others. */
const OF_A_NOTE = /^dubsync (\S+)$/;

class PremiereHost {
  /** disk: see uxp.js. */
  constructor(ppro, disk) {
    Object.assign(this, { ppro, disk });
    this.warnings = []; // of the last export
  }

  // -- project and sequences -----------------------------------------------------------------------

  async projectSaved() {
    return Boolean((await this._project()).path);
  }

  async projectFolder() {
    return this.disk.folderOf((await this._project()).path);
  }

  async timelines() {
    const project = await this._project();
    const found = await asked("list its sequences", () => project.getSequences());
    return found.map((one) => ({ id: String(one.guid), name: one.name }));
  }

  async currentTimeline() {
    const reader = await this._open();
    const { guid, name } = reader.sequence;
    return {
      id: given(guid, "tell the sequence's id").toString(),
      name: given(name, "tell the sequence's name"),
      rate: reader.rate,
      start: reader.zero,
    };
  }

  /** Write the open sequence to `stem` with a suffix; resolves to the path. */
  async exportTimeline(stem) {
    this.warnings = [];
    const reader = await this._open();
    const path = await this._exported(reader, `${stem}.xml`);
    if (path) return path;
    if (await reader.hasTransitions()) {
      this.warnings.push("Transitions are sent as cuts: Premiere exports a timeline from 26.2 on");
    }
    const clips = await this._clips(reader);
    const text = timelineFile(String(reader.sequence.name), reader, clips);
    await this.disk.write(`${stem}.otio`, text);
    return `${stem}.otio`;
  }

  /** Premiere's own FCP7 XML; "" before 26.2, and where Premiere does not write it. */
  async _exported(reader, path) {
    const converter = this.ppro.ProjectConverter;
    if (!converter || typeof converter.exportAsFinalCutProXML !== "function") return "";
    try {
      const made = await converter.exportAsFinalCutProXML(reader.sequence, path, true);
      return made && (await this.disk.exists(path)) ? path : "";
    } catch (error) {
      return ""; // what the panel writes itself says the same of cuts
    }
  }

  async mediaRoots() {
    const clips = await this._clips(await this._open());
    const folders = clips.filter((one) => one.media).map((one) => this.disk.folderOf(one.media));
    return [...new Set(folders)];
  }

  // -- clips ---------------------------------------------------------------------------------------

  async selectedClips() {
    const reader = await this._open();
    const found = [];
    for (const one of await this._editors(reader)) {
      if (!(await one.item.getIsSelected())) continue;
      const { available, mediaTicks, speed, ...told } = await reader.told(one);
      found.push(told);
    }
    return found;
  }

  /** The items that the editor cut in, without the renders. */
  async _editors(reader) {
    const ours = await reader.ours();
    return (await reader.items()).filter((one) => !ours.has(plainPath(one.path)));
  }

  async _clips(reader) {
    const found = [];
    for (const one of await this._editors(reader)) found.push(await reader.told(one));
    return found;
  }

  // -- results -------------------------------------------------------------------------------------

  async addResults(results, timeline) {
    const project = await this._project();
    const every = await asked("list its sequences", () => project.getSequences());
    const target = every.find((one) => String(one.guid) === timeline.id);
    if (!target) {
      throw new problems.Problem("The sequence that was sent is gone.", {
        hint: "the renders are kept: sync again",
      });
    }
    const placer = new Placer(await new SequenceReader(this.ppro, project, target).open());
    const placed = [];
    for (const result of results) placed.push(await placer.place(result));
    return placed;
  }

  // -- markers -------------------------------------------------------------------------------------

  async markers() {
    const reader = await this._open();
    const { list } = await this._markerList(reader);
    return list.map((marker) => this._marker(reader, marker));
  }

  async addMarker(frame, note) {
    const reader = await this._open();
    const name = `dubsync ${note.name}`;
    const { owner } = await this._markerList(reader);
    const at = reader.time(frame);
    const short = this.ppro.TickTime.createWithTicks("0");
    reader.change("set a marker", () => [
      owner.createAddMarkerAction(name, "Comment", at, short, note.text),
    ]);
    const made = (await this._markerList(reader)).list.find((one) => one.getName() === name);
    given(made, "set a marker");
    const colour = Math.max(COLOURS.indexOf(note.colour), 0);
    reader.change("colour a marker", () => [made.createSetColorByIndexAction(colour)]);
    return this._marker(reader, made).id;
  }

  async _markerList(reader) {
    const { Markers } = this.ppro;
    const owner = await asked("show its markers", () => Markers.getMarkers(reader.sequence));
    return { owner, list: await asked("list its markers", () => owner.getMarkers()) };
  }

  _marker(reader, marker) {
    const name = marker.getName() || "";
    const note = OF_A_NOTE.exec(name);
    const frame = reader.frame(marker.getStart());
    const words = [note ? "" : name, marker.getComments() || ""];
    return {
      // Before 26.3 a marker has no name that stays with it, so it is known by its place.
      id: marker.guid ? String(marker.guid) : `${reader.sequence.guid}:${frame}`,
      frame,
      text: words.filter(Boolean).join("\n"),
      colour: COLOURS[marker.getColorIndex()] || "",
      author: "",
      note: note ? note[1] : "",
    };
  }

  async playhead() {
    const reader = await this._open();
    const { sequence } = reader;
    return reader.frame(await asked("tell the playhead", () => sequence.getPlayerPosition()));
  }

  // -- internal ------------------------------------------------------------------------------------

  async _project() {
    const { Project } = this.ppro;
    return asked("show its project", () => Project.getActiveProject(), "open a project");
  }

  async _open() {
    const project = await this._project();
    const sequence = await project.getActiveSequence();
    if (!sequence) throw problems.noTimeline();
    return new SequenceReader(this.ppro, project, sequence).open();
  }
}

module.exports = { PremiereHost };
