import t from 'tap';
import {
  compileRouter,
  pathPairs,
  type Router,
  splitPath,
} from '../../../../src/adapters/uws/http/http-router.ts';
import { type HttpDialect, type Method, operation } from '../../../../src/contract/operation.ts';
import { testDialect } from '../../../kit/clients/http-front.ts';

function dialectOf(name: string, prefixes: string[], routes: string[]): HttpDialect {
  const operations = routes.map((route) => {
    const [method = '', path = ''] = route.split(' ');
    const declared = {
      method: method as Method,
      path,
      summary: route,
      access: 'public',
      schemas: {},
      responses: {},
    } as const;
    return operation({ id: `${name} ${route}`, ...declared }, () => ({ status: 200 }));
  });
  return testDialect(operations, { name, prefixes });
}

function find(router: Router, method: string, path: string): unknown {
  const segments = splitPath(path);
  const found = router.find(method, segments);
  if (found === null) return null;
  if (!('operation' in found)) return found.allow;
  return [found.operation.summary, Object.fromEntries(pathPairs(found, segments) ?? [['bad', 'path']])];
}

const router = compileRouter([
  dialectOf(
    'a',
    ['/a'],
    ['GET /a', 'GET /a/:id', 'POST /a/search', 'GET /a/:id/b/:other', 'PUT /a/:id', 'GET /a/fixed/b/x'],
  ),
  dialectOf('b', ['/', '/a/deep/'], ['GET /']),
]);

t.test('exact segments come before parameters, and a method decides', async (t) => {
  t.same(find(router, 'GET', '/'), ['GET /', {}]);
  t.same(find(router, 'GET', '/a'), ['GET /a', {}]);
  t.same(find(router, 'GET', '/a/'), ['GET /a', {}]);
  t.same(find(router, 'GET', '/a/1'), ['GET /a/:id', { id: '1' }]);
  t.same(find(router, 'POST', '/a/search'), ['POST /a/search', {}]);
  t.same(find(router, 'GET', '/a/search'), ['GET /a/:id', { id: 'search' }], 'only POST is exact');
  t.same(find(router, 'GET', '/a/fixed/b/y'), ['GET /a/:id/b/:other', { id: 'fixed', other: 'y' }]);
  t.same(find(router, 'GET', '/a/%C3%BC%2F'), ['GET /a/:id', { id: 'ü/' }]);
  t.same(find(router, 'GET', '/a/%ff'), ['GET /a/:id', { bad: 'path' }]);
  t.same(find(router, 'HEAD', '/a/1'), ['GET /a/:id', { id: '1' }]);
});

t.test('other methods are told, of every route that fits', async (t) => {
  t.same(find(router, 'DELETE', '/a/search'), 'GET, HEAD, POST, PUT');
  t.same(find(router, 'get', '/a'), 'GET, HEAD', 'methods have case');
});

t.test('what fits no route is nothing', async (t) => {
  for (const path of ['/b', '/a//', '/a/1/b', '/a/1/b/', '//', '/a/1/c/2', '/A'])
    t.equal(find(router, 'GET', path), null, path);
});

t.test('the longest prefix words what is unknown', async (t) => {
  t.equal(router.dialectOf('/a/x/y')?.name, 'a');
  t.equal(router.dialectOf('/a')?.name, 'a');
  t.equal(router.dialectOf('/ab')?.name, 'b');
  t.equal(router.dialectOf('/a/deep/x')?.name, 'b');
  t.equal(compileRouter([]).dialectOf('/a'), null);
});

t.test('two operations may not answer the same requests', async (t) => {
  const twice = dialectOf('c', ['/c'], ['GET /c/:id', 'GET /c/:name']);
  t.throws(() => compileRouter([twice]), /c GET \/c\/:name and c GET \/c\/:id answer the same/);
});
