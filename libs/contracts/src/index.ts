export * from './async-api';
export * from './cloud-event';
export * from './messages';
export * from './read-disconnected';
export * from './schemas';
export * from './topics';
