"use strict";
(function () {
  const rows = Array.from(document.querySelectorAll("#rows details.row"));
  const texts = new Map();
  function text(row) {
    if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
    return texts.get(row);
  }
  const search = document.getElementById("q"), shown = document.getElementById("shown"), filters = document.getElementById("filters");
  const boxes = [];
  for (const name of ["contradicted", "blocked", "asks", "undecidable", "allowed", "not-subject"]) {
    const n = rows.filter(r => r.dataset.class === name).length;
    if (n === 0) continue;
    const label = document.createElement("label"), box = document.createElement("input");
    box.type = "checkbox";
    box.checked = true;
    box.value = name;
    label.append(box, " " + name.replace("-", " ") + " (" + n + ")");
    filters.append(label);
    boxes.push(box);
  }
  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const classes = new Set(boxes.filter(b => b.checked).map(b => b.value));
    let n = 0;
    for (const row of rows) {
      const show = classes.has(row.dataset.class) && words.every(w => text(row).includes(w));
      row.hidden = !show;
      if (show) n++;
    }
    for (const section of document.querySelectorAll("#rows .section")) {
      section.hidden = !section.querySelector("details.row:not([hidden])");
    }
    for (const more of document.querySelectorAll("#rows .more")) {
      if (words.length > 0) more.open = true;
      more.hidden = !more.querySelector("details.row:not([hidden])");
    }
    shown.textContent = n + " of " + rows.length + " shown";
  }
  function reveal() {
    const target = document.getElementById(location.hash.slice(1));
    const row = target && target.closest("details.row");
    if (!row) return;
    for (let around = row; around && around.id !== "rows"; around = around.parentElement) {
      around.hidden = false;
      if (around.localName === "details") around.open = true;
    }
    row.scrollIntoView();
  }
  const tools = document.getElementById("tools");
  tools.hidden = false;
  tools.addEventListener("submit", e => e.preventDefault());
  search.addEventListener("input", filter);
  filters.addEventListener("change", filter);
  addEventListener("hashchange", reveal);
  filter();
  reveal();
})();
