import { freePort } from './free-port';

it('a free port is given once, and is none that an outgoing connection or another worker could get', async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, () => freePort()));
  expect(new Set(ports).size).toBe(50);
  expect(Math.max(...ports)).toBeLessThan(20_000);
  expect(Math.max(...ports) - Math.min(...ports)).toBeLessThan(2_500);
});
