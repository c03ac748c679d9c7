// META: title=sample
// META: script=hosts.sub.js
// META: variant=
// META: variant=?include=one

const handlers = '/fetch/api/resources';

test(() => {
  const headers = new Headers([['B', '2'], ['a', ' 1 ']]);
  headers.append('a', '3');
  assert_equals(JSON.stringify([...headers]), '[["a","1, 3"],["b","2"]]');
  assert_equals(headers.has('C'), false);
  assert_throws('TypeError', () => headers.set('a b', 'c'));
  assert_throws('TypeError', () => new Headers({ a: 'é€' }));
}, 'Headers');

test(() => {
  const request = new Request('x?y', { method: 'post', body: 'b', headers: { Cookie: 'c=d', 'X-A': '1' } });
  assert_equals(request.url, new URL('x?y', location.href).href);
  assert_equals(request.method, 'POST');
  assert_equals(JSON.stringify([...request.headers]), '[["content-type","text/plain;charset=UTF-8"],["x-a","1"]]');
  assert_equals(new Request(request, { mode: 'no-cors', body: 'c' }).mode, 'no-cors');
  assert_throws('TypeError', () => new Request('/', { method: 'TRACE' }));
}, 'Request');

promise_test(async () => {
  const response = await fetch(`${handlers}/top.txt`);
  assert_equals(response.type, 'basic');
  assert_equals(await response.text(), 'top');
  assert_throws('TypeError', () => response.headers.set('a', 'b'));
}, 'fetch, same origin');

promise_test(async () => {
  await assert_rejects('TypeError', fetch(`${remote}${handlers}/top.txt`));
  assert_equals((await fetch(`${remote}${handlers}/top.txt`, { mode: 'no-cors' })).type, 'opaque');
  assert_equals((await fetch(`${remote}${handlers}/cors-top.txt`)).type, 'cors');
}, 'fetch, cross-origin');

promise_test(async () => {
  const init = { method: 'PUT', headers: { 'X-A': '1' } };
  const query = `origin=${location.origin}&allow_methods=PUT`;
  await assert_rejects('TypeError', fetch(`${remote}${handlers}/preflight.py?${query}`, init));
  const response = await fetch(`${remote}${handlers}/preflight.py?${query}&allow_headers=x-a`, init);
  assert_equals(response.status, 200);
}, 'fetch, with a preflight');

promise_test(async () => {
  assert_equals((await fetch(`${secure}${handlers}/top.txt`, { mode: 'no-cors' })).type, 'opaque');
}, 'fetch, over TLS');

promise_test(async () => {
  const controller = new AbortController();
  const response = await fetch(`${handlers}/infinite-slow-response.py?stateKey=${crypto.randomUUID()}`, { signal: controller.signal });
  controller.abort();
  await assert_rejects('AbortError', response.text());
  await assert_rejects('TypeError', fetch('http://nowhere.test/'));
}, 'fetch, aborted and refused');

test(() => {
  const request = new XMLHttpRequest();
  assert_throws('SyntaxError', () => request.open('', '/'));
  request.open('GET', `${handlers}/top.txt`, false);
  request.send();
  assert_equals(request.status, 200);
  assert_equals(request.responseText, 'top');
  request.open('GET', `${remote}${handlers}/top.txt`, false);
  assert_throws('NetworkError', () => request.send());
}, 'XMLHttpRequest, synchronous');

promise_test(async () => {
  const events = [];
  const request = new XMLHttpRequest();
  request.onreadystatechange = () => events.push(request.readyState);
  request.open('POST', `${handlers}/echo-content.py`);
  await new Promise((resolve) => {
    for (const type of ['loadstart', 'progress', 'load', 'error', 'abort']) request.addEventListener(type, () => events.push(type));
    request.onloadend = resolve;
    request.send(new Blob(['blob']));
  });
  assert_equals(events.join(), '1,loadstart,2,3,progress,4,load');
  assert_equals(request.response, 'blob');
}, 'XMLHttpRequest, asynchronous');

test(() => {
  document.cookie = 'a=1';
  assert_equals(document.cookie, 'a=1');
}, 'document.cookie');

test(() => {
  assert_equals(location.search, '', 'this fails in the variant');
});
