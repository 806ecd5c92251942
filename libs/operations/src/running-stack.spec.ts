import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SettingsError } from '@app/config';
import { operatorSettings } from './operator-settings';
import { announceStack, findRunningStack } from './running-stack';

const urls = {
  DATABASE_URL: 'postgres://postgres:hush@127.0.0.1:5432/channels',
  KAFKA_BROKERS: '127.0.0.1:9092',
  EVENTSTORE_URL: 'esdb://127.0.0.1:2113?tls=false',
};

describe('A running local stack', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'stack-'));
  const file = join(dataDir, 'engines.json');
  let withdraw: () => void;
  beforeEach(() => {
    withdraw = announceStack(dataDir, urls);
  });
  afterEach(() => withdraw());
  afterAll(() => rmSync(dataDir, { recursive: true }));

  it('is found by its data folder until it ends, by its owner alone', () => {
    expect(findRunningStack(dataDir)).toEqual({
      process: { pid: process.pid, started: expect.any(String) as string },
      environment: urls,
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(dataDir)).toEqual(['engines.json']);
    withdraw();
    expect(readdirSync(dataDir)).toEqual([]);
    expect(findRunningStack(dataDir)).toBeUndefined();
  });

  it('is none when its process is gone, and its number is somebody else’s by now', () => {
    const stack = JSON.parse(readFileSync(file, 'utf8')) as { process: { started: string } };
    stack.process.started = 'before the last boot';
    writeFileSync(file, JSON.stringify(stack));
    expect(findRunningStack(dataDir)).toBeUndefined();
  });

  it.each(['', '{"proc', 'null', '{}'])('is none by a file with %j in it', (content) => {
    writeFileSync(file, content);
    expect(findRunningStack(dataDir)).toBeUndefined();
  });

  it('is what commands use that were given no database, and a line says so', () => {
    const tell = jest.fn();
    const settings = operatorSettings('ops events', tell, { DATA_DIR: dataDir, DATABASE_URL: '' });
    expect(settings).toMatchObject({
      role: 'ops events',
      databaseUrl: urls.DATABASE_URL,
      eventstoreUrl: urls.EVENTSTORE_URL,
    });
    expect(operatorSettings('ops setup', tell, { DATA_DIR: dataDir }).kafkaBrokers).toBe(
      urls.KAFKA_BROKERS,
    );
    const line = `using the local stack in ${dataDir} (process ${process.pid})`;
    expect(tell.mock.calls).toEqual([[line], [line]]);
  });

  it('is not used by commands that were given a database', () => {
    const tell = jest.fn();
    const DATABASE_URL = 'postgres://elsewhere/channels';
    const settings = operatorSettings('ops', tell, { DATA_DIR: dataDir, DATABASE_URL });
    expect([settings.databaseUrl, tell.mock.calls]).toEqual([DATABASE_URL, []]);
    const secret = join(dataDir, 'database-url');
    writeFileSync(secret, `${DATABASE_URL}\n`);
    const mounted = { DATA_DIR: dataDir, DATABASE_URL_FILE: secret };
    expect(operatorSettings('ops', tell, mounted).databaseUrl).toBe(DATABASE_URL);
    rmSync(secret);
    const events = (): unknown =>
      operatorSettings('ops events', tell, { DATA_DIR: dataDir, DATABASE_URL });
    expect(events).toThrow(/^Set EVENTSTORE_URL, for example EVENTSTORE_URL=esdb:\S+$/);
  });

  it('is offered beside the missing setting when there is none', () => {
    withdraw();
    const settings = (): unknown => operatorSettings('ops', jest.fn(), { DATA_DIR: dataDir });
    expect(settings).toThrow(SettingsError);
    expect(settings).toThrow(
      `Set DATABASE_URL, for example DATABASE_URL=postgres://postbreeze:secret@localhost:5432/postbreeze; or start the local stack with npm start: none runs on ${dataDir}`,
    );
  });
});
