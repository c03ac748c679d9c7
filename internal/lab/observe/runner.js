"use strict";
// The runner: it performs what the observer asks of it and posts what the page
// could see of it. It runs in the top-level document, which polls its own origin
// for commands; where the client is a frame, the frame performs the steps and the
// top-level document hands commands and replies on. The page sets the constant
// "config" before this script: {document, control, frame: {url, sandbox, allow, direct, kind}}.

// text returns bytes as a string with one code point for each.
function text(buffer) {
  const bytes = new Uint8Array(buffer);
  let result = "";
  for (let i = 0; i < bytes.length; i += 8192) {
    result += String.fromCharCode.apply(null, bytes.subarray(i, i + 8192));
  }
  return result;
}

function bytes(base64) {
  const binary = atob(base64);
  return Uint8Array.from(binary, c => c.charCodeAt(0));
}

function pause(milliseconds) {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}

// initOf returns the init of a step; a stream in it can be used once.
function initOf(step) {
  const init = {...step.init};
  if (step.bodyBytes !== undefined) {
    init.body = bytes(step.bodyBytes);
  }
  if (step.stream) {
    const chunk = new TextEncoder().encode(init.body);
    init.body = new ReadableStream({start(controller) { controller.enqueue(chunk); controller.close(); }});
    init.duplex = "half";
  }
  return init;
}

async function performFetch(step, client) {
  let response;
  try {
    response = await client.fetch(step.url, initOf(step));
  } catch (error) {
    // A rejected promise does not tell a network error from refused arguments.
    let result = "network-error";
    try {
      new client.Request(step.url, initOf(step));
    } catch {
      result = "throws";
    }
    return {result, exception: String(error)};
  }
  const seen = {
    result: "response", type: response.type, status: response.status, statusText: response.statusText,
    url: response.url, redirected: response.redirected, headers: [...response.headers],
  };
  try {
    seen.body = text(await response.arrayBuffer());
  } catch (error) {
    seen.exception = String(error);
  }
  return seen;
}

function performXHR(step, client) {
  return new Promise(resolve => {
    const xhr = new client.XMLHttpRequest();
    xhr.onload = () => {
      const lines = xhr.getAllResponseHeaders().split("\r\n").filter(line => line !== "");
      resolve({
        result: "response", status: xhr.status, statusText: xhr.statusText, url: xhr.responseURL,
        headers: lines.map(line => {
          const colon = line.indexOf(": ");
          return [line.slice(0, colon), line.slice(colon + 2)];
        }),
        body: xhr.response === null ? undefined : text(xhr.response),
      });
    };
    xhr.onerror = xhr.onabort = xhr.ontimeout = () => resolve({result: "network-error"});
    if (step.uploadListener) {
      xhr.upload.addEventListener("progress", () => {});
    }
    try {
      if (step.user === undefined && step.password === undefined) {
        xhr.open(step.init.method ?? "GET", step.url);
      } else {
        xhr.open(step.init.method ?? "GET", step.url, true, step.user, step.password);
      }
      xhr.responseType = "arraybuffer";
      xhr.withCredentials = step.withCredentials;
      for (const [name, value] of step.init.headers ?? []) {
        xhr.setRequestHeader(name, value);
      }
      xhr.send(step.bodyBytes === undefined ? step.init.body : bytes(step.bodyBytes));
    } catch (error) {
      resolve({result: "throws", exception: String(error)});
    }
  });
}

// performElement has an element or a font ask, which tells only whether it was
// given something that it could use.
function performElement(step) {
  return new Promise(resolve => {
    const load = () => resolve({result: "response", status: 0, statusText: "", url: "", headers: []});
    const fail = () => resolve({result: "network-error"});
    if (step.destination === "font") {
      new FontFace("observed", `url(${JSON.stringify(step.url)})`).load().then(load, fail);
      return;
    }
    const element = document.createElement({script: "script", image: "img", style: "link"}[step.destination]);
    element.onload = load;
    element.onerror = fail;
    if (step.init.mode !== "no-cors") {
      element.crossOrigin = step.init.credentials === "include" ? "use-credentials" : "anonymous";
    }
    if (step.destination === "style") {
      element.rel = "stylesheet";
      element.href = step.url;
    } else {
      element.src = step.url;
    }
    document.body.append(element);
  });
}

