import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDBClient, jsonEvent, type ResolvedEvent } from '@eventstore/db-client';
import { builtFile, startEventStore } from '@app/embedded';

/** How large a file may grow, in the shell's blocks of 512 or 1,024 bytes: a disk soon full. */
const FILE_LIMIT_BLOCKS = 4_000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'event-store-disk-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const append = (client: EventStoreDBClient): Promise<unknown> =>
  client.appendToStream('one', jsonEvent({ type: 'Big', data: { padding: 'x'.repeat(50_000) } }));

async function count(client: EventStoreDBClient): Promise<number> {
  const events: ResolvedEvent[] = [];
  for await (const event of client.readStream('one')) events.push(event);
  return events.length;
}

describe('an event store whose disk refuses a write', () => {
  it('says so, still reads, takes no more appends, and goes on after a restart', async () => {
    const limited = spawn(
      'sh',
      [
        '-c',
        `ulimit -f ${FILE_LIMIT_BLOCKS}; exec "$0" "$@"`,
        process.execPath,
        builtFile('libs/embedded/src/event-store/main'),
        '--data-dir',
        folder,
      ],
      { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] },
    );
    const [{ ready }] = (await once(limited, 'message')) as [{ ready: number }];
    const client = EventStoreDBClient.connectionString(`esdb://127.0.0.1:${ready}?tls=false`);

    let acknowledged = 0;
    const appendUntilRefused = async (): Promise<never> => {
      for (;;) {
        await append(client);
        acknowledged += 1;
      }
    };
    const readOnly = /read-only after a failed write .*: see to its disk, then restart it/;
    await expect(appendUntilRefused()).rejects.toThrow(readOnly);
    expect(acknowledged).toBeGreaterThan(0);
    await expect(append(client)).rejects.toThrow(readOnly);
    expect(await count(client)).toBe(acknowledged);

    await client.dispose();
    limited.kill('SIGTERM');
    expect(await once(limited, 'exit')).toEqual([0, null]);

    const restarted = await startEventStore({ dataDir: folder });
    const again = EventStoreDBClient.connectionString(restarted.url);
    await append(again);
    expect(await count(again)).toBe(acknowledged + 1);
    await again.dispose();
    await restarted.stop();
  }, 30_000);
});
