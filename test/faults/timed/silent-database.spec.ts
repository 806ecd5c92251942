import type { ServiceRole } from '@app/config';
import { channelStream } from '@app/event-store';
import { aContext, connected, useTestBed, waitFor } from '@app/testing';
import { healthOf } from '../../support/health';
import { TcpProxy } from '../../support/tcp-proxy';

describe('A database whose connections fall silent', () => {
  const bed = useTestBed();

  it.each<[ServiceRole, string]>([
    ['projector', 'anything'],
    // Its look for what it is to follow: nothing else ends while that waits.
    ['projector', 'FROM runtime.generations'],
    ['relay', 'anything'],
  ])(
    'ends the %s, silent from %s on, which would lead for ever and do nothing, so that its supervisor starts it anew',
    async (role, text) => {
      await bed.createTopics();
      const proxy = await TcpProxy.before(await bed.databaseUrl());
      bed.atEnd(() => proxy.close());
      const started = await bed.startRole(
        role,
        await bed.environment({ DATABASE_URL: proxy.url, LEADERSHIP_TERM_MS: '1000' }),
      );
      await waitFor(() => started.output().includes('leading'));
      if (text === 'anything') proxy.hang();
      else await proxy.hangAt(text);
      const events = await bed.eventStore();
      const start = connected();
      await events.append(channelStream(start.data.channelId), 'no_stream', [start], aContext());

      expect(await started.exited).toEqual({ code: 1, signal: null });
      expect(started.output()).toContain('an engine fell silent');
    },
  );

  it('keep no stand-by from leading once new ones work, however many have fallen silent by then', async () => {
    await bed.createTopics();
    const proxy = await TcpProxy.before(await bed.databaseUrl());
    bed.atEnd(() => proxy.close());
    const termMs = { LEADERSHIP_TERM_MS: '600' };
    const leader = await bed.startRole('relay', await bed.environment(termMs));
    await waitFor(() => leader.output().includes('leading'));
    const behind = { ...termMs, DATABASE_URL: proxy.url, DATABASE_POOL_SIZE: '2' };
    const standBy = await bed.startRole('relay', await bed.environment(behind));
    await waitFor(async () => (await healthOf(standBy)).code === 200);
    expect((await healthOf(standBy)).work.leadership['relay']?.state).toBe('standing by');

    proxy.hang();
    const { accepted } = proxy;
    // Each look at the term, and at the engine, has given its connection up and tried another one.
    await waitFor(() => proxy.accepted >= accepted + 6);
    expect(await healthOf(standBy)).toMatchObject({
      code: 503,
      engines: { PostgreSQL: { state: 'away' } },
      work: { leadership: { relay: { state: 'no candidate' } } },
    });
    proxy.heal();
    await leader.kill();
    await waitFor(async () => {
      const { code, work } = await healthOf(standBy);
      return code === 200 && work.leadership['relay']?.state === 'leading';
    });
    expect(standBy.output().split('no candidate')).toHaveLength(2);
  });
});
