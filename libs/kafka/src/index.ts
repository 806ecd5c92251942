export * from './kafka-client';
export * from './received-message';
export * from './run-consumer';
