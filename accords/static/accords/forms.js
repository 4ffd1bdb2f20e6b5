/* Forms that are sent in place: errors, a lost connection or an ended session leave the page and what was typed as they
   are, and a copy in the browser survives the page. Without this script the forms are sent as Django sends them. */
"use strict";

(() => {
  const form = document.querySelector("body.change-form #content-main > form[id$='_form']");
  if (!form || !window.fetch) return;
  const config = JSON.parse(document.getElementById("accords-page").textContent), { texts } = config;
  const copies = Accords.copies, place = location.pathname;
  const NOT_TYPED = /^csrfmiddlewaretoken$|^form_id$|^came_from$|__prefix__|_FORMS$|(^|-)shown$|-keep$/;
  const formId = form.elements.form_id?.value ?? `form-${Date.now()}-${Math.random()}`;
  const initial = form.matches("[data-unsaved]") ? new Map() : typed(defaults());
  let isSending = false, isSaved = false, copying = 0;

  function element(tag, properties = {}, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  }

  function named(name) { return form.querySelector(`[name="${CSS.escape(name)}"]`); }

  // What was typed

  /* Return the values of every field by name, with the labels of choices that were searched for; no passwords. */
  function typed(entries = new FormData(form)) {
    const found = new Map();
    for (const [name, value] of entries) {
      const field = named(name);
      if (typeof value !== "string" || NOT_TYPED.test(name) || field?.type === "password") continue;
      const option = field?.matches("select.admin-autocomplete") && [...field.options].find((one) => one.value === value);
      found.set(name, [...(found.get(name) ?? []), option ? [value, option.textContent] : [value]]);
    }
    return found;
  }

  /* Return the names and values that the page came with, whatever the browser filled in again or was typed already. */
  function* defaults() {
    for (const field of form.elements) {
      if (!field.name || field.disabled || field.matches("button, [type=submit], [type=file]")) continue;
      if (field.matches("select")) {
        const options = [...field.options], chosen = options.filter((one) => one.defaultSelected);
        for (const { value } of chosen.length || field.multiple ? chosen : options.slice(0, 1)) yield [field.name, value];
      } else if (!field.matches("[type=checkbox], [type=radio]") || field.defaultChecked) yield [field.name, field.defaultValue];
    }
  }

  function rowOf(name) { return name.match(/^(.+-\d+-)[^-]+$/)?.[1] ?? ""; }

  /* Return what differs from the page as it was opened: fields, the ids of their rows, and what the rows were shown with. */
  function changes() {
    const now = typed(), fields = [], rows = {}, shown = {};
    for (const name of new Set([...initial.keys(), ...now.keys()])) {
      const values = now.get(name) ?? [];
      if (JSON.stringify(values) === JSON.stringify(initial.get(name) ?? [])) continue;
      const row = rowOf(name);
      fields.push([name, values]);
      if (row) rows[row] = named(`${row}id`)?.value ?? "";
      shown[row] = named(`${row}shown`)?.value ?? "";
    }
    return { fields, rows, shown };
  }

  function isDirty() { return !isSaved && changes().fields.length > 0; }

  function keepCopy() {
    if (isSaved) return;
    clearTimeout(copying);
    copying = setTimeout(storeCopy, 400);
  }

  function storeCopy() {
    clearTimeout(copying);
    copying = 0;
    const copy = changes();
    if (!copy.fields.length) copies.remove(place, formId);
    else if (!copies.save(place, formId, copy)) status(texts.no_copy);
  }

  function restore(copy) {
    const rows = new Map(Object.entries(copy.rows).map(([row, id]) => [row, id ? findRow(row, id) : addRow(row)]));
    let lost = 0;
    for (const [name, values] of copy.fields) {
      const old = rowOf(name), row = old ? rows.get(old) : "";
      if (row === null) {
        lost += 1;
        continue;
      }
      const field = name.slice(old.length);
      fill(`${row}${field}`, values);
      recall(`${row}shown`, field, copy.shown[old]);
    }
    copies.remove(place, copy.id);
    status(lost ? texts.restored_in_part : texts.restored);
    keepCopy();
  }

  function findRow(row, id) {
    const set = row.replace(/\d+-$/, "");
    const found = [...form.querySelectorAll(`[name^="${set}"][name$="-id"]`)].find((input) => input.value === id);
    return found ? found.name.slice(0, -2) : null;
  }

  function addRow(row) {
    const set = row.replace(/-\d+-$/, ""), index = named(`${set}-TOTAL_FORMS`)?.value;
    document.querySelector(`#${set}-group .add-row a`)?.click();
    return index === undefined ? null : `${set}-${index}-`;
  }

  function fill(name, values) {
    if (name === "row") form.dispatchEvent(new CustomEvent("restore", { detail: values.map(([value]) => value) })); // `reorder.js`
    else for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      const chosen = values.map(([value]) => value);
      if (field.type === "checkbox" || field.type === "radio") field.checked = chosen.includes(field.value);
      else if (field.matches("select")) {
        for (const [value, label] of values) if (label && ![...field.options].some((one) => one.value === value)) field.append(new Option(label, value));
        [...field.options].forEach((option) => { option.selected = chosen.includes(option.value); });
        window.django?.jQuery?.(field).trigger("change");
      } else field.value = chosen[0] ?? "";
    }
  }

  /* Compare a restored field with what it was shown with when it was typed, not with what the page shows now. */
  function recall(name, field, old) {
    const input = named(name), before = old && JSON.parse(old)[field];
    if (input?.value && before) input.value = JSON.stringify({ ...JSON.parse(input.value), [field]: before });
  }

  async function offer() {
    const copy = await copies.find(place);
    if (!copy) return;
    const at = new Date(copy.at).toLocaleString(document.documentElement.lang);
    const restoreIt = element("button", { type: "button", textContent: texts.restore, onclick: () => restore(copy) });
    const discard = element("button", { type: "button", textContent: texts.discard, onclick: () => { copies.remove(place, copy.id); status(""); } });
    status(texts.copy.replace("{at}", at), restoreIt, discard);
  }

  // The status line, above the buttons

  const line = element("div", { id: "form-status", hidden: true });
  line.setAttribute("role", "status");

  function status(text, ...buttons) {
    line.hidden = !text;
    line.replaceChildren(element("span", { textContent: text }), ...buttons);
  }

  // Sending

  function token() {
    const name = config.csrf_cookie.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    return document.cookie.match(`(?:^|; )${name}=([^;]*)`)?.[1] ?? form.elements.csrfmiddlewaretoken.value;
  }

  function data(submitter) {
    const sent = new FormData(form);
    if (submitter?.name) sent.set(submitter.name, submitter.value);
    sent.set("csrfmiddlewaretoken", token());
    return sent;
  }

  function bytes(sent) {
    const encoder = new TextEncoder();
    return [...sent].reduce((sum, [name, value]) => sum + 100 + name.length + (value.size ?? encoder.encode(value).length), 0);
  }

  async function send(submitter) {
    if (isSending) return;
    const body = data(submitter);
    if (bytes(body) > config.max_bytes) return status(texts.too_large);
    isSending = true;
    form.classList.add("sending");
    status(texts.sending);
    try {
      await received(await fetch(form.getAttribute("action") || location.href, { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin" }), submitter);
    } catch {
      again(texts.failed, submitter);
    }
    isSending = false;
    form.classList.remove("sending");
  }

  async function received(response, submitter) {
    const type = response.headers.get("content-type") ?? "";
    if (!type.includes("json")) {
      if ((response.ok || response.status === 409) && type.includes("html")) return replace(await response.text());
      const reasons = { 400: texts.too_large, 403: texts.denied, 413: texts.too_large };
      return again(reasons[response.status] ?? texts.server_error.replace("{status}", response.status), submitter);
    }
    const answer = await response.json();
    if (answer.location) return leave(answer.location);
    if (answer.login) {
      const login = element("a", { href: answer.login, target: "_blank", className: "button", textContent: texts.log_in });
      return again(texts.logged_out, submitter, login);
    }
    show(answer);
  }

  function saved() {
    isSaved = true;
    clearTimeout(copying);
    copying = 0;
    copies.remove(place, formId);
  }

  function leave(url) {
    saved();
    const target = new URL(url, location.href);
    if (target.pathname !== location.pathname) return location.assign(target);
    history.replaceState(null, "", target);
    location.reload(); // which keeps the place on the page
  }

  function replace(html) {
    saved();
    document.open();
    document.write(html);
    document.close();
  }

  function again(text, submitter, ...links) {
    const retry = element("button", { type: "button", textContent: texts.again, onclick: () => send(submitter) });
    status(text, ...links, retry);
  }

  // Errors

  function clear(where) {
    where.querySelectorAll("[data-in-place]").forEach((one) => one.remove());
    where.querySelectorAll("[aria-invalid=true]").forEach((one) => { one.removeAttribute("aria-invalid"); });
  }

  function list(messages) {
    const items = messages.map((message) => element("li", { innerHTML: message })); // escaped by the server
    const made = element("ul", { className: "errorlist" }, ...items);
    made.dataset.inPlace = "";
    return made;
  }

  function show({ errors, values }) {
    form.querySelectorAll(".errorlist, .errornote, tr.row-form-errors").forEach((one) => { one.dataset.inPlace = ""; });
    clear(document);
    for (const [name, value] of Object.entries(values)) if (named(name)) named(name).value = value;
    const rest = [];
    for (const [name, messages] of Object.entries(errors)) {
      if (!beside(name, messages)) rest.push(...messages);
    }
    const count = Object.keys(errors).length;
    const note = element("p", { className: "errornote", textContent: count === 1 ? texts.one_error : texts.errors });
    note.dataset.inPlace = "";
    form.querySelector(":scope > div").prepend(note, ...(rest.length ? [list(rest)] : []));
    document.querySelectorAll("#sections > a").forEach((link) => {
      const heading = document.getElementById(link.hash.slice(1));
      link.classList.toggle("has-errors", Boolean(heading?.closest("fieldset, .inline-group")?.querySelector(".errorlist")));
    });
    status(texts.not_saved);
    const first = form.querySelector("[aria-invalid=true]:not([type=hidden]), .errorlist input") ?? note;
    first.closest("details")?.setAttribute("open", "");
    (first.matches(".select2-hidden-accessible") ? first.nextElementSibling.querySelector(".select2-selection") : first).focus({ preventScroll: true });
    (first.closest(".form-row, td") ?? first).scrollIntoView({ block: "center" });
  }

  /* Show messages beside the field, row or table of this name; return whether there is one. */
  function beside(name, messages) {
    const group = document.getElementById(`${name}-group`), row = name.match(/^(.+)-__all__$/)?.[1];
    if (group) {
      group.querySelector("h2").after(list(messages));
    } else if (row && document.getElementById(row)) {
      const cell = element("td", { colSpan: 99 }, list(messages)), added = element("tr", { className: "row-form-errors" }, cell);
      added.dataset.inPlace = "";
      document.getElementById(row).before(added);
    } else {
      const field = named(name);
      if (!field || field.type === "hidden") return false;
      const errors = list(messages);
      errors.id = `${field.id}_error`;
      field.setAttribute("aria-invalid", "true");
      (field.closest("td") ?? field.closest(".fieldBox, .form-row")).prepend(errors);
    }
    return true;
  }

  /* Show in the field what the chosen radio button of a conflict will keep. */
  function preview(radio) {
    const field = named(radio.name.replace(/-keep$/, ""));
    if (!field || field.matches("select.admin-autocomplete, select[multiple]")) return;
    const isTheirs = radio.value.startsWith("theirs@"), key = field.type === "checkbox" ? "checked" : "value";
    if (isTheirs && field.dataset.mine === undefined) field.dataset.mine = JSON.stringify(field[key]);
    if (isTheirs) field[key] = key === "checked" ? radio.dataset.value === "True" : radio.dataset.value;
    else if (field.dataset.mine !== undefined) {
      field[key] = JSON.parse(field.dataset.mine);
      delete field.dataset.mine;
    }
  }

  function suggest(button) {
    const errors = button.closest(".errorlist"), field = document.getElementById(errors.id.replace(/_error$/, ""))
      ?? errors.parentElement.querySelector("input:not([type=hidden]), textarea");
    field.value = button.dataset.suggestion;
    field.removeAttribute("aria-invalid");
    errors.remove();
    field.focus();
    keepCopy();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(event.submitter);
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-suggestion]");
    if (button) suggest(button);
  });
  form.addEventListener("change", (event) => {
    if (event.target.matches(".choice input")) preview(event.target);
    keepCopy();
  });
  form.addEventListener("input", keepCopy);
  /* Nothing can be typed that a save, once under way, would not have. */
  for (const name of ["beforeinput", "mousedown", "keydown", "click"]) {
    form.addEventListener(name, (event) => {
      const isField = event.target.matches("textarea, select, input:not([type=submit])");
      if ((isSending || isSaved) && isField && event.key !== "Tab") event.preventDefault();
    }, true);
  }
  window.addEventListener("pageshow", (event) => { if (event.persisted && isSaved) location.reload(); });
  for (const name of ["formset:added", "formset:removed", "reordered"]) document.addEventListener(name, keepCopy);
  window.django?.jQuery?.(document).on("change", "select.admin-autocomplete", keepCopy);
  window.addEventListener("pagehide", () => { if (copying) storeCopy(); });
  window.addEventListener("beforeunload", (event) => { if (isDirty()) event.preventDefault(); });
  window.addEventListener("load", () => {
    (form.querySelector(".submit-row:last-of-type") ?? form).before(line);
    copies.hold(place, formId);
    setTimeout(() => {
      if (isDirty()) keepCopy();
      offer();
    });
  });
})();
