import type { DataSource } from 'typeorm';
import type { ServiceRole } from '@app/config';
import { serviceRoles } from '@app/config';
import { channelsTopic, disconnectionsTopic, topics } from '@app/contracts';
import type { Receipt } from '@app/domain';
import { announcedEffects } from '@app/domain';
import type { EventStore, RecordedEvent } from '@app/event-store';
import { channelStream, disconnectionStream } from '@app/event-store';
import type { ReceivedMessage } from '@app/kafka';
import { projections } from '@app/projections';
import { verifyReceipt } from '@app/receipts';
import type { Pace, RoleProcess } from '@app/testing';
import { membersOf, paced, RestClient, useTestBed, waitFor } from '@app/testing';
import { collect } from '../../integration/kafka/collect';
import { Balancer } from '../../support/balancer';
import { contentOf } from '../../support/content';
import type { Written } from '../../support/customers';
import { Customers } from '../../support/customers';
import { GenerationsUnderTest } from '../../support/generations-under-test';
import { InternalService } from '../../support/internal-service';
import { untilThere } from '../../support/until-there';

/** So many begin each second, while not too many are under way: a busy machine isn't made busier. */
const [lives, atOnce] = [2, 4];
/** Milliseconds, of a machine that does much else. */
const patience = { withinMs: 60_000 };
/** Milliseconds from the order to end until another process leads; a term, which nobody waits for, is longer. */
const [handOverWithinMs, termMs] = [20_000, 60_000];
/** Of the quickest one: a machine that is busy for a moment is no slow leader. */
const quickestWithinMs = 3_000;

/** A process, and what it is started with. */
interface Instance {
  process: RoleProcess;
  readonly env: NodeJS.ProcessEnv;
}

describe('Two instances of each role, restarted one after the other, with traffic', () => {
  const bed = useTestBed();
  const fleet = new Map<ServiceRole, readonly Instance[]>();
  const balancers: Balancer[] = [];
  /** When a process was told to end, by the clock that the database has, too. */
  const ordered: number[] = [];
  let dataSource: DataSource;
  let events: EventStore;
  let api: RestClient;
  let internal: InternalService;
  let customers: Customers;

  beforeAll(async () => {
    await bed.createTopics();
    dataSource = await bed.dataSource();
    events = await bed.eventStore();
    await dataSource.query(notesOfTerms);
    await Promise.all(serviceRoles.map(async (role) => fleet.set(role, await twoOf(role))));
    const members = await membersOf(bed);
    const { key, workspaceId } = await members.admit();
    api = new RestClient(await balanced('api'), key);
    const secret = await members.mintService(['connect', 'lease']);
    internal = new InternalService(await balanced('internal'), secret);
    customers = new Customers({ api, internal, dataSource, workspaceId });
  });

  async function twoOf(role: ServiceRole): Promise<Instance[]> {
    return Promise.all(
      [1, 2].map(async () => {
        const env = await bed.environment({
          ...{ LEADERSHIP_TERM_MS: String(termMs), START_TIMEOUT_MS: '9000' },
          // Longer than the balancer stands still between two looks, also on a busy machine.
          SHUTDOWN_DRAIN_MS: '2000',
        });
        return { env, process: await bed.startRole(role, env) };
      }),
    );
  }

  async function balanced(role: ServiceRole): Promise<string> {
    const balancer = await Balancer.before(fleet.get(role)!.map(({ process }) => process.url));
    bed.atEnd(() => balancer.close());
    balancers.push(balancer);
    await waitFor(() => balancer.isWhole, patience);
    return balancer.url;
  }

  /** As a deployment does it: the next one only when this one is back. */
  async function restart(role: ServiceRole): Promise<void> {
    for (const instance of fleet.get(role)!) {
      ordered.push(Date.now());
      expect(await instance.process.stop()).toEqual({ code: 0, signal: null });
      instance.process = await bed.startRole(role, instance.env);
      const { url } = instance.process;
      await waitFor(async () => (await fetch(`${url}/health/ready`)).ok, patience);
      await waitFor(() => balancers.every(({ isWhole }) => isWhole), patience);
    }
  }

  it('fail no request', async () => {
    const traffic = paced(lives, async (n) => {
      if (customers.underWay < atOnce) await customers.live(n);
    });
    let pace: Pace;
    try {
      await waitFor(() => customers.kept.length > 0, patience);
      for (const role of ['subscribers', 'projector', 'relay', 'internal', 'api'] as const) {
        await restart(role);
      }
    } finally {
      pace = await traffic.stop();
    }
    expect(balancers.flatMap((balancer) => balancer.failures)).toEqual([]);
    expect(pace.failures.map(String)).toEqual([]);
    expect(customers.ended.length).toBeGreaterThan(10);
  }, 360_000);

  it('lose no effect and do none twice, and touch nothing of what was connected again', async () => {
    const keys = (await api.get('/api/receipt-keys.json')).body;
    for (const { id, content } of customers.ended) {
      const receipt = await waitFor(
        async () => {
          const { body } = await api.get<Receipt>(`/api/v1/social-accounts/${id}/disconnection`);
          return body.status === 'COMPLETED' && body;
        },
        { what: `the completion of ${id}`, ...patience },
      );
      expect(await verifyReceipt(asParsedHere(receipt), keys)).toMatchObject({ isGenuine: true });
      expect(typesOf(await events.read(channelStream(id)))).toEqual(wholeLife);
      expect(outcomesIn(await events.read(disconnectionStream(id)))).toEqual(outcomesOf(content));
      expect(await contentOf(dataSource, id)).toEqual(remainsOf(content));
    }
    for (const { id, content } of customers.kept) {
      expect(await contentOf(dataSource, id)).toEqual({
        snapshots: content.snapshots,
        comments: content.comments,
        targets: { SCHEDULED: content.scheduled, PUBLISHED: content.published },
        sealed: true,
      });
      expect((await untilThere(() => internal.lease(id))).status).toBe(200);
    }
    expect(await dataSource.query('SELECT * FROM effects.skipped')).toEqual([]);
  });

  it('keep what is read true to the events', async () => {
    const projected = await GenerationsUnderTest.on(bed);
    await projected.caughtUp();
    for (const { name } of projections) expect((await projected.verify(name)).wrong).toEqual([]);
  });

  it('tell the world of every event, in order', async () => {
    const messages = await collect(bed, topics);
    const of = (id: string, topic: string) =>
      firstOfEach(messages.filter((message) => message.key === id && message.topic === topic));
    for (const { id } of [...customers.ended, ...customers.kept]) {
      const life = await events.read(channelStream(id));
      const end = (await events.read(disconnectionStream(id))).slice(-1);
      await waitFor(() => of(id, channelsTopic).length === life.length);
      await waitFor(() => of(id, disconnectionsTopic).length === end.length);
      expect(of(id, channelsTopic)).toEqual(life.map((recorded) => recorded.id));
      expect(of(id, disconnectionsTopic)).toEqual(end.map((recorded) => recorded.id));
    }
  });

  it('pass leadership on at once, to one process at a time', async () => {
    const taken: Taken[] = await dataSource.query(
      `SELECT taken.name, round(1000 * extract(epoch FROM taken.at))::float8 AS at,
              round(1000 * extract(epoch FROM taken.at - given.at))::float8 AS idle
         FROM public.terms taken
         LEFT JOIN public.terms given
           ON given.name = taken.name AND given.epoch = taken.epoch - 1 AND given.back
        WHERE NOT taken.back AND taken.epoch > 1`,
    );
    const names = new Set(taken.map(({ name }) => name));
    expect(names.size).toBe(projections.length + ['relay', 'registrar', 'reconciler'].length);
    const handOvers: number[] = [];
    for (const { name, at, idle } of taken) {
      // Given back by the former leader, and taken only then.
      expect({ name, idle }).toEqual({ name, idle: expect.any(Number) as number });
      expect(idle).toBeGreaterThanOrEqual(0);
      const order = ordered.filter((one) => one <= at).at(-1)!;
      handOvers.push(at - order);
    }
    expect(Math.max(...handOvers)).toBeLessThan(handOverWithinMs);
    expect(Math.min(...handOvers)).toBeLessThan(quickestWithinMs);
  });
});

