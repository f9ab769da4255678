// Lets uxp.js run in Node: its modules as Adobe's UXP reference gives them, over those of Node.
"use strict";

const fs = require("node:fs");
const Module = require("node:module");
const os = require("node:os");

const OF_UXP = {
  // Without a callback these answer by a promise.
  fs: fs.promises,
  os: { homedir: () => process.env.HOME || os.homedir() },
  uxp: {
    storage: {
      localFileSystem: {
        getTemporaryFolder: async () => ({ nativePath: fs.realpathSync(os.tmpdir()) }),
        getFileForOpening: async ({ types }) => types.map((type) => ({ nativePath: `/a.${type}` })),
      },
    },
  },
};
const load = Module._load;
Module._load = (name, ...rest) => OF_UXP[name] || load(name, ...rest);
