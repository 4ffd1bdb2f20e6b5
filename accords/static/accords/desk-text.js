/* The text of a source: drawn in pieces with what is cited marked, and the words that an editor chooses in it.
   Citations count Unicode code points, JavaScript counts UTF-16 units: only `Points` knows of both. */
"use strict";
globalThis.Desk = globalThis.Desk || {};

Desk.Points = class {
  constructor(text) {
    this.pairs = Array.from(text.matchAll(/[\ud800-\udbff][\udc00-\udfff]/g), (found) => found.index);
  }

  before(is) { // how many pairs, which are in order, satisfy what holds for the first ones only
    let low = 0, high = this.pairs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (is(this.pairs[middle], middle)) low = middle + 1; else high = middle;
    }
    return low;
  }

  units(point) { return point + this.before((unit, index) => unit - index < point); }

  points(unit) { return unit - this.before((at) => at < unit); }
};

Desk.Text = class {
  static SHORT = 1200;
  static LONG = 3000;
  static SPEAKS = /[\p{L}\p{N}]/u; // what nothing cites matters if it has a letter or a digit
  static WORD = /[\p{L}\p{M}\p{N}%€$£¥°]+/gu;

  constructor(root, data, changed) {
    this.root = root;
    this.text = data.text;
    this.points = new Desk.Points(data.text);
    this.changed = changed; // called when other words are chosen
    this.chosen = null; // [start, end] in units
    this.at = 0;
    this.quotes = new Map();
    this.pieces = this.split();
    for (const quote of data.citations) this.place(quote);
    for (const piece of this.pieces) this.draw(piece);
    root.append(...this.pieces.map((piece) => piece.element));
    document.addEventListener("selectionchange", () => this.selected());
  }

  // Pieces

  split() { // whole lines as far as they are short, long ones after a sentence or a word
    const pieces = [], text = this.text;
    for (let start = 0; start < text.length;) {
      let end = text.indexOf("\n", start + Desk.Text.SHORT) + 1 || text.length;
      if (end - start > Desk.Text.LONG) end = this.cut(start);
      const element = document.createElement("div");
      element.className = "piece";
      pieces.push({ start, end, element, quotes: [] });
      start = end;
    }
    return pieces;
  }

  cut(start) {
    const most = this.text.slice(start, start + Desk.Text.LONG);
    if (start + most.length >= this.text.length) return this.text.length;
    const at = [most.lastIndexOf("\n"), most.lastIndexOf(". ") + 1, most.lastIndexOf(" ")].find((end) => end > 0);
    const end = start + (at || most.length - 1) + 1;
    return end - /[\ud800-\udbff]$/.test(this.text.slice(start, end)); // no pair is torn
  }

  pieceAt(unit) {
    let low = 0, high = this.pieces.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.pieces[middle].start <= unit) low = middle; else high = middle - 1;
    }
    return low;
  }

  piecesOf(start, end) {
    return this.pieces.slice(this.pieceAt(start), this.pieceAt(Math.max(start, end - 1)) + 1);
  }

  place(quote) {
    quote.from = this.points.units(quote.start);
    quote.to = this.points.units(quote.end);
    this.quotes.set(quote.id, quote);
    for (const piece of this.piecesOf(quote.from, quote.to)) piece.quotes.push(quote);
  }

  add(quote) {
    this.place(quote);
    this.piecesOf(quote.from, quote.to).forEach((piece) => this.draw(piece));
  }

  remove(quote) {
    this.quotes.delete(quote.id);
    for (const piece of this.piecesOf(quote.from, quote.to)) {
      piece.quotes = piece.quotes.filter((one) => one !== quote);
      this.draw(piece);
    }
  }

  draw(piece) { // a part for each stretch of a line that the same citations cover
    const edges = new Set([piece.start, piece.end]);
    for (let at = piece.start; (at = this.text.indexOf("\n", at) + 1) && at < piece.end;) edges.add(at);
    for (const { from, to } of piece.quotes) {
      edges.add(Math.max(from, piece.start)).add(Math.min(to, piece.end));
    }
    const cuts = [...edges].sort((one, other) => one - other);
    const waiting = [...piece.quotes].sort((one, other) => one.from - other.from);
    let open = [], next = 0;
    piece.parts = cuts.slice(0, -1).map((start, index) => {
      while (next < waiting.length && waiting[next].from <= start) open.push(waiting[next++]);
      open = open.filter((quote) => quote.to > start);
      return this.part(start, cuts[index + 1], [...open]);
    });
    piece.element.replaceChildren(...piece.parts);
  }

  part(start, end, quotes) {
    const element = document.createElement(quotes.length ? "mark" : "span");
    element.textContent = this.text.slice(start, end);
    if (quotes.length) {
      element.className = `deep${Math.min(quotes.length, 4)}`;
      if (quotes.some((quote) => quote.claim.group === "denial")) element.classList.add("denied");
      if (quotes.every((quote) => quote.draft)) element.classList.add("draft");
    } else if (Desk.Text.SPEAKS.test(element.textContent)) {
      element.className = "gap";
    }
    return Object.assign(element, { from: start, to: end, quotes });
  }

  parts(start, end) {
    return this.piecesOf(start, end).flatMap((piece) => piece.parts)
      .filter((part) => part.from < end && part.to > start);
  }

  // Showing

  light(quotes) {
    this.root.querySelectorAll(".lit").forEach((part) => part.classList.remove("lit"));
    for (const { from, to } of quotes) this.parts(from, to).forEach((part) => part.classList.add("lit"));
  }

  reveal(start, end) {
    const part = this.parts(start, Math.max(end, start + 1))[0];
    if (!part) return;
    const place = this.range(start, end).getBoundingClientRect(), pane = this.root.getBoundingClientRect();
    if (place.top >= pane.top && place.bottom <= pane.bottom && place.height) return;
    part.scrollIntoView({ block: "center" });
    this.root.scrollTop += this.range(start, end).getBoundingClientRect().top - pane.top - pane.height / 3;
  }

  quotesAt(start, end) { return [...new Set(this.parts(start, Math.max(end, start + 1)).flatMap((part) => part.quotes))]; }

  // Choosing words

  point(unit) { // where a unit stands in the document
    const piece = this.pieces[this.pieceAt(unit)];
    const part = piece.parts.find((one) => unit < one.to) || piece.parts.at(-1);
    return [part.firstChild, unit - part.from];
  }

  range(start, end) {
    const range = document.createRange();
    range.setStart(...this.point(start));
    const [node, offset] = this.point(end - 1);
    range.setEnd(node, offset + 1);
    return range;
  }

  unit(node, offset) { // the unit at a place in the document; null outside the text
    if (!this.root.contains(node)) return null;
    if (node.nodeType === Node.TEXT_NODE) return node.parentNode.from + offset;
    if (node === this.root) return this.pieces[offset] ? this.pieces[offset].start : this.text.length;
    if (node.from !== undefined) return offset ? node.to : node.from;
    const piece = this.pieces.find((one) => one.element === node);
    return piece.parts[offset] ? piece.parts[offset].from : piece.end;
  }

  selected() { // the words that the browser shows as selected
    const selection = document.getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return;
    const range = selection.getRangeAt(0);
    const ends = [this.unit(range.startContainer, range.startOffset), this.unit(range.endContainer, range.endOffset)];
    if (!ends.includes(null)) this.keep(...this.trimmed(...ends));
  }

  trimmed(start, end) { // without blanks at its ends, and no half of a pair
    const text = this.text, halved = (unit) => /^[\udc00-\udfff]/.test(text.slice(unit, unit + 1));
    if (halved(start)) start -= 1;
    if (halved(end)) end += 1;
    const words = text.slice(start, end);
    return [start + words.length - words.trimStart().length, end - (words.length - words.trimEnd().length)];
  }

  keep(start, end) {
    if (start >= end || (this.chosen && this.chosen[0] === start && this.chosen[1] === end)) return;
    this.chosen = [start, end];
    if (CSS.highlights) CSS.highlights.set("chosen", new Highlight(this.range(start, end)));
    this.changed(start, end);
  }

  choose(start, end) { // as if it was selected with the mouse
    this.reveal(start, end);
    const range = this.range(start, end), selection = document.getSelection();
    selection.setBaseAndExtent(range.startContainer, range.startOffset, range.endContainer, range.endOffset);
    this.keep(start, end);
  }

  forget() {
    if (this.chosen) this.at = Math.min(this.chosen[1], this.text.length - 1);
    this.chosen = null;
    if (CSS.highlights) CSS.highlights.delete("chosen");
    document.getSelection().removeAllRanges();
  }

  passage() { // the chosen words, as they are sent to the server
    const [start, end] = this.chosen;
    return { start: this.points.points(start), end: this.points.points(end), exact: this.text.slice(start, end) };
  }

  wordAfter(unit) {
    Desk.Text.WORD.lastIndex = unit;
    const found = Desk.Text.WORD.exec(this.text);
    return found && [found.index, found.index + found[0].length];
  }

  wordBefore(unit) { // the last word that ends at or before a unit
    for (let reach = 200; ; reach *= 10) {
      const from = Math.max(0, unit - reach);
      Desk.Text.WORD.lastIndex = 0;
      const last = [...this.text.slice(from, unit).matchAll(Desk.Text.WORD)].at(-1);
      if (last) return [from + last.index, from + last.index + last[0].length];
      if (from === 0) return null;
    }
  }

  step(words, extends_, single) { // by so many words on or back; or by one character
    const [start, end] = this.where();
    if (extends_ && single) return this.choose(start, this.beside(end, words, start));
    let place = [start, end];
    for (let left = Math.abs(words); left; left -= 1) {
      const last = words < 0 && extends_ ? this.wordBefore(place[1]) || place : place;
      const next = words > 0 ? this.wordAfter(place[1]) : this.wordBefore(last[0]);
      if (!next) break;
      place = next;
    }
    if (!extends_) return place[1] > place[0] && this.choose(...place);
    if (place[1] > start) this.choose(start, place[1]);
  }

  beside(end, step, start) { // one character more, or less; a pair is one, and blanks at the end do not count
    let moved = end + step;
    while (/[\udc00-\udfff]/.test(this.text.charAt(moved)) || /\s/.test(this.text.charAt(moved - 1))) moved += step;
    return moved > start && moved <= this.text.length ? moved : end;
  }

  where() { // where the reader is: at the chosen words, where some were chosen last, or at the first that are in view
    return this.chosen || (this.inView(this.at) ? [this.at, this.at] : this.top());
  }

  inView(unit) {
    const pane = this.root.getBoundingClientRect(), { top, bottom } = this.range(unit, unit + 1).getBoundingClientRect();
    return bottom > pane.top && top < pane.bottom;
  }

  top() {
    const { top } = this.root.getBoundingClientRect();
    const piece = this.pieces.find((one) => one.element.getBoundingClientRect().bottom > top + 8) || this.pieces[0];
    return [piece.start, piece.start];
  }

  // What is not cited, and what is

  gap(from, step) { // the next (step 1) or previous one (step -1)
    const gaps = this.pieces.flatMap((piece) => piece.parts).filter((part) => part.className === "gap");
    return step > 0 ? gaps.find((part) => part.from >= from) : gaps.findLast((part) => part.to <= from);
  }

  quote(from, step) { // the next or previous citation
    const found = [...this.quotes.values()].sort((one, other) => one.from - other.from || other.to - one.to);
    return step > 0 ? found.find((one) => one.from > from) : found.findLast((one) => one.from < from);
  }
};
