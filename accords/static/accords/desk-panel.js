/* The panel: a form for the chosen words, filled in as far as can be, sent without leaving the page. */
"use strict";
globalThis.Desk = globalThis.Desk || {};

Desk.Panel = class {
  constructor(root, desk) {
    Object.assign(this, { root, desk, kind: "", form: null, isTouched: false });
    root.addEventListener("click", (event) => this.clicked(event));
    root.addEventListener("input", (event) => this.touched(event.target));
    root.addEventListener("chosen", (event) => (this.settled(), this.forgive(event.target)));
    root.addEventListener("submit", (event) => this.submit(event));
    root.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("focusin", (event) => this.help(event.target));
    this.place = `desk-${desk.data.source}`;
    window.addEventListener("pagehide", () => this.storeCopy?.());
    window.addEventListener("beforeunload", (event) => { if (this.isTouched) event.preventDefault(); });
  }

  open(kind) { // true if the form is there now
    const template = document.getElementById(`desk-new-${kind}`);
    if (!template || (this.isTouched && !window.confirm(this.desk.words.leave))) return false;
    this.root.replaceChildren(template.content.cloneNode(true));
    this.form = this.root.querySelector("form");
    this.kind = kind;
    this.id = crypto.randomUUID?.() ?? [8, 4, 4, 4, 12].map((length) => Array.from({ length }, () => Math.floor(Math.random() * 16).toString(16)).join("")).join("-");
    this.form.append(Desk.element("input", { type: "hidden", name: "form_id", value: this.id }));
    Accords.copies.hold(this.place, this.id);
    this.finds();
    this.fill();
    this.quote();
    this.root.hidden = false;
    this.isTouched = false;
    this.first().focus();
    return true;
  }

  finds() {
    this.root.querySelectorAll(".find").forEach((box) => box.find || new Desk.Find(box, this.desk));
  }

  quote() {
    const words = this.desk.text.passage().exact;
    this.root.querySelector(".desk-quote").textContent = Desk.short(words, 400);
  }

  first() { // the first field that waits for an answer
    const waits = (field) => !field.value && field.type !== "hidden" && field.offsetParent;
    const fields = [...this.form.querySelectorAll("input, select, textarea")];
    return fields.find(waits) || this.form.querySelector("[type=submit]");
  }

  // What can be known beforehand

  fill() {
    const { exact } = this.desk.text.passage(), line = exact.replace(/\s+/g, " ");
    const known = { title: Desk.short(line, 290), text: exact, proposition: Desk.short(line, 990), date_text: "", name: line.slice(0, 200) };
    const kept = this.desk.kept(this.kind);
    for (const [name, value] of Object.entries({ ...kept, ...this.guesses(known) })) this.put(name, value);
    const box = this.root.querySelector("[data-find=agreement]");
    const agreement = this.desk.usual();
    if (box && agreement) box.find.set(agreement.id, agreement.title);
    if (this.kind === "cite") this.target();
  }

  guesses(known) {
    const { language } = this.desk.data;
    return {
      clause: { title: known.title, text: known.text, language },
      statement: { proposition: known.proposition },
      event: {},
      renewal: { basis: "stated" },
      party: { "new-name": known.name },
      agreement: { title: known.title, slug: this.slug(known.title), subject: "" },
    }[this.kind] || {};
  }

  slug(title) {
    const plain = title.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    return plain.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 80).replace(/-+$/, "");
  }

  put(name, value) {
    const field = this.form.elements[name];
    if (field && value) field.value = value;
  }

  target() { // the row that was cited or made last
    const last = this.desk.last;
    const box = this.root.querySelector("[data-find=row]");
    if (last) box.find.set(last.key, last.label);
    this.settled();
  }

  settled() { // the fields that can be cited are those of the row that is chosen
    const select = this.form && this.form.elements.field;
    if (!select || select.type === "hidden") return;
    const fields = this.desk.data.fields[this.form.elements.target.value.split(":")[0]] || [];
    const before = select.value, options = [["", this.desk.words.whole], ...fields];
    select.replaceChildren(...options.map(([value, textContent]) => Desk.element("option", { value, textContent })));
    if (fields.some(([name]) => name === before)) select.value = before;
  }

  // Use

  touched(input) {
    this.isTouched = true;
    this.forgive(input);
    this.keepCopy();
  }

  help(input) { // below the fields, so that nothing moves when the focus does
    const text = input.closest("[data-field]")?.querySelector(".help")?.textContent;
    const line = this.root.querySelector("[data-help-line]");
    if (line && text) line.textContent = text;
  }

  // A copy in the browser, until the form is saved or closed

  keepCopy() {
    clearTimeout(this.copying);
    const { form, place, id, kind } = this;
    this.storeCopy = () => {
      clearTimeout(this.copying);
      this.storeCopy = null;
      if (form !== this.form) return;
      const texts = [...this.root.querySelectorAll(".find")].map((box) => [box.find.hidden.name, box.find.input.value]);
      const fields = [...new FormData(form)].filter(([name]) => name !== "form_id");
      Accords.copies.save(place, id, { kind, passage: this.desk.text.chosen, fields, texts });
    };
    this.copying = setTimeout(this.storeCopy, 400);
  }

  async offerCopy() {
    const copy = await Accords.copies.find(this.place), { words } = this.desk;
    if (!copy || !document.getElementById(`desk-new-${copy.kind}`)) return;
    const discard = () => Accords.copies.remove(this.place, copy.id);
    this.desk.toast(words.copy, { [words.restore]: () => { discard(); this.restore(copy); }, [words.discard]: discard }, true);
  }

  restore({ kind, passage, fields, texts }) {
    this.desk.text.choose(...passage);
    if (!this.open(kind)) return;
    this.desk.hide();
    const values = new Map(fields), total = this.form.elements["parties-TOTAL_FORMS"];
    while (total && Number(total.value) < Number(values.get("parties-TOTAL_FORMS"))) this.addRow();
    for (const field of this.form.elements) {
      if (!field.name || field.name === "form_id" || field.name.endsWith("_FORMS")) continue;
      if (field.type === "checkbox") field.checked = values.has(field.name);
      else if (values.has(field.name)) field.value = values.get(field.name);
    }
    const shown = new Map(texts);
    this.root.querySelectorAll(".find").forEach(({ find }) => { find.input.value = shown.get(find.hidden.name) ?? ""; });
    this.settled();
    if (values.has("field")) this.form.elements.field.value = values.get("field");
    this.isTouched = true;
    this.keepCopy();
  }

  clicked(event) {
    if (event.target.closest("[data-close]")) this.close();
    if (event.target.closest("[data-add-row]")) this.addRow();
    const button = event.target.closest("[data-suggestion]");
    if (button) this.suggest(button);
  }

  suggest(button) {
    const field = button.closest("[data-field]").querySelector("input, textarea");
    field.value = button.dataset.suggestion;
    this.touched(field);
    field.focus();
  }

  addRow() {
    const total = this.form.elements["parties-TOTAL_FORMS"], rows = this.root.querySelector(".desk-rows");
    const made = this.root.querySelector("template[data-row]").content.cloneNode(true);
    for (const element of made.querySelectorAll("*")) {
      for (const { name, value } of [...element.attributes]) {
        if (value.includes("__prefix__")) element.setAttribute(name, value.replaceAll("__prefix__", total.value));
      }
    }
    total.value = Number(total.value) + 1;
    rows.append(made);
    this.finds();
    rows.lastElementChild.querySelector("[role=combobox]").focus();
  }

  key(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.form.requestSubmit();
    } else if (event.key === "Escape" && !event.defaultPrevented) {
      this.close();
    }
  }

  close() {
    if (this.isTouched && !window.confirm(this.desk.words.leave)) return;
    this.end();
    this.desk.text.root.focus({ preventScroll: true });
  }

  end() {
    clearTimeout(this.copying);
    this.storeCopy = null;
    Accords.copies.remove(this.place, this.id);
    this.isTouched = false;
    this.root.hidden = true;
    this.root.replaceChildren();
    this.form = null;
  }

  // Sending

  async submit(event) {
    event.preventDefault();
    const form = this.form, unsettled = [...this.root.querySelectorAll(".find")].filter((box) => box.find.isUnsettled);
    const problems = unsettled.map((box) => [box.closest("[data-field]").dataset.field, [this.desk.words.choose]]);
    if (problems.length) return this.tell(Object.fromEntries(problems));
    const button = form.querySelector("[type=submit]");
    form.inert = true; // nothing can be typed that is not sent
    const answer = await this.desk.send(form.dataset.to, this.sent(form));
    form.inert = false;
    button.focus();
    if (answer.problems) return this.tell(answer.problems);
    this.desk.keep(this.kind, form);
    this.end();
    this.desk.made(answer);
  }

  sent(form) { // as text: a FormData that is sent as such would change the ends of lines
    const { sha256 } = this.desk.data;
    const fields = new URLSearchParams(new FormData(form));
    for (const [name, value] of Object.entries({ ...this.desk.text.passage(), sha256 })) fields.set(name, value);
    return fields;
  }

  forgive(element) { // what was wrong with a field is over once it changes
    const field = element.closest("[data-field]") || element;
    field.querySelectorAll("[data-errors]").forEach((errors) => errors.remove());
    field.querySelectorAll("[aria-invalid]").forEach((input) => {
      input.removeAttribute("aria-invalid");
      const help = `${input.id}_helptext`;
      if (document.getElementById(help)) input.setAttribute("aria-describedby", help); else input.removeAttribute("aria-describedby");
    });
  }

  tell(problems) { // each beside its field, and what has none above the button
    this.forgive(this.root);
    const rest = this.root.querySelector("[data-problems]");
    const items = [this.desk.words.wrong];
    for (const [name, said] of Object.entries(problems)) {
      const field = this.root.querySelector(`[data-field="${CSS.escape(name)}"]`);
      if (field) this.beside(field, said); else items.push(...said);
    }
    rest.replaceChildren(...items.slice(items.length > 1 ? 1 : 0).map((innerHTML) => Desk.element("li", { innerHTML })));
    rest.hidden = false;
    const wrong = this.root.querySelector("[aria-invalid]");
    if (wrong) wrong.focus();
  }

  beside(field, said) {
    const items = said.map((innerHTML) => Desk.element("li", { innerHTML })); // escaped by the server
    const list = Desk.element("ul", { className: "errorlist", id: `errors-${field.dataset.field}` }, ...items);
    list.dataset.errors = "";
    field.append(list);
    const hidden = field.closest("details");
    if (hidden) hidden.open = true;
    const input = field.querySelector("input:not([type=hidden]), select, textarea");
    if (input) {
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", list.id);
    }
  }
};
