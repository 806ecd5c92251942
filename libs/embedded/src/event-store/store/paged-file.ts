import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { UnusableFolderError } from './folder';

const MAGIC = 0xbeefc0de;
const DATA_VERSION = 2;
const META_PAGES = 2;
const PAGE_HEADER_BYTES = 24;

/** Where things stand in a meta page of LMDB's data format 2, in bytes. */
const META = { magic: 24, version: 28, pageSize: 48, free: 48, main: 96, lastPage: 144, txn: 152 };
const META_BYTES = 160;

/** A tree of the database: LMDB's own record of it. */
export interface Tree {
  /** Levels of pages: 0 when it is empty. */
  readonly depth: number;
  readonly branchPages: number;
  readonly leafPages: number;
  readonly entries: number;
  readonly root: number;
}

export const TREE_BYTES = 48;

export function decodeTree(bytes: Buffer, offset = 0): Tree {
  const number = (at: number): number => Number(bytes.readBigUInt64LE(offset + at));
  return {
    depth: bytes.readUInt16LE(offset + 6),
    branchPages: number(8),
    leafPages: number(16),
    entries: number(32),
    root: number(40),
  };
}

/** The newest commit in a file, by which everything else in it is found. */
interface Newest {
  readonly pageSize: number;
  readonly lastPage: number;
  readonly txn: bigint;
  readonly free: Tree;
  readonly main: Tree;
}

/**
 * LMDB's data file, read without LMDB: that one maps the file and follows what it finds there, so
 * a file that was cut or overwritten would end this process without a word.
 *
 * The layout is that of LMDB's data format 2 on a little-endian machine, from its `mdb.c`.
 */
export class PagedFile {
  private readonly handle: number;
  /** In bytes. */
  readonly size: number;
  readonly newest: Newest;

