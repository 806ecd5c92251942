import { CommandBus } from '@nestjs/cqrs';
import * as fc from 'fast-check';
import {
  ConnectChannel,
  DisconnectChannel,
  InternalCommandsModule,
  PublicCommandsModule,
  ReauthorizeChannel,
} from '@app/commands';
import { encodeCloudEvent } from '@app/contracts';
import type { ChannelId } from '@app/domain';
import { announcedEffects } from '@app/domain';
import { channelStream } from '@app/event-store';
import type { ReceivedMessage } from '@app/kafka';
import { toCloudEvent } from '@app/relay';
import { anAccount, aUserId, useTestBed } from '@app/testing';
import { addContent, contentOf } from '../../support/content';
import type { EffectsUnderTest } from './effects-under-test';
import { effectsUnderTest, outcomesOf, patience, skippedFor } from './effects-under-test';
import type { Everything } from './everything-of';
import { everythingOf } from './everything-of';
import { announcement } from './given';

const runs = 16;
const bed = useTestBed({ patient: true });
let effects: EffectsUnderTest;
let bus: CommandBus;
beforeAll(async () => {
  const modules = [InternalCommandsModule, PublicCommandsModule];
  effects = await effectsUnderTest(bed, { vaultKeyFile: bed.vaultKeyFile() }, modules);
  bus = effects.get(CommandBus);
});

/** One account: its channel that ends, and the one that holds the account afterwards. */
interface Account {
  readonly old: ChannelId;
  readonly details: ReturnType<typeof anAccount>;
  again?: { readonly id: ChannelId; readonly before: Everything };
}

const content = { snapshots: 4, comments: 3, scheduled: 2, published: 1 };
let requests = 0;

async function connect(details: Account['details']): Promise<ChannelId> {
  const key = `connect ${++requests}`;
  const row = await bus.execute(new ConnectChannel(details, { credentialId: 'svc', key }, key));
  await addContent(effects.dataSource, row, content);
  return row.id;
}

/** Connected with content, then ended by its owner; no effect has heard of it yet. */
async function disconnectedAccount(): Promise<Account> {
  const details = anAccount();
  const old = await connect(details);
  const reach = new Map([[details.workspaceId, 'OWNER' as const]]);
  const owner = { keyId: 'key', userId: aUserId(), reach };
  await bus.execute(new DisconnectChannel(old, owner, `disconnect ${old}`));
  return { old, details };
}

/** What the relay makes of a channel's latest event, as Kafka delivers it: at another offset each time. */
async function latestMessage(channelId: ChannelId): Promise<ReceivedMessage> {
  const latest = await effects.store.readLast(channelStream(channelId));
  const { key, headers, value } = encodeCloudEvent(toCloudEvent(latest!)!);
  return announcement(channelId, { key, headers, value: Buffer.from(value) });
}

interface Step {
  readonly what: string;
  readonly take: (account: Account) => Promise<unknown>;
}

const times = (count: number, each: readonly Step[]): Step[] =>
  Array.from({ length: count }, () => each).flat();

/** The same account under a new id, with new tokens twice, and with content of its own. */
const reconnect: Step = {
  what: 'RECONNECT',
  take: async (account) => {
    const id = await connect(account.details);
    const { scopes, grantSubject, actor, tokenExpiresAt, tokens } = anAccount();
    const grantedAt = new Date().toISOString();
    const grant = { scopes, grantSubject, actor, tokenExpiresAt, tokens, grantedAt };
    await bus.execute(new ReauthorizeChannel(id, grant, `reauthorize ${id}`));
    account.again = { id, before: await everythingOf(effects, id) };
  },
};

const hearings = announcedEffects.map((effect): Step => ({
  what: `${effect} hears`,
  take: async ({ old }) => effects.inbox.receive(effect, await latestMessage(old)),
}));
const works = announcedEffects.map((effect): Step => ({
  what: `${effect} works`,
  take: ({ old }) => effects.worker.run({ effect, channelId: old }, patience),
}));
const recording: Step = {
  what: 'record',
  take: ({ old }) => effects.recorder.record(old, patience),
};
/** The new channel's own messages, and jobs of its id that nobody asked for. */
const ownOfTheNew = announcedEffects.flatMap((effect): Step[] => [
  {
    what: `${effect} hears of the new one`,
    take: async ({ again }) =>
      again && effects.inbox.receive(effect, await latestMessage(again.id)),
  },
  {
    what: `${effect} works on the new one`,
    take: async ({ again }) =>
      again && effects.worker.run({ effect, channelId: again.id }, patience),
  },
]);
const repairs: Step[] = [
  { what: 'sweep', take: () => effects.sweep.run('0') },
  { what: 'scan', take: () => effects.survivors.scan(patience.signal) },
];
const steps = [
  reconnect,
  ...times(5, hearings),
  ...times(2, works),
  ...times(3, [recording]),
  ...ownOfTheNew,
  ...repairs,
];

/** All steps in some order, some of them at the same time. */
const races = fc.record({
  order: fc.shuffledSubarray(steps, { minLength: steps.length }),
  lanes: fc.integer({ min: 1, max: 4 }),
});
const told = ({ order, lanes }: { order: Step[]; lanes: number }): string =>
  `${lanes} at once: ${order.map(({ what }) => what).join(', ')}`;

async function race(account: Account, order: readonly Step[], lanes: number): Promise<void> {
  const next = order.values();
  const lane = async (): Promise<void> => {
    for (const { take } of next) await take(account);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

it('leaves the account that is back alone, whatever comes late, repeated and in any order', async () => {
  const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
  const property = fc.asyncProperty(races, async (drawn) => {
    const account = await disconnectedAccount();
    await race(account, drawn.order, drawn.lanes);
    // Whatever was in whichever order: the old one's effects end, and it is heard of once more.
    await race(account, [...works, recording, ...hearings, ...works, recording], 1);
    const { old, again } = account;

    expect(await everythingOf(effects, again!.id)).toEqual(again!.before);
    const outcomes = await outcomesOf(effects, old);
    const done = outcomes.flatMap(({ type, data }) =>
      type === 'EffectFinished' ? [`${data.effect} ${JSON.stringify(data.counts)}`] : [type],
    );
    expect(done.sort()).toEqual([
      'DisconnectionCompleted',
      'analytics-purge {"deleted":4}',
      'comments-purge {"deleted":3}',
      'schedule-cancel {"canceled":2,"publishing":0}',
      'token-wipe {"tokens":1}',
    ]);
    expect(await contentOf(effects.dataSource, old)).toEqual({
      snapshots: 0,
      comments: 0,
      targets: { CANCELED: 2, PUBLISHED: 1 },
      sealed: false,
    });
    for (const effect of announcedEffects) {
      expect(await skippedFor(effects, effect, old)).toEqual([]);
      expect(await skippedFor(effects, effect, again!.id)).toEqual([]);
    }
  });
  await fc.assert(property, {
    numRuns: runs,
    seed,
    endOnFailure: true,
    reporter: ({ failed, counterexample, errorInstance }) => {
      if (!failed) return;
      throw new Error(`FUZZ_SEED=${seed}: ${told(counterexample![0])}`, { cause: errorInstance });
    },
  });
});
