export * from './add-job';
export * from './run-jobs';
export * from './stranded';
export * from './tasks';
export * from './worker-schema';