async function perform(step, client = window) {
  const timeout = pause(step.timeout).then(() => ({result: "timeout"}));
  if (step.first) {
    forgetLoads();
  }
  const act = step.destination ? performElement : step.api === "xhr" ? performXHR : loads[step.api] ? performLoad : performFetch;
  const seen = await Promise.race([act(step, client), timeout]);
  if (step.timing && seen.timing === undefined && step.api === "fetch") {
    const entries = performance.getEntriesByName(new URL(step.url, location.href).href);
    seen.timing = entries.length > 0 ? entries.at(-1).requestStart !== 0 : undefined;
  }
  if (seen.result !== "response") {
    await pause(30); // messages about a failure may come after it
  }
  // The mark comes after all that was logged before it. Not every browser can
  // tell what console.log() logs, but all tell of an error that nobody catches.
  if (step.mark.startsWith("error:")) {
    setTimeout(() => { throw new Error(step.mark); });
    await pause(0);
  } else {
    console.log(step.mark);
  }
  return seen;
}

// framed returns the window of a frame that was added to a document, once it is loaded.
async function framed(owner, change) {
  const frame = owner.createElement("iframe");
  const loaded = new Promise(resolve => frame.addEventListener("load", resolve, {once: true}));
  change(frame);
  owner.body.append(frame);
  await loaded;
  return frame.contentWindow;
}

// clientIn returns the window of a client of this page's own origin, of which no script is asked: its API is called from
// here. For kinds that another document makes, the frame is that document.
async function clientIn(config) {
  const client = await framed(document, frame => {
    if (config.sandbox !== undefined) {
      frame.sandbox = config.sandbox;
    }
    if (config.allow !== undefined) {
      frame.allow = config.allow;
    }
    frame.src = config.url;
  });
  switch (config.kind) {
  case "srcdoc":
    return framed(client.document, frame => { frame.srcdoc = "<body>"; });
  case "about:blank":
    return framed(client.document, frame => { frame.src = "about:blank"; });
  case "blob":
    return framed(client.document, frame => { frame.src = client.URL.createObjectURL(new client.Blob(["<body>"], {type: "text/html"})); });
  }
  return client;
}

async function poll() {
  let message = {document: config.document};
  let frame, direct;
  if (config.frame?.direct) {
    direct = await clientIn(config.frame);
  } else if (config.frame) {
    frame = document.createElement("iframe");
    const ready = new Promise(resolve => window.addEventListener("message", resolve, {once: true}));
    if (config.frame.sandbox !== undefined) {
      frame.sandbox = config.frame.sandbox;
    }
    if (config.frame.allow !== undefined) {
      frame.allow = config.frame.allow;
    }
    frame.src = config.frame.url;
    document.body.append(frame);
    await ready;
  }
  for (;;) {
    const response = await fetch(config.control, {method: "POST", body: JSON.stringify(message), referrerPolicy: "no-referrer"});
    const command = await response.json();
    if (command.navigate !== undefined) {
      location.replace(command.navigate);
      return;
    }
    let reply;
    if (frame) {
      const replied = new Promise(resolve => window.addEventListener("message", resolve, {once: true}));
      frame.contentWindow.postMessage(command.step, "*");
      reply = (await replied).data;
    } else {
      reply = await perform(command.step, direct);
    }
    message = {document: config.document, reply};
  }
}

if (window.parent === window) {
  poll();
} else {
  window.addEventListener("message", async event => parent.postMessage(await perform(event.data), "*"));
  parent.postMessage("ready", "*");
}
