import type { Lines } from './line';

/** What becomes of a process, its engines and its part among others. */
export const processLines = {
  'role ready': {
    level: 'info',
    fields: ['url'],
    means: 'Every engine has answered, and it listens.',
  },
  'role stopping': { level: 'info', fields: ['reason'], means: 'It was told to end.' },
  'role stopped': {
    level: 'info',
    fields: ['durationMs'],
    means: 'Everything is closed in order.',
  },
  'spans lost': {
    level: 'warn',
    fields: ['reason'],
    means:
      'The collector of OTEL_EXPORTER_OTLP_ENDPOINT takes none. Said once; nothing waits for it.',
  },
  'spans arrive again': {
    level: 'info',
    fields: ['spans'],
    means: 'The collector takes them; so many were lost.',
  },
  'last spans lost': {
    level: 'warn',
    fields: ['reason'],
    means: 'The process has ended without having sent all of them.',
  },
  'loop stopped': {
    level: 'fatal',
    fields: ['loop', 'reason'],
    means:
      'What the process is there for has failed for good: it ends, for its supervisor to start it anew.',
  },
  'unexpected end': {
    level: 'fatal',
    fields: ['err'],
    means: 'A defect: the process ends at once.',
  },
  'engine away': {
    level: 'warn',
    fields: ['engine', 'reason'],
    means: 'It does not answer. Said once; the role waits, and is not ready.',
  },
  'engine back': {
    level: 'info',
    fields: ['engine', 'durationMs'],
    means: 'It answers again, after so long.',
  },
  leading: {
    level: 'info',
    fields: ['leadership', 'epoch'],
    means: 'This process has the term, and does the work.',
  },
  'standing by': {
    level: 'info',
    fields: ['leadership'],
    means: 'Another process has it; this one takes over when that one ends.',
  },
  'no candidate': {
    level: 'warn',
    fields: ['leadership', 'err'],
    means: 'PostgreSQL does not answer: it neither leads nor stands by. Said once.',
  },
  'candidate again': {
    level: 'info',
    fields: ['leadership', 'tries', 'durationMs'],
    means: 'PostgreSQL answers.',
  },
  'subscription interrupted': {
    level: 'warn',
    fields: ['subscriber', 'err'],
    means: 'Tried again from the checkpoint, for ever. Said once.',
  },
  'subscription resumed': {
    level: 'info',
    fields: ['subscriber', 'tries', 'durationMs'],
    means: 'Events come again, after so long.',
  },
  'replay goes on': {
    level: 'warn',
    fields: ['subscriber', 'err'],
    means: 'The event store broke off; the replay reads on behind what it has.',
  },
  'generation left to another release': {
    level: 'warn',
    fields: ['subscriber', 'generation', 'version', 'releaseVersion'],
    means:
      'This release makes another version of that projection. Build one of its version: `ops projections replay`.',
  },
  'not known what is to be followed': {
    level: 'warn',
    fields: ['subscriber', 'err'],
    means: 'PostgreSQL does not answer; what runs goes on. Said once.',
  },
  'known again what is to be followed': {
    level: 'info',
    fields: ['subscriber', 'tries', 'durationMs'],
    means: 'PostgreSQL answers.',
  },
  'consumer joined': {
    level: 'info',
    fields: ['group'],
    means: 'The group has given this process its partitions.',
  },
  'consumer interrupted': {
    level: 'warn',
    fields: ['group', 'err'],
    means: 'Kafka is away, or has put it out of the group: it joins again. Said once.',
  },
  'consumer resumed': {
    level: 'info',
    fields: ['group', 'tries', 'durationMs'],
    means: 'It has joined again.',
  },
  'consumer not closed': {
    level: 'warn',
    fields: ['group', 'err'],
    means: 'At an end; the broker finds out by itself.',
  },
  'jobs interrupted': {
    level: 'warn',
    fields: ['err'],
    means:
      'PostgreSQL is away: no job is taken. Said once by each runner; subscribers have two of them.',
  },
  'jobs resumed': {
    level: 'info',
    fields: ['tries', 'durationMs'],
    means: 'Jobs are taken again.',
  },
  'waiting for the event store': {
    level: 'warn',
    fields: ['err'],
    means: 'A job waits for it, and keeps its place.',
  },
} as const satisfies Lines;
