import { parseArgs } from 'node:util';
import { Logger } from '@nestjs/common';
import type { ServiceRole } from '@app/config';
import { loadSettings, serviceRoles, Settings } from '@app/config';
import { readableMessage } from '@app/observability';
import { runDemo } from './demo/run-demo';
import type { LocalStack } from './local-stack';
import { startLocalStack } from './local-stack';

const usage = `Usage: npm start [-- OPTIONS]        the service with everything embedded
       npm run demo [-- OPTIONS]     the same with demo data, and one disconnect to watch

  --fresh            empty the data folder first
  --exit             end after the demo instead of staying up
  --without ROLE     leave a role out (${serviceRoles.join(', ')}); may be repeated`;

/** Milliseconds in which everything must have stopped after Ctrl-C. */
const stopLimitMs = 10_000;

/** Runs the local stack until Ctrl-C; what goes wrong is one readable line and exit code 1. */
export async function runLocal(args: readonly string[]): Promise<void> {
  try {
    const { mode, fresh, exit, without } = parse(args);
    const settings = loadSettings('local');
    // This process reads back through the same libraries as the roles, but tells its own story.
    Logger.overrideLogger(['fatal', 'error']);
    const startedAt = Date.now();
    const say = (line: string): void => {
      console.log(`${((Date.now() - startedAt) / 1_000).toFixed(1).padStart(6)} s  ${line}`);
    };
    const logs = mode === 'demo' ? 'files' : 'screen';
    const stack = await startLocalStack({ settings, fresh, without, logs, say });
    const stopped = stopOnSignal(stack, say);
    const succeeded = mode === 'start' || (await runDemo(stack));
    if (mode === 'start') {
      say(`ready: http://127.0.0.1:${settings.apiPort} (Ctrl-C stops all)`);
      say(`to make a key: ${keysCommand(settings)}`);
    }
    if (!succeeded) process.exitCode = 1;
    if (mode === 'demo' && (exit || !succeeded)) {
      await stack.stop();
      process.exit();
    }
    await stopped;
  } catch (error) {
    console.error(readableMessage(error));
    process.exit(1);
  }
}

/** For a second terminal: the operators' command line finds this stack by its data folder. */
function keysCommand({ dataDir }: Settings): string {
  const where = dataDir === new Settings().dataDir ? '' : `DATA_DIR='${dataDir}' `;
  return `${where}npm run ops -- keys mint --help`;
}

function parse(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      fresh: { type: 'boolean', default: false },
      exit: { type: 'boolean', default: false },
      without: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  const [mode] = positionals;
  if (values.help || (mode !== 'start' && mode !== 'demo')) {
    console.log(usage);
    process.exit(values.help ? 0 : 1);
  }
  const unknown = values.without.find((role) => !serviceRoles.includes(role as ServiceRole));
  if (unknown) throw new Error(`There is no role ${unknown}: ${serviceRoles.join(', ')}`);
  return { ...values, mode, without: values.without as ServiceRole[] } as const;
}

/** Never settles before a signal has come and everything is down. */
function stopOnSignal(stack: LocalStack, say: (line: string) => void): Promise<void> {
  return new Promise(() => {
    let stopping = false;
    const stop = (): void => {
      if (stopping) return;
      stopping = true;
      say('stopping');
      setTimeout(() => process.exit(1), stopLimitMs).unref();
      void stack.stop().then(() => {
        say('stopped');
        process.exit();
      });
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}
