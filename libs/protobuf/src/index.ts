export * from './wire-reader';
export * from './wire-writer';
