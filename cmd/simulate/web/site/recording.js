// Open a recording: the report of replay, which the engine writes, and a copy without secrets.

import { download, el, plural, toast } from "./dom.js";
import { Aborted, call, live } from "./engine.js";

let root, answer, owner, file = null, running = null, asked = "", report = null;

export function start(section, page) {
  root = section;
  owner = page;
  answer = section.querySelector(".answer");
  const input = section.querySelector('[name="file"]'), drop = section.querySelector(".drop");
  input.addEventListener("change", () => input.files[0] && open(input.files[0]));
  addEventListener("dragover", e => {
    if (!e.dataTransfer?.types.includes("Files")) return;
    e.preventDefault();
    drop.classList.add("over");
  });
  addEventListener("dragleave", e => { if (!e.relatedTarget) drop.classList.remove("over"); });
  addEventListener("drop", e => {
    drop.classList.remove("over");
    if (!e.dataTransfer?.files.length) return;
    e.preventDefault();
    if (root.hidden) document.querySelector('nav [data-view="recording"]').click();
    open(e.dataTransfer.files[0]);
  });
  button("redact").addEventListener("click", redact);
  button("lines").addEventListener("click", lines);
  button("save").addEventListener("click", () => download(report, baseName() + ".html"));
  button("cancel").addEventListener("click", () => running?.abort());
  answer.addEventListener("click", follow);
  empty();
  if (live) disk();
}

const button = name => root.querySelector(`[data-do="${name}"]`);

function empty() {
  answer.replaceChildren(el("div", { class: "empty" },
    el("p", {}, "The report appears here: what a browser would have let the page have, what the recording contradicts, what is blocked and why, each request drawn."),
    el("p", { class: "sub" }, "Cookies and the values of request headers never are in it.")));
}

// disk lists the recordings that simulate serve was started with, which it reads itself.
async function disk() {
  const response = await fetch("api/recordings");
  if (!response.ok) return;
  const list = await response.json();
  if (list.length === 0) return;
  const box = root.querySelector(".disk");
  box.hidden = false;
  box.replaceChildren("On this computer: ", ...list.flatMap((name, i) => [el("button", { type: "button", class: "plain", on: { click: () => open({ name, disk: i, size: NaN }) } }, name), " "]));
}

const baseName = () => file.name.replace(/\.[^.]*$/, "") || "recording";

function open(chosen) {
  file = chosen;
  root.querySelector(".drop span").replaceChildren(el("b", {}, file.name), Number.isNaN(file.size) ? "" : " · " + bytes(file.size));
  asked = "";
  judge();
}

const bytes = n => n < 1e6 ? (n / 1e3).toFixed(n < 1e4 ? 1 : 0) + " kB" : n < 1e9 ? (n / 1e6).toFixed(1) + " MB" : (n / 1e9).toFixed(2) + " GB";

function input() {
  const { browsers, all, ...rest } = Object.fromEntries(owner.state());
  return { ...rest, browsers: browsers ? [browsers] : [], all: all === "1" };
}

let timer = 0;

// update judges again when the settings change.
export function update() {
  if (!file) return;
  clearTimeout(timer);
  timer = setTimeout(judge, 300);
}

// run has the engine do something with the file, and shows how far it is; null where it was cancelled.
async function run(name, options, what) {
  running?.abort();
  const mine = running = new AbortController();
  const bar = root.querySelector("progress"), text = root.querySelector(".progress .sub");
  bar.value = 0;
  button("cancel").hidden = false;
  text.textContent = what + " …";
  const began = performance.now();
  try {
    const result = await call(name, options, {
      file, signal: mine.signal,
      read: n => {
        if (running !== mine) return;
        if (file.size) bar.value = n / file.size;
        text.textContent = what + ": " + bytes(n) + (Number.isNaN(file.size) ? "" : " of " + bytes(file.size));
      },
    });
    bar.value = 1;
    text.textContent = "Done in " + ((performance.now() - began) / 1000).toFixed(1) + " s.";
    return result;
  } catch (error) {
    if (running === mine) text.textContent = error instanceof Aborted ? "Cancelled." : "";
    if (!(error instanceof Aborted)) throw error;
    return null;
  } finally {
    if (running === mine) {
      running = null;
      button("cancel").hidden = true;
    }
  }
}

