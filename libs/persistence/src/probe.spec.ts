import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { Client } from 'pg';
import { PostgresProbe } from './probe';

it('leaves no socket open at a server that accepts and says nothing', async () => {
  const connecting = jest.spyOn(Client.prototype, 'connect');
  const silent = createServer().listen(0, '127.0.0.1');
  const accepted: Socket[] = [];
  silent.on('connection', (socket) => accepted.push(socket));
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  try {
    const probe = new PostgresProbe(`postgres://user:secret@127.0.0.1:${port}/nothing`);
    for (let n = 0; n < 3; n++) await expect(probe.check(50)).rejects.toThrow();
    probe.close();
    const sockets = (connecting.mock.contexts as Client[]).map(
      (client) => client.connection.stream,
    );
    expect(sockets.length).toBeGreaterThan(0);
    expect(sockets.filter(({ destroyed }) => !destroyed)).toEqual([]);
  } finally {
    for (const socket of accepted) socket.destroy();
    silent.close();
  }
});
