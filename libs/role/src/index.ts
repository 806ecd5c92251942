export * from './background-loop';
export * from './create-role';
export * from './end-role';
export * from './engine-watch';
export * from './health.module';
export * from './probes';
export * from './readiness';
export * from './run-role';
