// Ask for real: the reader's browser sends the request, and what it did is beside what we say. This page has a
// policy that permits it, and the others have not.

import { el } from "./dom.js";
import { sequence } from "./draw.js";

const form = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
const answer = document.querySelector(".answer"), send = document.querySelector('[data-do="ask"]');
const method = (form.method || "GET").toUpperCase();

document.querySelector(".request").textContent = method + " " + (form.url || "(no URL: fill in the form first)") + ", asked by " + location.origin;
document.querySelector(".warning").hidden = ["GET", "HEAD", "OPTIONS"].includes(method);
send.disabled = !form.url;

// engine is the one of which this browser is.
const engine = /Firefox\//.test(navigator.userAgent) ? "firefox" : /Chrom(e|ium)\//.test(navigator.userAgent) ? "chromium" : "webkit";
const names = { chromium: "Chrome", firefox: "Firefox", webkit: "Safari" };

async function real() {
  const headers = new Headers();
  for (const line of (form.headers ?? "").split("\n")) {
    const at = line.indexOf(":");
    if (at > 0) headers.append(line.slice(0, at).trim(), line.slice(at + 1).trim());
  }
  const init = { headers };
  for (const key of ["method", "mode", "credentials", "redirect", "body"]) if (form[key]) init[key] = form[key];
  try {
    const response = await fetch(form.url, init);
    const text = response.type === "opaque" ? "" : await response.text();
    return { verdict: "allowed", text: "fetch() gave a response of type " + response.type + ": status " + response.status + ", " + text.length + " characters", headers: [...response.headers.keys()] };
  } catch (error) {
    return { verdict: "blocked", text: "fetch() threw " + error, headers: [] };
  }
}

async function ours() {
  const input = { ...form, page: location.origin, live: true, why: false, answers: "" };
  for (const key of ["shown", "live", "why"]) if (typeof input[key] === "string") delete input[key];
  input.live = true;
  const response = await fetch("api/check", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(input) });
  if (!response.ok) throw new Error(await response.text());
  const checked = await response.json();
  if (checked.problem) throw new Error(checked.problem.text);
  const i = checked.reports.findIndex(r => r.browser === engine);
  return { report: checked.reports[i], marks: checked.marks[i] };
}

send.addEventListener("click", async () => {
  send.disabled = true;
  answer.replaceChildren(el("p", {}, "Sent …"));
  try {
    const did = await real();
    const { report, marks } = await ours();
    const agree = did.verdict === report.verdict;
    answer.replaceChildren(
      el("div", { class: "browsers" },
        el("div", { class: "tile " + did.verdict }, el("span", { class: "who" }, "Your browser, " + names[engine]), el("b", {}, did.verdict), el("span", { class: "grounds" }, did.text)),
        el("div", { class: "tile " + (report.verdict === "not sent" ? "not-subject" : report.verdict) }, el("span", { class: "who" }, "What we say of " + names[engine]), el("b", {}, report.verdict), el("span", { class: "grounds" }, report.summary))),
      el("p", { class: "headline" }, agree ? "Both agree." : "They differ: an extension, a setting, or something between browser and server. Or we are wrong: please file an issue."),
      did.headers.length > 0 ? el("p", { class: "sub" }, "Headers that script could read: " + did.headers.join(", ")) : "",
      el("h3", {}, "What the command saw"), sequence(report, marks));
  } catch (error) {
    answer.replaceChildren(el("p", { class: "alert blocked" }, error.message));
  }
  send.disabled = false;
});
