export * from './logging.module';
export * from './readable-error';
