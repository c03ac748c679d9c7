"use strict";
// What elements and the APIs other than fetch() and XMLHttpRequest load: each function performs a step and
// returns what the page could see of it. It runs before runner.js, whose text() and bytes() it uses.

// loadPatience is when a load has told nothing for so long that it will not.
const loadPatience = 4000;

// made are the elements, workers and streams of the scenario that runs.
let made = [];

// forgetLoads removes what the scenario before this one made.
function forgetLoads() {
  for (const undo of made) {
    undo();
  }
  made = [];
  performance.clearResourceTimings();
}

function keep(element, parent = document.body) {
  parent.append(element);
  made.push(() => element.remove());
  return element;
}

function setAttributes(element, step, names) {
  for (const name of names) {
    if (step.attributes[name] !== undefined) {
      element.setAttribute(name, step.attributes[name]);
    }
  }
}

const commonAttributes = ["crossorigin", "referrerpolicy", "fetchpriority"];

// ended waits for the event load or error of a target.
function ended(target, load = "load", error = "error") {
  return new Promise(resolve => {
    target.addEventListener(load, () => resolve({result: "load"}), {once: true});
    target.addEventListener(error, () => resolve({result: "error"}), {once: true});
    pause(loadPatience).then(() => resolve({result: "timeout"}));
  });
}

// until asks again and again, for some time, whether something is so.
async function until(condition, patience) {
  for (const end = performance.now() + patience; performance.now() < end; await pause(15)) {
    if (condition()) {
      return true;
    }
  }
  return false;
}

// isTainted reports whether a canvas cannot be read once something was drawn on it.
function isTainted(drawn) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d");
  try {
    context.drawImage(drawn, 0, 0);
    context.getImageData(0, 0, 1, 1);
    return false;
  } catch {
    return true;
  }
}

async function loadImage(step) {
  const image = document.createElement("img");
  setAttributes(image, step, commonAttributes);
  const end = ended(image);
  image.src = step.url;
  keep(image);
  const seen = await end;
  if (seen.result === "load") {
    seen.tainted = isTainted(image);
  }
  return seen;
}

// told collects what the page's error event says while an action lasts.
async function told(act) {
  const messages = [];
  const listener = event => messages.push(event.message);
  addEventListener("error", listener);
  const seen = await act();
  await pause(0);
  removeEventListener("error", listener);
  if (seen.result === "load" && messages.length > 0) {
    seen.muted = messages[0].startsWith("Script error");
  }
  return seen;
}

function loadScript(step) {
  return told(() => {
    const script = document.createElement("script");
    if (step.api === "module") {
      script.type = "module";
    }
    setAttributes(script, step, [...commonAttributes, "integrity"]);
    const end = ended(script);
    script.src = step.url;
    keep(script);
    return end;
  });
}

async function loadImport(step) {
  try {
    await Promise.race([import(step.url), pause(loadPatience).then(() => Promise.reject("timeout"))]);
    return {result: "load"};
  } catch (error) {
    if (error === "timeout") {
      return {result: "timeout"};
    }
    // What the module itself throws is about null; what its fetch does is not.
    if (/\bnull\b/.test(error.message)) {
      return {result: "load", muted: false};
    }
    return {result: "error", exception: String(error)};
  }
}

let box;

function styledBox() {
  if (!box) {
    box = document.createElement("div");
    box.id = "corsim";
    box.textContent = "x";
    document.body.append(box);
  }
  return box;
}

async function loadStyle(step) {
  styledBox();
  const link = document.createElement("link");
  link.rel = "stylesheet";
  setAttributes(link, step, [...commonAttributes, "integrity", "type"]);
  const others = [...document.styleSheets];
  const end = ended(link);
  link.href = step.url;
  keep(link, document.head);
  const seen = await end;
  if (seen.result === "load") {
    for (const other of others) {
      other.disabled = true;
    }
    seen.applied = getComputedStyle(styledBox()).color === "rgb(255, 0, 0)";
    try {
      seen.rules = link.sheet.cssRules !== null;
    } catch {
      seen.rules = false;
    }
  }
  return seen;
}

async function loadFont(step) {
  try {
    await new FontFace("f", `url(${JSON.stringify(step.url)})`).load();
    return {result: "load"};
  } catch (error) {
    return {result: "error", exception: String(error)};
  }
}

async function loadMedia(step) {
  const media = document.createElement(step.api);
  setAttributes(media, step, ["crossorigin"]);
  media.preload = "auto";
  const end = ended(media, "loadeddata");
  media.src = step.url;
  keep(media);
  const seen = await end;
  if (seen.result === "load" && step.api === "video") {
    seen.tainted = await until(() => isTainted(media), 250); // nothing is drawn before there is a frame
  }
  made.push(() => media.removeAttribute("src"));
  return seen;
}

