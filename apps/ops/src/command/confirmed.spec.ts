import { PassThrough } from 'node:stream';
import type { Terminal } from './confirmed';
import { confirmed } from './confirmed';
import { NotConfirmed } from './exit-codes';

/** A terminal at which somebody has typed this; nothing, and they have left. */
function terminal(typed: string | undefined, { isTTY = true } = {}) {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = Object.assign(new PassThrough(), { isTTY });
  if (typed === undefined) input.end();
  else input.write(`${typed}\n`);
  return { input, output } satisfies Terminal;
}

describe('What destroys', () => {
  it('is done when its name was typed', async () => {
    const at = terminal('key_1');
    await confirmed('key_1', ['revoke key_1, for good'], at);
    const shown = String(at.output.read());
    expect(shown).toContain('This would revoke key_1, for good.\n');
    expect(shown).toContain('Type key_1 to do it: ');
  });

  it.each([['yes'], ['key_11'], [''], [undefined]])('is not done for %j', async (typed) => {
    const asked = confirmed('key_1', ['revoke key_1'], terminal(typed));
    await expect(asked).rejects.toThrow(new NotConfirmed('not confirmed: nothing was changed'));
  });

  it('is not done where nobody can be asked', async () => {
    const asked = confirmed('key_1', ['revoke key_1'], terminal('key_1', { isTTY: false }));
    await expect(asked).rejects.toThrow(
      new NotConfirmed('nobody is there to confirm it: give --yes to revoke key_1'),
    );
  });
});
