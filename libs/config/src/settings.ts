import type { Failpoint } from './failpoints';
import { failpoints } from './failpoints';
import type { GrantProviderName } from './grant-providers';
import { grantProviders } from './grant-providers';
import type { Role } from './roles';
import { operatorRoles, serviceRoles } from './roles';
import {
  ChoiceSetting,
  IntegerSetting,
  ListSetting,
  OptionalChoiceSetting,
  OptionalHttpUrlSetting,
  OptionalTextSetting,
  PortSetting,
  RatioSetting,
  TextSetting,
} from './setting.decorator';
import type { TracesSampler } from './traces-samplers';
import { tracesSamplers } from './traces-samplers';

const kafkaRoles = ['relay', 'subscribers', 'ops setup'] as const;
export const kafkaLogins = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
export type KafkaLogin = (typeof kafkaLogins)[number];

/**
 * Every setting of every process. A variable is a property's name in SCREAMING_SNAKE; an
 * initial value is the default. `.env.example` is generated from here.
 */
export class Settings {
  /** Which process this is; said by its main file, never by the environment. */
  role!: Role;

  @TextSetting({
    doc: 'PostgreSQL. `npm start` and `npm run demo` start an embedded one when this is not set.',
    readBy: [...serviceRoles, ...operatorRoles],
    example: 'postgres://postbreeze:secret@localhost:5432/postbreeze',
    maybeSecret: true,
  })
  databaseUrl!: string;

  @IntegerSetting({ doc: 'Connections that one process keeps at most.', min: 2, max: 200 })
  databasePoolSize = 10;

  @TextSetting({
    doc: 'Kafka bootstrap servers, separated by commas. Embedded when not set, as above.',
    readBy: kafkaRoles,
    example: 'localhost:9092',
  })
  kafkaBrokers!: string;

  @ChoiceSetting({
    doc: 'Whether the brokers are spoken to over TLS.',
    readBy: kafkaRoles,
    choices: ['off', 'on'],
  })
  kafkaTls: 'off' | 'on' = 'off';

  @OptionalTextSetting({
    doc: "With KAFKA_TLS=on: a PEM file with the authorities that may vouch for the brokers, where Node's own don't.",
    readBy: kafkaRoles,
  })
  kafkaCaFile?: string;

  @OptionalChoiceSetting({
    doc: 'How to log in to Kafka (SASL), as KAFKA_USERNAME with KAFKA_PASSWORD; no login when empty.',
    readBy: kafkaRoles,
    choices: kafkaLogins,
  })
  kafkaSasl?: KafkaLogin;

  @TextSetting({
    doc: 'Who logs in to Kafka; with KAFKA_SASL only.',
    readBy: kafkaRoles,
    unless: ({ kafkaSasl }) => kafkaSasl === undefined,
    example: 'channels',
  })
  kafkaUsername!: string;

  @TextSetting({
    doc: 'Their password; with KAFKA_SASL only.',
    readBy: kafkaRoles,
    unless: ({ kafkaSasl }) => kafkaSasl === undefined,
    example: 'secret',
    maybeSecret: true,
  })
  kafkaPassword!: string;

  @OptionalTextSetting({
    doc: 'Put before the names of topics and consumer groups, so that tests can share a broker. Empty in production.',
  })
  kafkaNamePrefix = '';

  @IntegerSetting({
    doc: 'Partitions of a topic, given when `ops setup` creates it; the same for its life.',
    min: 1,
    max: 1_000,
  })
  kafkaPartitions = 12;

  @IntegerSetting({
    doc: 'Milliseconds of silence after which the broker gives the partitions of a consumer to others.',
    min: 1_000,
    max: 300_000,
  })
  kafkaSessionMs = 6_000;

  @TextSetting({
    doc: 'EventStoreDB or KurrentDB. Embedded when not set, as above.',
    readBy: [...serviceRoles, 'ops events'],
    example: 'esdb://localhost:2113?tls=false',
    maybeSecret: true,
  })
  eventstoreUrl!: string;

  @TextSetting({ doc: 'The address that HTTP listens on; 0.0.0.0 in a container.' })
  httpHost = '127.0.0.1';

  @PortSetting({ doc: 'Public REST.' })
  apiPort = 3000;

  @PortSetting({ doc: 'Internal REST; never reachable from outside.' })
  internalPort = 3001;

  @PortSetting({
    doc: "The public API's metrics, and nothing else; never reachable from outside.",
    readBy: ['api'],
  })
  apiMetricsPort = 3005;

  @PortSetting({ doc: "The internal API's metrics, and nothing else.", readBy: ['internal'] })
  internalMetricsPort = 3006;

  @PortSetting({ doc: "The projector's health and metrics." })
  projectorPort = 3002;

  @PortSetting({ doc: "The relay's health and metrics." })
  relayPort = 3003;

  @PortSetting({ doc: "The subscribers' health and metrics." })
  subscribersPort = 3004;

