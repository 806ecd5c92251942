export * from './checkpoint-progress';
export * from './event-handler';
export * from './event-spans';
export { asSubscriber } from './following';
export * from './keep-following';
export * from './lag';
export * from './resume';
export * from './run-handler';
export * from './lag-metrics';
