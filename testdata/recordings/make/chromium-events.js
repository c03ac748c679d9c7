// The events of the Chrome DevTools Protocol's Network domain, as automation logs them: one a line. Of each is left out what
// is long and says nothing of CORS: where in a script a request began, certificates, times within a request, cookies' details.
import { hostFlags, observe, withChromium } from './chromium.js';
import { write, writeExpected } from './files.js';
import { documents, visit, withServers } from './traffic.js';

const dropped = new Set(['stack', 'timing', 'securityDetails', 'associatedCookies', 'blockedCookies', 'headersText', 'exemptedCookies', 'connectTiming', 'charset', 'postData', 'postDataEntries', 'data']);
const trim = (key, value) => (dropped.has(key) ? undefined : value);

await withServers((requests) => withChromium(() => hostFlags, async (protocol, browser) => {
  const tab = await protocol.tab('about:blank');
  const events = [];
  tab.on((method, params) => {
    if (method.startsWith('Network.') && params.requestId && method !== 'Network.dataReceived') events.push(JSON.stringify({ method, params }, trim) + '\n');
  });
  const observed = await observe(tab.send, tab.on);
  const outcomes = observed.explain(await visit((url) => tab.send('Page.navigate', { url }), tab.evaluate));
  write('chromium-events.json', events.join(''));
  writeExpected('chromium-events', { browser, page: documents[0], outcomes, console: observed.console, requests });
}));
