// The command line of these scripts: `--name value`, each name once.

import { readFileSync } from "node:fs";
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

/**
 * Judges the bytes of a file. With `alter`, also a copy for each byte with that byte altered by so
 * many: an altered copy that is accepted is a fault too.
 */
export function judgeFile(file, alter, check) {
  judge(() => {
    const bytes = readFileSync(file);
    const said = check(bytes);
    if (alter === undefined) return said;
    bytes.forEach((byte, at) => {
      const altered = Buffer.from(bytes);
      altered[at] = byte ^ Number(alter);
      try {
        check(altered);
      } catch (error) {
        if (error instanceof Refused) return;
        throw error;
      }
      throw new Error(`accepted with byte ${at} altered`);
    });
    return `${said}; ${bytes.length} altered copies refused`;
  });
}
