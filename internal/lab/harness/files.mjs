// Upstream's files: which there are, what their META lines and markup say, and
// the substitutions that upstream's server would make.
import { readFileSync, readdirSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join, posix } from 'node:path';

export const host = 'web-platform.test';
const altHost = 'not-web-platform.test';
const ports = { http: ['8000', '8001'], https: ['8443', '8444'], ws: ['8666'], wss: ['8667'] };

// What is a sign that a test makes elements, frames or threads, of which there are
// none. Its other subtests may well pass.
const needsDOM = /<iframe|<body\s+on|<form|createElementNS|createElement\((?!["']a(rea)?["'])|contentWindow|document\.implementation|document\.readyState|<meta charset=["']?windows/;

const isTest = /(\.any\.js|\.window\.js|\.html?|\.xhtml)$/;

// findTests lists the test files below the directories of a tree that fit one of
// the patterns: a file, a directory, or either with * in it.
export function findTests(tree, patterns) {
  const found = [];
  const expressions = patterns.map((p) => new RegExp(
    '^' + p.replace(/\/$/, '').replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '[^/]*') + '($|/)'));
  const walk = (directory) => {
    for (const entry of readdirSync(join(tree, directory), { withFileTypes: true })) {
      const path = posix.join(directory, entry.name);
      if (entry.isDirectory()) {
        if (!['resources', 'support', 'tools', '.git'].includes(entry.name)) walk(path);
      } else if (isTest.test(entry.name) && expressions.some((e) => e.test(path))) {
        found.push(path);
      }
    }
  };
  // Only what a pattern can reach is read: an upstream tree has 100,000 files.
  const roots = new Set(patterns.map((p) => (p.includes('/') ? p.slice(0, p.indexOf('/')) : p.replace(/\*.*/, ''))));
  for (const root of roots) walk(root);
  return found.sort();
}

// readTest reads a test file: what to load, in order, where from, and with which
// variants. A file that is no test, or cannot be run without a browser, has a
// reason why instead of scripts.
export function readTest(tree, path) {
  const text = readFileSync(join(tree, path), 'utf8');
  const test = { path, variants: [''], scripts: [], title: '', long: false, secure: /\.(https|serviceworker)\./.test(path) };
  if (/\.h2\./.test(path)) return { ...test, skip: 'needs HTTP/2' };
  if (/\.js$/.test(path)) readScript(test, path, text);
  else readMarkup(test, text);
  test.referrerPolicy = referrerPolicy(tree, path) ?? test.referrerPolicy;
  return test;
}

// referrerPolicy is what the .headers file of a document says, the last one of a list.
function referrerPolicy(tree, path) {
  try {
    const value = /^Referrer-Policy:(.*)$/im.exec(readFileSync(join(tree, `${path}.headers`), 'utf8'))?.[1];
    return value?.split(',').pop().trim();
  } catch {
    return undefined;
  }
}

// readScript reads the META lines of an .any.js or .window.js file.
function readScript(test, path, text) {
  test.dom = needsDOM.test(text);
  const variants = [];
  for (const line of text.split('\n')) {
    const meta = /^\/\/\s*META:\s*(\w+)=(.*?)\s*$/.exec(line);
    if (!meta) {
      if (!line.startsWith('//') && line.trim() !== '') break;
      continue;
    }
    const [, name, value] = meta;
    if (name === 'script') test.scripts.push({ src: value });
    else if (name === 'variant') variants.push(value);
    else if (name === 'title') test.title = value;
    else if (name === 'timeout') test.long = value === 'long';
    else if (name === 'global' && path.endsWith('.any.js')) {
      const globals = value.split(',').map((g) => g.trim());
      // Without a window the scope is a worker's, of which the engine has none; what
      // it asks of the network is the same.
      test.worker = !globals.some((g) => g === 'window' || g === '!default' || g === 'default');
      if (globals.length === 1 && globals[0] === 'shadowrealm') test.skip = 'needs a ShadowRealm';
    }
  }
  if (variants.length > 0) test.variants = variants;
  test.scripts.push({ src: '/' + path });
  test.page = '/' + path.replace(/\.js$/, '.html');
}

// readMarkup finds the scripts of a document. Its other elements do not come to be.
function readMarkup(test, text) {
  const attribute = (attributes, name) => {
    const m = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i').exec(attributes);
    return m && (m[1] ?? m[2] ?? m[3]);
  };
  test.page = '/' + test.path;
  test.title = (/<title>([^<]*)<\/title>/i.exec(text)?.[1] ?? '').replace(/&(lt|gt|amp);/g, (_, name) => ({ lt: '<', gt: '>', amp: '&' })[name]);
  const base = /<base((?:\s[^>]*)?)>/i.exec(text);
  if (base) test.base = attribute(base[1], 'href') ?? '';
  const variants = [];
  for (const [, attributes] of text.matchAll(/<meta\s([^>]*)>/gi)) {
    const name = attribute(attributes, 'name');
    if (name === 'timeout') test.long = attribute(attributes, 'content') === 'long';
    if (name === 'variant') variants.push(attribute(attributes, 'content') ?? '');
    if (name === 'referrer') test.referrerPolicy = attribute(attributes, 'content');
  }
  if (variants.length > 0) test.variants = variants;
  let isTest = false;
  for (const [, attributes, inline] of text.matchAll(/<script((?:\s[^>]*)?)>([\s\S]*?)<\/script>/gi)) {
    const type = attribute(attributes, 'type');
    if (type === 'module') test.skip = 'needs module scripts';
    if (type && !/javascript$/.test(type)) continue;
    const src = attribute(attributes, 'src');
    if (src?.endsWith('/resources/testharness.js')) isTest = true;
    test.scripts.push(src ? { src } : { inline });
  }
  if (!isTest) test.skip = 'is no test';
  test.dom = needsDOM.test(text);
}

// substitute makes the replacements of ".sub." files and of ?pipe=sub.
export function substitute(text, url) {
  const variables = new Map();
  return text.replace(/\{\{(?:(\$\w+):)?([^{}]*)\}\}/g, (whole, variable, expression) => {
    const value = variables.get(expression) ?? evaluate(expression, url);
    if (value === undefined) throw new Error(`${url.pathname}: ${whole} is not known`);
    if (variable) variables.set(variable, value);
    return value;
  });
}

function evaluate(expression, url) {
  const [, name, indexes] = /^(\w+)(.*)$/.exec(expression) ?? [];
  const index = [...(indexes ?? '').matchAll(/\[([^\]]*)\]/g)].map((m) => m[1]);
  const under = (label, domain) => (label === '' ? domain : `${{ 'élève': 'xn--lve-6lad', '天気の良い日': 'xn--n8j6ds53lwwkrqhv28a' }[label] ?? label}.${domain}`);
  switch (name) {
    case 'host': return host;
    case 'domains': return under(index[0], host);
    case 'hosts': return under(index[1], index[0] === 'alt' ? altHost : host);
    case 'ports': return ports[index[0]]?.[index[1]];
    case 'GET': return url.searchParams.get(index[0]) ?? '';
    case 'uuid': return randomUUID();
    case 'location': return {
      server: url.origin, scheme: url.protocol.slice(0, -1), host: url.host, hostname: url.hostname, port: url.port,
      path: url.pathname, pathname: url.pathname, query: url.search,
    }[index[0]];
  }
  return undefined;
}

// pageURL is where a test's document is.
export function pageURL(test, variant) {
  const [scheme, port] = test.secure ? ['https', ports.https[0]] : ['http', ports.http[0]];
  return `${scheme}://${host}:${port}${test.page}${variant}`;
}

// loadScripts returns the sources of a test's scripts, in order.
export function loadScripts(tree, test, variant) {
  const page = new URL(pageURL(test, variant));
  const sources = [];
  for (const { src, inline } of test.scripts) {
    if (inline !== undefined) {
      sources.push({ name: test.path, text: /\.sub\./.test(test.path) ? substitute(inline, page) : inline });
      continue;
    }
    const url = new URL(src, page);
    if (/^\/resources\/(testharness|testharnessreport)\.js$/.test(url.pathname)) continue;
    let text;
    try {
      text = readFileSync(join(tree, decodeURIComponent(url.pathname)), 'utf8');
    } catch (err) {
      if (err.code !== 'ENOENT' && err.code !== 'EISDIR') throw err;
      sources.push({ name: url.pathname, missing: true });
      continue;
    }
    if (/\.sub\./.test(url.pathname) || url.searchParams.get('pipe') === 'sub') text = substitute(text, url);
    sources.push({ name: url.pathname.slice(1), text });
  }
  return sources;
}