async function loadTrack(step) {
  const video = document.createElement("video");
  setAttributes(video, step, ["crossorigin"]);
  const track = document.createElement("track");
  track.kind = "subtitles";
  track.default = true;
  const end = ended(track);
  track.src = step.url;
  video.append(track);
  keep(video);
  track.track.mode = "hidden";
  return end;
}

// loadStyled has a property of a box ask for an image, which tells nothing.
async function loadStyled(step) {
  const div = document.createElement("div");
  div.style.cssText = "width:10px;height:10px";
  const before = performance.getEntriesByName(step.url).length;
  const value = `url(${JSON.stringify(step.url)})`;
  if (step.api === "css-mask") {
    div.style.webkitMaskImage = value;
    div.style.backgroundColor = "red";
  } else {
    div.style.backgroundImage = value;
  }
  keep(div);
  await until(() => performance.getEntriesByName(step.url).length > before, 300);
  await pause(60);
  return {result: "done"};
}

// loadShape tells by where the text beside a float is: a transparent image lets it in.
async function loadShape(step) {
  const holder = document.createElement("div");
  holder.style.cssText = "width:300px;font-size:10px";
  const float = document.createElement("div");
  float.style.cssText = "float:left;width:100px;height:50px";
  const span = document.createElement("span");
  span.textContent = "x";
  holder.append(float, span);
  keep(holder);
  float.style.shapeOutside = `url(${JSON.stringify(step.url)})`;
  const let_in = await until(() => span.getBoundingClientRect().left - holder.getBoundingClientRect().left < 50, 700);
  return {result: let_in ? "load" : "error"};
}

async function loadUse(step) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", step.url + "#a");
  svg.append(use);
  keep(svg);
  return {result: await until(() => use.getBBox().width > 0, 500) ? "load" : "error"};
}

function loadLink(step) {
  const link = document.createElement("link");
  link.rel = step.api;
  setAttributes(link, step, [...commonAttributes, "integrity", "as", "type"]);
  const end = ended(link);
  link.href = step.url;
  keep(link, document.head);
  return end;
}

async function loadStream(step) {
  let source;
  try {
    source = new EventSource(step.url, {withCredentials: step.withCredentials});
  } catch (error) {
    return {result: "throws", exception: String(error)};
  }
  let opened = 0;
  const messages = [];
  const take = event => messages.push([event.type, event.data, event.lastEventId, event.origin]);
  source.addEventListener("open", () => opened++);
  source.addEventListener("message", take);
  source.addEventListener("x", take);
  await until(() => source.readyState === 2, step.listen);
  const seen = {result: opened > 0 ? "load" : "error", opened, messages, readyState: source.readyState};
  source.close();
  return seen;
}

function beaconBody(step) {
  if (step.body === undefined) {
    return undefined;
  }
  const type = step.attributes.bodyType ?? "string";
  const raw = Uint8Array.from(step.body, c => c.charCodeAt(0));
  switch (type) {
  case "string":
    return step.body;
  case "urlsearchparams":
    return new URLSearchParams(step.body);
  case "formdata": {
    const data = new FormData();
    for (const [name, value] of new URLSearchParams(step.body)) {
      data.append(name, value);
    }
    return data;
  }
  case "buffer":
    return raw;
  }
  return new Blob([raw], {type: type.slice("blob:".length)});
}

async function sendBeacon(step) {
  try {
    const queued = navigator.sendBeacon(step.url, beaconBody(step));
    await pause(queued ? 150 : 30);
    return {result: "done", queued};
  } catch (error) {
    return {result: "throws", exception: String(error)};
  }
}

async function loadWorker(step) {
  const options = {};
  for (const [name, value] of [["type", step.attributes.workerType], ["credentials", step.init.credentials]]) {
    if (value !== undefined) {
      options[name] = value;
    }
  }
  let worker;
  try {
    worker = step.api === "worker" ? new Worker(step.url, options) : new SharedWorker(step.url, options);
  } catch (error) {
    return {result: "throws", exception: String(error)};
  }
  const port = worker.port ?? worker;
  port.start?.();
  made.push(() => worker.terminate ? worker.terminate() : port.close());
  return new Promise(resolve => {
    port.addEventListener("message", () => resolve({result: "load"}));
    worker.addEventListener("error", event => { event.preventDefault(); resolve({result: "error"}); });
    pause(1500).then(() => resolve({result: "load"}));
  });
}

