/* Copies in the browser of what was typed and not saved: `Accords.copies`, used by forms and by the reading desk.
   They are removed when their form is saved, and when the user logs out.

   A copy belongs to a user and a place (the path of a page), and to one opened form (its id). While a page is open it
   holds a lock named after its copies, so that no other tab offers them. */
"use strict";
globalThis.Accords = globalThis.Accords || {};

Accords.copies = (() => {
  const config = JSON.parse(document.getElementById("accords-page")?.textContent ?? "{}");
  const PREFIX = `accords:${config.user}:`;
  const DAYS = 14;
  let isCleared = false; // until something is typed again

  function keys() {
    return Array.from({ length: localStorage.length }, (_one, index) => localStorage.key(index))
      .filter((key) => key.startsWith(PREFIX));
  }

  function read(key) {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  }

  /* Store a copy; return whether there was room for it. Older copies make room. */
  function save(place, id, data) {
    if (isCleared) return true;
    const key = `${PREFIX}${place}#${id}`;
    const text = JSON.stringify({ ...data, at: new Date().toISOString() });
    const others = keys().filter((other) => other !== key).sort((one, other) => (read(one)?.at ?? "").localeCompare(read(other)?.at ?? ""));
    for (;;) {
      try {
        localStorage.setItem(key, text);
        return true;
      } catch {
        if (!others.length) {
          localStorage.removeItem(key);
          return false;
        }
        localStorage.removeItem(others.shift());
      }
    }
  }

  function remove(place, id) {
    localStorage.removeItem(`${PREFIX}${place}#${id}`);
  }

  function count() { return keys().length; }

  /* Remove every copy of the user, and store none while the page is left. */
  function clear() {
    keys().forEach((key) => localStorage.removeItem(key));
    isCleared = true;
  }

  document.addEventListener("input", () => { isCleared = false; }, true);

  async function locked() {
    const held = await navigator.locks?.query();
    return new Set((held?.held ?? []).map((lock) => lock.name));
  }

  /* Return the newest copy of a place that no open page holds, as {id, at, ...data}; null without one. */
  async function find(place) {
    const start = `${PREFIX}${place}#`, held = await locked(), oldest = new Date(Date.now() - DAYS * 864e5).toISOString();
    keys().filter((key) => !((read(key)?.at ?? "") > oldest)).forEach((key) => localStorage.removeItem(key));
    const found = keys().filter((key) => key.startsWith(start) && !held.has(key))
      .map((key) => ({ id: key.slice(start.length), ...read(key) }));
    return found.sort((one, other) => other.at.localeCompare(one.at))[0] ?? null;
  }

  /* Keep other tabs from offering the copies of a form that is open here. */
  function hold(place, id) {
    navigator.locks?.request(`${PREFIX}${place}#${id}`, () => new Promise(() => {}));
  }

  return { save, remove, find, hold, count, clear };
})();
