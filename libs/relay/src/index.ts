export * from './run-relay';
export * from './to-cloud-event';
