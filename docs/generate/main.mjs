import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';
import { eventsDocument } from './events-document.mjs';

/**
 * Writes the files that are made from the code, or with `--check` fails with the names of those
 * that differ from it. It reads what the build has made, so that it needs no engine.
 */
const built = createRequire(new URL('../../dist/', import.meta.url));

const generated = {
  '.env.example': () => built('./libs/config/src').envExample(),
  'docs/openapi.json': async () => json(await built('./apps/api/src/openapi').apiDocument()),
  'docs/openapi-internal.json': async () =>
    json(await built('./apps/internal/src/openapi').internalDocument()),
  'docs/asyncapi.json': () => built('./libs/contracts/src').asyncApiDocument(),
  'docs/events.md': () => eventsDocument(built),
  'docs/logs.md': () => markdown(built('./libs/observability/src').logsDocument()),
};

const check = process.argv.includes('--check');
const differing = [];
for (const [path, make] of Object.entries(generated)) {
  const file = new URL(`../../${path}`, import.meta.url);
  const content = await make();
  if (content === read(file)) continue;
  differing.push(path);
  if (!check) writeFileSync(file, content);
}

for (const path of differing) console.log(check ? `${path} differs: npm run generate` : path);
process.exit(check && differing.length > 0 ? 1 : 0);

/** As `npm run format` would leave it. */
async function markdown(text) {
  const options = await prettier.resolveConfig(fileURLToPath(new URL('../../', import.meta.url)));
  return prettier.format(text, { ...options, parser: 'markdown' });
}

function json(document) {
  return `${JSON.stringify(document, null, 2)}\n`;
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
