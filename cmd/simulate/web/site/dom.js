// Small helpers: elements, the clipboard, what people are told for a moment.

// el makes an element; attributes that are null or false are left out, and "on" has listeners.
export function el(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "on") for (const [type, listener] of Object.entries(value)) element.addEventListener(type, listener);
    else if (key === "class") element.className = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter(c => c !== null && c !== undefined && c !== false && c !== ""));
  return element;
}

// external is a link to somewhere else, which is followed only by a click.
export const external = (href, text) => el("a", { href, rel: "noreferrer", target: "_blank" }, text);

let toastTimer = 0;

// toast tells something for a moment.
export function toast(text) {
  const box = document.querySelector(".toast");
  box.textContent = text;
  box.classList.add("shown");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => box.classList.remove("shown"), 2500);
}

// copy puts a text on the clipboard, and says so.
export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Where a page may not: the old way, which a click permits everywhere.
    const area = el("textarea", { class: "offscreen", readonly: true, "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) {
      toast("The browser did not permit it: mark the text and copy it.");
      return;
    }
  }
  toast(what + " copied.");
}

// download offers a file.
export function download(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = el("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

// codeBlock is a text with a button that copies it.
export function codeBlock(text, what) {
  return el("div", { class: "code" },
    el("pre", { tabindex: "0", "aria-label": what }, text),
    el("button", { type: "button", class: "plain small", "aria-label": "Copy " + what, on: { click: () => copy(text, what) } }, "Copy"));
}

export const badge = (kind, text) => el("span", { class: "badge " + kind }, text);

// plural counts.
export const plural = (n, one, many) => n.toLocaleString("en") + " " + (n === 1 ? one : many);
