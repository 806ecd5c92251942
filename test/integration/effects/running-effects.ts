import type { EffectsUnderTest } from './effects-under-test';

const started: { stop(): Promise<void> }[] = [];

/** Consumers and workers within this process. */
export function startEffects({ runtime }: EffectsUnderTest) {
  const stopping = new AbortController();
  const running = runtime.run(stopping.signal);
  // Looked at by the test that expects a failure; the others stop it.
  running.catch(() => undefined);
  const stop = async (): Promise<void> => {
    stopping.abort();
    await running.catch(() => undefined);
  };
  started.push({ stop });
  return { running, stop };
}

/** For `afterEach`. */
export async function stopEffects(): Promise<void> {
  await Promise.all(started.splice(0).map(({ stop }) => stop()));
}