// performInWorker calls fetch() in a worker whose script is /worker.js of the page's origin, or a blob: URL.
async function performInWorker(step) {
  let url = "/worker.js";
  if (origin === "null") {
    const script = [text, bytes, performFetch].map(String).join("\n") + "\nonmessage = async event => postMessage(await performFetch(event.data, self));";
    url = URL.createObjectURL(new Blob([script], {type: "text/javascript"}));
  }
  const worker = new Worker(url);
  made.push(() => worker.terminate());
  const {mark, ...plain} = step;
  worker.postMessage(plain);
  return new Promise((resolve, reject) => {
    worker.onmessage = event => resolve(event.data);
    worker.onerror = event => reject(new Error("the worker failed: " + event.message));
  });
}

function performSync(step) {
  const xhr = new XMLHttpRequest();
  if (step.uploadListener) {
    xhr.upload.addEventListener("progress", () => {});
  }
  try {
    xhr.open(step.init.method ?? "GET", step.url, false);
    xhr.overrideMimeType("text/plain;charset=x-user-defined");
    xhr.withCredentials = step.withCredentials;
    for (const [name, value] of step.init.headers ?? []) {
      xhr.setRequestHeader(name, value);
    }
  } catch (error) {
    return {result: "throws", exception: String(error)};
  }
  try {
    xhr.send(step.bodyBytes === undefined ? step.init.body : bytes(step.bodyBytes));
  } catch (error) {
    return {result: "network-error", exception: String(error)};
  }
  const lines = xhr.getAllResponseHeaders().split("\r\n").filter(line => line !== "");
  return {
    result: "response", status: xhr.status, statusText: xhr.statusText, url: xhr.responseURL,
    headers: lines.map(line => {
      const colon = line.indexOf(": ");
      return [line.slice(0, colon), line.slice(colon + 2)];
    }),
    body: [...xhr.responseText].map(c => String.fromCharCode(c.charCodeAt(0) & 0xff)).join(""),
  };
}

function openSocket(step) {
  let socket;
  try {
    socket = new WebSocket(step.url);
  } catch (error) {
    return {result: "throws", exception: String(error)};
  }
  made.push(() => socket.close());
  return ended(socket, "open");
}

// frameLoaded waits for the load event of a frame that an action fills.
async function frameLoaded(frame, act, patience) {
  let loaded = false;
  frame.addEventListener("load", () => loaded = true);
  act();
  return until(() => loaded, patience);
}

async function submitForm(step) {
  const frame = document.createElement("iframe");
  frame.name = "form" + Math.random();
  frame.hidden = true;
  keep(frame);
  const form = document.createElement("form");
  form.action = step.url;
  form.method = step.init.method ?? "POST";
  form.target = frame.name;
  setAttributes(form, step, ["enctype"]);
  for (const [name, value] of new URLSearchParams(step.body ?? "a=1")) {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = name;
    input.value = value;
    form.append(input);
  }
  keep(form);
  await pause(0); // the frame's own first document has its load event
  await frameLoaded(frame, () => form.submit(), 800);
  return {result: "done"};
}

async function loadFrame(step) {
  const frame = document.createElement("iframe");
  setAttributes(frame, step, ["referrerpolicy"]);
  frame.src = step.url;
  if (!await frameLoaded(frame, () => keep(frame), loadPatience)) {
    return {result: "timeout"};
  }
  let readable = false;
  try {
    readable = frame.contentDocument !== null && frame.contentDocument.URL.startsWith("http");
  } catch {
  }
  return {result: "done", readable};
}

const loads = {
  "img": loadImage, "script": loadScript, "module": loadScript, "import": loadImport, "style": loadStyle, "font": loadFont,
  "video": loadMedia, "audio": loadMedia, "track": loadTrack, "css-image": loadStyled, "css-mask": loadStyled,
  "shape-outside": loadShape, "svg-use": loadUse, "preload": loadLink, "modulepreload": loadLink, "eventsource": loadStream,
  "beacon": sendBeacon, "worker": loadWorker, "sharedworker": loadWorker, "worker-fetch": performInWorker,
  "xhr-sync": performSync, "websocket": openSocket, "form-post": submitForm, "iframe": loadFrame,
};

async function performLoad(step) {
  const seen = await loads[step.api](step);
  if (step.timing) {
    await until(() => performance.getEntriesByName(new URL(step.url, location.href).href).length > 0, 200);
    const entries = performance.getEntriesByName(new URL(step.url, location.href).href);
    if (entries.length > 0) {
      seen.timing = entries.at(-1).requestStart !== 0;
    }
  }
  return seen;
}
