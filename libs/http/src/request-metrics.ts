import type { FastifyInstance } from 'fastify';
import { histogram } from '@app/observability';

const seconds = histogram({
  name: 'postbreeze_http_request_duration_seconds',
  help: 'From the arrival of a request to the end of its answer, by route template and class of status.',
  labels: ['method', 'route', 'status'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
});

/** Methods that a route of ours may have; callers can send any word. */
const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);
/** What asks how we are, all the time, and is no caller. */
const probes = ['/health/', '/metrics'];

/** Measures each request once it is answered; probes are left out. */
export function measureRequests(fastify: FastifyInstance): void {
  fastify.addHook('onResponse', async ({ method, routeOptions }, { statusCode, elapsedTime }) => {
    const route = routeOptions.url ?? 'none';
    if (probes.some((probe) => route.startsWith(probe))) return;
    const labels = {
      method: methods.has(method) ? method : 'other',
      route,
      status: `${Math.floor(statusCode / 100)}xx`,
    };
    seconds.observe(labels, elapsedTime / 1_000);
  });
}
