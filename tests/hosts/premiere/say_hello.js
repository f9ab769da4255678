// Connects to a dubsync that listens, with the panel's own parts, and says what it answered.
"use strict";

const path = require("node:path");

require("./uxp_here.js");
const PLUGIN = path.join(__dirname, "../../../plugins/premiere/dubsync_premiere");
const { Client } = require(path.join(PLUGIN, "client.js"));
const uxp = require(path.join(PLUGIN, "uxp.js"));

async function main() {
  const client = new Client(uxp.connect);
  try {
    await client.start();
    console.log(JSON.stringify({ dubsync: client.dubsync }));
    await client.call("cancel", { job: "no such job" });
  } catch (error) {
    console.log(JSON.stringify({ kind: error.kind, text: error.text() }));
  }
  client.close();
}

main();
