import { serverProperties } from './server-properties';

describe('serverProperties', () => {
  const lines = serverProperties({ logDir: '/data/log', port: 2, controllerPort: 3 }).split('\n');

  it('has one node listen on this machine alone', () => {
    expect(lines).toContain('listeners=PLAINTEXT://127.0.0.1:2,CONTROLLER://127.0.0.1:3');
    expect(lines).toContain('advertised.listeners=PLAINTEXT://127.0.0.1:2');
    expect(lines).toContain('controller.quorum.voters=1@127.0.0.1:3');
    expect(lines).toContain('log.dirs=/data/log');
  });

  it('asks for no replica that one node can not have', () => {
    const replicas = lines.filter((line) => /replication\.factor|min\.isr/.test(line));
    expect(replicas).toHaveLength(5);
    for (const line of replicas) expect(line).toMatch(/=1$/);
  });
});
