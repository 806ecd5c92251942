import { setImmediate as endOfTurn } from 'node:timers/promises';
import {
  decodeTree,
  isSound,
  NODE,
  nodeCount,
  nodeOf,
  nodesElsewhere,
  PAGE,
  PagedFile,
  TREE_BYTES,
  type Tree,
} from './paged-file';

/** A file up to this size is checked at once, which takes some 50 ms. */
const AT_ONCE_BYTES = 64 * 1024 * 1024;

/** Pages are read by so many that follow one another. */
const WINDOW_PAGES = 256;

/**
 * Checks a database that nobody writes, before LMDB follows what stands in it.
 *
 * @returns 'checked', or of a large one a promise: so far only what LMDB needs to open it is
 *   checked, and nothing else may be read, nor anything written, before that settles
 * @throws UnusableFolderError (or the promise rejects with one) that names what is damaged
 */
export function checkFile(path: string): 'checked' | Promise<void> {
  const file = new PagedFile(path);
  const steps = checkPages(file);
  try {
    for (let step = steps.next(); !step.done; step = steps.next()) {
      if (file.size > AT_ONCE_BYTES) return restOf(file, steps);
    }
  } catch (error) {
    file.close();
    throw error;
  }
  file.close();
  return 'checked';
}

async function restOf(file: PagedFile, steps: Iterator<void>): Promise<void> {
  try {
    while (!steps.next().done) await endOfTurn();
  } finally {
    file.close();
  }
}

/** The tree of a table, and the numbers of the pages that hold its rows. */
interface Table {
  readonly tree: Tree;
  readonly leaves: readonly number[];
}

/**
 * Checks the pages that a database's newest commit stands on: that each is where it is looked
 * for, is what it is taken for, and keeps within itself; that the trees have the pages and rows that
 * they count. LMDB can then walk them without leaving the file. What the rows say isn't checked here.
 *
 * It takes a quarter of a second for a million small events, so it comes in steps.
 *
 * @returns an iterator that is done when all is checked
 * @throws UnusableFolderError at the first page that isn't what it should be, naming it
 */
function* checkPages(file: PagedFile): Generator<void, void> {
  const { free, main } = file.newest;
  const names = tableOf(file, main);
  const tables = new Map(
    [...treesIn(file, names)].map(([name, tree]) => [name, tableOf(file, tree)]),
  );
  const [events, index] = ['events', 'index'].map((name) => tables.get(name)?.tree.entries);
  if (events === undefined || events !== index) {
    throw file.damaged(`it has ${events} events, and places of ${index}`);
  }
  for (const table of [names, tableOf(file, free), ...tables.values()]) {
    yield* checkLeaves(file, table);
  }
}

/** Walks the branch pages: one for some hundred pages of rows. */
function tableOf(file: PagedFile, tree: Tree): Table {
  if (tree.depth === 0) return { tree, leaves: [] };
  let level = [tree.root];
  let branches = 0;
  for (let depth = 1; depth < tree.depth; depth += 1) {
    const below: number[] = [];
    for (const number of level) {
      const page = file.pages(number, 1);
      file.checkHeader(page, number);
      branches += 1;
      if (!isSound(page, PAGE.branch) || branches > tree.branchPages) {
        throw file.damaged(`page ${number} is no branch of the tree that it stands in`);
      }
      for (let n = 0; n < nodeCount(page); n += 1) below.push(nodeOf(page, n).child);
    }
    level = below;
  }
  if (branches !== tree.branchPages || level.length !== tree.leafPages) {
    throw file.damaged(`the tree at page ${tree.root} lacks pages`);
  }
  // To open a table is to read its end.
  const last = level.at(-1)!;
  leafPage(file, file.pages(last, 1), last);
  return { tree, leaves: level };
}

/** The main table's rows are the other tables. */
function* treesIn(file: PagedFile, { leaves }: Table): Generator<[string, Tree]> {
  for (const number of leaves) {
    const page = leafPage(file, file.pages(number, 1), number);
    for (let n = 0; n < nodeCount(page); n += 1) {
      const { key, flags, data } = nodeOf(page, n);
      if (flags === NODE.tree && data.length === TREE_BYTES) {
        // A name ends with a 0.
        yield [key.toString('utf8', 0, key.length - 1), decodeTree(data)];
      }
    }
  }
}

function* checkLeaves(file: PagedFile, { tree, leaves }: Table): Generator<void, void> {
  const ascending = Float64Array.from(leaves).sort();
  const size = file.newest.pageSize;
  const buffer = Buffer.allocUnsafe(WINDOW_PAGES * size);
  let rows = 0;
  for (let next = 0; next < ascending.length;) {
    const first = ascending[next]!;
    const count = Math.max(1, Math.min(WINDOW_PAGES, file.pagesFrom(first)));
    const window = file.pages(first, count, buffer);
    for (; next < ascending.length && ascending[next]! < first + count; next += 1) {
      const number = ascending[next]!;
      const start = (number - first) * size;
      const page = leafPage(file, window.subarray(start, start + size), number);
      rows += nodeCount(page);
      checkElsewhere(file, page);
    }
    yield;
  }
  if (rows !== tree.entries) {
    throw file.damaged(
      `the tree at page ${tree.root} has ${rows} rows, and counts ${tree.entries}`,
    );
  }
}

function leafPage(file: PagedFile, page: Buffer, number: number): Buffer {
  file.checkHeader(page, number);
  if (!isSound(page, PAGE.leaf)) throw file.damaged(`page ${number} holds no rows`);
  return page;
}

/** A row that is too long for a page stands on pages of its own. */
function checkElsewhere(file: PagedFile, page: Buffer): void {
  for (const { data, dataBytes } of nodesElsewhere(page)) {
    const number = Number(data.readBigUInt64LE(0));
    const count = Number(data.readBigUInt64LE(16));
    const header = file.pages(number, 1);
    file.checkHeader(header, number);
    const isWhole =
      header.readUInt16LE(18) === PAGE.overflow &&
      header.readUInt32LE(20) === count &&
      count <= file.pagesFrom(number) &&
      dataBytes <= count * file.newest.pageSize;
    if (!isWhole) throw file.damaged(`page ${number} holds no long row`);
  }
}
