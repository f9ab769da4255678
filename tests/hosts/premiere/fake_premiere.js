// Stands in for the module "premierepro".
//
// Written from Adobe's "Premiere DOM API Reference" (AdobeDocs/uxp-premiere-pro, of 2026-08-15, which
// describes 25.6 to 26.3): the members of each class, their types, which answer by a promise, and
// since which version they are there.  Unknown members and wrong types throw; where the documents say
// "boolean" a refusal answers false, and an object that is not there is null.
//
// What the documents leave open, and tests turn: whether in and out points of a project item count
// from its timecode (`world.pointsFromTimecode`).
"use strict";

const fs = require("node:fs");
const { property, stateOf, strict, typed } = require("./strict.js");

const PER_FRAME = 10584000000n; // 24 fps

/** since(["26.2", "name"], ...): the names that `version` has not yet. */
const notYet = (version, names) => names.filter(([first]) => Number(version) < Number(first))
  .map(([, name]) => name);

class World {
  constructor(version) {
    Object.assign(this, { version, mute: false, locked: false, pointsFromTimecode: false });
    Object.assign(this, { path: "", root: [], sequences: [], active: null });
    Object.assign(this, { importStart: 992, importFrames: 64 }); // of what is imported
    Object.assign(this, { refuseImport: false, transactions: [] });
    this.made = new Map();
  }

  /** One proxy for one thing, always. */
  once(thing, make) {
    if (!this.made.has(thing)) this.made.set(thing, make());
    return this.made.get(thing);
  }

  /** What a method answers: nothing at all where Premiere is mute. */
  says(value) {
    return this.mute ? null : value;
  }

  later(value) {
    return Promise.resolve(this.says(value));
  }

  /** Members that answer by a promise and take nothing. */
  promised(kind, members) {
    const made = {};
    for (const [name, get] of Object.entries(members)) {
      made[name] = typed(`${kind}.${name}`, [], () => this.later(this.mute ? null : get()));
    }
    return made;
  }

  action(name, types, work) {
    return typed(name, types, (...given) => {
      if (!this.locked) throw new Error(`${name}: an action is made within lockedAccess`);
      return strict("Action", {}, { state: () => work(...given) });
    });
  }
}

const tick = (count) => strict("TickTime", {
  ticks: String(count), ticksNumber: Number(count), seconds: Number(count) / 254016000000,
}, { state: BigInt(count) });

const atFrame = (frame) => tick(BigInt(frame) * PER_FRAME);
const frameOf = (time) => Number(stateOf(time) / PER_FRAME);
const guid = (text) => strict("Guid", { toString: () => text }, { state: text });

// -- project items -------------------------------------------------------------------------------

function projectItem(world, one) {
  return world.once(one, () => strict("ProjectItem", {
    name: one.name, type: one.items ? 2 : 1,
    getId: typed("ProjectItem.getId", [], () => one.name),
  }, { state: one }));
}

function clipItem(world, one) {
  const kind = "ClipProjectItem";
  return world.once(`clip ${one.path}`, () => strict(kind, {
    name: one.name, type: 1,
    ...world.promised(kind, {
      getMediaFilePath: () => one.path,
      isOffline: () => Boolean(one.offline),
      isSequence: () => false,
      getMedia: () => strict("Media", {
        start: property(() => Promise.resolve(atFrame(one.start))),
        duration: property(() => Promise.resolve(atFrame(one.frames))),
      }),
      getFootageInterpretation: () => strict("FootageInterpretation", {
        getFrameRate: typed("getFrameRate", [], () => 24),
      }),
    }),
    createSetInOutPointsAction: world.action(`${kind}.createSetInOutPointsAction`,
      ["TickTime", "TickTime"], (from, to) => {
        const base = world.pointsFromTimecode ? one.start : 0;
        one.points = [frameOf(from) - base, frameOf(to) - base];
      }),
    createClearInOutPointsAction: world.action(`${kind}.createClearInOutPointsAction`, [], () => {
      one.points = null;
    }),
  }, { state: one }));
}

function folderItem(world, one) {
  return world.once(`folder ${one.name}`, () => strict("FolderItem", {
    name: one.name, type: 2,
    ...world.promised("FolderItem", {
      getItems: () => one.items.map((item) => projectItem(world, item)),
    }),
    createBinAction: world.action("FolderItem.createBinAction", ["string", "boolean"], (name) => {
      one.items.push({ name, items: [] });
    }),
  }, { state: one }));
}

// -- sequences -----------------------------------------------------------------------------------

