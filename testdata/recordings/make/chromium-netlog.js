// Chromium's own network log, cut down to what says something of CORS: the events of the network service's CORS code, with
// Chromium's own verdicts, and the headers that went over the wire for the two origins.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostFlags, observe, withChromium } from './chromium.js';
import { write, writeExpected } from './files.js';
import { documents, visit, withServers } from './traffic.js';
import { eventually } from './wait.js';

const kept = /^(CORS_|CHECK_CORS_|URL_REQUEST_START_JOB$|URL_REQUEST_REDIRECTED$|HTTP_TRANSACTION_SEND_REQUEST_HEADERS$|HTTP_TRANSACTION_READ_RESPONSE_HEADERS$|FAILED$|CANCELLED$)/;

function trim({ constants, events }) {
  const nameOf = new Map(Object.entries(constants.logEventTypes).map(([name, number]) => [number, name]));
  // A source belongs to the page if any of its events names one of the three ports.
  const ours = new Set(events.filter(({ params }) => /:1808[012]\b/.test(JSON.stringify(params ?? ''))).map(({ source }) => source.id));
  const rest = events.filter(({ type, source }) => ours.has(source.id) && kept.test(nameOf.get(type)));
  const used = (table, pick) => {
    const numbers = new Set(rest.map(pick));
    return Object.fromEntries(Object.entries(table).filter(([, number]) => numbers.has(number)));
  };
  return {
    constants: {
      clientInfo: { name: constants.clientInfo.name, version: constants.clientInfo.version },
      logCaptureMode: constants.logCaptureMode,
      logEventPhase: constants.logEventPhase,
      logEventTypes: used(constants.logEventTypes, ({ type }) => type),
      logSourceType: used(constants.logSourceType, ({ source }) => source.type),
      netError: used(constants.netError, ({ params }) => params?.net_error),
      timeTickOffset: constants.timeTickOffset,
    },
    events: rest,
  };
}

// One event a line, as Chromium writes it.
const serialize = ({ constants, events }) =>
  `{"constants":${JSON.stringify(constants)},\n"events": [\n${events.map((event) => JSON.stringify(event)).join(',\n')}]}\n`;

const file = (profile) => join(profile, 'netlog.json');
const extraFlags = (profile) => [...hostFlags, `--log-net-log=${file(profile)}`, '--net-log-capture-mode=Everything'];

await withServers((requests) => withChromium(extraFlags, async (protocol, browser, profile) => {
  const tab = await protocol.tab('about:blank');
  const observed = await observe(tab.send, tab.on);
  const outcomes = observed.explain(await visit((url) => tab.send('Page.navigate', { url }), tab.evaluate));

  // The log is whole once the browser has ended, which it does without waiting for an answer.
  protocol.send('Browser.close').catch(() => {});
  const log = await eventually(() => JSON.parse(readFileSync(file(profile), 'utf8')));
  write('chromium-netlog.json', serialize(trim(log)));
  writeExpected('chromium-netlog', { browser, page: documents[0], outcomes, console: observed.console, requests });
}));
