export * from './cloud-event';
export * from './messages';
export * from './read-disconnected';
export * from './topics';
