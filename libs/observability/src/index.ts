export * from './lines';
export * from './logging.module';
export * from './quiet-nest';
export * from './readable-error';
export * from './readable-lines';
export * from './shared-look';
export * from './visible';
export * from './work-board';
