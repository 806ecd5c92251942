export * from './connection';
export * from './group-lag';
export * from './kafka-client';
export * from './kafka.module';
export * from './message-publisher';
export * from './received-message';
export * from './run-consumer';
export * from './topics';
