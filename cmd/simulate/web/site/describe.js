// Describe a request: what the standard and three browsers make of it.

import { badge, codeBlock, copy, el } from "./dom.js";
import { call, latest, live } from "./engine.js";
import { causes, configuration } from "./explain.js";
import { sequence } from "./draw.js";

let root, answer, page, chosen = 0;

const names = { standard: "The standard", chromium: "Chrome, Edge", firefox: "Firefox", webkit: "Safari" };

const example = {
  method: "PUT", url: "https://api.example/things/1", page: "https://app.example", credentials: "include",
  headers: "Content-Type: application/json", body: '{"name": "thing"}',
  answers: "HTTP/1.1 204 No Content\nServer: nginx\nAccess-Control-Allow-Origin: *\nAccess-Control-Allow-Methods: PUT\nAccess-Control-Allow-Headers: *\n",
};

export function start(section, owner) {
  root = section;
  page = owner;
  answer = section.querySelector(".answer");
  section.querySelector('[data-do="example"]').addEventListener("click", () => page.set(example));
  const paste = section.querySelector("[data-paste]"), notes = section.querySelector("[data-paste-notes]");
  paste.addEventListener("input", latest(async () => {
    if (paste.value.trim() === "") return notes.replaceChildren();
    try {
      const { answer: request } = await call("paste", { text: paste.value });
      page.set({ ...request, answers: page.state().get("answers") });
      notes.textContent = ["The form above has it.", ...request.notes].join(" ");
    } catch (error) {
      notes.textContent = error.message;
    }
  }));
  if (live) {
    section.querySelector(".live").hidden = false;
    const probe = el("button", { type: "button", class: "plain", on: { click: probeServer } }, "Probe the server");
    const ask = el("a", { class: "button plain", target: "_blank", rel: "noopener", href: "ask.html" }, "Ask for real");
    section.querySelector(".buttons").append(" ", probe, " ", ask);
    ask.addEventListener("click", () => { ask.href = "ask.html#" + page.state(); });
  }
  build();
}

const field = name => root.querySelector(`form [name="${name}"]`);

// ---- the frame, which stays: nothing jumps while one types

let tiles, why, drawn, change, extras, headline;

function build() {
  tiles = el("fieldset", { class: "tiles browsers" }, el("legend", { class: "offscreen" }, "Whose behaviour is shown below"),
    Object.keys(names).map((name, i) => el("label", { class: "tile none" },
      el("input", { type: "radio", name: "tile", value: String(i), checked: i === 0, on: { change: () => { field("shown").value = i === 0 ? "" : name; page.changed(); } } }),
      el("span", { class: "who" }, names[name]), el("b", {}, "–"), el("span", { class: "grounds" }, "\u00a0"))));
  headline = el("p", { class: "headline", "aria-live": "polite" }, "\u00a0");
  why = el("div", { class: "why-box" });
  change = el("div", { class: "change" });
  drawn = el("div", { class: "drawn" });
  extras = el("div", { class: "extras" });
  answer.append(tiles, headline, why, change, drawn, extras);
  blank();
}

function blank() {
  last = null;
  for (const tile of tiles.querySelectorAll("label")) set(tile, "none", "–", "\u00a0");
  headline.textContent = "\u00a0";
  why.replaceChildren(el("div", { class: "empty" },
    el("p", {}, "Write a URL and the page that asks: what the browser would send appears here, and why."),
    el("p", { class: "sub" }, "With the server’s answer, whether script gets it, in each browser, by which header, and what to change.")));
  for (const box of [change, drawn, extras]) box.replaceChildren();
}

function set(tile, kind, verdict, grounds) {
  tile.className = "tile " + kind;
  tile.querySelector("b").textContent = verdict;
  tile.querySelector(".grounds").textContent = grounds;
}

const kind = verdict => ({ "not sent": "not-subject", asks: "undecidable" })[verdict] ?? verdict;
const words = verdict => ({ "not sent": "needs an answer" })[verdict] ?? verdict;

// ---- what is shown

let last = null;

const fieldNames = ["url", "page", "headers", "answers", "cookies"];

export const update = latest(async params => {
  const form = Object.fromEntries(params);
  if (!form.url && !form.page) {
    complain(null);
    return blank();
  }
  form.live = live && params.get("live") === "1";
  form.why = params.get("why") === "1";
  chosen = Math.max(0, Object.keys(names).indexOf(params.get("shown") ?? ""));
  tiles.querySelectorAll("input")[chosen].checked = true;
  let result;
  try {
    ({ answer: result } = await call("check", form));
  } catch (error) {
    return complain({ field: "", text: error.message });
  }
  complain(result.problem);
  if (result.problem) return;
  last = { result, form };
  draw();
});

function complain(problem) {
  for (const name of fieldNames) {
    const text = problem?.field === name ? problem.text : "";
    const box = document.getElementById("bad-" + name);
    if (box.textContent !== text) box.textContent = text;
    root.querySelector(`[name="${name}"]`).toggleAttribute("aria-invalid", text !== "");
  }
  if (!problem) return;
  last = null;
  for (const tile of tiles.querySelectorAll("label")) set(tile, "none", "–", "\u00a0");
  headline.textContent = fieldNames.includes(problem.field) ? "The form is not complete yet." : problem.text;
  for (const box of [why, change, drawn, extras]) box.replaceChildren();
}

