// What goes between page and server, drawn as the report of replay draws it.

import { el, external } from "./dom.js";

// always are the headers of a request that a server's answer depends on; the others are behind a click.
const telling = name => /^(origin|cookie|authorization|access-control-.*)$/i.test(name);
const answered = name => /^(vary|location|set-cookie|content-type|cross-origin-resource-policy|www-authenticate|allow|access-control-.*)$/i.test(name);

const path = url => url.replace(/^[^:]*:\/\/[^/?#]*/, "") || "/";
const host = url => url.replace(/^[^:]*:\/\//, "").replace(/[/?#].*$/, "");

// sequence draws the steps of a report. marks are the headers that decide.
export function sequence(report, marks) {
  const exchanges = report.steps.filter(s => s.exchange).map(s => s.exchange);
  const last = { true: exchanges.findLast(x => x.preflight), false: exchanges.findLast(x => !x.preflight) };
  const list = el("div", { class: "seq", role: "list", "aria-label": "What goes between page and server" },
    el("div", { class: "ends", role: "listitem" }, el("span", {}, "page ", el("code", {}, report.origin)), el("span", {}, "server ", el("code", {}, host(report.url)))));
  let at = "";
  for (const { exchange, decision } of report.steps) {
    if (exchange) {
      const to = host(exchange.request.url);
      if (at && to !== at) list.append(el("div", { class: "note", role: "listitem" }, "to another server: ", el("code", {}, to)));
      at = to;
      list.append(sent(exchange, report));
      if (exchange.response) list.append(received(exchange, exchange === last[exchange.preflight] || report.verdict === "allowed" ? marks.filter(m => m.preflight === exchange.preflight) : []));
      continue;
    }
    list.append(el("div", { class: "note " + decision.outcome, role: "listitem" },
      decision.outcome === "passed" ? "✓ " : decision.outcome === "failed" ? "✗ " : "", decision.text,
      decision.anchor && [" ", external(decision.anchor, "standard")]));
  }
  list.append(ending(report));
  return list;
}

function sent(exchange, report) {
  const { request } = exchange;
  const own = new Set(["sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site", "user-agent", "accept", "accept-language", "accept-encoding", "referer", "connection", "host", "priority", "pragma", "cache-control", "te", "upgrade-insecure-requests", "dnt", "content-length", "sec-gpc"]);
  const shown = ([name]) => telling(name) || !own.has(name.toLowerCase()) && !/^sec-/i.test(name);
  return message("to", (exchange.preflight ? "preflight: " : "") + request.method + " " + path(request.url), request.headers, shown, () => null);
}

function received(exchange, marks) {
  const { response } = exchange;
  const failed = new Map(marks.filter(m => !m.good && m.header).map(m => [m.header.toLowerCase(), m]));
  const good = new Set(marks.filter(m => m.good).map(m => m.header.toLowerCase()));
  const said = new Set();
  const mark = name => {
    const lower = name.toLowerCase();
    if (failed.has(lower)) {
      const first = !said.has(lower);
      said.add(lower);
      return { class: "bad", why: first ? failed.get(lower).why : null };
    }
    return good.has(lower) ? { class: "good" } : null;
  };
  const box = message("from", (response.status + " " + response.statusText).trim(), response.headers, ([name]) => answered(name) || failed.has(name.toLowerCase()), mark);
  const absent = [...failed.values()].filter(m => !said.has(m.header.toLowerCase()));
  if (absent.length > 0) {
    let list = box.querySelector("ul.shown");
    if (!list) box.append(list = el("ul", { class: "shown" }));
    list.append(...absent.map(m => el("li", { class: "bad" }, el("code", {}, el("b", {}, m.header)), " ", el("em", {}, "absent"), el("span", { class: "why" }, m.why))));
  }
  const status = marks.find(m => !m.good && !m.header);
  if (status) box.append(el("ul", { class: "shown" }, el("li", { class: "bad" }, el("span", { class: "why" }, status.why))));
  return box;
}

function message(kind, title, headers, shown, mark) {
  const row = ([name, value]) => {
    const m = mark(name);
    return el("li", { class: m?.class ?? "" }, el("code", {}, el("b", {}, name), ": ", value), m?.why && el("span", { class: "why" }, m.why));
  };
  const first = headers.filter(shown), rest = headers.filter(h => !shown(h));
  return el("div", { class: "msg " + kind, role: "listitem" },
    el("div", { class: "arrow" }, el("span", {}, title)),
    first.length > 0 && el("ul", { class: "shown" }, first.map(row)),
    rest.length > 0 && el("details", { class: "fold rest" }, el("summary", {}, rest.length === 1 ? "1 more header" : rest.length + " more headers"), el("ul", {}, rest.map(row))));
}

const endings = {
  allowed: report => report.as ? (report.opaque ? "it loads, and the page cannot read it" : "it loads, and the page may read it") : report.response?.type === "opaque" || report.response?.type === "opaqueredirect" ? "the request is sent, and script can read nothing of the response" : "script gets the response",
  blocked: report => report.as ? "it does not load" : "script gets a network error, and the reason appears in the console alone",
  asks: report => "the user is asked: " + report.permission,
  undecidable: report => report.summary,
  "not sent": () => "this is what a browser would send, if each response permits what follows",
};

function ending(report) {
  const kind = { "not sent": "not-subject", asks: "undecidable" }[report.verdict] ?? report.verdict;
  return el("div", { class: "end " + kind, role: "listitem" }, endings[report.verdict]?.(report) ?? report.summary);
}
