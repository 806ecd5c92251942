// Prometheus' own tool decides what an alert does with recorded series. It is no package of npm's.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const cwd = fileURLToPath(new URL('../docker/prometheus', import.meta.url));
for (const args of [
  ['check', 'rules', 'alerts.yml'],
  ['check', 'config', 'prometheus.yml'],
  ['test', 'rules', 'alerts.test.yml'],
]) {
  const { error, status } = spawnSync('promtool', args, { cwd, stdio: 'inherit' });
  if (error?.code === 'ENOENT') {
    console.error(
      'promtool is not there: it comes with Prometheus (https://prometheus.io/download); put it in the PATH',
    );
    process.exit(1);
  }
  if (status !== 0) process.exit(status ?? 1);
}