function draw() {
  if (!last) return;
  const { result, form } = last;
  const reports = result.reports;
  const labels = tiles.querySelectorAll("label");
  reports.forEach((report, i) => set(labels[i], kind(report.verdict), words(report.verdict), report.reasons.length > 0 ? report.reasons[0] + (report.reasons.length > 1 ? " +" + (report.reasons.length - 1) : "") : "\u00a0"));
  const same = reports.every(r => r.verdict === reports[0].verdict && r.summary === reports[0].summary);
  headline.textContent = same ? sentence(reports[0]) : "Browsers differ: choose one above to see why.";
  const report = reports[chosen];
  why.replaceChildren(...[causes(report.causes)].flat(Infinity).filter(Boolean),
    ...(report.besides ?? []).map(c => el("p", { class: "also" }, c.why, " ", c.do)));
  changes(result, reports);
  drawn.replaceChildren(el("h3", {}, "What goes over the network", el("span", { class: "sub inline" }, names[report.browser])), sequence(report, result.marks[chosen]));
  extras.replaceChildren(...readable(report),
    report.learns?.length > 0 ? el("div", {}, el("h3", {}, "What the page learns"), report.learns.map(text => el("p", {}, text))) : "",
    report.notes.length > 0 ? el("ul", { class: "facts" }, report.notes.map(note => el("li", {}, note))) : "",
    el("p", { class: "buttons", "aria-label": "Copy as" }, el("span", { class: "sub inline" }, "Copy as"),
      [["corstest", "corstest lines"], ["contract", "contract line"], ["curl", "curl"], ["markdown", "Markdown"], ["command", "simulate command"]].map(([key, what]) =>
        el("button", { type: "button", class: "plain", "data-copy": key, on: { click: () => copyAs(key, what) } }, what))),
    el("div", { class: "copied" }));
}

function sentence(report) {
  switch (report.verdict) {
    case "allowed": return "All of them let script have the response.";
    case "blocked": return "All of them block it: " + report.summary + ".";
    case "not sent": return "This is what they send. What the server answers decides: paste it on the left, or ask with the curl command below.";
  }
  return report.summary[0].toUpperCase() + report.summary.slice(1) + ".";
}

function readable(report) {
  const r = report.response;
  if (!r || r.bodyEnd === "nothing") return [];
  if (report.as) return [];
  return [el("div", { class: "readable" },
    el("h3", {}, "What script can read"),
    el("p", {}, "Status ", el("code", {}, String(r.status)), ", the body, and the headers ", r.headers.length > 0 ? r.headers.map(([name], i) => [i > 0 ? ", " : "", el("code", {}, name)]) : "– none"),
    r.hiddenHeaders.length > 0 && el("p", { class: "sub" }, "Not these, which the server sent: ", r.hiddenHeaders.map((name, i) => [i > 0 ? ", " : "", el("code", {}, name)])))];
}

// changes has the list of servers, and the lines for the one that is chosen.
let picker = null;

function changes(result, reports) {
  const blocked = reports.some(r => r.verdict === "blocked" && r.reasons.length > 0);
  if (!blocked) return change.replaceChildren();
  if (!picker) {
    const from = document.querySelector('#view-explain select[name="server"]');
    picker = el("select", { name: "server-of-change", on: { change: () => { field("server").value = picker.value; page.changed(); } } });
    picker.append(...Array.from(from.childNodes).map(n => n.cloneNode(true)));
    picker.options[0].textContent = "by the answer";
  }
  if (picker.options.length < 3) {
    const from = document.querySelector('#view-explain select[name="server"]');
    picker.replaceChildren(...Array.from(from.childNodes).map(n => n.cloneNode(true)));
    picker.options[0].textContent = "by the answer";
  }
  const parts = [el("label", { class: "field inline" }, el("span", {}, "What to change, written for"), picker)];
  picker.value = field("server").value;
  if (result.config) parts.push(configuration(result.config));
  else if (result.noConfig) parts.push(el("p", { class: "sub" }, result.noConfig));
  const focused = document.activeElement === picker;
  change.replaceChildren(...parts);
  if (focused) picker.focus();
}

async function copyAs(key, what) {
  if (!last) return;
  const { answer: texts } = await call("copy", last.form);
  const box = extras.querySelector(".copied");
  box.replaceChildren(codeBlock(texts[key].replace(/\n$/, ""), what));
  await copy(texts[key], what);
}

async function probeServer() {
  const form = Object.fromEntries(page.state());
  delete form.live;
  delete form.why;
  headline.textContent = "Probing: at most eight requests, OPTIONS, GET and HEAD only …";
  try {
    const { answer: probed } = await call("probe", form);
    why.replaceChildren(el("h3", {}, "What the server allows"), codeBlock(probed.text.replace(/\n$/, ""), "what simulate probe says"), probed.config ? configuration(probed.config) : "");
    for (const box of [change, drawn, extras]) box.replaceChildren();
    headline.textContent = "Probed.";
  } catch (error) {
    headline.textContent = error.message;
  }
}
