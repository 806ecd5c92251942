import { Logger } from '@nestjs/common';
import { logLevel } from 'kafkajs';
import { nestLogCreator } from './kafka-logger';

function written(
  level: logLevel,
  message: string,
  error?: string,
  namespace = 'Consumer',
): string[] {
  const lines: string[] = [];
  const collect = (name: string) => (line: unknown) => void lines.push(`${name} ${String(line)}`);
  Logger.overrideLogger({
    log: collect('log'),
    error: collect('error'),
    warn: collect('warn'),
    debug: collect('debug'),
  });
  try {
    const log = { timestamp: '', message, error };
    nestLogCreator(logLevel.DEBUG)({ namespace, level, label: '', log });
    return lines;
  } finally {
    Logger.overrideLogger(['log', 'error', 'warn', 'debug']);
  }
}

describe('the log of kafkajs', () => {
  it('warns of what may matter, in one line', () => {
    expect(written(logLevel.ERROR, 'Failed to send', 'broken', 'Producer')).toEqual([
      'warn Producer: Failed to send: broken',
    ]);
  });

  it('lowers what is said once by whoever consumes, or wanted to connect', () => {
    const crash = 'debug Consumer: Crash: broken';
    expect(written(logLevel.ERROR, 'Crash', 'broken')).toEqual([crash]);
  });

  it('lowers what kafkajs gets over by itself', () => {
    const loading = "The coordinator is loading and hence can't process requests for this group";
    expect(written(logLevel.ERROR, 'Response FindCoordinator', loading)).toEqual([
      `debug Consumer: Response FindCoordinator: ${loading}`,
    ]);
  });

  it('keeps its chatter low', () => {
    expect(written(logLevel.INFO, 'Consumer has joined the group')).toEqual([
      'debug Consumer: Consumer has joined the group',
    ]);
    expect(written(logLevel.DEBUG, 'a request')).toEqual([]);
  });
});
