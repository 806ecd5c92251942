import { builtFile } from '@app/embedded';

const folder = process.env.TEST_CODE_CACHE;

/** For Node, so that a program of ours loads what an earlier one of this run has compiled: see code-cache. */
export const quickLoading: {
  readonly options: readonly string[];
  readonly env: Readonly<Record<string, string>>;
} = folder
  ? {
      options: ['--require', builtFile('libs/testing/src/code-cache')],
      env: { TEST_CODE_CACHE: folder },
    }
  : { options: [], env: {} };
