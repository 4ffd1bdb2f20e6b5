/* An input that proposes rows while one types: the combobox of the ARIA Authoring Practices, with a list of options. */
"use strict";
globalThis.Desk = globalThis.Desk || {};

Desk.Find = class {
  static WAIT = 150;

  constructor(box, desk) {
    Object.assign(this, { box, desk, what: box.dataset.find, found: [], at: -1 });
    this.input = box.querySelector("[role=combobox]");
    this.hidden = box.querySelector("[type=hidden]");
    this.list = box.querySelector("[role=listbox]");
    box.find = this;
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("focus", () => this.look());
    this.input.addEventListener("blur", () => this.close());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("mousedown", (event) => this.clicked(event));
  }

  get isUnsettled() { return Boolean(this.input.value.trim()) && !this.hidden.value; }

  set(id, text) {
    this.hidden.value = id;
    this.input.value = text;
    this.box.dispatchEvent(new CustomEvent("chosen", { bubbles: true }));
  }

  typed() {
    this.hidden.value = "";
    this.box.dispatchEvent(new CustomEvent("chosen", { bubbles: true }));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), Desk.Find.WAIT);
  }

  async look() {
    const words = this.hidden.value ? "" : this.input.value;
    const asked = (this.asked = new URLSearchParams({ what: this.what, q: words }));
    const agreement = this.what === "agreement" ? "" : this.desk.agreement();
    if (agreement) asked.set("agreement", agreement);
    const answer = await this.desk.fetch(`${this.desk.data.urls.find}?${asked}`);
    if (asked !== this.asked || document.activeElement !== this.input) return;
    this.open(answer.found || []);
  }

  open(found) {
    this.found = found;
    this.at = -1;
    const options = found.map((one, index) => Desk.element("li", {
      id: `${this.list.id}_${index}`, role: "option", ariaSelected: "false",
    }, one.text, one.of ? Desk.element("span", { className: "quiet", textContent: ` ${one.of}` }) : ""));
    this.list.replaceChildren(...options);
    if (!found.length) this.list.append(Desk.element("li", { role: "option", ariaDisabled: "true", textContent: this.desk.words.none }));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    if (found.length && this.input.value.trim() && !this.hidden.value) this.mark(0);
  }

  close() {
    this.list.hidden = true;
    this.asked = null;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  mark(at) {
    const options = [...this.list.children];
    options.forEach((option, index) => { option.ariaSelected = String(index === at); });
    this.at = at;
    this.input.setAttribute("aria-activedescendant", options[at].id);
    options[at].scrollIntoView({ block: "nearest" });
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (this.list.hidden) this.look();
      else if (this.found.length) this.mark((this.at + step + this.found.length) % this.found.length);
    } else if (this.list.hidden) {
      return;
    } else if (event.key === "Enter" && this.at >= 0 && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.take(this.at);
    } else if (event.key === "Tab" && this.at >= 0 && this.isUnsettled) {
      this.take(this.at);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    }
  }

  clicked(event) {
    event.preventDefault(); // the input keeps the focus
    const at = [...this.list.children].indexOf(event.target.closest("li"));
    if (this.found[at]) this.take(at);
  }

  take(at) {
    const { id, kind, text } = this.found[at];
    this.set(this.what === "row" ? `${kind}:${id}` : id, text);
    this.close();
  }
};
