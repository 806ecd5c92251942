export * from './checkpoint-progress';
export * from './event-handler';
export * from './following';
export * from './handler-metrics';
export * from './lag';
export * from './resume';
export * from './run-handler';
export * from './lag-metrics';
