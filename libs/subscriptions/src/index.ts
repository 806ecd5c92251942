export * from './event-handler';
export * from './run-handler';
