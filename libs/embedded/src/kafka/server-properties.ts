/** Where a broker listens on 127.0.0.1. */
export interface BrokerPorts {
  readonly port: number;
  readonly controllerPort: number;
}

/** A listener on 127.0.0.1 that takes logins (SASL) over TLS, and shows itself as localhost. */
export interface SecuredListener {
  readonly port: number;
  /** Its own part of `server.properties`, each name after `listener.name.secured.`. */
  readonly properties: Readonly<Record<string, string>>;
}

export interface BrokerListeners extends BrokerPorts {
  readonly secured?: SecuredListener;
}

export interface BrokerPlace extends BrokerListeners {
  /** Where it keeps its data. */
  readonly logDir: string;
}

/** The text of `server.properties` for one node that is broker and controller at once. */
export function serverProperties(place: BrokerPlace): string {
  const { logDir, port, controllerPort, secured } = place;
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    // A fixed list of voters, unlike one kept in the log, may change its port.
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'log.dirs': logDir,
    ...(secured && securedListener(place, secured)),
    ...ONE_NODE,
    ...QUICK,
    ...MODEST,
  };
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

function securedListener(
  { port, controllerPort }: BrokerPlace,
  { port: securedPort, properties }: SecuredListener,
): Record<string, string> {
  const named: Record<string, string> = {};
  for (const [name, value] of Object.entries(properties)) {
    named[`listener.name.secured.${name}`] = value;
  }
  return {
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort},SECURED://127.0.0.1:${securedPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port},SECURED://localhost:${securedPort}`,
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SECURED:SASL_SSL',
    ...named,
  };
}

/** The internal topics are replicated three times by default, which one node can't do. */
const ONE_NODE = {
  'offsets.topic.replication.factor': 1,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
  // A topic is made on purpose or not at all, as in production.
  'auto.create.topics.enable': false,
};

const QUICK = {
  // After a crash the broker can't register again before its old session has ended.
  'broker.session.timeout.ms': 1_000,
  'broker.heartbeat.interval.ms': 200,
  'group.initial.rebalance.delay.ms': 0,
  'group.min.session.timeout.ms': 1_000,
};

const MODEST = {
  'offsets.topic.num.partitions': 8,
  'transaction.state.log.num.partitions': 8,
  'share.coordinator.state.topic.num.partitions': 8,
  'num.network.threads': 2,
  'num.io.threads': 4,
  // The cleaner takes this from the heap at once; the default is half of ours.
  'log.cleaner.dedupe.buffer.size': 8 * 1024 * 1024,
};
