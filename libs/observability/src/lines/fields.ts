/**
 * Every field that a line of the log may have beside `time`, `level`, `role`, `context` and `msg`: the
 * same thing has the same name wherever it is said. None holds a secret, a header, a query or a body.
 */
export interface LogFields {
  /** `req_...`: of the HTTP request, as its caller got it in `X-Request-Id`. */
  readonly requestId: string;
  /** Of the request that all this follows from: of the DELETE, also in the outcomes of its effects. */
  readonly correlationId: string;
  /** The request or the event that led to it directly. */
  readonly causationId: string;
  readonly channelId: string;
  readonly workspaceId: string;
  readonly platform: string;
  /** UUID of a domain event; the CloudEvents id of the message that follows from it. */
  readonly eventId: string;
  readonly eventType: string;
  /** Of the event in its stream, from 0. */
  readonly revision: number;
  /** Opaque id of a user or a credential, or the name of the process that acted by itself. */
  readonly actor: string;

  readonly effect: string;
  readonly effects: readonly string[];
  /** From 1. */
  readonly attempt: number;
  /** How it has ended: `DONE`, `KEPT_SHARED`, ... */
  readonly outcome: string;
  /** What an effect has done: rows deleted, tokens destroyed, ... */
  readonly counts: Readonly<Record<string, number>>;
  /** In a word or a line of ours. */
  readonly reason: string;
  /** ISO 8601 UTC. */
  readonly deadline: string;
  readonly platformLimit: string | null;
  readonly afterMinutes: number;
  readonly kind: string;
  /** Other channels. */
  readonly others: readonly string[];

  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly statusCode: number;
  /** Of a refusal: part of the public contract, or of the engine's own error. */
  readonly code: string | undefined;
  readonly durationMs: number;

  /** Of the service that calls. */
  readonly credentialId: string;
  readonly leaseId: string;
  readonly lease: string;
  readonly version: number;
  /** Of a key-encryption key: never the key. */
  readonly keyId: string;
  readonly tokens: number;

  readonly engine: string;
  /** Who stands as a leader, e.g. `relay`. */
  readonly leadership: string;
  /** Grows with every change of leader. */
  readonly epoch: string;
  /** Who follows the event store, by its checkpoint. */
  readonly subscriber: string;
  /** Of consumers. */
  readonly group: string;
  readonly task: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly messageType: string;
  readonly generation: number;
  readonly releaseVersion: number;
  readonly tries: number;
  readonly url: string;
  readonly signal: string;
  readonly loop: string;
  readonly records: number;
  readonly looks: number;
  readonly works: number;
  readonly tokenEvents: number;
  readonly connects: number;
  readonly keys: number;
  readonly spans: number;
  /** Type, message and causes; never a statement or its parameters. */
  readonly err: unknown;
}
