// The command line of these scripts: `--name value`, each name once.

import { Refused } from "./canonical.mjs";

/** The options that were given; ends the program when they are not the ones that are known. */
export function options(usage, required, optional = []) {
  const given = {};
  const words = process.argv.slice(2);
  for (let at = 0; at < words.length; at += 2) {
    const name = words[at].replace(/^--/, "");
    const isKnown = [...required, ...optional].includes(name) && words[at].startsWith("--");
    if (!isKnown || name in given || words[at + 1] === undefined) fail(usage);
    given[name] = words[at + 1];
  }
  if (required.some((name) => !(name in given))) fail(usage);
  return given;
}

function fail(usage) {
  console.error(`usage: ${usage}`);
  process.exit(2);
}

/**
 * Runs the checks: prints what they return and ends with 0, or why they refuse and ends with 1. Any
 * other error is a fault of the script, and ends with 70.
 */
export function judge(checks) {
  try {
    console.log(checks());
  } catch (error) {
    const isRefusal = error instanceof Refused || error.name === "VerificationError";
    console.error(isRefusal ? `refused: ${error.message}` : error);
    process.exit(isRefusal ? 1 : 70);
  }
}
