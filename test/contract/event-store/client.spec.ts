import type { EventStoreDBClient, EventData } from '@eventstore/db-client';
import * as errors from '@eventstore/db-client';
import {
  SupportedMethod,
  SupportedMethods,
} from '@eventstore/db-client/generated/serverfeatures_pb';
import {
  AppendResp,
  BatchAppendResp,
  ReadResp,
  type BatchAppendReq,
} from '@eventstore/db-client/generated/streams_pb';
import {
  Metadata,
  status,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import { withBareServer, type Answers } from './harness/bare-server';
import { rule } from './harness/rule';
import { collect, counted } from './harness/server';

/** What the client does by itself, seen from a server that is none. */
const credentials = { username: 'admin', password: 'changeit' };
const event: EventData = counted(1)[0]!;

/** A server that takes appends of both kinds, and writes down what it was called. */
function listening(calls: string[]): Answers {
  return {
    features: {
      getSupportedMethods: (_call: unknown, answer: sendUnaryData<SupportedMethods>) => {
        calls.push('features');
        const batch = new SupportedMethod()
          .setServiceName('event_store.client.streams.streams')
          .setMethodName('batchappend');
        answer(null, new SupportedMethods().setMethodsList([batch]));
      },
    },
    streams: {
      append: (
        call: ServerReadableStream<unknown, AppendResp>,
        answer: sendUnaryData<AppendResp>,
      ) => {
        calls.push('append');
        call.resume().on('end', () => answer(null, unaryAnswer()));
      },
      batchAppend: (call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>) => {
        call.on('data', (request: BatchAppendReq) => {
          calls.push('batch append');
          const success = new BatchAppendResp.Success().setCurrentRevision('0');
          const id = request.getCorrelationId();
          call.write(new BatchAppendResp().setCorrelationId(id).setSuccess(success));
        });
      },
      read: (call: ServerWritableStream<unknown, ReadResp>) => {
        calls.push('read');
        call.end();
      },
    },
  };
}

const unaryAnswer = () =>
  new AppendResp().setSuccess(new AppendResp.Success().setCurrentRevision('0'));

describe(rule('features/asked-once'), () => {
  it('and not for reads', async () => {
    const calls: string[] = [];
    await withBareServer(listening(calls), async (client) => {
      await collect(client.readStream('one'));
      await client.appendToStream('one', event);
      await client.appendToStream('one', event);
    });
    expect(calls).toEqual(['read', 'features', 'batch append', 'batch append']);
  });
});

describe(rule('features/unimplemented'), () => {
  it('is not an error', async () => {
    const calls: string[] = [];
    const { streams } = listening(calls);
    await withBareServer({ streams }, async (client) => {
      await client.appendToStream('one', event);
    });
    expect(calls).toEqual(['append']);
  });
});

describe(rule('append/which-call'), () => {
  it('without credentials and with', async () => {
    const calls: string[] = [];
    await withBareServer(listening(calls), async (client) => {
      await client.appendToStream('one', event);
      await client.appendToStream('one', event, { credentials });
    });
    expect(calls).toEqual(['features', 'batch append', 'append']);
  });
});

/** A server that answers every delete with this status. */
const refusing = (code: status, trailers: Record<string, string> = {}): Answers => ({
  streams: {
    delete: (_call: unknown, answer: sendUnaryData<unknown>) => {
      const metadata = new Metadata();
      for (const [name, value] of Object.entries(trailers)) metadata.set(name, value);
      answer({ code, details: 'refused', metadata });
    },
  },
});

const refusal = (client: EventStoreDBClient): Promise<unknown> =>
  client.deleteStream('one').catch((error: unknown) => error);

describe(rule('errors/trailer-first'), () => {
  it.each([
    ['stream-deleted', errors.StreamDeletedError],
    ['access-denied', errors.AccessDeniedError],
    ['wrong-expected-version', errors.WrongExpectedVersionError],
  ])('%s', async (exception, type) => {
    const trailers = {
      exception,
      'stream-name': 'one',
      'expected-version': '-1',
      'actual-version': '2',
    };
    await withBareServer(refusing(status.ABORTED, trailers), async (client) => {
      expect(await refusal(client)).toBeInstanceOf(type);
    });
  });
});

describe(rule('errors/by-code'), () => {
  it.each([
    ['ABORTED', errors.TimeoutError],
    ['UNAUTHENTICATED', errors.AccessDeniedError],
    ['DEADLINE_EXCEEDED', errors.DeadlineExceededError],
    ['UNAVAILABLE', errors.UnavailableError],
    ['NOT_FOUND', errors.NotFoundError],
    ['CANCELLED', errors.CancelledError],
    ['INTERNAL', errors.UnknownError],
  ] as const)('%s', async (code, type) => {
    await withBareServer(refusing(status[code]), async (client) => {
      expect(await refusal(client)).toBeInstanceOf(type);
    });
  });
});

describe(rule('errors/credentials-unsent'), () => {
  it('neither those of a call nor a word about it', async () => {
    const sent: unknown[] = [];
    const streams = {
      delete: (call: ServerUnaryCall<unknown, unknown>, answer: sendUnaryData<unknown>) => {
        sent.push(call.metadata.get('authorization'));
        answer({ code: status.NOT_FOUND });
      },
    };
    await withBareServer({ streams }, async (client) => {
      await client.deleteStream('one', { credentials }).catch(() => {});
    });
    expect(sent).toEqual([[]]);
  });
});

describe(rule('deadlines/which'), () => {
  it('as the server is told them', async () => {
    const deadlines: Record<string, number | Date> = {};
    let asked = 0;
    const streams = {
      read: (call: ServerWritableStream<unknown, unknown>) => {
        deadlines['read'] = call.getDeadline();
        call.end();
      },
      delete: (call: ServerUnaryCall<unknown, unknown>, answer: sendUnaryData<unknown>) => {
        deadlines['delete'] = call.getDeadline();
        asked = Date.now();
        answer({ code: status.NOT_FOUND });
      },
    };
    const before = Date.now();
    await withBareServer({ streams }, async (client) => {
      await collect(client.readStream('one'));
      await client.deleteStream('one').catch(() => {});
    });
    expect(deadlines['read']).toBe(Infinity);
    expect(Number(deadlines['delete']) - before).toBeGreaterThan(9_000);
    expect(Number(deadlines['delete']) - asked).toBeLessThan(11_000);
  });
});

describe(rule('trap-4/normal-end'), () => {
  it('as if there was nothing more to come', async () => {
    const streams = {
      read: (call: ServerWritableStream<unknown, ReadResp>) => {
        call.write(new ReadResp().setConfirmation(new ReadResp.SubscriptionConfirmation()));
        call.end();
      },
    };
    await withBareServer({ streams }, async (client) => {
      expect(await collect(client.subscribeToStream('one'))).toEqual([]);
    });
  });
});
