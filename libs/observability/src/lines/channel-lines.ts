import type { Lines } from './line';

const event = ['channelId', 'correlationId', 'eventId', 'eventType', 'revision'] as const;

/** From a request to the event, the row and the message that follow from it. */
export const channelLines = {
  'request answered': {
    level: 'info',
    fields: ['requestId', 'method', 'path', 'statusCode', 'code', 'durationMs'],
    means:
      'A request has its answer; `code` says why it was refused. Its id is the correlation id of all that follows.',
  },
  'request failed': {
    level: 'error',
    fields: ['requestId', 'method', 'path', 'statusCode', 'code', 'durationMs'],
    means: 'The same, with a status of 500 or more.',
  },
  'failure behind an answer': {
    level: 'error',
    fields: ['requestId', 'err'],
    means: 'Why a request failed: a store that is away, or something that nobody foresaw.',
  },
  'malformed URL': {
    level: 'info',
    fields: ['requestId'],
    means: 'Refused before it had a path.',
  },
  'no well-formed request': {
    level: 'info',
    fields: ['requestId', 'code'],
    means: 'Whatever came over the connection was no HTTP. Answered, and the connection ended.',
  },
  'command refused': {
    level: 'info',
    fields: ['requestId', 'channelId', 'statusCode', 'code'],
    means: 'One of a bulk request was refused; the others went on.',
  },
  'event appended': {
    level: 'info',
    fields: [
      ...event,
      'requestId',
      'causationId',
      'actor',
      'workspaceId',
      'platform',
      'effect',
      'outcome',
    ],
    means:
      'It is committed: a channel was connected, reauthorized, expired, revoked or disconnected, an outcome was recorded, a disconnection completed. `eventType` says which.',
  },
  'routine event appended': {
    level: 'debug',
    fields: [...event, 'requestId', 'causationId', 'actor'],
    means: 'The same for what happens all day: a refresh that succeeded, or will be tried again.',
  },
  'event applied': {
    level: 'info',
    fields: [...event, 'subscriber'],
    means:
      'A projection, the registrar or the reconciler has committed what follows from an event.',
  },
  'routine event applied': {
    level: 'debug',
    fields: [...event, 'subscriber'],
    means: 'The same for refreshes and for the outcomes of single effects.',
  },
  'message published': {
    level: 'info',
    fields: [...event, 'messageType', 'topic'],
    means:
      'Kafka has acknowledged the message. A crash at that moment says it twice, and sends it twice.',
  },
  'two channels are connected to one account: disconnect this one': {
    level: 'error',
    fields: ['channelId', 'others'],
    means:
      'PostgreSQL was restored, and the account was connected again before the registrar had come to this channel. The other one holds the account: nothing can be written for this one, and its grant may be withdrawn with the other.',
  },
  'connect given up': {
    level: 'warn',
    fields: ['channelId', 'causationId'],
    means: 'A connect never finished: its claim and its key are free again, its tokens are gone.',
  },
  'lease granted': {
    level: 'info',
    fields: ['requestId', 'channelId', 'lease', 'leaseId', 'version', 'credentialId'],
    means: 'A service got a token on loan; the lease says until when it may have it.',
  },
  'lease refused': {
    level: 'info',
    fields: ['requestId', 'channelId', 'lease', 'credentialId', 'code'],
    means: 'It got none: `code` says why.',
  },
  'leases are closed': {
    level: 'warn',
    fields: ['err'],
    means:
      'The registry has not come to where the streams ended when this process started. See to the projector.',
  },
  'leases are open': { level: 'info', fields: [], means: 'It has: leases are granted.' },
  'stranded changes have new jobs': {
    level: 'warn',
    fields: ['tokenEvents', 'connects'],
    means: 'Something stood half-way between two stores without a job: it is finished now.',
  },
  'another key-encryption key seals': {
    level: 'info',
    fields: ['keyId'],
    means: 'The KEK was rotated; all data keys follow.',
  },
  'data keys are under the new key': {
    level: 'info',
    fields: ['tokens'],
    means: 'So many were rewrapped.',
  },
  'some tokens can only come back by reauthorization': {
    level: 'warn',
    fields: ['tokens'],
    means: 'No key that is left opens them: an older database was restored, or the key file.',
  },
  'a key-encryption key is destroyed': {
    level: 'info',
    fields: ['keyId'],
    means: 'No backup from before its rotation can be opened any more.',
  },
} as const satisfies Lines;
