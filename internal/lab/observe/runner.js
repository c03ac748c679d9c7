"use strict";
// The runner: it performs what the observer asks of it and posts what the page
// could see of it. It runs in the top-level document, which polls its own origin
// for commands; where the client is a frame, the frame performs the steps and the
// top-level document hands commands and replies on. The page sets the constant
// "config" before this script: {document, control, frame: {url, sandbox}}.

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

async function performFetch(step) {
  const init = step.init;
  if (step.bodyBytes !== undefined) {
    init.body = bytes(step.bodyBytes);
  }
  let response;
  try {
    response = await fetch(step.url, init);
  } catch (error) {
    // A rejected promise does not tell a network error from refused arguments.
    let result = "network-error";
    try {
      new Request(step.url, init);
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

function performXHR(step) {
  return new Promise(resolve => {
    const xhr = new XMLHttpRequest();
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
      xhr.open(step.init.method ?? "GET", step.url);
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

async function perform(step) {
  const timeout = pause(step.timeout).then(() => ({result: "timeout"}));
  const act = step.destination ? performElement : step.api === "xhr" ? performXHR : performFetch;
  const seen = await Promise.race([act(step), timeout]);
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

async function poll() {
  let message = {document: config.document};
  let frame;
  if (config.frame) {
    frame = document.createElement("iframe");
    const ready = new Promise(resolve => window.addEventListener("message", resolve, {once: true}));
    if (config.frame.sandbox) {
      frame.sandbox = "allow-scripts";
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
      reply = await perform(command.step);
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
