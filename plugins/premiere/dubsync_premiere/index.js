// Where Premiere starts the panel: its API and the machine are put together here, and nowhere else.
"use strict";

const premierepro = require("premierepro");
const { PremiereHost } = require("./adapter.js");
const { Client } = require("./client.js");
const { Flow } = require("./flow.js");
const { Memory } = require("./memory.js");
const { Panel } = require("./panel.js");
const uxp = require("./uxp.js");

const host = new PremiereHost(premierepro, uxp.disk);
const memory = new Memory(uxp.disk, uxp.userFile("premiere.json"));
new Panel(document, new Flow(host, new Client(uxp.connect), memory, uxp.disk), uxp.pickFiles).open();
