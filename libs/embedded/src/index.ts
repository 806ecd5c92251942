export { EngineStartError, type RunningEngine } from './process/running-engine';