async function judge() {
  const options = input(), key = JSON.stringify(options);
  if (key === asked) return;
  asked = key;
  for (const name of ["redact", "lines", "save"]) button(name).disabled = true;
  let result;
  try {
    result = await run("replay", options, "Reading");
  } catch (error) {
    asked = "";
    answer.replaceChildren(el("p", { class: "alert blocked" }, error.message));
    return;
  }
  if (!result) return void (asked = "");
  report = result.out;
  for (const name of ["redact", "lines", "save"]) button(name).disabled = false;
  await show(await report.text(), result.answer);
}

// ---- the report, a piece at a time, so that the page answers meanwhile

const pause = () => new Promise(resolve => setTimeout(resolve));

const batchRows = 8; // take a few milliseconds

const rowBegin = '<details class="row';

let shown = 0;

async function show(html, told) {
  const mine = ++shown;
  // Its own style sheet and script this page has already. Its style attributes, which the policy does not
  // permit, wait under another name; in texts there is no quote.
  const body = html.slice(html.indexOf("<body>"), html.lastIndexOf("<script>")).replaceAll(' style="', ' data-style="');
  // The rows are put in by themselves: there may be hundreds.
  const [head, ...rows] = body.split(rowBegin);
  let tail = "";
  if (rows.length > 0) {
    const end = rows.at(-1).lastIndexOf("</details>") + "</details>".length;
    tail = rows.at(-1).slice(end);
    rows[rows.length - 1] = rows.at(-1).slice(0, end);
  }
  const parsed = new DOMParser().parseFromString(head + (rows.length > 0 ? '<div id="rows-begin"></div>' : "") + tail, "text/html");
  await pause();
  if (mine !== shown) return;
  const parts = [...parsed.querySelectorAll("body > header, body > main")].map(part => adopt(part));
  const heading = parts[0]?.querySelector("h1");
  if (heading) heading.replaceWith(el("h2", {}, told.requests === 0 ? "No request was found" : plural(told.requests, "request", "requests")));
  const notes = [];
  if (told.unasked > 0) notes.push(el("p", { class: "assumed" }, "Responses recorded without their requests, as curl -i prints them: " + told.unasked + ". Say above what was asked."));
  answer.replaceChildren(...notes, ...parts.flatMap(part => [...part.childNodes]));
  const place = answer.querySelector("#rows-begin");
  for (let i = 0; i < rows.length; i += batchRows) {
    await pause();
    if (mine !== shown) return;
    const batch = new DOMParser().parseFromString(rows.slice(i, i + batchRows).map(row => rowBegin + row).join(""), "text/html");
    place.before(...[...batch.body.childNodes].map(node => node.nodeType === Node.ELEMENT_NODE ? adopt(node) : document.adoptNode(node)));
  }
  place?.remove();
  await pause();
  if (mine !== shown) return;
  // The report's own script makes it searchable.
  answer.append(el("script", { src: "report.js" }));
}

// adopt returns a node of another document as one of this. Styles that a script sets the policy permits.
function adopt(node) {
  const own = document.adoptNode(node);
  for (const styled of [own, ...own.querySelectorAll("[data-style]")]) {
    for (const declaration of (styled.dataset.style ?? "").split(";")) {
      const [name, value] = declaration.split(/:(.*)/s);
      if (value) styled.style.setProperty(name.trim(), value.trim());
    }
    delete styled.dataset.style;
  }
  return own;
}

// follow opens the request that a row of the table leads to: the fragment is the page's own state.
function follow(e) {
  const link = e.target.closest('a[href^="#"]');
  if (!link) return;
  e.preventDefault();
  const target = document.getElementById(link.getAttribute("href").slice(1));
  const row = target?.closest("details");
  if (!row) return;
  row.hidden = false;
  row.open = true;
  row.scrollIntoView();
  row.querySelector("summary").focus();
}

// ---- downloads

async function redact() {
  try {
    const result = await run("redact", input(), "Writing a copy");
    if (!result) return;
    download(result.out, baseName() + ".redacted.har");
    toast(result.answer.problems.length > 0 ? "The copy lacks what could not be read: " + result.answer.problems[0] : "The copy has no secrets, and replay says the same of it.");
  } catch (error) {
    toast(error.message);
  }
}

async function lines() {
  try {
    const result = await run("replay", { ...input(), json: true }, "Writing JSON lines");
    if (result) download(result.out, baseName() + ".verdicts.jsonl");
  } catch (error) {
    toast(error.message);
  }
}
