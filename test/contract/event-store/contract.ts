/**
 * What `@eventstore/db-client` 6.2.1 and an EventStoreDB hold one another to, as far as a client can
 * see it: a line for each fact, by its id. The headings say where the facts come from: rows of the
 * protocol's table, the real server's published source (as of 24.10), and the client's own code.
 *
 * Each test of this folder stands under `describe(rule('<id>'), ...)`; contract.spec.ts sees to it
 * that no line is without a test and no test without a line.
 */
export const contract = {
  'the RPCs, and what the client sends': {
    'features/asked-once':
      'the client asks for the supported methods once for each channel, before its first append',
    'features/listed': 'the server lists the stream calls, and a version that is not empty',
    'features/unimplemented':
      'a server that does not know the question is one of unknown version, and is sent unary appends',
    'features/other-errors': 'any other error of the question reaches the caller raw',
    'gossip/discover': 'esdb+discover finds the leader by gossip and appends to it',
    'gossip/several-hosts': 'several hosts are asked by gossip too, and dead ones are passed over',
    'gossip/gives-up': 'discovery gives up after the attempts that it was allowed',
    'append/which-call': 'appends are batch appends, and unary ones when the call has credentials',
    'append/expected-revision': 'an append goes on where its expected revision holds',
    'append/refused':
      'an append whose expected revision does not hold is refused, with both revisions',
    'append/kept':
      'data, metadata, type and id come back as they were sent, and when it was created',
    'append/empty': 'an append without events answers where the stream stands',
    'append/many-messages': 'an append in many messages still counts as one',
    'append/atomic': 'appends are whole or absent, one by one, however many are under way',
    'append/bad-id': 'an id that is none is refused by name, and the appends after it go on',
    'delete/answers-position': 'delete and tombstone answer the position of what they wrote',
    'delete/refused':
      'delete and tombstone hold to their expected revision, and tell revisions in numbers',
    'metadata/read-and-append': 'stream metadata is the last $metadata event of $$stream',
    'metadata/expected-revision': 'setting metadata holds to the expected revision of $$stream',
    'read/ids': 'ids come back as the strings that they were sent as',
    'read/not-found': 'a read of a stream that was never written says so, by name',
    'read/bounds': 'a stream is read from any revision, in both directions, up to a count',
    'read/leader': 'a read may ask for the leader',
    'read/no-filter': 'readAll of this client has no filter: what looks like one is ignored',
    'read/pages': 'a read goes through any number of events',
    'links/resolved': 'with resolveLinkTos a link comes with the event that it names',
    'links/as-they-are': 'without resolveLinkTos a link is an event like any other',
    'links/gone': 'a link to what is gone comes alone',
  },
  'errors, and times': {
    'errors/trailer-first': 'the trailer "exception" names an error, whatever the code is',
    'errors/by-code': 'without that trailer the code names it',
    'errors/credentials-unsent': 'with tls=false credentials are never sent',
    'deadlines/which': 'reads have no deadline, the other calls one of 10 s',
    'deadlines/unary': 'a call that is not answered in time is given up by the client',
    'deadlines/batch':
      "a batch append carries the time by the client's clock at which the server must refuse it",
  },
  'how the real server behaves': {
    'positions/grow':
      'positions grow in the order of appending, with gaps; commit and prepare agree',
    'positions/of-append': 'an append answers the position of its last event',
    'read/includes-start': 'a read forwards includes the event at its start',
    'read/all-backwards': 'a read of all backwards excludes the event at its start',
    'read/forwards-from-end': 'a stream read forwards from its end is an error of unknown kind',
    'read/all-beyond': 'beyond either end of all there is nothing',
    'subscribe/after': 'a subscription begins after the place it names',
    'subscribe/later': 'a subscription waits for a stream that does not exist yet',
    'subscribe/order': 'a subscription gets the past, caughtUp, then what comes, each event once',
    'retry/explicit':
      'an append repeated with a revision or no_stream answers as the first time, for ever',
    'retry/any': 'with any or stream_exists it does so while the server remembers the ids',
    'retry/part': 'a part of an append, repeated at its place, is a repeat',
    'retry/mixed': 'known ids followed by a new one are neither new nor a repeat, and are refused',
    'retry/other-stream': 'the same id in another stream is another event',
    'filter/matches': 'a filter takes streams or types, by prefixes or by an expression',
    'filter/bad': 'an expression that makes no sense ends the subscription with an error',
    'filter/checkpoints-come':
      'checkpoints come though nothing matches, and never run ahead of an event not yet sent',
    'filter/checkpoint-arithmetic':
      'a checkpoint every multiplier x window considered events, and one on going live',
    'filter/checkpoint-live': 'once live, considered events are counted anew',
    'filter/checkpoint-once': 'the same checkpoint is not told twice',
    'filter/resume': 'a subscription resumed from a checkpoint loses and repeats nothing',
    'caught-up/each-time': 'caughtUp comes at each entry to live; fellBehind need not be told',
    'soft-delete/not-found': 'a deleted stream is not found, and its events stay in all',
    'soft-delete/goes-on': 'the next append continues the revisions and begins the stream anew',
    'soft-delete/metadata': 'deleting writes $tb alone; beginning anew writes $tb = first revision',
    'soft-delete/set-metadata': 'setting metadata on a deleted stream begins it anew too',
    'soft-delete/stream-exists': 'stream_exists is refused as deleted; no_stream and any go on',
    'soft-delete/never-was': 'a stream that was never written can not be deleted',
    'tombstone/for-ever':
      'after a tombstone reads, appends and deletes say that the stream is deleted',
    'tombstone/metastream': 'its metastream is gone with it',
    'tombstone/in-all': 'in all stands $streamDeleted, with the largest revision there is',
    'tombstone/ends-subscribers': 'a tombstone ends the live subscribers of its stream',
    'tombstone/new-stream': 'also a stream without events can be given a tombstone',
    'metadata/max-count': '$maxCount hides all but the latest events of a stream',
    'metadata/max-age': '$maxAge hides what is older',
    'metadata/truncate-before': '$tb hides what comes before it',
    'metadata/metastream':
      'only the latest event of $$stream can be read; in all they are all there',
    'metadata/stream-exists': 'a stream with nothing but metadata exists, for stream_exists',
    'all/system-streams': 'all includes the streams whose names begin with $',
    'limits/append-size': 'one append has 1 MiB at most, in data, metadata and types',
    'shutdown/long-calls': 'long calls end CANCELLED when the server shuts down',
    'shutdown/appends': 'appends to a server that is gone are UNAVAILABLE',
    'unserved/unimplemented': 'what the embedded server does not serve is UNIMPLEMENTED',
    'slow/memory': 'a slow subscriber holds up nobody, and costs the server no memory',
    'slow/keeps-place': 'a slow subscriber loses and repeats nothing',
    'many-clients/at-once': 'several clients read, subscribe and append at once',
    'all-of-it/model': 'random histories go as the model says',
  },
  'traps of the client, reproduced': {
    'trap-1/two-appenders':
      "two appending clients: an error of one rejects the other's appends, whose answer kills Node",
    'trap-2/no-throw': 'throwOnAppendFailure=false reports a wrong revision',
    'trap-3/raw-error':
      'the first call after a disconnect rejects with code 14, in whichever dress',
    'trap-4/no-resubscribe': 'a subscription that was cut stays cut when the server is back',
    'trap-4/normal-end': 'a subscription that the server ends well finishes `for await` normally',
    'trap-5/runs-ahead': 'checkpointReached runs ahead of the events still buffered',
    'trap-5/exception':
      'an exception in checkpointReached stalls the subscription without an error',
    'trap-6/black-hole': 'a link that swallows everything is noticed by keepalive only',
    'trap-7/clock': 'a client whose clock is slow by more than the deadline times every append out',
  },
} as const;

type Sections = typeof contract;
export type RuleId = {
  [Heading in keyof Sections]: keyof Sections[Heading];
}[keyof Sections];

/** Every line's sentence by its id. */
export const sentences: ReadonlyMap<string, string> = new Map(
  Object.values(contract).flatMap((section) => Object.entries(section)),
);
