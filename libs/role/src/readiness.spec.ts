import { workBoard } from '@app/observability';
import { EngineWatch } from './engine-watch';
import { Readiness } from './readiness';

it('The verdict and what it is of are of one moment, whatever changes while engines are waited for', async () => {
  const group = workBoard.of('groups', 'a');
  const joinsMeanwhile = {
    name: 'PostgreSQL',
    check: async (): Promise<void> => {
      group.become('joined');
      workBoard.of('groups', 'b');
    },
    close: () => undefined,
  };
  const readiness = new Readiness(new EngineWatch([joinsMeanwhile]));
  const { status, work } = await readiness.report();
  expect([status, work.groups['a']?.state, work.groups['b']?.state]).toEqual([
    'not ready',
    'joined',
    'joining',
  ]);
  workBoard.of('groups', 'b').become('joined');
  expect((await readiness.report()).status).toBe('ready');
});

it.each([true, false])(
  'A process says no more than that it stops, also when it hears so while it looks (in brief: %s)',
  async (isBrief) => {
    const isToEnd = {
      name: 'PostgreSQL',
      check: async (): Promise<void> => readiness.stop(),
      close: () => undefined,
    };
    const readiness = new Readiness(new EngineWatch([isToEnd]));
    for (let n = 0; n < 2; n++)
      expect(await readiness.answer(isBrief)).toEqual({ status: 'stopping' });
  },
);
