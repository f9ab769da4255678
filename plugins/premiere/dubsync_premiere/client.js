// The panel's side of `dubsync rpc --listen`: JSON-RPC 2.0, one JSON object a message.
"use strict";

const problems = require("./problems.js");

const VERSION = "0.1.0";
const PROTOCOL = 1;
const HELLO_MS = 20000;

class Client {
  /**
   * connect  () => Promise of a socket: send(text), close(), and the two that are set here,
   *          onmessage(text) and onclose(words).  Rejects with a Problem where nobody listens.
   */
  constructor(connect, name = "premiere", version = VERSION) {
    Object.assign(this, { connect, name, version });
    this.dubsync = "";
    this.told = () => {}; // told(method, params) gets each notification
    this._socket = null;
    this._opening = null;
    this._waiting = new Map();
    this._number = 0;
  }

  get running() {
    return this._socket !== null;
  }

  /** Connect, and agree on a protocol.  Rejects with a Problem. */
  async start() {
    if (this.running) return;
    if (!this._opening) {
      this._opening = this._open().finally(() => {
        this._opening = null;
      });
    }
    await this._opening;
  }

  /** The answer to a call.  Rejects with a Problem. */
  async call(method, params = {}) {
    await this.start();
    return this._exchange(method, params);
  }

  /** The panel closes: a running job stops cleanly, finished shots stay. */
  close() {
    const socket = this._socket;
    this._socket = null;
    if (!socket) return;
    const problem = problems.closed();
    this._forget(problem);
    this.told("ended", { problem });
    socket.close();
  }

  async _open() {
    const socket = await this.connect();
    socket.onmessage = (text) => this._heard(text);
    socket.onclose = (words) => this._gone(socket, words);
    this._socket = socket;
    let timer = null;
    const late = new Promise((resolve, reject) => {
      timer = setTimeout(() => reject(problems.notListening("no answer in 20 s")), HELLO_MS);
    });
    try {
      const hello = { client: this.name, client_version: this.version, protocols: [PROTOCOL] };
      const answer = await Promise.race([this._exchange("hello", hello), late]);
      this.dubsync = String(answer.dubsync || "");
    } catch (error) {
      this.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  _exchange(method, params) {
    return new Promise((resolve, reject) => {
      const id = ++this._number;
      this._waiting.set(id, { resolve, reject });
      try {
        this._socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
      } catch (error) {
        this._waiting.delete(id);
        reject(problems.ended(String((error && error.message) || "")));
      }
    });
  }

  _heard(text) {
    let message = null;
    try {
      message = JSON.parse(text);
    } catch (error) {
      return; // no message of the protocol
    }
    if (!message || typeof message !== "object") return;
    if (typeof message.method === "string") {
      this.told(message.method, message.params || {});
      return;
    }
    const waiting = this._waiting.get(message.id);
    this._waiting.delete(message.id);
    if (!waiting) return;
    if (message.error) waiting.reject(problems.fromError(message.error));
    else waiting.resolve(message.result);
  }

  _gone(socket, words) {
    if (socket !== this._socket) return; // closed by us
    this._socket = null;
    const problem = problems.ended(String(words || ""));
    this._forget(problem);
    this.told("ended", { problem });
  }

  _forget(problem) {
    const waiting = [...this._waiting.values()];
    this._waiting.clear();
    for (const one of waiting) one.reject(problem);
  }
}

module.exports = { Client, VERSION };
