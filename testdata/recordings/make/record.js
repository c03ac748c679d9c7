// Makes all recordings anew: node record.js, or node record.js NAME... for some of them.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const all = ['chromium-devtools', 'chromium-playwright', 'chromium-netlog', 'chromium-events', 'firefox', 'webkit', 'mitmproxy', 'curl'];
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !all.includes(name));
if (unknown.length) {
  console.error(`no such recording: ${unknown.join(', ')}; there are ${all.join(', ')}`);
  process.exit(2);
}
for (const name of asked.length ? asked : all) {
  const { status } = spawnSync(process.execPath, [fileURLToPath(new URL(`${name}.js`, import.meta.url))], { stdio: 'inherit' });
  if (status !== 0) {
    console.error(`${name} failed`);
    process.exit(1);
  }
}
