// Notes of dubsync and markers of Premiere, both ways; and the shot that is meant.
"use strict";

const problems = require("./problems.js");

/**
 * Set a marker for each open note that has none, and keep each marker of the editor as a note.
 * A second exchange changes nothing: markers carry the note's name, notes the marker's id.
 * Resolves to { set, kept, warnings }; rejects with a Problem.
 */
async function exchangeNotes(flow) {
  const { host, client } = flow;
  const reel = await opened(flow);
  const there = await host.markers();
  const carried = new Set(there.map((one) => one.note).filter(Boolean));
  const ours = new Set(there.map((one) => `premiere:${one.id}`));
  const made = { set: 0, kept: 0, warnings: [] };
  for (const note of (await client.call("notes", { reel })).notes) {
    if (note.done || note.record === null) continue;
    if (carried.has(note.name) || ours.has(note.host_id)) continue; // it has its marker
    try {
      await host.addMarker(note.record, note);
      made.set++;
    } catch (error) {
      made.warnings.push(`${note.name}: ${problems.asProblem(error).what}`);
    }
  }
  for (const marker of there) {
    if (marker.note || !marker.text) continue;
    const { frame: record, text, colour, author } = marker;
    try {
      const host_id = `premiere:${marker.id}`;
      await client.call("add_note", { reel, record, text, colour, author, host_id });
      made.kept++;
    } catch (error) {
      made.warnings.push(`${text.slice(0, 40)}: ${problems.asProblem(error).what}`);
    }
  }
  return made;
}

/** Open the shot under the playhead, else the reel, in dubsync's desk.  Rejects with a Problem. */
async function openInDesk(flow) {
  const reel = await opened(flow);
  const shot = shotAt(flow, await flow.host.playhead());
  await flow.client.call("desk", { reel, shot });
  return shot;
}

/** The name of the shot that shows at record `frame`; "": none. */
function shotAt(flow, frame) {
  const shots = flow.reel.shots || [];
  const found = shots.find(({ record: [start, stop] }) => start <= frame && frame < stop);
  return found ? found.name : "";
}

/** The folder of the open sequence's reel, opened in dubsync.  Rejects with a Problem. */
async function opened(flow) {
  const { folder } = await flow.chosen();
  if (!folder) {
    throw new problems.Problem("This sequence was not sent to dubsync yet.", {
      hint: "sync a clip first", kind: "choice",
    });
  }
  flow.reel = await flow.client.call("open", { reel: folder });
  return flow.reel.reel;
}

module.exports = { exchangeNotes, openInDesk };