function trackItem(world, one) {
  const kind = "VideoClipTrackItem";
  return world.once(one, () => strict(kind, world.promised(kind, {
    getStartTime: () => atFrame(one.at),
    getEndTime: () => atFrame(one.at + one.frames),
    getInPoint: () => atFrame(one.first),
    getProjectItem: () => projectItem(world, one.clip),
    getName: () => one.clip.name,
    getIsSelected: () => Boolean(one.selected),
    isDisabled: () => Boolean(one.disabled),
    getSpeed: () => one.speed || 1,
    isSpeedReversed: () => 0,
  }), { state: one }));
}

function videoTrack(world, track) {
  return world.once(track, () => strict("VideoTrack", {
    name: property(() => track.name), id: 1,
    getTrackItems: typed("VideoTrack.getTrackItems", ["number", "boolean"], (kind) => world.says(
      kind === 1 ? track.items.map((one) => trackItem(world, one)) : track.transitions || [])),
    ...(Number(world.version) < 26.3 ? {} : {
      createSetNameAction: world.action("VideoTrack.createSetNameAction", ["string"], (name) => {
        track.name = name;
      }),
    }),
  }, { state: track, later: ["createSetNameAction"] }));
}

function sequenceOf(world, one) {
  return world.once(one, () => strict("Sequence", {
    guid: guid(one.guid), name: one.name,
    ...world.promised("Sequence", {
      getTimebase: () => String(PER_FRAME),
      getZeroPoint: () => atFrame(one.zero),
      getPlayerPosition: () => atFrame(one.player || 0),
      getVideoTrackCount: () => one.tracks.length,
    }),
    getVideoTrack: typed("Sequence.getVideoTrack", ["number"], (index) => world.later(
      one.tracks[index] ? videoTrack(world, one.tracks[index]) : null)),
  }, { state: one }));
}

function editorOf(world, one) {
  const cut = (item) => {
    const clip = stateOf(item);
    const [first, last] = clip.points || [0, clip.frames];
    return { clip, first: Math.max(first, 0), frames: Math.min(last, clip.frames) - Math.max(first, 0) };
  };
  return strict("SequenceEditor", {
    createOverwriteItemAction: world.action("SequenceEditor.createOverwriteItemAction",
      ["ProjectItem", "TickTime", "number", "number"], (item, time, video) => {
        const made = { ...cut(item), at: frameOf(time) };
        const { items } = one.tracks[video];
        const kept = items.filter((old) => old.at + old.frames <= made.at ||
          made.at + made.frames <= old.at);
        items.splice(0, items.length, ...kept, made);
      }),
    createInsertProjectItemAction: world.action("SequenceEditor.createInsertProjectItemAction",
      ["ProjectItem", "TickTime", "number", "number", "boolean"], (item, time, video) => {
        const made = { ...cut(item), at: frameOf(time) };
        if (video >= one.tracks.length) one.tracks.push({ name: `Video ${video + 1}`, items: [] });
        const { items } = one.tracks[Math.min(video, one.tracks.length - 1)];
        for (const old of items) if (old.at >= made.at) old.at += made.frames;
        items.push(made);
      }),
    createRemoveItemsAction: world.action("SequenceEditor.createRemoveItemsAction",
      ["TrackItemSelection", "boolean", "number", "boolean"], (selection) => {
        const gone = stateOf(selection);
        for (const track of one.tracks) {
          track.items.splice(0, track.items.length, ...track.items.filter((o) => !gone.includes(o)));
        }
      }),
  });
}

function selection() {
  const chosen = [];
  return strict("TrackItemSelection", {
    addItem: typed("addItem", ["VideoClipTrackItem", "boolean"], (item) => chosen.push(stateOf(item)) > 0),
  }, { state: chosen });
}

// -- markers -------------------------------------------------------------------------------------

function marker(world, one) {
  const plain = (name, get) => typed(`Marker.${name}`, [], () => world.says(get()));
  const own = Number(world.version) < 26.3 ? {} : { guid: guid(one.guid) };
  return world.once(one, () => strict("Marker", {
    ...own,
    getName: plain("getName", () => one.name),
    getComments: plain("getComments", () => one.comments),
    getStart: plain("getStart", () => atFrame(one.at)),
    getColorIndex: plain("getColorIndex", () => one.colour),
    createSetColorByIndexAction: world.action("Marker.createSetColorByIndexAction", ["number"],
      (index) => { one.colour = index; }),
  }, { state: one, later: ["guid"] }));
}

