/* The claims that a text supports: by agreement, by kind, by row; under each row the words that say so. */
"use strict";
globalThis.Desk = globalThis.Desk || {};

Desk.element = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.filter((child) => child !== null && child !== ""));
  return made;
};

Desk.filled = (words, values) => words.replace(/\{(\w+)\}/g, (_all, name) => values[name]);

Desk.short = (text, most = 90) => (text.length > most ? `${text.slice(0, most).trimEnd()}…` : text);

Desk.Claims = class {
  constructor(root, data, words, on) {
    Object.assign(this, { root, data, words, on });
    this.rows = new Map(); // by key of the claim
    this.items = new Map(); // by id of the citation
    this.draw();
    root.addEventListener("keydown", (event) => this.move(event));
  }

  draw() {
    this.rows.clear();
    this.items.clear();
    const made = this.data.agreements.map((agreement) => this.agreement(agreement)).filter(Boolean);
    this.root.replaceChildren(...made);
    if (!made.length) this.root.append(Desk.element("p", { className: "quiet", textContent: this.words.nothing }));
  }

  redraw(claim) { // after one of its citations came or went
    const row = this.rows.get(claim.key);
    if (!row || !claim.quotes.length) this.draw();
    else row.replaceWith(this.claim(claim));
  }

  claimsOf(agreement) {
    return this.data.claims.filter((claim) => claim.agreement === agreement.id && claim.quotes.length);
  }

  agreement(agreement) {
    const claims = this.claimsOf(agreement);
    if (!claims.length) return null;
    const badge = agreement.draft ? Desk.element("span", { className: "badge badge-warn", textContent: this.words.draft }) : "";
    const title = Desk.element("h3", {}, Desk.element("a", { href: agreement.url, textContent: agreement.title }), " ", badge);
    const groups = Object.keys(this.data.headings).map((group) => this.group(group, claims));
    return Desk.element("section", { className: "desk-agreement" }, title, ...groups.filter(Boolean));
  }

  group(group, claims) {
    const own = claims.filter((claim) => claim.group === group);
    if (!own.length) return null;
    own.sort((one, other) => one.quotes[0].from - other.quotes[0].from);
    const heading = Desk.element("h4", {}, this.data.headings[group], " ", Desk.element("span", { className: "quiet", textContent: own.length }));
    const list = Desk.element("ul", { className: `claims of-${group}` }, ...own.map((claim) => this.claim(claim)));
    return Desk.element("section", {}, heading, list);
  }

  claim(claim) {
    const [kind, id] = claim.key.split(":");
    const name = Desk.element("a", { href: Desk.filled(this.data.pages[kind], { id }), textContent: claim.label });
    const note = claim.note ? Desk.element("span", { className: "note", textContent: claim.note }) : "";
    const quotes = Desk.element("ul", { className: "quotes-of" }, ...claim.quotes.map((quote) => this.quote(quote)));
    const row = Desk.element("li", { className: "claim" }, name, " ", note, quotes);
    row.onmouseenter = (event) => this.on.moved(event) && this.on.point(claim.quotes, true);
    row.onmouseleave = () => this.on.point([], true);
    this.rows.set(claim.key, row);
    return row;
  }

  quote(quote) {
    const words = Desk.short(this.on.words(quote));
    const field = quote.field ? Desk.element("span", { className: "field", textContent: this.field(quote) }) : "";
    const show = Desk.element("button", { type: "button", className: "quote" }, field, Desk.element("q", { textContent: words }));
    show.onclick = () => this.on.show(quote);
    show.onfocus = () => this.on.point([quote], true);
    show.onblur = () => this.on.point([], true);
    const item = Desk.element("li", {}, show, this.data.can.uncite || quote.isOwn ? this.remover(quote, words) : "");
    item.onmouseenter = (event) => this.on.moved(event) && this.on.point([quote], true);
    item.onmouseleave = () => this.on.point(quote.claim.quotes, true);
    this.items.set(quote.id, item);
    return item;
  }

  remover(quote, words) {
    const label = Desk.filled(this.words.remove_title, { quote: words });
    const button = Desk.element("button", { type: "button", className: "remove", textContent: "×", title: label, ariaLabel: label });
    button.onclick = () => this.on.remove(quote);
    return button;
  }

  field(quote) {
    const kind = quote.claim.key.split(":")[0];
    return (this.data.fields[kind].find(([name]) => name === quote.field) || ["", quote.field])[1];
  }

  light(quotes, reveals) {
    this.root.querySelectorAll(".lit").forEach((one) => one.classList.remove("lit"));
    for (const quote of quotes) {
      const item = this.items.get(quote.id), row = this.rows.get(quote.claim.key);
      if (item) item.classList.add("lit");
      if (row) row.classList.add("lit");
    }
    if (reveals && quotes.length) this.reveal(quotes[0]);
  }

  reveal(quote) {
    const item = this.items.get(quote.id);
    if (item) item.scrollIntoView({ block: "nearest" });
  }

  focus(quote) {
    const item = quote ? this.items.get(quote.id) : this.root.querySelector("li li");
    if (item) item.querySelector("button").focus();
  }

  move(event) { // up and down among the quotes
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !event.target.matches(".quote")) return;
    const quotes = [...this.root.querySelectorAll(".quote")];
    const next = quotes[quotes.indexOf(event.target) + step];
    event.preventDefault();
    if (next) next.focus();
  }
};
