/* Rows that are put in another order, by dragging a handle, with the arrow keys on it, or with Alt
   and the arrow keys anywhere in the row.

   A table says which of its rows move (data-reorder: a selector). Where rows have an input for their position, that is
   written anew: nothing is sent before the form is saved. Where they have none, the order of their hidden inputs tells.
   A live region says where a row went (its words come from the table's data-moved: "%n of %m"). */
"use strict";

(() => {
  const POSITION = "input[name$='-position']";

  function begin(body, selector, words) {
    const rows = () => [...body.querySelectorAll(selector)];
    const said = document.createElement("p");
    said.className = "visually-hidden";
    said.setAttribute("role", "status");
    body.closest("table").before(said);
    let dragged = null;

    /* The positions in use stay in use, in their order; where two are alike, rows are counted from 1. */
    function number() {
      const inputs = rows().map((row) => row.querySelector(POSITION)).filter(Boolean);
      const used = inputs.map((input) => Number(input.value)).sort((a, b) => a - b);
      const fit = used.every((value, index) => Number.isInteger(value) && value > (index ? used[index - 1] : 0));
      inputs.forEach((input, index) => {
        input.value = fit ? used[index] : index + 1;
      });
    }

    function settle(row) {
      number();
      row.classList.add("moved");
      const all = rows();
      said.textContent = words.replace("%n", all.indexOf(row) + 1).replace("%m", all.length);
      body.dispatchEvent(new CustomEvent("reordered", { bubbles: true }));
    }

    function move(row, by) {
      const all = rows();
      const other = all[all.indexOf(row) + by];
      if (!other) return;
      const focused = document.activeElement;
      if (by < 0) other.before(row);
      else other.after(row);
      if (row.contains(focused)) focused.focus();
      row.scrollIntoView({ block: "nearest" });
      settle(row);
    }

    function handle(row) {
      if (row.querySelector(".handle")) return;
      const grip = document.createElement("span");
      grip.className = "handle";
      grip.textContent = "⠿";
      grip.draggable = true;
      grip.tabIndex = 0;
      grip.setAttribute("role", "button");
      grip.title = body.closest("[data-grip]").dataset.grip;
      grip.setAttribute("aria-label", `${grip.title}: ${row.dataset.name ?? row.querySelector("input[name$='-title']")?.value ?? ""}`);
      (row.querySelector("td.field-position") ?? row.querySelector("td")).prepend(grip);
      grip.addEventListener("dragstart", (event) => {
        dragged = row;
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", "");
        event.dataTransfer.setDragImage(row, 0, 0);
      });
      grip.addEventListener("dragend", () => {
        if (dragged) settle(dragged);
        dragged = null;
      });
    }

    body.addEventListener("dragover", (event) => {
      const over = event.target.closest("tr");
      if (!dragged || !over || over === dragged || !rows().includes(over)) return;
      event.preventDefault();
      const box = over.getBoundingClientRect();
      if (event.clientY < box.top + box.height / 2) over.before(dragged);
      else over.after(dragged);
    });
    body.addEventListener("drop", (event) => dragged && event.preventDefault());

    body.addEventListener("keydown", (event) => {
      const plain = event.target.classList.contains("handle") && !event.altKey;
      if (!(event.altKey || plain) || event.ctrlKey || event.metaKey || event.shiftKey) return;
      if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
      const row = event.target.closest("tr");
      if (!row || !rows().includes(row)) return;
      event.preventDefault();
      move(row, event.key === "ArrowUp" ? -1 : 1);
    });

    /* Put rows in an order that was kept in the browser (`forms.js`): `id@position` of each. Others come last. */
    body.closest("form").addEventListener("restore", ({ detail }) => {
      const ids = detail.map((value) => value.split("@")[0]);
      const place = (row) => ids.indexOf(row.querySelector("[name=row]").value.split("@")[0]);
      const known = rows().filter((row) => place(row) >= 0).sort((one, other) => place(one) - place(other));
      body.prepend(...known);
    });

    rows().forEach(handle);
  }

  for (const place of document.querySelectorAll("[data-reorder]")) {
    const body = place.querySelector("tbody");
    if (body) begin(body, place.dataset.reorder, place.dataset.moved);
  }
})();
