import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import Module from 'node:module';
import { basename, dirname, isAbsolute, join, sep } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { Script } from 'node:vm';

/**
 * `node --require code-cache <main>`, with a folder in TEST_CODE_CACHE: most of what a role's start
 * costs is that V8 compiles two thousand modules of libraries and that Node looks for them. Tests
 * start roles hundreds of times; each program's first end leaves there what the next ones load. The
 * folder is of one run of the tests, so that nothing in it is ever out of date. Nothing else of a
 * process is changed, and our own code is loaded as always, with its source maps.
 *
 * From Node 22 on, NODE_COMPILE_CACHE does this.
 */
interface Cache {
  /** A library's file -> what V8 made of it. */
  readonly code: Map<string, Buffer>;
  /** Asking folder and request -> file. */
  readonly files: Map<string, string>;
}

type Compile = (this: NodeJS.Module, content: string, filename: string) => unknown;
type Resolve = (request: string, parent?: NodeJS.Module, ...more: unknown[]) => string;
/** What Node lets others replace, as its documentation of `require.extensions` and the like tells. */
const loader = Module as unknown as {
  prototype: { _compile: Compile };
  _resolveFilename: Resolve;
};

const libraries = `${sep}node_modules${sep}`;

function install(file: string): void {
  const cache = load(file);
  const { code, files } = cache ?? noCache();
  const compiled = new Map<string, Script>();

  const compile = loader.prototype._compile;
  loader.prototype._compile = function (content, filename) {
    // What was compiled elsewhere can't import anything later: the one that does (OpenTelemetry's exporter)
    // would never send.
    const isCacheable = filename.includes(libraries) && !/\bimport\(/.test(content);
    if (!isCacheable) return compile.call(this, content, filename);
    const script = new Script(Module.wrap(content), {
      filename,
      cachedData: code.get(filename),
    });
    if (!cache) compiled.set(filename, script);
    const run = script.runInThisContext() as (...names: unknown[]) => unknown;
    const require = Module.createRequire(filename);
    return run.call(this.exports, this.exports, require, this, filename, dirname(filename));
  };

  const resolve = loader._resolveFilename;
  loader._resolveFilename = function (request, parent, ...more) {
    const known = parent?.filename && `${dirname(parent.filename)}\0${request}`;
    if (!known || more[1] !== undefined) return resolve.call(this, request, parent, ...more);
    const file = files.get(known) ?? resolve.call(this, request, parent, ...more);
    if (isAbsolute(file)) files.set(known, file);
    return file;
  };

  if (cache) return;
  process.once('exit', () => {
    for (const [filename, script] of compiled) code.set(filename, script.createCachedData());
    save(file, { code, files });
  });
}

function noCache(): Cache {
  return { code: new Map(), files: new Map() };
}

function load(file: string): Cache | undefined {
  try {
    return deserialize(readFileSync(file)) as Cache;
  } catch {
    return undefined;
  }
}

/** Whole or not at all: others read it meanwhile. */
function save(file: string, cache: Cache): void {
  mkdirSync(dirname(file), { recursive: true });
  const scratch = `${file}.${process.pid}`;
  writeFileSync(scratch, serialize(cache));
  renameSync(scratch, file);
}

const { TEST_CODE_CACHE: folder } = process.env;
if (folder) {
  // apps/<name>/src/main.js
  const program = basename(dirname(dirname(process.argv[1]!)));
  delete process.env.TEST_CODE_CACHE;
  install(join(folder, program));
}
