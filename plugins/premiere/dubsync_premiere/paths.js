// Paths as the machine writes them: UXP has no module for it.
"use strict";

/** The folder of a path; "" where it has none. */
function folderOf(path) {
  const cut = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  return cut > 0 ? path.slice(0, cut) : path.slice(0, cut + 1);
}

/** The name of a file, without its folder. */
const nameOf = (path) => path.split(/[\\/]/).pop();

/** Parts joined as the first is written. */
function join(first, ...rest) {
  const between = first.includes("\\") ? "\\" : "/";
  return [first.replace(/[\\/]$/, ""), ...rest].join(between);
}

module.exports = { folderOf, join, nameOf };
