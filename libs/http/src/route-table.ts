/** A route as it was registered: `/things/:id`, or `/files/*` for everything below. */
interface Route {
  readonly method: string;
  readonly segments: readonly string[];
}

/** Every route of a process, for what a router doesn't tell: which methods a path has. */
export class RouteTable {
  private readonly routes: Route[] = [];

  add(methods: string | readonly string[], url: string): void {
    for (const method of [methods].flat()) this.routes.push({ method, segments: url.split('/') });
  }

  /**
   * The methods of a path, for the header `Allow`; none when there is nothing at that path. A path
   * that is a route's own word for word has that route's methods alone: `/things/sum` isn't the
   * thing called sum.
   */
  allowedFor(path: string): string[] {
    const asked = path.split('/');
    const literal = this.routes.filter(({ segments }) => segments.join('/') === path);
    const found =
      literal.length > 0 ? literal : this.routes.filter(({ segments }) => matches(segments, asked));
    return [...new Set(found.map(({ method }) => method))].sort();
  }
}

/** A parameter is one segment that isn't empty, as Nest's routes have it. */
function matches(route: readonly string[], asked: readonly string[]): boolean {
  const open = route.at(-1) === '*';
  if (open ? asked.length < route.length : asked.length !== route.length) return false;
  return route.every((segment, index) => {
    if (segment === '*') return true;
    return segment.startsWith(':') ? asked[index] !== '' : segment === asked[index];
  });
}
