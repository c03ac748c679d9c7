// Holds simulate replay against what random traffic truly was: node compare.js, with TRAFFIC and OUT as when it was recorded.
// SIMULATE names the command. It says what is wrong, and counts by dialect.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { steps } from './traffic.js';

const recordings = ['chromium-devtools.har', 'chromium-devtools-sensitive.har', 'chromium-playwright.har', 'chromium-playwright-minimal.har', 'chromium-netlog.json', 'chromium-events.json', 'firefox.har', 'mitmproxy-chromium.har', 'mitmproxy-firefox.zhar'];

// What Chromium and Firefox call the reasons.
const reasons = {
  MissingAllowOriginHeader: 'missing-allow-origin', AllowOriginMismatch: 'allow-origin-mismatch', InvalidAllowOriginValue: 'allow-origin-mismatch',
  WildcardOriginNotAllowed: 'wildcard-allow-origin-with-credentials', InvalidAllowCredentials: 'allow-credentials-not-true', MultipleAllowOriginValues: 'multiple-allow-origin',
  MethodDisallowedByPreflightResponse: 'method-not-allowed', HeaderDisallowedByPreflightResponse: 'header-not-allowed', InvalidAllowMethodsPreflightResponse: 'invalid-allow-methods',
  InvalidAllowHeadersPreflightResponse: 'invalid-allow-headers', PreflightInvalidStatus: 'preflight-status', PreflightDisallowedRedirect: 'preflight-status',
  PreflightMissingAllowOriginHeader: 'missing-allow-origin', PreflightAllowOriginMismatch: 'allow-origin-mismatch', PreflightInvalidAllowOriginValue: 'allow-origin-mismatch',
  PreflightWildcardOriginNotAllowed: 'wildcard-allow-origin-with-credentials', PreflightInvalidAllowCredentials: 'allow-credentials-not-true', PreflightMultipleAllowOriginValues: 'multiple-allow-origin',
  RedirectContainsCredentials: 'redirect-credentials', CorsDisabledScheme: 'redirect-scheme', DisallowedByMode: 'same-origin-mode',
  CORSMissingAllowOrigin2: 'missing-allow-origin', CORSAllowOriginNotMatchingOrigin: 'allow-origin-mismatch', CORSNotSupportingCredentials: 'wildcard-allow-origin-with-credentials',
  CORSMissingAllowCredentials: 'allow-credentials-not-true', CORSMultipleAllowOriginNotAllowed: 'multiple-allow-origin', CORSMethodNotFound: 'method-not-allowed',
  CORSMissingAllowHeaderFromPreflight2: 'header-not-allowed', CORSInvalidAllowMethod: 'invalid-allow-methods', CORSInvalidAllowHeader: 'invalid-allow-headers',
  CORSPreflightDidNotSucceed3: 'preflight-status', CORSExternalRedirectNotAllowed: 'preflight-status', CORSRequestNotHttp: 'redirect-scheme',
};

// What browsers do not tell apart.
const names = { 'invalid-allow-origin': 'allow-origin-mismatch', 'preflight-redirect': 'preflight-status', 'non-wildcard-header-not-allowed': 'header-not-allowed' };

if (!process.env.OUT || !steps) {
  console.error('set TRAFFIC and OUT as they were when the traffic was recorded');
  process.exit(2);
}

const idOf = (url) => /:1808\d\/t(\d+)\//.exec(url)?.[1];
const originOf = (url) => new URL(url).origin;

function replay(file, browser) {
  const { status, stdout, stderr } = spawnSync(process.env.SIMULATE ?? 'simulate', ['replay', '--json', '--browser', browser, file], { encoding: 'utf8', maxBuffer: 1 << 30 });
  if (stderr) throw new Error(`${file}: ${stderr}`);
  return { status, lines: stdout.trimEnd().split('\n').map((line) => JSON.parse(line)) };
}

