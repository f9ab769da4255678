// Writes the timeline of a stage to the path that is named, as the panel does before Premiere 26.2.
"use strict";

const { Stage } = require("./stage.js");

async function main() {
  const stage = new Stage("25.6");
  const [first] = stage.world.active.tracks[0].items;
  stage.world.active.tracks.push({ name: "V2", items: [{ ...first, at: 10, frames: 10, speed: 2 }] });
  stage.world.active.tracks[0].items.splice(1, 1);
  await stage.host.exportTimeline(process.argv[2]);
  await stage.close();
}

main();
