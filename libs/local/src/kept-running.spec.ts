import { waitFor } from '@app/testing';
import type { Child } from './child';
import { KeptRunning } from './kept-running';

/** A child without a process, whose life a test decides. */
class TestChild implements Child {
  readonly exited: Child['exited'];
  stops = 0;
  private exit!: (exit: Awaited<Child['exited']>) => void;

  /** @param lingers it ends when the test says so, not when it is stopped */
  constructor(private readonly lingers = false) {
    this.exited = new Promise((resolve) => (this.exit = resolve));
  }

  die(): void {
    this.exit({ code: null, signal: 'SIGKILL' });
  }

  async stop(): Promise<void> {
    this.stops += 1;
    if (!this.lingers) this.die();
    await this.exited;
  }
}

describe('A child that is kept running', () => {
  const said: string[] = [];
  /** The starts that are under way, to be ended by the test. */
  const starting: ((child: Child | Error) => void)[] = [];

  beforeEach(() => {
    said.length = 0;
    starting.length = 0;
  });

  /** The first start succeeds at once, each later one when the test says so. */
  async function keep(first: Child): Promise<KeptRunning> {
    let isFirst = true;
    const start = (): Promise<Child> => {
      if (isFirst) {
        isFirst = false;
        return Promise.resolve(first);
      }
      return new Promise((resolve, reject) =>
        starting.push((child) => (child instanceof Error ? reject(child) : resolve(child))),
      );
    };
    return KeptRunning.start('relay', start, (line) => said.push(line));
  }

  it('is started again when it dies', async () => {
    const [first, second] = [new TestChild(), new TestChild()];
    const kept = await keep(first);
    first.die();
    await waitFor(() => starting.length === 1);
    starting[0]!(second);
    await waitFor(() => said.includes('relay is back'));
    await kept.stop();
    expect(second.stops).toBe(1);
  });

  it('is awaited and stopped when the end comes while it is being started again', async () => {
    const [first, second] = [new TestChild(), new TestChild(true)];
    const kept = await keep(first);
    first.die();
    await waitFor(() => starting.length === 1);

    let stopped = false;
    const stopping = kept.stop().then(() => (stopped = true));
    starting[0]!(second);
    await waitFor(() => second.stops === 1);
    expect(stopped).toBe(false);
    second.die();
    await stopping;
    expect(said).not.toContain('relay is back');
  });

  it('is not started again after the end, also when its last start failed', async () => {
    const first = new TestChild();
    const kept = await keep(first);
    first.die();
    await waitFor(() => starting.length === 1);

    const stopping = kept.stop();
    starting[0]!(new Error('no room'));
    await stopping;
    expect(starting).toHaveLength(1);
    expect(said).toEqual(['relay ended (SIGKILL): starting it again in 0.5 s']);
  });
});
