export * from './checkpoints';
export * from './data-source';
export * from './persistence.module';
export * from './probe';
