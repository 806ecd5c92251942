export * from './demo/run-demo';
export * from './local-stack';
export * from './run-local';