/** A change of leader, in milliseconds. */
interface Taken {
  readonly name: string;
  readonly at: number;
  /** How long nobody led before; null when the former leader has not given it back. */
  readonly idle: number | null;
}

/** SQL that has the database write down each term that begins, and each that is given back. */
const notesOfTerms = `
  CREATE TABLE public.terms (name text, epoch bigint, back boolean, at timestamptz);
  CREATE FUNCTION public.note_term() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO public.terms
    VALUES (NEW.name, NEW.epoch, NEW.epoch = OLD.epoch, clock_timestamp());
    RETURN NULL;
  END $$;
  CREATE TRIGGER note_term AFTER UPDATE ON runtime.leadership FOR EACH ROW
    WHEN (NEW.epoch <> OLD.epoch OR NEW.expires_at < OLD.expires_at)
    EXECUTE FUNCTION public.note_term()`;

/** What fetch has parsed is made of another realm's arrays, which Node takes for different ones. */
function asParsedHere(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body));
}

const wholeLife = ['ChannelConnected', 'ChannelDisconnected'];

function typesOf(recorded: readonly RecordedEvent[]): string[] {
  return recorded.map(({ event }) => event.type);
}

/** Each outcome by its effect, and how often the end is told. */
function outcomesIn(recorded: readonly RecordedEvent[]): object {
  const outcomes = recorded.flatMap(({ event }) =>
    event.type === 'EffectFinished' ? [event.data] : [],
  );
  return {
    events: recorded.length,
    last: recorded.at(-1)?.event.type,
    outcomes: Object.fromEntries(
      outcomes.map(({ effect, status, counts }) => [effect, { status, counts }]),
    ),
  };
}

/** What must have come of it. */
function outcomesOf({ snapshots, comments, scheduled }: Written['content']): object {
  const done = (counts: object): object => ({ status: 'DONE', counts });
  return {
    events: announcedEffects.length + 1,
    last: 'DisconnectionCompleted',
    outcomes: {
      'token-wipe': done({ tokens: 1 }),
      'analytics-purge': done({ deleted: snapshots }),
      'comments-purge': done({ deleted: comments }),
      'schedule-cancel': done({ canceled: scheduled, publishing: 0 }),
    },
  };
}

function remainsOf({ scheduled, published }: Written['content']): object {
  const targets = { CANCELED: scheduled, PUBLISHED: published };
  const some = Object.entries(targets).filter(([, count]) => count > 0);
  const left = some.length > 0 ? Object.fromEntries(some) : null;
  return { snapshots: 0, comments: 0, targets: left, sealed: false };
}

/** The ids of messages in their order, each where it first came. */
function firstOfEach(messages: readonly ReceivedMessage[]): string[] {
  return [...new Set(messages.map(({ headers }) => headers.ce_id!))];
}