  /** @throws UnusableFolderError when its meta pages aren't those of an LMDB file */
  constructor(readonly path: string) {
    this.handle = openSync(path, 'r');
    this.size = fstatSync(this.handle).size;
    try {
      this.newest = this.readNewest();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Pages from one on, as far as the file goes: its last ones may never have been written. */
  pagesFrom(first: number): number {
    const { pageSize, lastPage } = this.newest;
    return Math.min(lastPage + 1, Math.floor(this.size / pageSize)) - first;
  }

  close(): void {
    closeSync(this.handle);
  }

  /** @returns an error that names the place and says what to do */
  damaged(what: string): UnusableFolderError {
    return new UnusableFolderError(
      `${this.path} is damaged (${what}): restore the folder from a copy, or empty it`,
    );
  }

  /**
   * Reads pages that follow one another.
   *
   * @param into takes them, where it is large enough: a new one for each read costs as much again
   * @throws UnusableFolderError when the file ends before
   */
  pages(first: number, count: number, into?: Buffer): Buffer {
    const { pageSize, lastPage } = this.newest;
    if (first < META_PAGES || first + count - 1 > lastPage) {
      throw this.damaged(`it names page ${first}, and has ${lastPage}`);
    }
    const length = count * pageSize;
    const bytes = into?.subarray(0, length) ?? Buffer.allocUnsafe(length);
    return this.read(bytes, first * pageSize, `page ${first}`);
  }

  /** @throws UnusableFolderError when what stands at a page's place isn't that page */
  checkHeader(page: Buffer, number: number): void {
    const own = page.readBigUInt64LE(0);
    const isItself = own === BigInt(number) && page.readBigUInt64LE(8) <= this.newest.txn;
    if (!isItself) throw this.damaged(`page ${number} holds something else`);
  }

  private readNewest(): Newest {
    const first = this.readMeta(0, 0);
    const second = this.readMeta(1, first.pageSize);
    const distance = first.txn - second.txn;
    if (second.pageSize !== first.pageSize || distance > 1n || distance < -1n) {
      throw this.damaged("its two heads don't belong together");
    }
    return distance < 0n ? second : first;
  }

  private readMeta(number: number, offset: number): Newest {
    const head = `its head ${number + 1} of ${META_PAGES}`;
    const bytes = this.read(Buffer.alloc(META_BYTES), offset, head);
    const pageSize = bytes.readUInt32LE(META.pageSize);
    const isOurs =
      bytes.readUInt32LE(META.magic) === MAGIC &&
      (bytes.readUInt32LE(META.version) & 0xffff) === DATA_VERSION &&
      pageSize >= 512 &&
      pageSize <= 65_536;
    if (!isOurs) throw this.damaged(`${head} can't be read`);
    return {
      pageSize,
      lastPage: Number(bytes.readBigUInt64LE(META.lastPage)),
      txn: bytes.readBigUInt64LE(META.txn),
      free: decodeTree(bytes, META.free),
      main: decodeTree(bytes, META.main),
    };
  }

  private read(bytes: Buffer, offset: number, what: string): Buffer {
    if (readSync(this.handle, bytes, 0, bytes.length, offset) < bytes.length) {
      throw this.damaged(`it ends within ${what}, after ${this.size} bytes`);
    }
    return bytes;
  }
}

/** A node of a branch or leaf page. */
export interface Node {
  /** Of a branch: the page below. */
  readonly child: number;
  readonly flags: number;
  readonly key: Buffer;
  /** Of a leaf: what it holds, or the place of what it holds. */
  readonly data: Buffer;
  /** Of a leaf: bytes of what it holds, wherever that is. */
  readonly dataBytes: number;
}

export const PAGE = { branch: 1, leaf: 2, overflow: 4 } as const;
export const NODE = { elsewhere: 1, tree: 2 } as const;
/** In units of 16 bits. */
const FIRST_POINTER = PAGE_HEADER_BYTES / 2;
const NODE_HEADER_BYTES = 8;
/** An overflow page's number, its transaction and how many pages follow one another. */
const ELSEWHERE_BYTES = 24;

/**
 * Looks at each node of a page, which is most of the work: hence by 16 bits, in which LMDB aligns
 * all of them.
 *
 * @returns whether the page is of a kind and its nodes lie within it
 */
export function isSound(page: Buffer, kind: (typeof PAGE)['branch' | 'leaf']): boolean {
  const words = new Uint16Array(page.buffer, page.byteOffset, page.length / 2);
  const room = page.length - PAGE_HEADER_BYTES;
  const lower = words[10]!;
  const upper = words[11]!;
  if (words[9] !== kind || lower % 2 !== 0 || lower > upper || upper > room) return false;
  const end = FIRST_POINTER + lower / 2;
  for (let pointer = FIRST_POINTER; pointer < end; pointer += 1) {
    const start = words[pointer]!;
    if (start < upper || start % 2 !== 0 || start + NODE_HEADER_BYTES > room) return false;
    const node = FIRST_POINTER + start / 2;
    const key = words[node + 3]!;
    let held = 0;
    if (kind === PAGE.leaf) {
      const isElsewhere = (words[node + 2]! & NODE.elsewhere) !== 0;
      held = isElsewhere ? ELSEWHERE_BYTES : words[node]! + words[node + 1]! * 65_536;
    }
    if (start + NODE_HEADER_BYTES + key + held > room) return false;
  }
  return true;
}

/** @returns the nodes of a sound leaf whose data stands on pages of its own */
export function nodesElsewhere(page: Buffer): Node[] {
  const words = new Uint16Array(page.buffer, page.byteOffset, page.length / 2);
  const nodes: Node[] = [];
  const count = nodeCount(page);
  for (let n = 0; n < count; n += 1) {
    const node = FIRST_POINTER + words[FIRST_POINTER + n]! / 2;
    if (words[node + 2]! & NODE.elsewhere) nodes.push(nodeOf(page, n));
  }
  return nodes;
}

/** How many nodes a page has. */
export function nodeCount(page: Buffer): number {
  return page.readUInt16LE(20) / 2;
}

/** A node of a page that {@link isSound}. */
export function nodeOf(page: Buffer, index: number): Node {
  const node = PAGE_HEADER_BYTES + page.readUInt16LE(PAGE_HEADER_BYTES + 2 * index);
  const flags = page.readUInt16LE(node + 4);
  const dataBytes = page.readUInt32LE(node);
  const data = node + NODE_HEADER_BYTES + page.readUInt16LE(node + 6);
  const held = flags & NODE.elsewhere ? ELSEWHERE_BYTES : dataBytes;
  return {
    child: dataBytes + flags * 2 ** 32,
    flags,
    key: page.subarray(node + NODE_HEADER_BYTES, data),
    data: page.subarray(data, data + held),
    dataBytes,
  };
}
