// Look up a quirk: where browsers differ, and what each does with the scenario that shows it.

import { codeBlock, copy, el } from "./dom.js";
import { call, latest } from "./engine.js";

let root, answer, list = null;

const names = { standard: "Standard", chromium: "Chrome, Edge", firefox: "Firefox", webkit: "Safari" };

export function start(section) {
  root = section;
  answer = section.querySelector(".answer");
  answer.append(el("div", { class: "empty" }, el("p", {}, "Loading …")));
}

const items = new Map();

export const update = latest(async params => {
  if (!list) ({ answer: list } = await call("quirks"));
  const words = (params.get("search") ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const browser = params.get("browser") ?? "";
  const found = list.filter(q => {
    const text = [q.id, q.title, q.stage, q.standard, q.advice, ...q.browsers.map(b => b.what)].join(" ").toLowerCase();
    return words.every(w => text.includes(w)) && (!browser || q.browsers.find(b => b.name === browser)?.what);
  });
  root.querySelector(".count").textContent = found.length === list.length ? list.length + " quirks" : found.length + " of " + list.length + " quirks";
  for (const q of found) if (!items.has(q.id)) items.set(q.id, item(q));
  if (found.length === 0) return answer.replaceChildren(el("div", { class: "empty" }, el("p", {}, "No quirk has these words."), el("p", { class: "sub" }, "What is not listed here browsers do as the Fetch standard has it.")));
  answer.replaceChildren(...found.map(q => items.get(q.id)));
  if (found.length === 1) answer.querySelector("details").open = true;
});

function item(q) {
  const rows = [["standard", "", q.standard], ...q.browsers.map(b => [b.name, b.version, b.what])];
  const shown = el("div", { class: "outcomes", "aria-live": "polite" });
  return el("details", { class: "quirk", id: "quirk-" + q.id },
    el("summary", {},
      el("b", {}, q.title),
      el("span", { class: "who" }, q.browsers.map(b => el("span", { class: "badge " + (b.what ? "undecidable" : "not-subject") }, (names[b.name] ?? b.name) + (b.what ? " differs" : "")))),
      el("code", {}, q.id), el("span", { class: "sub inline" }, q.stage)),
    el("table", { class: "behaviours" }, el("tbody", {}, rows.map(([name, version, what]) => el("tr", { class: name !== "standard" && what ? "differs" : "" },
      el("th", { scope: "row" }, names[name] ?? name, version && el("small", {}, (name === "webkit" ? "WebKitGTK " : "") + version)),
      el("td", {}, what || el("span", { class: "sub inline" }, "as the standard has it"),
        what && name === "webkit" && q.network && el("small", {}, "libsoup’s doing, which need not hold in Safari")))))),
    q.advice && el("p", { class: "advice" }, el("b", {}, "To fare the same in all: "), q.advice),
    el("p", { class: "buttons" },
      q.scenarios.length > 0 && el("button", { type: "button", class: "plain", on: { click: () => run(q, shown) } }, "Run the scenario that shows it"),
      el("button", { type: "button", class: "plain", on: { click: () => copyMarkdown(q, rows) } }, "Copy as Markdown"),
      q.scenarios.length > 0 && el("button", { type: "button", class: "plain", on: { click: () => copy(q.scenarios.join("\n") + "\n", "Scenario") } }, "Copy the scenario")),
    shown);
}

function copyMarkdown(q, rows) {
  const cell = text => text.replaceAll("|", "\\|").replaceAll("\n", " ");
  copy(`**${q.title}** (\`${q.id}\`)\n\n| | |\n| --- | --- |\n` + rows.map(([name, , what]) => `| ${names[name] ?? name} | ${cell(what || "as the standard has it")} |\n`).join("") + (q.advice ? `\n${q.advice}\n` : ""), "Markdown");
}

async function run(q, box) {
  const { answer: outcomes } = await call("scenario", { scenario: q.scenarios[0] });
  const groups = new Map();
  for (const { browser, outcome } of outcomes) {
    const key = JSON.stringify(outcome, null, 2);
    groups.set(key, [...(groups.get(key) ?? []), names[browser] ?? browser]);
  }
  box.replaceChildren(
    el("h3", {}, "Who asks, what the server answers, what is asked"), codeBlock(JSON.stringify(JSON.parse(q.scenarios[0]), null, 2), "the scenario"),
    ...[...groups].flatMap(([text, who]) => [el("h3", {}, who.join(", ")), el("p", { class: "sub" }, summary(JSON.parse(text))), codeBlock(text, "the outcome in " + who.join(", "))]));
}

const summary = outcome => (outcome.steps ?? []).map((step, i) => "Step " + (i + 1) + ": " + (step.result ?? "?") + ", requests: " + (step.requests ?? []).map(r => r.method).join(", ")).join(". ");
