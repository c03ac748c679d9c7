// Where recordings go, and the guard that none of them says anything of the machine it was made on.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir, hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const limit = process.env.OUT ? Infinity : 500_000; // of what is shipped
const file = (name) => (process.env.OUT ? join(process.env.OUT, name) : new URL(`../${name}`, import.meta.url));
const machine = [tmpdir(), homedir(), hostname(), fileURLToPath(new URL('..', import.meta.url)), `/home/${userInfo().username}`];

// write keeps content, or what encode makes of it.
export function write(name, content, encode = (text) => text) {
  const text = typeof content === 'string' ? content : JSON.stringify(content, null, 1) + '\n';
  for (const word of machine) {
    if (word.length > 3 && text.includes(word)) throw new Error(`${name} would hold ${JSON.stringify(word)}, which is of this machine`);
  }
  if (text.length > limit) throw new Error(`${name} would be ${text.length} bytes, more than ${limit}`);
  writeFileSync(file(name), encode(text));
  console.log(`${name}: ${text.length} bytes`);
}

// Whatever records the fixed traffic in Chromium, the page sees the same.
export const expectedName = (name) => `${!process.env.OUT && name.startsWith('chromium-') ? 'chromium' : name}.expected.json`;

export const read = (name) => readFileSync(file(name), 'utf8');

// What was truly seen while a recording was made: the page's outcomes in order, what the console said, and what reached
// the servers in order.
export function writeExpected(name, { browser, page, outcomes, console, requests }) {
  const lines = (list) => (list.length ? `[\n${list.map((item) => '  ' + JSON.stringify(item)).join(',\n')}\n ]` : '[]');
  const text = `{\n "browser": ${JSON.stringify(browser)},\n "page": ${JSON.stringify(page)},\n "outcomes": ${lines(outcomes)},\n "console": ${lines(console)},\n "requests": ${lines(requests)}\n}\n`;
  const shared = expectedName(name);
  if (shared !== `${name}.expected.json` && existsSync(file(shared))) {
    const other = read(shared);
    if (JSON.parse(other).browser === browser && other !== text) throw new Error(`while ${name} was made, the same browser did not do what ${shared} says`);
  }
  write(shared, text);
}
