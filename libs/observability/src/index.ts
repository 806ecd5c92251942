export * from './logging.module';
export * from './readable-error';
export * from './visible';
