export * from './set-up';