  @TextSetting({
    doc: 'The key file that seals login tokens (mode 0600). `npm start` makes one in the data folder. The subscribers need it with REVOKED_GRANTS only.',
    readBy: ['internal', 'subscribers'],
    unless: ({ role, revokedGrants }) => role === 'subscribers' && revokedGrants.length === 0,
    example: '/run/secrets/vault-keys.json',
  })
  vaultKeyFile!: string;

  @TextSetting({
    doc: "The key file that signs receipts (mode 0600). `npm start` makes one in the data folder. Operators' commands do without: what they show is unsigned then.",
    readBy: ['api'],
    example: '/run/secrets/receipt-keys.json',
  })
  receiptKeyFile!: string;

  @IntegerSetting({
    doc: 'Hours after which another key-encryption key seals login tokens, and all are rewrapped under it.',
    readBy: ['internal', 'subscribers'],
    min: 1,
    max: 8_760,
  })
  kekRotationHours = 24;

  @IntegerSetting({
    doc: 'Hours after which a retired key-encryption key is destroyed: no backup from before its rotation can be opened from then on.',
    readBy: ['internal', 'subscribers'],
    min: 0,
    max: 8_760,
  })
  kekDestroyAfterHours = 168;

  @ListSetting({
    doc: 'Whose grants are withdrawn on the platform when the last account on one is disconnected, separated by commas: google, tiktok, x, meta. None when empty.',
    readBy: ['api', 'subscribers', 'ops events'],
    choices: grantProviders,
  })
  revokedGrants: readonly GrantProviderName[] = [];

  @TextSetting({
    doc: 'The JSON file (mode 0600) that says for each provider of REVOKED_GRANTS how to call it: url (when not the documented one), clientId, clientSecret.',
    readBy: ['subscribers'],
    unless: ({ revokedGrants }) => revokedGrants.length === 0,
    example: '/run/secrets/revocation.json',
  })
  revocationFile!: string;

  @TextSetting({
    doc: 'The folder (mode 0700, shared by all subscribers, in no backup) of the keys of the tokens that are kept for a revocation, an hour at most.',
    readBy: ['subscribers'],
    unless: ({ revokedGrants }) => revokedGrants.length === 0,
    example: '/run/secrets/revocation-keys',
  })
  revocationKeysDir!: string;

  @IntegerSetting({
    doc: 'Milliseconds that one call to withdraw a grant may take, its answer included.',
    readBy: ['subscribers'],
    min: 100,
    max: 60_000,
  })
  revocationTimeoutMs = 10_000;

  @IntegerSetting({
    doc: 'Milliseconds before a grant that could not be withdrawn is tried again; doubled with each try, up to 5 minutes.',
    readBy: ['subscribers'],
    min: 50,
    max: 300_000,
  })
  revocationRetryMs = 5_000;

  @IntegerSetting({
    doc: "Hours from the request to the deadline of a disconnection's effects; below the strictest platform's limit (X: 24).",
    min: 1,
    max: 23,
  })
  effectDeadlineHours = 20;

  @IntegerSetting({
    doc: 'Milliseconds that a request waits for a store before it answers 503.',
    min: 50,
    max: 60_000,
  })
  storeTimeoutMs = 1_500;

  @IntegerSetting({
    doc: 'Requests that one key may make within the short window, whichever process answers them.',
    readBy: ['api'],
    min: 1,
    max: 1_000_000,
  })
  rateLimitShortRequests = 60;

  @IntegerSetting({
    doc: "Milliseconds that the short window lasts, from the key's first request in it.",
    readBy: ['api'],
    min: 100,
    max: 86_400_000,
  })
  rateLimitShortMs = 60_000;

  @IntegerSetting({
    doc: 'Requests that one key may make within the long window.',
    readBy: ['api'],
    min: 1,
    max: 1_000_000,
  })
  rateLimitLongRequests = 1_000;

  @IntegerSetting({
    doc: "Milliseconds that the long window lasts, from the key's first request in it.",
    readBy: ['api'],
    min: 100,
    max: 86_400_000,
  })
  rateLimitLongMs = 900_000;

  @IntegerSetting({
    doc: 'Milliseconds that a connect waits for its row to be readable before it answers without.',
    min: 0,
    max: 10_000,
  })
  readModelWaitMs = 2_000;

  @IntegerSetting({
    doc: 'Milliseconds after which a connect that never finished may be given up.',
    min: 1_000,
    max: 3_600_000,
  })
  connectAbandonAfterMs = 60_000;

  @IntegerSetting({
    doc: 'Milliseconds within which every engine must answer when a process starts.',
    min: 500,
    max: 9_000,
  })
  startTimeoutMs = 6_000;

  @IntegerSetting({
    doc: 'Milliseconds that a process which was told to end goes on answering, not ready any more: longer than a balancer takes to see that. The rest of the end takes 4.5 s at most; whoever kills what does not end must wait for longer than both.',
    readBy: ['api', 'internal'],
    min: 0,
    max: 60_000,
  })
  shutdownDrainMs = 3_000;

