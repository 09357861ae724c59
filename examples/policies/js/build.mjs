// Makes `policy.wasm` of `policy.js`: `npm run build`.
import { writeFile } from 'node:fs/promises';
import { componentize } from '@bytecodealliance/componentize-js';

const { component, imports } = await componentize({
  sourcePath: 'policy.js',
  witPath: process.env.POLICY_WIT ?? 'wit',
  worldName: 'ledger-policy',
  // A policy imports nothing: with any of these it would be refused.
  disableFeatures: ['stdio', 'random', 'clocks', 'http', 'fetch-event'],
});
if (imports.length > 0) throw new Error(`it imports ${JSON.stringify(imports)}`);
const target = process.argv[2] ?? 'policy.wasm';
await writeFile(target, component);
console.log(`${target}: ${component.length} bytes`);
