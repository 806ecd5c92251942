export { EngineStartError, type RunningEngine } from './process/running-engine';
export { resolveKafkaJars } from './kafka/jars';
export { type KafkaOptions, startKafka } from './kafka/start-kafka';
export { type PostgresOptions, startPostgres } from './postgres/start-postgres';
export { clearEngineData } from './process/clear-engine-data';
export { keptPort } from './process/ports';
export { type EventStoreOptions, startEventStore } from './event-store/launch';
export { builtFile } from './process/project-root';
