// Paste a message: what it means.

import { badge, codeBlock, copy, el, external } from "./dom.js";
import { call, latest } from "./engine.js";

let root, answer, page;

const example = `Access to fetch at 'https://api.example/things' from origin 'https://app.example' has been blocked by CORS policy: Response to preflight request doesn't pass access control check: No 'Access-Control-Allow-Origin' header is present on the requested resource.
api.example/things:1 Failed to load resource: net::ERR_FAILED`;

export function start(section, owner) {
  root = section;
  page = owner;
  answer = section.querySelector(".answer");
  section.querySelector('[data-do="example"]').addEventListener("click", () => page.set({ text: example, server: "nginx" }));
  empty();
}

function empty() {
  answer.replaceChildren(el("div", { class: "empty" },
    el("p", {}, "What it means appears here: is it about CORS at all, why it is most likely, what to do, and who can."),
    el("p", { class: "sub" }, "With a server chosen, the lines to add to its configuration.")));
}

const kinds = { cors: "blocked", "not-cors": "not-subject", unclear: "undecidable", warning: "undecidable" };

const doers = { page: "for who writes the page", server: "for who runs the server", intermediary: "for who runs the proxy, gateway or CDN", user: "for who uses the browser" };

const engines = { chromium: "Chrome", firefox: "Firefox", webkit: "Safari", ie: "Internet Explorer" };

export const update = latest(async params => {
  const text = params.get("text") ?? "";
  if (text.trim() === "") return empty();
  let result;
  try {
    ({ answer: result } = await call("explain", Object.fromEntries(params)));
  } catch (error) {
    return answer.replaceChildren(el("p", { class: "alert blocked" }, error.message));
  }
  show(result);
});

function show(result) {
  const parts = [];
  for (const { verdict, told } of result.messages) parts.push(message(verdict, told));
  if (result.answer) parts.push(question(result.answer));
  if (parts.length === 0) parts.push(el("div", { class: "empty" },
    el("p", {}, "Nothing in this text is a message, or a question about CORS, that is known here."),
    el("p", { class: "sub" }, "Open the browser’s developer tools (F12), Console, and copy the whole red line that names the URL, with the lines before and after it.")));
  if (result.config) parts.push(configuration(result.config));
  else if (result.noConfig) parts.push(el("p", { class: "sub" }, result.noConfig));
  if (result.text) parts.push(el("p", { class: "buttons" },
    el("button", { type: "button", class: "plain", on: { click: () => copy(result.text, "Text") } }, "Copy as text"),
    el("button", { type: "button", class: "plain", on: { click: () => copy("```text\n" + result.text + "```\n", "Markdown") } }, "Copy as Markdown")));
  answer.replaceChildren(...parts);
}

function message(verdict, told) {
  return el("article", { class: "card" },
    el("header", { class: "verdict " + kinds[told.kind] },
      badge(kinds[told.kind], verdict), " ", el("code", {}, told.about),
      engines[told.engine] && el("span", { class: "sub inline" }, "as " + engines[told.engine] + " says it")),
    (told.url || told.origin) && el("p", { class: "url" }, told.url && el("code", {}, told.url), told.origin && el("span", { class: "sub inline" }, " asked by ", el("code", {}, told.origin))),
    causes(told.causes),
    told.anchor && el("p", { class: "sub" }, "The rule: ", told.rule, " ", external(told.anchor, "standard"), told.mdn && [" · ", external(told.mdn, "MDN")]));
}

// causes are why, what to do and for whom; what else it may be is behind a click.
export function causes(list) {
  if (list.length === 0) return null;
  const [first, ...others] = list;
  const likely = others.filter(c => c.confidence !== "possible" || c.id === "not-your-server" && (first.who !== "page" || first.confidence !== "certain"));
  const possible = others.filter(c => !likely.includes(c));
  return [
    el("div", { class: "cause" },
      el("h3", {}, first.confidence === "certain" ? "Why" : "Most likely"), el("p", {}, first.why, seen(first)),
      el("h3", {}, "What to do", el("span", { class: "sub inline" }, doers[first.who] ?? "")), el("p", {}, first.do),
      needs(first)),
    likely.map(c => el("p", { class: "also" }, c.why, seen(c), " ", c.do)),
    possible.length > 0 && el("details", { class: "fold" },
      el("summary", {}, "It may also be"),
      el("ul", { class: "others" }, possible.map(c => el("li", {}, c.why, seen(c), " ", c.do)))),
  ];
}

const seen = cause => cause.evidence.length > 0 && el("span", { class: "sub inline" }, "(" + cause.evidence.map(e => e.what + (e.where ? ": " + e.where : "")).join("; ") + ")");

// needs are the headers that a response must have.
function needs(cause) {
  return cause.fix.filter(f => f.headers?.length || f.status).map(f => el("div", { class: "need" },
    el("p", { class: "sub" }, f.on === "preflight" ? "The response to the preflight needs" : "The response to the request needs"),
    codeBlock([f.status ? "status " + f.status : "", ...(f.headers ?? []).map(h => h.name + ": " + h.value)].filter(Boolean).join("\n"), "these headers")));
}

// configuration is a server's, piece by piece.
export function configuration(config) {
  return el("section", { class: "card config" },
    el("h3", {}, "For " + config.name, config.proven && el("span", { class: "sub inline" }, "proven: our tests start it with these lines, and ask it with real browsers")),
    config.parts.map(part => [el("p", { class: "sub" }, part.where), codeBlock(part.text.replace(/\n$/, ""), "the lines for " + config.name)]),
    config.notes.length > 0 && el("ul", { class: "facts" }, config.notes.map(note => el("li", {}, note))));
}

function question(told) {
  return el("article", { class: "card" },
    el("h3", {}, told.question),
    told.lines.map(line => el("p", {}, line)),
    el("p", { class: "sub" }, "On a command line: ", el("code", {}, told.try)));
}
