import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, type Server, createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, isPortFree, keptPort, requireFreePort } from './ports';

describe('ports', () => {
  let folder: string;
  let file: string;
  const servers: Server[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ports-'));
    file = join(folder, 'ports.json');
  });
  afterEach(async () => {
    rmSync(folder, { recursive: true });
    await Promise.all(servers.splice(0).map((server) => once(server.close(), 'close')));
  });

  async function take(port = 0): Promise<number> {
    const server = createServer().listen(port, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  it('keeps a port by its name', async () => {
    const port = await keptPort(file, 'postgres');
    expect(await keptPort(file, 'postgres')).toBe(port);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ postgres: port });
  });

  it('keeps the ports of one file that are chosen at once, each its own', async () => {
    const names = ['postgres', 'kafka', 'kafka controller'];
    const ports = await Promise.all(names.map((name) => keptPort(file, name)));
    expect(await Promise.all(names.map((name) => keptPort(file, name)))).toEqual(ports);
    expect(new Set(ports).size).toBe(3);
  });

  it('chooses another one, and says so, when somebody has taken it', async () => {
    const port = await keptPort(file, 'kafka');
    await take(port);
    const said: string[] = [];
    const other = await keptPort(file, 'kafka', (line) => said.push(line));
    expect(said).toEqual([`Port ${port} of kafka is taken by another process: now using ${other}`]);
    expect(await keptPort(file, 'kafka')).toBe(other);
  });

  it('refuses a given port that is taken', async () => {
    const port = await take();
    await expect(requireFreePort(port, 'postgres')).rejects.toThrow(
      `Port ${port} for the embedded postgres is taken by another process`,
    );
  });

  it('chooses none that outgoing connections may sit on', async () => {
    const port = await freePort();
    expect(port).toBeLessThan(32_768);
    expect(await isPortFree(port)).toBe(true);
  });
});
