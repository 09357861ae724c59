// Tells whether lines of JSON are in the one spelling that `canonicalize` from npm gives them.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { judge, options } from "./arguments.mjs";
import { Refused } from "./canonical.mjs";

const given = options("jcs-compare.mjs --modules FOLDER --lines FILE", ["modules", "lines"]);
const canonicalize = createRequire(`${given.modules}/package.json`)("canonicalize");

judge(() => {
  const lines = readFileSync(given.lines, "utf8").trimEnd().split("\n");
  lines.forEach((line, at) => {
    if (canonicalize(JSON.parse(line)) !== line) throw new Refused(`line ${at + 1}`);
  });
  return `${lines.length} lines are canonical`;
});
