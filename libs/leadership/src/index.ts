export * from './leadership';
