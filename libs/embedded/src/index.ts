export { EngineStartError, type RunningEngine } from './process/running-engine';
export { type PostgresOptions, startPostgres } from './postgres/start-postgres';
export { clearEngineData } from './process/clear-engine-data';
export { keptPort } from './process/ports';
