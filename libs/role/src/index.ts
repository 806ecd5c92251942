export * from './background-loop';
export * from './probes';
export * from './run-role';
