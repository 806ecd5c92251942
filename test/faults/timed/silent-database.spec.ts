import type { ServiceRole } from '@app/config';
import { channelStream } from '@app/event-store';
import { aContext, connected, useTestBed, waitFor } from '@app/testing';
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
});
