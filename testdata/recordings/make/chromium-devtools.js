// Chromium with its own DevTools, exactly as a person has them: the front end is opened on the page's tab, and its Network
// panel's own writer writes the requests that "Export HAR (sanitized)" and "Export HAR (with sensitive data)" would save,
// into a string instead of a file.
import { devtoolsPort, hostFlags, observe, withChromium } from './chromium.js';
import { write, writeExpected } from './files.js';
import { documents, visit, withServers } from './traffic.js';
import { eventually } from './wait.js';

const bundled = (path) => `await import('devtools://devtools/bundled/${path}')`;

const ready = `(async () => {
  const { TargetManager } = ${bundled('core/sdk/sdk.js')};
  const { NetworkPanel } = ${bundled('panels/network/network.js')};
  return Boolean(TargetManager.TargetManager.instance().scopeTarget() && NetworkPanel.NetworkPanel.instance().networkLogView);
})()`;

// So that the log has what all documents asked.
const preserveLog = `(async () => {
  const { Settings } = ${bundled('core/common/common.js')};
  Settings.Settings.instance().moduleSetting('network-log.preserve-log').set(true);
})()`;

const har = (sanitize) => `(async () => {
  const { NetworkPanel } = ${bundled('panels/network/network.js')};
  const { Writer } = ${bundled('models/har/har.js')};
  const { Progress } = ${bundled('core/common/common.js')};
  let text = '';
  const stream = { async write(chunk) { text += chunk; }, async close() {} };
  await Writer.Writer.write(stream, NetworkPanel.NetworkPanel.instance().networkLogView.harRequests(), { sanitize: ${sanitize} }, new Progress.Progress());
  return text;
})()`;

const extraFlags = () => [...hostFlags, '--remote-debugging-port=0', '--remote-allow-origins=*'];

await withServers((requests) => withChromium(extraFlags, async (protocol, browser, profile) => {
  const port = await devtoolsPort(profile);
  const tab = await protocol.tab('about:blank');
  const devtools = await protocol.tab(`devtools://devtools/bundled/inspector.html?ws=127.0.0.1:${port}/devtools/page/${tab.targetId}&panel=network`);
  await eventually(() => devtools.evaluate(ready));
  await devtools.evaluate(preserveLog);
  const observed = await observe(tab.send, tab.on);

  const outcomes = observed.explain(await visit((url) => tab.send('Page.navigate', { url }), tab.evaluate));

  for (const [name, sanitize] of [['chromium-devtools', true], ['chromium-devtools-sensitive', false]]) {
    write(`${name}.har`, await devtools.evaluate(har(sanitize)));
    writeExpected(name, { browser, page: documents[0], outcomes, console: observed.console, requests });
  }
}));
