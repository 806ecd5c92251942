export * from './checkpoints';
export * from './copy-in';
export * from './data-source';
export * from './persistence.module';
export * from './probe';
export * from './query-within';
export * from './side-database';
