// What UXP gives of the machine: files, file pickers, and the way to `dubsync rpc --listen`.
"use strict";

const fs = require("fs");
const os = require("os");
const { storage } = require("uxp");

const { folderOf, join } = require("./paths.js");
const problems = require("./problems.js");

/** The address as dubsync writes it; the manifest allows this machine and this port alone. */
const ADDRESS = /^ws:\/\/127\.0\.0\.1:[0-9]+\/[A-Za-z0-9_-]+$/;

let made = 0;

/** A file in the user's folder of dubsync. */
const userFile = (name) => join(os.homedir(), ".dubsync", name);

async function exists(path) {
  try {
    await fs.lstat(path);
    return true;
  } catch (error) {
    return false;
  }
}

const disk = {
  folderOf,
  join,
  exists,

  /** A new folder for passing things. */
  async newFolder() {
    const home = await storage.localFileSystem.getTemporaryFolder();
    const folder = join(home.nativePath, `dubsync_${Date.now().toString(36)}_${++made}`);
    await fs.mkdir(folder);
    return folder;
  },

  read: (path) => fs.readFile(path, { encoding: "utf-8" }),

  /** Write a file, whole or not at all. */
  async write(path, text) {
    const folder = folderOf(path);
    if (!(await exists(folder))) await fs.mkdir(folder, { recursive: true });
    await fs.writeFile(`${path}.new`, text, { encoding: "utf-8" });
    await fs.rename(`${path}.new`, path);
  },

  /** Remove a folder that newFolder made; UXP clears what stays. */
  async remove(folder) {
    try {
      for (const name of await fs.readdir(folder)) await fs.unlink(join(folder, name));
      await fs.rmdir(folder);
    } catch (error) {
      console.log(`${folder} was not removed: ${error}`);
    }
  },
};

/** A socket to dubsync, as Client takes it.  Rejects with a Problem where nobody listens. */
async function connect() {
  const file = userFile("rpc.json");
  let url = "";
  try {
    url = JSON.parse(await disk.read(file)).url;
  } catch (error) {
    throw problems.notListening(file);
  }
  if (!ADDRESS.test(url)) throw problems.notListening(`${file} holds no address of this machine`);
  return new Promise((resolve, reject) => {
    const web = new WebSocket(url);
    const socket = { send: (text) => web.send(text), close: () => web.close() };
    web.onopen = () => resolve(socket);
    web.onerror = () => reject(problems.notListening(url.replace(/\/[^/]*$/, "")));
    web.onmessage = (event) => socket.onmessage && socket.onmessage(event.data);
    web.onclose = (event) => {
      reject(problems.notListening(url.replace(/\/[^/]*$/, "")));
      if (socket.onclose) socket.onclose((event && event.reason) || "");
    };
  });
}

/** Paths of the files that the user picks; [] where the dialog is cancelled. */
async function pickFiles(types) {
  const picked = await storage.localFileSystem.getFileForOpening({ allowMultiple: true, types });
  return [].concat(picked || []).map((file) => file.nativePath);
}

module.exports = { connect, disk, pickFiles, userFile };
