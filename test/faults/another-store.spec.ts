import { join } from 'node:path';
import type { ServiceRole } from '@app/config';
import { startEventStore } from '@app/embedded';
import { channelStream } from '@app/event-store';
import { CheckpointStore } from '@app/persistence';
import { aContext, connected, startRoleProcess, useTestBed, waitFor } from '@app/testing';

describe('An event store that is not the one that was followed', () => {
  const bed = useTestBed();

  it.each<[ServiceRole, string]>([
    ['projector', 'channels@1'],
    ['relay', 'relay'],
    ['subscribers', 'reconciler'],
  ])(
    'ends the %s with a line that says what to do, and its checkpoint stays',
    async (role, name) => {
      await bed.createTopics();
      const events = await bed.eventStore();
      const start = connected();
      await events.append(channelStream(start.data.channelId), 'no_stream', [start], aContext());
      const env = await bed.environment();
      const checkpoints = new CheckpointStore(await bed.dataSource());
      const before = await bed.startRole(role, env);
      const last = await events.lastEvent();
      await waitFor(async () => (await checkpoints.load(name))?.event?.id === last!.id);
      await before.stop();
      const checkpoint = await checkpoints.load(name);

      const engine = await startEventStore({
        dataDir: join(bed.folder, role),
        fsync: false,
        strict: bed.strictness,
      });
      bed.atEnd(() => engine.stop());
      // It may have said that it is ready, and it may not have come so far.
      const ended = await startRoleProcess(
        role,
        { ...env, EVENTSTORE_URL: engine.url },
        bed.folder,
      ).then(
        async (started) => ({ exit: await started.exited, output: started.output() }),
        (error: { exit: object; output: string }) => error,
      );
      expect(ended.exit).toEqual({ code: 1, signal: null });
      expect(ended.output).toContain(`stands on the event ${last!.id} at `);
      expect(ended.output).toContain('EVENTSTORE_URL names another one');
      expect(await checkpoints.load(name)).toEqual(checkpoint);
    },
  );
});
