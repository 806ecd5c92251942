import type { Lines } from './line';

const work = ['effect', 'channelId'] as const;
const message = ['effect', 'channelId', 'topic', 'partition', 'offset'] as const;

/** From a message to the outcome of an effect, and what looks after it. */
export const effectLines = {
  'message received': {
    level: 'info',
    fields: [...message, 'eventId'],
    means: 'A disconnect was told, and its work row and job are committed; nothing is done yet.',
  },
  'message skipped': {
    level: 'error',
    fields: [...message, 'reason'],
    means: 'No message of the contract. It is kept: `ops skipped list`. Find out who sends it.',
  },
  'message PARKED: upgrade': {
    level: 'error',
    fields: [...message, 'reason'],
    means:
      'A disconnect in a version that this release can not read. Deploy one that can, then `ops parked redrive`.',
  },
  'message will come again': {
    level: 'warn',
    fields: ['group', 'topic', 'partition', 'offset', 'attempt', 'err'],
    means:
      'It could not be dealt with; its partition waits. Said at the first try and every hundredth.',
  },
  'effect begun': {
    level: 'debug',
    fields: [...work, 'correlationId', 'eventId', 'attempt'],
    means: 'The stream has confirmed the disconnect; a try begins.',
  },
  'effect done': {
    level: 'info',
    fields: [...work, 'correlationId', 'eventId', 'attempt', 'outcome', 'counts', 'durationMs'],
    means: 'Its last batch is committed. Its outcome follows as `event appended`.',
  },
  'effect will be tried again': {
    level: 'warn',
    fields: [...work, 'correlationId', 'eventId', 'attempt', 'err'],
    means: 'A try failed; what its batches have done stands.',
  },
  'effect PARKED: mend the cause, then redrive it': {
    level: 'error',
    fields: [...work, 'correlationId', 'eventId', 'attempt', 'err'],
    means:
      'It has failed too often. `ops parked list`, and `ops parked redrive` once it is mended.',
  },
  'the lock of a try is somewhere else': {
    level: 'error',
    fields: [...work],
    means:
      'A pooler gives each transaction another session: nobody can try this work until that one ends. See “Scaling”.',
  },
  'not confirmed by an event store that is restored or another one': {
    level: 'error',
    fields: [...work, 'err'],
    means:
      'The stream does not say that the channel has ended, but the store lacks more than that. Nothing was touched; tried again each minute.',
  },
  'refused: messages skipped': {
    level: 'error',
    fields: [...work, 'reason'],
    means:
      "Hearsay: the channel's stream does not agree with the message. Nothing was touched; the messages are kept: `ops skipped list`.",
  },
  'grant settled': {
    level: 'info',
    fields: [...work, 'outcome', 'counts', 'attempt'],
    means: 'The grant is withdrawn on the platform, or another channel is on it, or it can not be.',
  },
  'grant not withdrawn yet': {
    level: 'warn',
    fields: ['channelId', 'reason', 'attempt'],
    means:
      'The platform did not do it, or what has to be known before it is asked is not; tried again within the hour.',
  },
  'grant NOT revoked, for good: withdraw it on the platform by hand': {
    level: 'error',
    fields: ['channelId', 'reason'],
    means:
      'The hour is over (`hour_over`), there was no token left, or the platform does not know the one that there was while a refresh of it was never reported (`refresh_under_way`): it is FAILED in the receipt.',
  },
  'connected while their grant was withdrawn: reauthorize them': {
    level: 'error',
    fields: ['channelId', 'others'],
    means: 'Their tokens ended with that grant.',
  },
  'a token is kept for longer than its hour: see REVOCATION_KEYS_DIR': {
    level: 'error',
    fields: ['channelId', 'err'],
    means:
      'Its key could not be destroyed, so its sealed token may still be opened from a backup. Other copies go on. Is the folder there, and may it be written? Tried again every minute.',
  },
  'a key of a wipe that never was can not be destroyed: see REVOCATION_KEYS_DIR': {
    level: 'error',
    fields: ['err'],
    means:
      'It opens nothing. The folder is not there, or may not be written. Tried again every minute.',
  },
  'keys of wipes that never were are destroyed': {
    level: 'warn',
    fields: ['keys'],
    means: 'Left by a transaction that was rolled back.',
  },
  'stranded work has new jobs': {
    level: 'warn',
    fields: ['works', 'records', 'looks'],
    means: 'Work stood without a job: a process died, a job gave up, or the database was restored.',
  },
  'no message has asked for these in time: started': {
    level: 'error',
    fields: ['channelId', 'correlationId', 'effects'],
    means: 'Kafka lost messages, or is late. The effects are started without them.',
  },
  'a revocation was lost after the wipe that asked for it: begun': {
    level: 'error',
    fields: ['channelId', 'correlationId'],
    means:
      'Rows were taken out of `effects.work`. Without its token it is FAILED, and said so in a line of its own.',
  },
  'not done in time': {
    level: 'error',
    fields: ['channelId', 'correlationId', 'effects', 'afterMinutes'],
    means: 'An alert, far before the deadline: look why these effects are open.',
  },
  'OVERDUE: the deadline of a disconnect': {
    level: 'error',
    fields: ['channelId', 'correlationId', 'platform', 'effects', 'deadline', 'platformLimit'],
    means: 'Its deadline is over with effects open. Do what is left before the platform’s limit.',
  },
  'found by the reconciler: repaired now': {
    level: 'error',
    fields: ['channelId', 'kind', 'effect'],
    means: 'A survivor, or a disconnect that nobody watched: something above has failed.',
  },
} as const satisfies Lines;
