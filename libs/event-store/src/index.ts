export * from './decide-and-append';
export * from './event-codec';
export * from './event-store';
export * from './event-store.errors';
export * from './event-store.module';
export * from './event-subscription';
export * from './recorded-event';
export * from './streams';