  @IntegerSetting({
    doc: 'Milliseconds that a leader (projector, registrar, relay, reconciler) keeps its term without renewing it.',
    min: 500,
    max: 60_000,
  })
  leadershipTermMs = 6_000;

  @IntegerSetting({
    doc: 'Milliseconds at most between two tries to reach an engine that went away; each wait is jittered.',
    min: 50,
    max: 60_000,
  })
  retryCapMs = 5_000;

  @IntegerSetting({
    doc: 'Milliseconds that a subscriber may stand still with work waiting while every engine answers; then its process ends, for a new one to go on.',
    readBy: ['projector', 'relay', 'subscribers'],
    min: 500,
    max: 600_000,
  })
  stallAfterMs = 30_000;

  @IntegerSetting({
    doc: 'Jobs that one process works on at the same time; an effect holds a connection while it is tried, so for subscribers it is less than DATABASE_POOL_SIZE.',
    readBy: ['internal', 'subscribers'],
    min: 1,
    max: 100,
  })
  workerConcurrency = 4;

  @IntegerSetting({
    doc: 'Milliseconds that one statement of an effect may take, and that its transaction may stand idle: its batches are small, so what takes longer waits for somebody, or fell silent.',
    readBy: ['subscribers'],
    min: 100,
    max: 600_000,
  })
  workStatementMs = 60_000;

  @IntegerSetting({
    doc: 'Tries of an effect without any progress, a longer wait before each (10 take about 3.5 hours), before it is parked: then an operator must redrive it.',
    readBy: ['subscribers'],
    min: 1,
    max: 25,
  })
  effectMaxTries = 10;

  @IntegerSetting({
    doc: 'Milliseconds after which the reconciler looks whether each effect of a disconnect was asked for, beside Kafka.',
    readBy: ['subscribers'],
    min: 0,
    max: 3_600_000,
  })
  reconcileAfterMs = 60_000;

  @IntegerSetting({
    doc: 'Minutes after which a disconnect that is not done is an alert: far before its deadline.',
    readBy: ['subscribers', 'ops'],
    min: 1,
    max: 1_440,
  })
  effectAlertMinutes = 15;

  @IntegerSetting({
    doc: 'Milliseconds for which what a scrape had to ask an engine for (lag, what is open) is told again without asking.',
    readBy: serviceRoles,
    min: 0,
    max: 600_000,
  })
  metricsCacheMs = 5_000;

  @ChoiceSetting({
    doc: 'The least severe log line that is written.',
    choices: ['trace', 'debug', 'info', 'warn', 'error', 'fatal'],
  })
  logLevel = 'info';

  @ChoiceSetting({
    doc: '`json` for machines, `pretty` for people; `auto`: pretty from `npm start` and `npm run demo`, else JSON.',
    choices: ['auto', 'json', 'pretty'],
  })
  logFormat = 'auto';

  @OptionalHttpUrlSetting({
    doc: 'The OpenTelemetry collector that traces go to, by OTLP over HTTP (JSON); /v1/traces is put behind it. Without it nothing is traced. What else an exporter needs (OTEL_EXPORTER_OTLP_HEADERS, OTEL_EXPORTER_OTLP_CERTIFICATE) is read by OpenTelemetry itself, from the environment alone.',
    readBy: serviceRoles,
    example: 'http://localhost:4318',
  })
  otelExporterOtlpEndpoint?: string;

  @OptionalHttpUrlSetting({
    doc: 'The same for traces alone, with its whole path; goes before OTEL_EXPORTER_OTLP_ENDPOINT.',
    readBy: serviceRoles,
    example: 'http://localhost:4318/v1/traces',
  })
  otelExporterOtlpTracesEndpoint?: string;

  @OptionalTextSetting({
    doc: 'As what a process is shown in traces; postbreeze- and its role when not set.',
    readBy: serviceRoles,
  })
  otelServiceName?: string;

  @ChoiceSetting({
    doc: 'Which requests are traced. `parentbased_` leaves it to the caller where that has decided.',
    readBy: serviceRoles,
    choices: tracesSamplers,
  })
  otelTracesSampler: TracesSampler = 'parentbased_always_on';

  @RatioSetting({
    doc: 'Of how many, with a sampler whose name ends in `traceidratio`: 0.01 is one of a hundred.',
    readBy: serviceRoles,
  })
  otelTracesSamplerArg = 1;

  @TextSetting({
    doc: 'Where the local stack keeps the data of its engines, its keys and its ports, and where `ops` looks for one that runs.',
    readBy: ['local', ...operatorRoles],
  })
  dataDir = '.data';

  @OptionalChoiceSetting({
    doc: 'Tests only, and refused unless NODE_ENV is test: where the process dies as if it was killed.',
    choices: failpoints,
  })
  failpoint?: Failpoint;

  @OptionalTextSetting({
    doc: 'Tests only, with FAILPOINT: of which effect or handler.',
  })
  failpointOf?: string;
}
