import { waitFor } from './wait-for';

describe('waitFor', () => {
  it('looks again until there is something to see', async () => {
    const seen = [undefined, false, 'it'] as const;
    let looks = 0;
    expect(await waitFor(() => seen[looks++], { everyMs: 1 })).toBe('it');
    expect(looks).toBe(3);
  });

  it('takes a failure for not yet', async () => {
    let looks = 0;
    const look = async () => {
      if (++looks < 3) throw new Error('still starting');
      return looks;
    };
    expect(await waitFor(look, { everyMs: 1 })).toBe(3);
  });

  it('takes 0 and an empty text for something', async () => {
    expect(await waitFor(() => 0)).toBe(0);
    expect(await waitFor(() => '')).toBe('');
  });

  it('says what it saw last when it never comes', async () => {
    const look = () => Promise.reject(new Error('still starting'));
    await expect(waitFor(look, { what: 'the row', withinMs: 5, everyMs: 1 })).rejects.toThrow(
      'the row did not come within 5 ms; last seen: Error: still starting',
    );
  });
});
