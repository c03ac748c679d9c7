// Looks at a page of `simulate replay --html` in Chromium, wide and narrow, light and dark, with scripts and without:
//
//   node internal/lab/e2e/testdata/report.mjs PAGE.html [DIRECTORY]
//
// prints a line for each thing that is wrong with it, and takes screenshots into the directory.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withChromium } from '../../../../testdata/recordings/make/chromium.js';
import { eventually } from '../../../../testdata/recordings/make/wait.js';

const url = pathToFileURL(resolve(process.argv[2])).href;
const directory = process.argv[3];
const sizes = { desktop: { width: 1280, height: 900, mobile: false }, phone: { width: 390, height: 844, mobile: true } };

// In the page: the texts whose contrast with what is behind them is less than WCAG's 4.5:1.
function faint() {
  const channels = (color) => {
    const [r, g, b, a = 1] = color.match(/[\d.]+/g).map(Number);
    return [r, g, b, a];
  };
  const over = ([r, g, b, a], below) => [r, g, b].map((c, i) => c * a + below[i] * (1 - a));
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => element ? over(channels(getComputedStyle(element).backgroundColor), behind(element.parentElement)) : [255, 255, 255];
  const found = new Map();
  const check = (element, style, text) => {
    const below = behind(element), color = over(channels(style.color), below);
    const [high, low] = [luminance(color), luminance(below)].sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) found.set(`${element.localName}.${element.className} ${style.color}`, `${ratio.toFixed(2)}: ${text.trim().slice(0, 40)}`);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let texts = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility()) continue;
    texts++;
    check(element, getComputedStyle(element), node.data);
  }
  for (const element of document.querySelectorAll('*')) {
    for (const pseudo of ['::before', '::after']) {
      const style = getComputedStyle(element, pseudo);
      if (/[^"\s]/.test(style.content) && style.content !== 'none' && style.content !== 'normal') check(element, style, style.content);
    }
    if (element.placeholder) check(element, getComputedStyle(element, '::placeholder'), element.placeholder);
  }
  return { texts, faint: [...found] };
}

const wrong = [];
await withChromium(() => [], async (browser) => {
  for (const [size, metrics] of Object.entries(sizes)) {
    for (const scheme of ['light', 'dark']) {
      for (const scripts of [true, false]) await look(browser, size, metrics, scheme, scripts);
    }
  }
});
console.log(wrong.join('\n'));

async function look(browser, size, metrics, scheme, scripts) {
  const say = (text) => wrong.push(`${size}, ${scheme}, ${scripts ? 'with' : 'without'} scripts: ${text}`);
  const tab = await browser.tab('about:blank');
  tab.on((method, params) => {
    if (method === 'Network.requestWillBeSent' && params.request.url.split('#')[0] !== url) say(`it asks for ${params.request.url}`);
    if (method === 'Log.entryAdded') say(`console: ${params.entry.text}`);
    if (method === 'Runtime.consoleAPICalled') say(`console: ${JSON.stringify(params.args)}`);
    if (method === 'Runtime.exceptionThrown') say(`exception: ${JSON.stringify(params.exceptionDetails)}`);
  });
  for (const domain of ['Page', 'Network', 'Log', 'Runtime']) await tab.send(`${domain}.enable`);
  await tab.send('Emulation.setDeviceMetricsOverride', { ...metrics, deviceScaleFactor: 1 });
  await tab.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
  await tab.send('Emulation.setScriptExecutionDisabled', { value: !scripts });
  await tab.send('Page.navigate', { url });
  await eventually(() => tab.evaluate('document.readyState === "complete" && location.protocol === "file:"'));
  const overflow = () => tab.evaluate('document.documentElement.scrollWidth - innerWidth');
  const check = async (what, expression) => { if (!await tab.evaluate(expression)) say(what); };
  const shown = 'Array.from(document.querySelectorAll("details.row")).filter((row) => row.checkVisibility()).length';

  if (await overflow() > 0) say(`it is ${await overflow()} pixels too wide`);
  const rows = await tab.evaluate(shown);
  if (rows === 0) say('no request is there');
  await check('the search is there, or not there, though it works, or does not', `document.getElementById("tools").checkVisibility() === ${scripts}`);

  // A link of the table opens the request that it leads to.
  const link = await tab.evaluate('(({ x, y, height, width }) => ({ x: x + width / 2, y: y + height / 2 }))((document.querySelector(".groups a").scrollIntoView({ block: "center" }), document.querySelector(".groups a").getClientRects()[0]))');
  for (const type of ['mousePressed', 'mouseReleased']) await tab.send('Input.dispatchMouseEvent', { type, ...link, button: 'left', clickCount: 1 });
  await eventually(() => tab.evaluate('location.hash !== "" && document.querySelectorAll("details.row[open]").length === 1'), 3)
    .catch(() => say('a link does not open its request'));
  await check('a request that was opened has no diagram', 'document.querySelector("details.row[open] .seq .arrow")?.checkVisibility()');
  if (directory && scripts) await screenshots(tab, metrics, size, scheme);

  await tab.evaluate('document.querySelectorAll("details.row").forEach((row) => { row.open = true; })');
  if (await overflow() > 0) say(`with all requests open it is ${await overflow()} pixels too wide`);
  const contrast = await tab.evaluate(`(${faint})()`);
  if (contrast.texts < 100) say(`only ${contrast.texts} texts are looked at`);
  for (const [where, text] of contrast.faint) say(`the contrast of ${where} is ${text}`);

  if (scripts) {
    await tab.evaluate('document.getElementById("q").focus()');
    const word = await tab.evaluate('Array.from(document.querySelectorAll("details.row .url code:first-child")).pop().textContent.trim().split("/").pop()');
    await tab.send('Input.insertText', { text: word });
    const found = await tab.evaluate(shown);
    if (found < 1 || found >= rows) say(`the search for ${word} finds ${found} of ${rows}`);
    await check('what the search finds lacks what was looked for',
      `Array.from(document.querySelectorAll("details.row")).every((row) => row.checkVisibility() === row.textContent.toLowerCase().includes(${JSON.stringify(word.toLowerCase())}))`);
    await check('how many are found is not said', `document.getElementById("shown").textContent === "${found} of ${rows} shown"`);
    await search(tab, '');
    await tab.evaluate('document.querySelector("#filters input").click()');
    await check('a filter hides not what it names, or more',
      'Array.from(document.querySelectorAll("details.row")).every((row) => row.checkVisibility() === (row.dataset.class !== document.querySelector("#filters input").value))');
  }
  await browser.send('Target.closeTarget', { targetId: tab.targetId });
}

// The beginning of the page, and a request that was searched for with its diagram.
async function screenshots(tab, { width, height }, size, scheme) {
  const take = async (name, height) => {
    await tab.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    const y = await tab.evaluate('scrollY');
    const { data } = await tab.send('Page.captureScreenshot', { format: 'png', clip: { x: 0, y, width, height, scale: 1 } });
    writeFileSync(join(directory, `${name}-${size}-${scheme}.png`), Buffer.from(data, 'base64'));
  };
  await tab.evaluate('scrollTo(0, 0)');
  await take('report', Math.min(height, 640));
  await search(tab, await tab.evaluate('document.querySelector("details.row[open] .url code").textContent.split("/").pop()'));
  await tab.evaluate('document.getElementById("rows").scrollIntoView()');
  await take('request', height);
  await search(tab, '');
}

function search(tab, words) {
  return tab.evaluate(`(() => { const q = document.getElementById("q"); q.value = ${JSON.stringify(words)}; q.dispatchEvent(new Event("input")); })()`);
}
