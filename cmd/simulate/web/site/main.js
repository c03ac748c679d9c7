// The page: which view is shown, what its form says, and the link that brings it back. All state is in
// the fragment, which no browser sends to a server.

import { copy, el, toast } from "./dom.js";
import { call, live, loaded } from "./engine.js";
import * as explain from "./explain.js";
import * as describe from "./describe.js";
import * as recording from "./recording.js";
import * as quirks from "./quirks.js";

const views = { explain, describe, recording, quirks };
let current = "", written = "";

const section = name => document.getElementById("view-" + name);
const form = name => section(name).querySelector("form");

// fields are the controls of a view's form that a link brings back.
const fields = name => Array.from(form(name).elements).filter(e => e.name && e.type !== "file");

// state returns what a form says, without what is empty.
export function state(name) {
  const params = new URLSearchParams();
  for (const field of fields(name)) {
    if (field.type === "checkbox") {
      if (field.checked) params.set(field.name, "1");
    } else if (field.value !== "") params.set(field.name, field.value);
  }
  return params;
}

function fill(name, params) {
  for (const field of fields(name)) {
    const value = params.get(field.name) ?? "";
    if (field.type === "checkbox") field.checked = value === "1";
    else if (field.value !== value) {
      if (field.tagName === "SELECT" && !Array.from(field.options).some(o => o.value === value)) {
        field.dataset.wanted = value; // the list may come later
        continue;
      }
      field.value = value;
    }
  }
  // What is in use is in sight.
  for (const fold of form(name).querySelectorAll("details"))
    if (Array.from(fold.querySelectorAll("[name]")).some(e => e.value !== "")) fold.open = true;
}

function fragment(name) {
  const params = state(name).toString();
  return "#" + name + (params ? "?" + params : "");
}

// remember writes the link of what is shown, without a step in the history for each letter.
let timer = 0;
function remember() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    written = fragment(current);
    if (location.hash !== written) history.replaceState(null, "", written);
  }, 250);
}

function show(name, focus) {
  if (name !== current) {
    for (const other of Object.keys(views)) section(other).hidden = other !== name;
    for (const link of document.querySelectorAll("nav [data-view]")) {
      if (link.dataset.view === name) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    current = name;
    document.title = section(name).querySelector("h2").textContent + " – corsim";
  }
  if (focus) section(name).querySelector("h2").scrollIntoView({ block: "nearest" });
}

function route() {
  const [name, query] = location.hash.slice(1).split(/\?(.*)/s);
  const view = views[name] ? name : "explain";
  const params = new URLSearchParams(query ?? "");
  if (location.hash === written && current) return;
  // Going to a view by its plain name keeps what was typed there.
  if (query !== undefined || !current) fill(view, params);
  show(view, current !== "");
  for (const link of document.querySelectorAll("nav [data-view]")) link.href = fragment(link.dataset.view);
  changed();
}

function changed() {
  remember();
  views[current].update(state(current));
}

// ---- wiring

for (const [name, view] of Object.entries(views)) {
  view.start(section(name), {
    state: () => state(name),
    // set fills fields from an object, as an example or a pasted request does.
    set(values, keep = false) {
      const params = keep ? state(name) : new URLSearchParams();
      for (const [key, value] of Object.entries(values)) if (value) params.set(key, value);
      fill(name, params);
      if (name === current) changed();
    },
    changed: () => name === current && changed(),
  });
  // A list may tell only of the change.
  for (const type of ["input", "change"])
    form(name).addEventListener(type, e => { if (e.target.name && e.target.type !== "file" && (type === "input") !== (e.target.tagName === "SELECT")) changed(); });
  form(name).addEventListener("submit", e => e.preventDefault());
  form(name).addEventListener("click", e => {
    switch (e.target.dataset?.do) {
      case "link": {
        const link = new URL(location.href);
        link.hash = fragment(name);
        copy(link.href, "Link");
        break;
      }
      case "clear":
        fill(name, new URLSearchParams());
        changed();
        fields(name)[0].focus();
        break;
    }
  });
}

document.querySelector(".skip").addEventListener("click", e => {
  e.preventDefault();
  fields(current)[0].focus();
});

for (const link of document.querySelectorAll("nav [data-view]")) {
  link.addEventListener("click", e => {
    if (e.ctrlKey || e.metaKey || e.shiftKey) return;
    e.preventDefault();
    const name = link.dataset.view;
    if (name === current) return;
    history.pushState(null, "", fragment(name));
    show(name, false);
    changed();
  });
}

addEventListener("hashchange", route);
addEventListener("popstate", route);

const status = document.querySelector(".status");

async function servers() {
  const { answer } = await call("servers");
  for (const select of document.querySelectorAll('select[name="server"]')) {
    let group = null;
    for (const server of answer) {
      if (group?.label !== server.layer) {
        group = el("optgroup", { label: server.layer });
        select.append(group);
      }
      group.append(el("option", { value: server.id }, server.name));
    }
    if (select.dataset.wanted) select.value = select.dataset.wanted;
  }
}

async function initiators() {
  const { answer } = await call("initiators");
  const select = document.querySelector('select[name="as"]');
  for (const { as, markup } of answer) select.append(el("option", { value: as }, as + " " + markup));
  if (select.dataset.wanted) select.value = select.dataset.wanted;
}

route();
loaded().then(async () => {
  status.textContent = live ? "Ready. The command on this computer answers." : "Ready. The engine runs in this page.";
  document.documentElement.dataset.ready = "1";
  await Promise.all([servers(), initiators()]);
  changed();
}, error => {
  status.textContent = error.message;
  status.classList.add("bad");
});

addEventListener("unhandledrejection", e => {
  if (!e.reason?.told) return;
  e.preventDefault();
  toast(e.reason.message);
});

if (!live && "serviceWorker" in navigator && isSecureContext)
  addEventListener("load", () => navigator.serviceWorker.register("sw.js").catch(() => {}));
