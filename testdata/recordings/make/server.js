// The two origins: the page's (18080) and the API's (18081). Nothing listens on 18082.
import http from 'node:http';
import { readFileSync } from 'node:fs';

export const PAGE = 'http://127.0.0.1:18080';
export const API = 'http://127.0.0.1:18081';
export const documents = [PAGE + '/'];
export const hosts = [];

const file = (name, type) => ({ headers: { 'Content-Type': type, 'Cache-Control': 'no-store' }, body: readFileSync(new URL(`page/${name}`, import.meta.url)) });
const text = (body, headers = {}, status = 200) => ({ status, headers: { 'Content-Type': 'text/plain', ...headers }, body });
export const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=', 'base64');

const any = { 'Access-Control-Allow-Origin': '*' };
const echo = { 'Access-Control-Allow-Origin': PAGE, 'Vary': 'Origin' };
const credentials = { ...echo, 'Access-Control-Allow-Credentials': 'true' };
const methods = (value) => ({ 'Access-Control-Allow-Methods': value });
const allow = (value) => ({ 'Access-Control-Allow-Headers': value });
const preflight = (headers, status = 204) => ({ status, headers });

// "METHOD path", or the path alone for any method.
const pageRoutes = {
  '/': {
    headers: { 'Content-Type': 'text/html', 'Cache-Control': 'no-store', 'Set-Cookie': ['session=example; HttpOnly; SameSite=Lax', 'theme=dark; SameSite=Lax'] },
    body: file('index.html').body,
  },
  '/steps.js': file('steps.js', 'text/javascript'),
  '/run.js': file('run.js', 'text/javascript'),
  '/same-origin': text('same origin'),
  '/redirect-out': text('', { Location: API + '/redirect-out-target' }, 302),
  '/redirect-back': text('', { Location: API + '/redirect-back' }, 302),
  '/redirect-back-target': text('back', { ...echo }),
};

const apiRoutes = {
  '/any-origin': text('any origin', any),
  '/credentials': text('credentials', credentials),
  '/no-allow-origin': text('no allow-origin'),
  '/other-origin': text('other origin', { 'Access-Control-Allow-Origin': 'http://other.example' }),
  '/wildcard-credentials': text('wildcard', { ...any, 'Access-Control-Allow-Credentials': 'true' }),
  '/no-allow-credentials': text('no allow-credentials', echo),
  '/allow-origin-twice': text('twice', { 'Access-Control-Allow-Origin': [PAGE, PAGE] }),
  '/exposed': text('exposed', { ...any, 'Access-Control-Expose-Headers': 'X-Total, X-Request-Id', 'x-total': '7', 'X-REQUEST-ID': '42', 'X-Hidden': '1' }),
  '/allowed-404': text('not here', any, 404),
  '/simple-post': text('posted', any),

  'OPTIONS /put': preflight({ ...credentials, ...methods('PUT, DELETE'), ...allow('content-type'), 'Access-Control-Max-Age': '600' }),
  'PUT /put': text('put', credentials),
  'OPTIONS /authorization': preflight({ ...any, ...allow('Authorization') }),
  'GET /authorization': text('authorized', any),
  'OPTIONS /method-not-allowed': preflight({ ...credentials, ...methods('GET, POST'), ...allow('content-type') }),
  'OPTIONS /header-not-allowed': preflight({ ...any, ...methods('PUT'), ...allow('content-type') }),
  'OPTIONS /preflight-404': text('no such route', { ...any, ...methods('PUT'), ...allow('content-type') }, 404),
  'OPTIONS /preflight-bare': preflight({ Allow: 'OPTIONS, PUT' }),
  'OPTIONS /preflight-redirect': preflight({ ...any, ...methods('PUT'), ...allow('content-type'), Location: API + '/preflight-redirect-target' }, 302),
  'OPTIONS /preflight-then-500': preflight({ ...any, ...methods('DELETE') }, 200),
  'DELETE /preflight-then-500': text('broken', {}, 500),

  '/redirect': text('', { ...any, Location: '/redirect-target' }, 307),
  '/redirect-target': text('redirected', any),
  '/redirect-out-target': text('out', echo),
  '/redirect-back': text('', { ...echo, Location: PAGE + '/redirect-back-target' }, 302),
  '/redirect-bare': text('', { Location: '/redirect-target' }, 302),

  '/cacheable': text('cacheable', { ...any, 'Cache-Control': 'max-age=600' }),
  '/closed': { special: 'close' },
  '/never': { special: 'hold' },
  '/no-cors': text('no-cors'),

  '/xhr': text('xhr', credentials),
  '/xhr-blocked': text('xhr blocked'),
  '/xhr-upload': text('uploaded', any),
  'OPTIONS /xhr-upload': preflight(any),
  '/xhr-upload-blocked': text('uploaded'),
  'OPTIONS /xhr-upload-blocked': text('', {}),

  '/img.png': { headers: { 'Content-Type': 'image/png' }, body: png },
  '/img-cors.png': { headers: { 'Content-Type': 'image/png', ...credentials }, body: png },
  '/script.js': { headers: { 'Content-Type': 'text/javascript' }, body: 'var script = 1;\n' },
  '/script-blocked.js': { headers: { 'Content-Type': 'text/javascript' }, body: 'var blocked = 1;\n' },
  '/style.css': { headers: { 'Content-Type': 'text/css' }, body: 'p { color: red }\n' },
  '/frame.html': { headers: { 'Content-Type': 'text/html' }, body: '<!doctype html><title>frame</title>\n' },
};

// serve answers on a port of this machine. What arrives is added to requests.
export function serve(port, answer, requests) {
  const server = http.createServer((request, response) => {
    const route = answer(request);
    const said = !['close', 'hold'].includes(route.special);
    // DevTools asks for a workspace on its own account, at a time of its own choice.
    if (!request.url.startsWith('/.well-known/')) requests.push({ method: request.method, url: `http://${request.headers.host}${request.url}`, ...(said && { status: route.status ?? 200 }), ...answer.details?.(request) });
    if (route.special === 'close') return request.socket.destroy();
    if (route.special === 'hold') return;
    response.sendDate = false;
    const headers = Object.entries(route.headers).flatMap(([name, value]) => [value].flat().flatMap((v) => [name, v]));
    if (route.status !== 204 && route.status !== 304) headers.push('Content-Length', String(Buffer.byteLength(route.body ?? '') + (route.special === 'cut' ? 100 : 0)));
    request.resume().on('end', () => setTimeout(() => {
      response.writeHead(route.status ?? 200, headers);
      if (route.special !== 'cut') return response.end(route.body);
      response.write(route.body || ' ', () => setTimeout(() => request.socket.destroy(), 50));
    }, route.delay ?? 0));
  });
  return new Promise((resolve, reject) => server.on('error', reject).listen(port, '127.0.0.1', () => resolve(server)));
}

// withServers runs f while both origins are served. f gets the list that every request which arrives is added to.
export async function withServers(f) {
  const requests = [];
  const table = (routes) => (request) => routes[`${request.method} ${request.url}`] ?? routes[request.url] ?? text('', {}, 404);
  return withServing([[PAGE, table(pageRoutes)], [API, table(apiRoutes)]].map(([origin, answer]) => serve(new URL(origin).port, answer, requests)), () => f(requests));
}

// withServing runs f while servers are there.
export async function withServing(starting, f) {
  const servers = await Promise.all(starting);
  try {
    return await f();
  } finally {
    for (const server of servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }
}
