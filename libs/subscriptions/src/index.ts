export * from './checkpoint-progress';
export * from './event-handler';
export * from './run-handler';
