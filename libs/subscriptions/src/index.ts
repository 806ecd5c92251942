export * from './checkpoint-progress';
export * from './event-handler';
export * from './lag';
export * from './resume';
export * from './run-handler';