function markersOf(world, one) {
  return strict("Markers", {
    getMarkers: typed("Markers.getMarkers", [], () => world.says(
      one.markers.map((each) => marker(world, each)))),
    createAddMarkerAction: world.action("Markers.createAddMarkerAction",
      ["string", "string", "TickTime", "TickTime", "string"], (name, kind, start, length, comments) => {
        if (kind !== "Comment") throw new Error("no such type of marker");
        const id = `marker-${one.markers.length + 1}`;
        one.markers.push({ guid: id, name, comments, at: frameOf(start), colour: 0 });
      }),
  });
}

// -- the module ----------------------------------------------------------------------------------

function projectOf(world) {
  return world.once("project", () => strict("Project", {
    guid: guid("project"), name: "film", path: property(() => world.path),
    ...world.promised("Project", {
      getActiveSequence: () => (world.active ? sequenceOf(world, world.active) : null),
      getSequences: () => world.sequences.map((one) => sequenceOf(world, one)),
      getRootItem: () => folderItem(world, { name: "root", items: world.root }),
    }),
    importFiles: typed("Project.importFiles", ["string[]", "boolean", "ProjectItem", "boolean"],
      async (paths, quiet, bin) => {
        if (world.mute || world.refuseImport || !paths.every((path) => fs.existsSync(path))) return false;
        for (const path of paths) {
          const name = path.split("/").pop();
          stateOf(bin).items.push({ name, path, start: world.importStart, frames: world.importFrames });
        }
        return true;
      }),
    lockedAccess: typed("Project.lockedAccess", ["function"], (work) => {
      world.locked = true;
      try {
        work();
      } finally {
        world.locked = false;
      }
    }),
    executeTransaction: typed("Project.executeTransaction", ["function", "string?"], (work, name) => {
      if (world.mute) return false;
      const actions = [];
      work(strict("CompoundAction", {
        empty: property(() => !actions.length),
        addAction: typed("CompoundAction.addAction", ["Action"], (one) => actions.push(one) > 0),
      }));
      for (const one of actions) stateOf(one)();
      world.transactions.push(name);
      return true;
    }),
  }));
}

/** The module for a world. */
function premiere(world) {
  const cast = (kind, make, fits) => ({
    cast: typed(`${kind}.cast`, ["ProjectItem|FolderItem|ClipProjectItem"], (item) => {
      const one = stateOf(item);
      return fits(one) ? make(world, one) : null;
    }),
  });
  const converter = strict("ProjectConverter", {
    exportAsFinalCutProXML: typed("exportAsFinalCutProXML", ["Sequence", "string", "boolean"],
      async (sequence, path) => {
        if (world.mute) return false;
        fs.writeFileSync(path, `<xmeml>${stateOf(sequence).name}</xmeml>`);
        return true;
      }),
  });
  const statics = (kind, members) => strict(`${kind} (class)`, members);
  return strict("premierepro", {
    ...(Number(world.version) < 26.2 ? {} : { ProjectConverter: converter }),
    Project: statics("Project", world.promised("Project", { getActiveProject: () => projectOf(world) })),
    ProjectItem: statics("ProjectItem", cast("ProjectItem", projectItem, () => true)),
    ClipProjectItem: statics("ClipProjectItem", cast("ClipProjectItem", clipItem, (o) => !o.items)),
    FolderItem: statics("FolderItem", cast("FolderItem", folderItem, (o) => Boolean(o.items))),
    SequenceEditor: statics("SequenceEditor", {
      getEditor: typed("getEditor", ["Sequence"], (one) => editorOf(world, stateOf(one))),
    }),
    TrackItemSelection: statics("TrackItemSelection", {
      createEmptySelection: typed("createEmptySelection", ["function"], (work) => {
        work(selection());
        return true;
      }),
    }),
    Markers: statics("Markers", {
      getMarkers: typed("Markers.getMarkers", ["Sequence"], (one) => world.later(
        markersOf(world, stateOf(one)))),
    }),
    TickTime: statics("TickTime", {
      createWithTicks: typed("TickTime.createWithTicks", ["string"], (text) => tick(BigInt(text))),
    }),
    Constants: {
      TrackItemType: { EMPTY: 0, CLIP: 1, TRANSITION: 2, PREVIEW: 3, FEEDBACK: 4 },
      MediaType: { ANY: 0, DATA: 1, VIDEO: 2, AUDIO: 3 },
    },
  }, { later: notYet(world.version, [["26.2", "ProjectConverter"]]) });
}

module.exports = { World, premiere };
