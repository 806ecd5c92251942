import { RouteTable } from './route-table';

describe('the methods of a path', () => {
  const routes = new RouteTable();
  routes.add(['GET', 'HEAD'], '/things');
  routes.add('POST', '/things/bulk');
  routes.add('GET', '/things/:id');
  routes.add('DELETE', '/things/:id');
  routes.add('GET', '/things/:id/parts');
  routes.add('GET', '/files/*');

  it.each([
    ['/things', ['GET', 'HEAD']],
    ['/things/1', ['DELETE', 'GET']],
    ['/things/bulk', ['POST']],
    ['/things/1/parts', ['GET']],
    ['/files/a', ['GET']],
    ['/files/a/b', ['GET']],
  ])('of %s are %j', (path, methods) => {
    expect(routes.allowedFor(path)).toEqual(methods);
  });

  it.each(['/', '/thing', '/things/', '/things//parts', '/things/1/parts/2', '/files', '//things'])(
    'of %s are none',
    (path) => {
      expect(routes.allowedFor(path)).toEqual([]);
    },
  );
});
