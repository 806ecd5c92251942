export * from './effect';
export * from './effects';
export * from './effects.module';
export * from './runtime/effect-worker';
export * from './runtime/effects-runtime';
export * from './runtime/inbox';
export * from './runtime/recorder';
export * from './runtime/sweep';
