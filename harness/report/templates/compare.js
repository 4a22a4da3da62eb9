"use strict";
(() => {
  const cells = JSON.parse(document.getElementById("cells").textContent);
  const table = document.querySelector(".grid");
  const labels = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent);
  const dialog = document.querySelector("dialog");
  const groups = [...table.tBodies];
  const rows = [...table.querySelectorAll("tr[data-row]")];
  const homes = new Map(rows.map((row) => [row, row.parentNode]));
  const search = document.querySelector("input[type=search]");
  const output = document.querySelector("output");
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  let only = document.querySelector("button[data-only][aria-pressed=true]").dataset.only;

  const element = (tag, text, kind) => {
    const made = document.createElement(tag);
    if (text) made.textContent = text;
    if (kind) made.className = kind;
    return made;
  };

  function filter() {
    const wanted = search.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const fits = (!only || only in row.dataset) && (!wanted || texts.get(row).includes(wanted));
      row.hidden = !fits;
      shown += fits;
    }
    for (const group of groups) group.hidden = ![...group.rows].some((row) => row.dataset.row && !row.hidden);
    output.textContent = shown === rows.length ? "" : `${shown} of ${rows.length}`;
  }

  function sort(column) {
    const rank = (row) => Number(row.cells[column + 1].dataset.rank ?? 9);
    for (const row of rows) homes.get(row).append(row);
    if (column >= 0) {
      const order = [...rows].sort((one, other) => rank(one) - rank(other));
      for (const row of order) groups[0].append(row);
    }
    for (const group of groups) group.querySelector(".group").hidden = column >= 0;
    for (const button of table.tHead.querySelectorAll("button")) button.ariaPressed = String(column >= 0 && Number(button.dataset.sort) === column);
    filter();
  }

  function failedFinding(finding) {
    const box = element("div", "", `fault l-${finding.level}`);
    box.append(element("h3", finding.sentence), element("p", [finding.level, finding.at, (finding.shots || []).join(", ")].filter(Boolean).join(" · "), "soft"));
    const versus = element("dl", "", "versus");
    for (const [name, text, kind] of [["Expected", finding.expected, ""], ["Got", finding.got, "got"]]) {
      const part = element("div", "", kind);
      part.append(element("dt", name), element("dd", text || "—"));
      versus.append(part);
    }
    box.append(versus);
    return box;
  }

  function open(row, column) {
    const cell = cells[row.dataset.row][column];
    const body = document.getElementById("cell");
    document.getElementById("cell-title").textContent = `${row.querySelector(".field").textContent}: ${labels[column]}`;
    body.replaceChildren(element("p", [cell.outcome, cell.evidence && `evidence: ${cell.evidence}`, cell.observed || cell.reason].filter(Boolean).join(" · ")));
    for (const one of cell.cases || []) {
      const box = element("div", "", "case");
      box.append(element("h3", `${one.case}: ${one.outcome}`), element("p", [`evidence: ${one.evidence}`, one.reason].filter(Boolean).join(" · "), "soft"));
      box.append(...(one.failed || []).map(failedFinding));
      body.append(box);
    }
    dialog.showModal();
  }

  table.addEventListener("click", (event) => {
    const cell = event.target.closest("button.cell");
    const head = event.target.closest("button[data-sort]");
    if (cell) open(cell.closest("tr"), cell.closest("td").cellIndex - 1);
    if (head) sort(head.ariaPressed === "true" ? -1 : Number(head.dataset.sort));
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  search.addEventListener("input", filter);
  for (const button of document.querySelectorAll("button[data-only]")) {
    button.addEventListener("click", () => {
      only = button.dataset.only;
      for (const other of document.querySelectorAll("button[data-only]")) other.ariaPressed = String(other === button);
      filter();
    });
  }
  filter();
})();