// What came of a step: "allowed", "failed" (for a reason that is not CORS's), "unknown" or the name of CORS's reason.
function truth(outcome, logged, engine) {
  if (outcome.corsError) return reasons[outcome.corsError] ?? outcome.corsError;
  // Firefox has a preload's load event fire whatever came of it.
  if (engine === 'firefox' && /preload/.test(outcome.api)) return logged ?? 'unknown';
  if (outcome.result === 'response') return 'allowed';
  if (outcome.mode !== 'cors') return 'failed';
  if (logged) return logged;
  if (outcome.exception?.startsWith('TimeoutError') || outcome.errorText) return 'failed';
  return 'unknown';
}

// Each step's lines and requests are those to its path that begin before the next step with the path does.
function assign(outcomes, list, url, at) {
  const byStep = new Map(outcomes.map(({ id }) => [id, []]));
  for (const item of list) {
    const rivals = outcomes.filter((outcome) => idOf(outcome.url) === idOf(url(item)));
    const step = rivals.findLast((outcome) => outcome.at <= at(item) + 2) ?? rivals[0];
    if (step) byStep.get(step.id).push(item);
  }
  return byStep;
}

// redacted makes the copy that --redact writes, and returns its name; undefined for a NetLog, of which there is none.
function redacted(file) {
  const copy = file + '.redacted.har';
  const { status, stderr } = spawnSync(process.env.SIMULATE ?? 'simulate', ['replay', '--redact', copy, file], { encoding: 'utf8' });
  if (status !== 0 && !/NetLog/.test(stderr)) throw new Error(`${file}: ${stderr}`);
  return status === 0 ? copy : undefined;
}

// Recall: of the failures that are CORS's, how many are blocked, and for the reason that the browser gives.
function recall(outcomes, verdictsOf, truthOf) {
  const counts = { failures: 0, blocked: 0, 'for the reason': 0, allowed: 0, 'not recorded': 0 };
  const missing = {};
  for (const outcome of outcomes) {
    const known = truthOf(outcome);
    if (['allowed', 'failed', 'unknown'].includes(known.reason)) continue;
    counts.failures++;
    const verdicts = verdictsOf(outcome);
    const blocked = verdicts.filter(({ verdict }) => verdict === 'blocked');
    const undecidable = verdicts.filter(({ verdict }) => verdict === 'undecidable');
    if (!verdicts.length || verdicts.every(({ verdict }) => verdict === 'not-subject')) counts['not recorded']++;
    else if (blocked.length) {
      counts.blocked++;
      if (blocked.some(({ reasons: list }) => list.some(({ reason }) => [known.reason, ...known.log].includes(names[reason] ?? reason)))) counts['for the reason']++;
      else if (process.env.VERBOSE) console.log(`  another reason: ${outcome.step} ${outcome.url}: ${known.reason}, but ${JSON.stringify(blocked.map(({ reasons: list }) => list.map(({ reason }) => reason)))}`);
    } else if (undecidable.length) {
      const what = [...new Set(undecidable.flatMap((v) => v.missing))].sort().join('+');
      missing[what] = (missing[what] ?? 0) + 1;
    } else counts.allowed++;
  }
  return { ...counts, undecidable: missing };
}

