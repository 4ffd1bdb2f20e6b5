/* The reading desk: connects the text, the claims and the panel, and handles the keyboard. */
"use strict";
globalThis.Desk = globalThis.Desk || {};

Desk.Desk = class {
  static PAUSE = 350; // so long the pointer rests before the other side scrolls

  constructor() {
    const read = (id) => JSON.parse(document.getElementById(id).textContent);
    this.get = (name) => document.getElementById(`desk-${name}`);
    this.data = read("desk-data");
    this.words = read("desk-words");
    this.last = null;
    this.join();
    this.text = new Desk.Text(this.get("text"), this.data, (start, end) => this.chosen(start, end));
    const side = {
      point: (quotes, from) => this.point(quotes, from), moved: (event) => this.moved(event),
      show: (quote) => this.show(quote), remove: (quote) => this.remove(quote),
      words: (quote) => this.text.text.slice(quote.from, quote.to),
    };
    this.claims = new Desk.Claims(this.get("list"), this.data, this.words, side);
    this.panel = new Desk.Panel(this.get("panel"), this);
    this.actions = this.get("actions");
    this.listen();
    this.arrive();
    this.panel.offerCopy();
  }

  join() { // citations as objects that know their claim, claims that know their citations
    this.byKey = new Map(this.data.claims.map((claim) => [claim.key, claim]));
    this.data.claims.forEach((claim) => { claim.quotes = []; });
    const made = this.data.citations.map((row) => this.citation(row));
    this.data.citations = made.filter(Boolean); // of one that came a moment later the claim is not here
  }

  citation([id, start, end, field, key]) {
    const claim = this.byKey.get(key);
    if (!claim) return null;
    const isOwn = this.data.own_citations.includes(id);
    const quote = { id, start, end, field, claim, isOwn, draft: this.agreementOf(claim).draft };
    claim.quotes.push(quote);
    return quote;
  }

  agreementOf(claim) { return this.data.agreements.find((one) => one.id === claim.agreement); }

  arrive() { // at the citation that the address names
    const [, id] = /^#citation-(\d+)$/.exec(location.hash) || [];
    const quote = this.text.quotes.get(Number(id));
    if (quote) this.show(quote);
  }

  // Both sides

  moved(event) { // whether the pointer moved onto something, and not that beneath the pointer
    return this.pointer !== `${event.screenX} ${event.screenY}`;
  }

  point(quotes, fromClaims) {
    this.text.light(quotes);
    this.claims.light(quotes, false);
    clearTimeout(this.resting);
    if (!quotes.length) return;
    this.resting = setTimeout(() => {
      if (fromClaims) this.text.reveal(quotes[0].from, quotes[0].to); else this.claims.reveal(quotes[0]);
    }, Desk.Desk.PAUSE);
  }

  show(quote) {
    this.text.choose(quote.from, quote.to);
    this.text.light([quote]);
    this.claims.light([quote], true);
  }

  say(what) {
    this.get("said").textContent = "";
    requestAnimationFrame(() => { this.get("said").textContent = what; });
  }

  chosen(start, end) { // other words are chosen
    const quotes = this.text.quotesAt(start, end);
    this.claims.light(quotes, true);
    this.text.light(quotes);
    const sentences = [Desk.filled(this.words.selected, { quote: Desk.short(this.text.text.slice(start, end), 200) })];
    if (quotes.length) sentences.push(Desk.filled(this.words.supports, { count: quotes.length }));
    this.say(sentences.join(". "));
    if (this.panel.form) this.panel.quote();
    if (!this.isPressed) this.offer();
  }

  offer() { // what can be done, beside the words
    if (!this.actions || !this.text.chosen || this.panel.form) return;
    const place = this.text.range(...this.text.chosen).getBoundingClientRect();
    const pane = this.text.root.getBoundingClientRect();
    this.actions.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = this.actions;
    const left = Math.min(Math.max(place.left, pane.left), innerWidth - width - 8);
    const below = place.bottom + 6 + height < innerHeight;
    this.actions.style.left = `${Math.max(8, left)}px`;
    this.actions.style.top = `${below ? place.bottom + 6 : Math.max(pane.top, place.top - height - 6)}px`;
  }

  hide() { if (this.actions) this.actions.hidden = true; }

  // Writing

  kept(kind) { return JSON.parse(sessionStorage.getItem(`desk-${kind}`) || "{}"); }

  keep(kind, form) { // answers that are often the same again
    const names = ["type", "standing", "modality", "kind", "role", "status", "basis", "instrument", "certainty", "polarity"];
    const again = { clause: ["standing", "modality"], statement: ["kind", "polarity", "certainty"], event: ["status"] }[kind] || [];
    const values = names.filter((name) => again.includes(name) && form.elements[name]).map((name) => [name, form.elements[name].value]);
    sessionStorage.setItem(`desk-${kind}`, JSON.stringify(Object.fromEntries(values)));
  }

  usual() { // the agreement to which new rows most likely belong
    const used = this.data.agreements.find((one) => String(one.id) === sessionStorage.getItem(`desk-agreement-${this.data.source}`));
    const asked = this.data.agreement;
    return asked || used || (this.data.agreements.length === 1 ? this.data.agreements[0] : null);
  }

  agreement() { // the one that the form is about
    const field = this.panel.form && this.panel.form.elements.agreement;
    return field ? field.value : (this.usual() || { id: "" }).id;
  }

  async fetch(address, options = {}) {
    try {
      const answer = await fetch(address, { credentials: "same-origin", ...options });
      const isJson = (answer.headers.get("content-type") || "").includes("json");
      const found = isJson ? await answer.json() : {};
      if (isJson && !found.login) return found;
      const said = found.login || answer.redirected ? this.words.out : answer.status === 403 ? this.words.denied : this.words.failed;
      return { problems: { "": [said] } };
    } catch (error) {
      return { problems: { "": [this.words.failed] } };
    }
  }

  send(what, body) {
    const name = this.data.cookie.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const [, token] = document.cookie.match(`(?:^|; )${name}=([^;]*)`) || [];
    const headers = { "X-CSRFToken": token || "", Accept: "application/json" };
    return this.fetch(this.data.urls[what], { method: "POST", body, headers });
  }

  open(kind) {
    if (!this.text.chosen || !this.actions) return;
    if (this.panel.open(kind)) {
      this.hide();
      this.get("side").scrollTop = 0;
    }
  }

  made({ citation, claim, agreement, coverage, undo }) {
    const known = this.data.agreements.find((one) => one.id === agreement.id);
    if (known) Object.assign(known, agreement); else this.data.agreements.push(agreement);
    const before = this.byKey.get(claim.key);
    if (before) Object.assign(before, claim); else {
      this.byKey.set(claim.key, Object.assign(claim, { quotes: [] }));
      this.data.claims.push(claim);
    }
    sessionStorage.setItem(`desk-agreement-${this.data.source}`, agreement.id);
    if (undo) this.data.own_citations.push(citation[0]);
    const quote = this.citation(citation);
    this.last = quote.claim;
    this.text.add(quote);
    this.claims.redraw(quote.claim);
    this.covered(coverage);
    this.text.forget();
    this.text.root.focus({ preventScroll: true });
    this.text.light([quote]);
    this.claims.light([quote], true);
    const created = { claim: before ? null : quote.claim, agreement: known ? null : agreement };
    const label = Desk.filled(this.words.saved, { label: claim.label });
    this.toast(label, undo ? { [this.words.undo]: () => this.undo(quote, undo, created) } : {});
  }

  async undo(quote, token, created) { // take back the citation and the entries that one form created
    const answer = await this.send("undo", new URLSearchParams({ undo: token }));
    if (answer.problems) return this.toast(this.problemsAsText(answer.problems));
    this.drop(quote);
    if (created.claim) {
      this.byKey.delete(created.claim.key);
      this.data.claims = this.data.claims.filter((claim) => claim !== created.claim);
      if (this.last === created.claim) this.last = null;
    }
    if (created.agreement) {
      this.data.agreements = this.data.agreements.filter((agreement) => agreement.id !== created.agreement.id);
      sessionStorage.removeItem(`desk-agreement-${this.data.source}`);
    }
    this.claims.draw();
    this.covered(answer.coverage);
    this.toast(Desk.filled(this.words.undone, { label: quote.claim.label }));
  }

  drop(quote) {
    quote.claim.quotes = quote.claim.quotes.filter((one) => one !== quote);
    this.text.remove(quote);
    this.claims.redraw(quote.claim);
  }

  async remove(quote) {
    if (!window.confirm(this.words.remove)) return;
    const answer = await this.send("uncite", new URLSearchParams({ citation: quote.id }));
    if (answer.problems) return this.toast(this.problemsAsText(answer.problems));
    this.drop(quote);
    this.covered(answer.coverage);
    this.toast(this.words.removed);
  }

  problemsAsText(problems) { // as text: the messages are HTML, escaped by the server
    return Desk.element("span", { innerHTML: Object.values(problems).flat().join(" ") }).textContent;
  }

  toast(what, actions = {}, stays = false) { // announced, and shown for some seconds
    const box = this.get("toast");
    const buttons = Object.entries(actions).map(([textContent, act]) => Desk.element("button", {
      type: "button", className: "plain", textContent, onclick: () => { box.hidden = true; act(); },
    }));
    box.replaceChildren(what, " ", ...buttons);
    box.hidden = false;
    this.say(what);
    clearTimeout(this.fading);
    if (!stays) this.fading = setTimeout(() => { box.hidden = true; }, 8000);
  }

  covered({ percent, words }) {
    this.get("meter").value = percent;
    this.get("percent").textContent = `${percent} %`;
    this.get("coverage").textContent = words;
  }

  // Keys and pointer

  listen() {
    const root = this.text.root;
    root.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("mousedown", () => { this.isPressed = true; this.hide(); });
    document.addEventListener("mouseup", () => setTimeout(() => this.released()));
    root.addEventListener("mouseover", (event) => this.moved(event) && this.point(event.target.quotes || [], false));
    root.addEventListener("mouseleave", () => this.point([], false));
    root.addEventListener("scroll", () => this.hide());
    document.addEventListener("click", (event) => this.clicked(event));
    document.addEventListener("mousemove", ({ screenX, screenY }) => { this.pointer = `${screenX} ${screenY}`; });
    this.get("help-open").onclick = () => this.help();
    this.get("next").onclick = () => this.gap(1);
    this.get("previous").onclick = () => this.gap(-1);
    this.get("uncited").onclick = () => this.uncited();
    if (this.actions) this.actions.addEventListener("keydown", (event) => this.inActions(event));
  }

  released() {
    if (!this.isPressed) return;
    this.isPressed = false;
    const selection = document.getSelection();
    if (!selection.isCollapsed) this.offer();
    else if (this.text.root.contains(selection.anchorNode) && !this.panel.form) this.text.forget();
  }

  clicked(event) {
    const opener = event.target.closest("[data-open]");
    if (opener) this.open(opener.dataset.open);
  }

  inActions(event) {
    const buttons = [...this.actions.querySelectorAll("button")], at = buttons.indexOf(document.activeElement);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) buttons[(at + step + buttons.length) % buttons.length].focus();
    else if (event.key === "Escape") this.hide(), this.text.root.focus({ preventScroll: true });
    else if (!this.opens(event)) return;
    event.preventDefault();
  }

  opens(event) { // a key of the buttons that open a form
    if (event.ctrlKey || event.metaKey || event.altKey || !this.actions) return false;
    const pressed = event.key.toUpperCase();
    const button = [...this.actions.querySelectorAll("button")].find((one) => one.getAttribute("aria-keyshortcuts") === pressed);
    if (button && this.text.chosen) this.open(button.dataset.open);
    return Boolean(button);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey) return;
    const { shiftKey: more, altKey: single } = event, { text } = this;
    const acts = {
      ArrowRight: () => text.step(1, more, single), ArrowLeft: () => text.step(-1, more, single),
      ArrowDown: () => text.step(10, more), ArrowUp: () => text.step(-10, more),
      Enter: () => this.enter(), Escape: () => (this.hide(), text.forget()),
      n: () => this.gap(1), N: () => this.gap(-1), j: () => this.next(1), J: () => this.next(-1),
      u: () => this.uncited(), g: () => this.go(), "?": () => this.help(),
    };
    if (acts[event.key]) acts[event.key](); else if (!this.opens(event)) return;
    event.preventDefault();
  }

  enter() {
    if (!this.text.chosen || !this.actions) return;
    this.offer();
    this.actions.querySelector("button").focus();
  }

  go() { this.claims.focus(this.text.chosen && this.text.quotesAt(...this.text.chosen)[0]); }

  gap(step) {
    const [start, end] = this.text.where();
    const found = this.text.gap(step > 0 ? end : start, step);
    if (!found) return this.toast(this.words.end);
    this.text.root.focus({ preventScroll: true });
    this.text.choose(...this.text.trimmed(found.from, found.to));
  }

  next(step) {
    const found = this.text.quote(this.text.where()[0], step);
    if (found) this.show(found); else this.toast(this.words.no_citation);
  }

  help() {
    this.hide();
    this.get("help").showModal();
  }

  uncited() {
    const button = this.get("uncited"), isOn = button.ariaPressed !== "true";
    button.ariaPressed = String(isOn);
    document.getElementById("desk").classList.toggle("show-uncited", isOn);
  }
};

globalThis.desk = new Desk.Desk();
