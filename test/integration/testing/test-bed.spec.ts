import { channelStream } from '@app/event-store';
import { aContext, connected, membersOf, useTestBed, waitFor } from '@app/testing';

describe('the test bed', () => {
  const bed = useTestBed({ patient: true });

  it('gives a migrated database to the file, and more of them on demand', async () => {
    const dataSource = await bed.dataSource();
    await dataSource.query(`INSERT INTO registry.endings VALUES ('soc_1', 'disconnected', now())`);
    const other = await bed.createDatabase();
    expect(other).not.toBe(await bed.databaseUrl());
    expect(await bed.databaseUrl()).toBe(await bed.databaseUrl());
  });

  it('gives an event store and topics to the file', async () => {
    const store = await bed.eventStore();
    const event = connected();
    const stream = channelStream(event.data.channelId);
    await store.append(stream, 'no_stream', [event], aContext());
    expect((await store.readLast(stream))?.event).toEqual(event);
    await bed.createTopics();
  });

  it('starts a role as a process of its own, which lets its members in', async () => {
    const { key } = await (await membersOf(bed)).admit({ role: 'EDITOR' });
    const api = await bed.startRole('api', await bed.environment());
    const health = await waitFor(async () => {
      const answer = await fetch(`${api.url}/health/ready`);
      return answer.ok && answer.json();
    });
    expect(health).toMatchObject({ status: 'ready' });
    const listing = await fetch(`${api.url}/api/v1/social-accounts`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(await listing.json()).toEqual({ data: [], nextCursor: null });
    expect(await api.stop()).toEqual({ code: 0, signal: null });
  });

  it('tells of a role that somebody else ended, with its last lines', async () => {
    const role = await bed.startRole('relay', await bed.environment());
    expect(() => role.assertNotLost()).not.toThrow();
    process.kill(role.pid, 'SIGTERM');
    await waitFor(() => {
      expect(() => role.assertNotLost()).toThrow(
        /^the relay ended with 0 .*:\n(.*\n)+.*role stopped/,
      );
      return true;
    });
    await role.stop();
    expect(() => role.assertNotLost()).not.toThrow();
  });

  it('says why a role did not start', async () => {
    const env = await bed.environment({ EVENTSTORE_URL: 'esdb://127.0.0.1:9?tls=false' });
    await expect(bed.startRole('api', env)).rejects.toThrow(/api can't start: EventStoreDB at/);
  });
});
