// Objects that know what the documents list, and nothing else; with the types that these give.
"use strict";

const kinds = new WeakMap(); // proxy -> kind
const states = new WeakMap(); // proxy -> what the fake keeps of it

/** Names that JavaScript itself asks for. */
const LANGUAGE = new Set(["then", "toJSON", "constructor", "toString", "valueOf", "inspect"]);

/** An object of `kind` with these members; `later`: names that this version has not yet. */
function strict(kind, members, { state = null, later = [] } = {}) {
  const proxy = new Proxy(members, {
    get(target, name) {
      if (typeof name === "symbol" || name in target) {
        const value = target[name];
        return value instanceof Property ? value.get() : value;
      }
      if (LANGUAGE.has(name) || later.includes(name)) return undefined;
      throw new TypeError(`${kind}.${name} is not in the documents`);
    },
    set(target, name) {
      throw new TypeError(`${kind}.${String(name)} cannot be set`);
    },
  });
  kinds.set(proxy, kind);
  states.set(proxy, state);
  return proxy;
}

/** A member that is asked anew each time. */
class Property {
  constructor(get) {
    this.get = get;
  }
}

const property = (get) => new Property(get);

const isA = (value, type) => {
  if (type.endsWith("[]")) return Array.isArray(value) && value.every((one) => isA(one, type.slice(0, -2)));
  if (["string", "number", "boolean", "function"].includes(type)) return typeof value === type;
  return type.split("|").includes(kinds.get(value));
};

/** A function that takes values of these types: "string", "TickTime", "A|B"; "?": may be left out. */
function typed(name, types, work) {
  return (...given) => {
    const least = types.filter((type) => !type.endsWith("?")).length;
    if (given.length < least || given.length > types.length) {
      throw new TypeError(`${name} takes ${types.length} arguments, not ${given.length}`);
    }
    given.forEach((value, index) => {
      const type = types[index].replace("?", "");
      if (!isA(value, type)) throw new TypeError(`${name}: argument ${index + 1} is no ${type}`);
    });
    return work(...given);
  };
}

const stateOf = (proxy) => states.get(proxy);

module.exports = { kinds, property, stateOf, strict, typed };
