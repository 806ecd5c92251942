import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDBClient, jsonEvent, NO_STREAM, type EventData } from '@eventstore/db-client';
import { builtFile, startEventStore } from '@app/embedded';

const EVENTS_PER_APPEND = 3;
const LINE = /read-only after a failed write .*: see to its disk, then restart it/;

/** How a disk gets full. The server lies in `$0`, and leaves a copy in `$1`. */
const WAYS = {
  'a full disk, a tmpfs of 3 MB': {
    command: ['unshare', '-rm', 'sh', '-c'],
    script:
      'mount -t tmpfs -o size=3m tmpfs "$0" && "$2" "$3" --data-dir "$0/store"; cp -a "$0/store/." "$1"',
  },
  // In the shell's blocks of 512 or 1,024 bytes.
  'a file that may not grow, beyond 2 or 4 MB': {
    command: ['sh', '-c'],
    script: '(ulimit -f 4000; exec "$2" "$3" --data-dir "$0/store"); cp -a "$0/store/." "$1"',
  },
};
type Way = keyof typeof WAYS;

/** Whether a user may mount here, which some systems keep to root: then the other way stands in. */
const mayMount =
  spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;
const [full, limited] = Object.keys(WAYS) as [Way, Way];
const ways = mayMount ? [full, limited] : [limited];

let folder: string;
let disk: string;
let copy: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'event-store-disk-'));
  [disk, copy] = [join(folder, 'disk'), join(folder, 'copy')];
  for (const path of [disk, copy]) mkdirSync(path);
});
afterEach(() => rmSync(folder, { recursive: true }));

function start(way: Way): ChildProcess {
  const { command, script } = WAYS[way];
  const main = builtFile('libs/embedded/src/event-store/main');
  const [program, ...options] = [...command, script, disk, copy, process.execPath, main];
  return spawn(program, options, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
}

const someEvents = (): EventData[] =>
  Array.from({ length: EVENTS_PER_APPEND }, () =>
    jsonEvent({ type: 'Big', data: { padding: 'x'.repeat(20_000) } }),
  );

/** Appends until one is refused. @returns what was acknowledged, and what was refused */
async function fill(client: EventStoreDBClient) {
  const acknowledged: string[] = [];
  for (;;) {
    const events = someEvents();
    try {
      await client.appendToStream('one', events, { expectedRevision: expected(acknowledged) });
    } catch (error) {
      return { acknowledged, refused: events, error };
    }
    acknowledged.push(...events.map(({ id }) => id));
  }
}

const expected = ({ length }: readonly string[]) => (length === 0 ? NO_STREAM : BigInt(length - 1));

async function idsIn(client: EventStoreDBClient): Promise<string[]> {
  const ids: string[] = [];
  for await (const { event } of client.readStream('one')) ids.push(event!.id);
  return ids;
}

/** A subscription's first events: as many as are there. */
async function idsSubscribed(client: EventStoreDBClient, count: number): Promise<string[]> {
  const ids: string[] = [];
  for await (const { event } of client.subscribeToStream('one')) {
    if (ids.push(event!.id) === count) break;
  }
  return ids;
}

const here = mayMount ? '' : ' (no mount is permitted here: a limit stands in for a full disk)';
describe(`an event store that meets${here}`, () => {
  it.each(ways)(
    '%s says so, still reads, takes no more, and goes on after a restart from the last acknowledged event',
    async (way) => {
      const server = start(way);
      const [{ ready }] = (await once(server, 'message')) as [{ ready: number }];
      const client = EventStoreDBClient.connectionString(`esdb://127.0.0.1:${ready}?tls=false`);
      const { acknowledged, refused, error } = await fill(client);
      expect(String(error)).toMatch(LINE);
      expect(acknowledged.length).toBeGreaterThan(0);

      await expect(client.appendToStream('two', someEvents())).rejects.toThrow(LINE);
      await expect(client.deleteStream('one')).rejects.toThrow(LINE);
      await expect(client.tombstoneStream('one')).rejects.toThrow(LINE);
      expect(await idsIn(client)).toEqual(acknowledged);
      expect(await idsSubscribed(client, acknowledged.length)).toEqual(acknowledged);
      await client.dispose();
      server.disconnect();
      await once(server, 'exit');

      const dataDir = join(folder, 'restarted');
      cpSync(copy, dataDir, { recursive: true });
      const restarted = await startEventStore({ dataDir });
      const again = EventStoreDBClient.connectionString(restarted.url);
      const whole = [...acknowledged, ...refused.map(({ id }) => id)];
      expect([acknowledged, whole]).toContainEqual(await idsIn(again));
      await again.appendToStream('one', refused, { expectedRevision: expected(acknowledged) });
      expect(await idsIn(again)).toEqual(whole);
      await again.dispose();
      await restarted.stop();
    },
  );
});
