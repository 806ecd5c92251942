export * from './document';
export * from './fields';
export * from './line';
export * from './lines-of';
export * from './outage';
