// Firefox with its own developer tools: the toolbox is opened on the page's tab, and its Network panel writes what "Save All
// As HAR" would save.
import { write, writeExpected } from './files.js';
import { collectMessages, visitAll, withFirefox } from './marionette.js';
import { documents, hosts, withServers } from './traffic.js';

const preferences = {
  'devtools.netmonitor.persistlog': true,
  'devtools.toolbox.selectedTool': 'netmonitor',
  'network.dns.localDomains': hosts.join(),
};

const openNetworkPanel = `
  const { require } = ChromeUtils.importESModule('resource://devtools/shared/loader/Loader.sys.mjs');
  const { gDevTools } = require('devtools/client/framework/devtools');
  const window = Services.wm.getMostRecentWindow('navigator:browser');
  globalThis.toolbox = await gDevTools.showToolboxForTab(window.gBrowser.selectedTab, { toolId: 'netmonitor' });
`;

await withServers((requests) => withFirefox(preferences, async (firefox, browser) => {
  await firefox.run('chrome', openNetworkPanel);
  await firefox.run('chrome', collectMessages);
  const outcomes = await visitAll(firefox);

  const har = await firefox.run('chrome', 'return JSON.stringify({ log: await toolbox.getHARFromNetMonitor() }, null, 2);');
  const messages = await firefox.run('chrome', 'return messages;');
  write('firefox.har', har);
  writeExpected('firefox', { browser, page: documents[0], outcomes, console: messages, requests });
}));