function compare(name, problem) {
  const file = join(process.env.OUT, name);
  const expected = JSON.parse(readFileSync(join(process.env.OUT, name.replace(/\.(z?har|json)$/, '.expected.json')), 'utf8'));
  const { status, lines } = replay(file, 'all');
  const engine = name.includes('firefox') ? 'firefox' : 'chromium';
  for (const alone of ['standard', engine]) {
    const of = (line) => JSON.stringify(line.verdicts.filter(({ browser }) => browser === alone));
    for (const [i, line] of replay(file, alone).lines.entries()) if (of(line) !== of(lines[i])) problem('engine', `${line.entry} ${line.url}`, `${of(line)} alone, ${of(lines[i])} with all`);
  }
  const counts = { entries: lines.length, judged: 0, right: 0, undecidable: 0, wrong: 0, contradicted: 0, unrecorded: 0 };
  const why = {};
  const linesOf = assign(expected.outcomes, lines, ({ url }) => url, ({ started }) => Date.parse(started));
  const requestsOf = assign(expected.outcomes, expected.requests, ({ url }) => url, ({ at }) => at);
  const logged = new Map();
  for (const { category, text } of expected.console) {
    if (!category?.startsWith('CORS')) continue;
    const [, id] = /:1808\d\/t(\d+)\//.exec(text) ?? [];
    const reason = category === 'CORSDidNotSucceed2' ? 'failed' : (reasons[category] ?? category);
    if (!logged.has(id)) logged.set(id, new Set());
    logged.get(id).add(reason);
  }

  // What holds of every line.
  for (const line of lines) {
    const about = `${line.entry} ${line.method} ${line.url}`;
    const contradicted = line.verdicts.filter(({ agreement }) => agreement === 'contradicted');
    if (contradicted.length) {
      counts.contradicted++;
      problem('contradicted', about, `${contradicted.map(({ browser }) => browser)}: ${JSON.stringify(contradicted[0])}`);
    }
    if (line.v !== 1 || !line.entry || line.unreadable || line.verdicts.length !== 4) problem('json', about, JSON.stringify(line));
    for (const v of line.verdicts) {
      if ((v.verdict === 'blocked') !== Boolean(v.reasons) || (v.verdict === 'undecidable') !== Boolean(v.missing) || (v.verdict === 'not-subject') !== Boolean(v.exempt)) problem('json', about, JSON.stringify(v));
    }
  }
  const all = lines.map(({ verdicts }) => verdicts.map(({ verdict }) => verdict)).flat();
  const want = all.includes('blocked') ? 1 : all.includes('undecidable') ? 3 : 0;
  if (status !== want) problem('exit status', name, `${status}, want ${want}`);

  // A step that was given up goes on into the next one with its path.
  const overtaken = (outcome) => expected.outcomes.some((other) => other.result === 'timeout' && idOf(other.url) === idOf(outcome.url) && other !== outcome);
  for (const outcome of expected.outcomes) {
    if (overtaken(outcome)) continue;
    const step = steps.find(({ id }) => id === outcome.id);
    const own = linesOf.get(outcome.id);
    const about = `${outcome.step} (${outcome.method} ${outcome.url}, ${outcome.mode}, ${outcome.credentials}, from ${step.origin})`;
    const verdicts = own.map((line) => ({ line, ...line.verdicts.find(({ browser }) => browser === engine) }));
    if (!own.length) {
      counts.unrecorded++;
      if (process.env.VERBOSE) problem('unrecorded', about, outcome.result);
      continue;
    }

    // Line by line: subject or not, the page, credentials, preflights.
    const arrived = requestsOf.get(outcome.id);
    let crossed = false;
    for (const { line, verdict, exempt, preflightFrom } of verdicts.toSorted((a, b) => a.line.index - b.line.index)) {
      const where = `${line.entry} ${line.method} ${line.url}`;
      // What tells the mode is not sent to other hosts than this one, where POST, sandboxed documents and frames have an
      // Origin in every mode, and nothing is sent to a cache.
      const untold = outcome.mode === 'no-cors' &&
        ((outcome.method === 'POST' || step.origin === 'null' || step.frame) && line.url.includes('.test:') || step.again);
      crossed ||= step.origin !== originOf(line.url);
      const subject = outcome.mode === 'cors' && crossed;
      if (subject !== (verdict !== 'not-subject') && exempt !== 'never-sent' && verdict !== 'undecidable' && !untold) problem('subject', about, `${where}: ${verdict} ${exempt ?? ''}, but ${subject ? '' : 'not '}subject`);
      if (!subject || verdict === 'not-subject') continue;
      // After a redirect from a page that is not known, nothing but the "null" that it made is.
      const taintedUnknown = line.page === 'null' && own[0].page === undefined;
      if (line.page !== undefined && line.page !== step.origin && !taintedUnknown) problem('page', about, `${where}: page ${line.page} from ${line.pageFrom}`);
      if (!["unknown", undefined].includes(line.credentials) && line.credentials !== (outcome.credentials === 'include' ? 'included' : 'not-included')) problem('credentials', about, `${where}: ${line.credentials} from ${line.credentialsFrom}`);
      if (new URL(line.url).port === '18082') continue; // nobody there to tell what arrived
      // A redirect to itself asks the same URL many times.
      const preflights = arrived.filter(({ preflightFor, url }) => preflightFor && url === line.url.replace(/#.*/, '')).length;
      const recorded = verdicts.filter((v) => v.line.url === line.url && v.preflightFrom === 'recorded').length;
      if (preflights !== recorded && !/playwright/.test(name)) problem('preflight', about, `${where}: ${preflightFrom}, ${recorded} of ${preflights} found`);
    }

    if (outcome.mode !== 'cors' || verdicts.every(({ verdict }) => verdict === 'not-subject')) continue;
    counts.judged++;
    const log = logged.get(idOf(outcome.url));
    const known = truth(outcome, log && [...log][0], engine);
    const blocked = verdicts.find(({ verdict }) => verdict === 'blocked');
    const undecidable = verdicts.filter(({ verdict }) => verdict === 'undecidable');
    const said = blocked ? `blocked for ${blocked.reasons[0].reason}${blocked.reasons[0].preflight ? ' (preflight)' : ''} at ${blocked.line.entry}` : undecidable.length ? 'undecidable' : 'allowed';
    // A redirect that leads nowhere fails whatever CORS says.
    const nowhere = blocked?.line.status >= 300 && blocked.line.status < 400 && !own.some(({ index, status }) => index > blocked.line.index && status > 0);
    if (blocked && (known === 'allowed' || known === 'failed' && !nowhere)) {
      counts.wrong++;
      problem('wrong', about, `${said}, but ${known} (${outcome.errorText ?? ''} ${outcome.exception ?? ''})`);
    } else if (blocked && known !== 'unknown' && known !== 'failed' && blocked.line.credentials !== 'unknown' && !blocked.reasons.some(({ reason }) => [known, ...(log ?? [])].includes(names[reason] ?? reason))) {
      counts.wrong++;
      problem('reason', about, `${said}, but ${known}`);
    } else if (!blocked && !undecidable.length && known !== 'allowed' && known !== 'failed' && known !== 'unknown') {
      counts.wrong++;
      problem('wrong', about, `${said}, but ${known}`);
    } else if (!blocked && undecidable.length) {
      counts.undecidable++;
      const missing = [...new Set(undecidable.flatMap((v) => v.missing))].join('+');
      why[missing] = (why[missing] ?? 0) + 1;
      if (process.env.VERBOSE) problem('undecidable', about, `${missing} at ${undecidable.map(({ line }) => line.entry)}; truth ${known}`);
    } else {
      counts.right++;
    }
  }
  const truthOf = (outcome) => {
    const log = [...(logged.get(idOf(outcome.url)) ?? [])];
    return { log, reason: overtaken(outcome) || outcome.mode !== 'cors' ? 'unknown' : truth(outcome, log[0], engine) };
  };
  const recalls = {};
  const copy = redacted(file);
  for (const [what, read] of [['recall', lines], ...(copy ? [['recall, redacted', replay(copy, engine).lines]] : [])]) {
    const by = assign(expected.outcomes, read, ({ url }) => url, ({ started }) => Date.parse(started));
    recalls[what] = recall(expected.outcomes, ({ id }) => by.get(id).map((line) => line.verdicts.find(({ browser }) => browser === engine)), truthOf);
  }
  return { ...counts, why, recalls };
}

let failed = false;
for (const name of recordings.filter((name) => existsSync(join(process.env.OUT, name)))) {
  const { why, recalls, ...counts } = compare(name, (kind, about, text) => {
    failed ||= !['undecidable', 'unrecorded'].includes(kind);
    console.log(`${name}: ${kind}: ${about}\n    ${text}`);
  });
  console.log(`${name}: ${Object.entries(counts).map(([what, n]) => `${n} ${what}`).join(', ')}; undecidable: ${Object.entries(why).map(([what, n]) => `${n} ${what}`).join(', ') || 'none'}`);
  for (const [what, { undecidable, ...of }] of Object.entries(recalls)) {
    console.log(`  ${what}: ${Object.entries(of).map(([name, n]) => `${n} ${name}`).join(', ')}; undecidable: ${Object.entries(undecidable).map(([name, n]) => `${n} ${name}`).join(', ') || 'none'}`);
  }
}
process.exitCode = failed ? 1 : 0;
