export * from './process-identity';
