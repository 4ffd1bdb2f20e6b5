/* The keyboard shortcuts and the section bar of a form page, and accessible names for Django's autocomplete inputs. */
"use strict";

(() => {
  const links = [...document.querySelectorAll("#sections > a")];
  const headings = links.map((link) => document.getElementById(link.hash.slice(1))).filter(Boolean);

  function open(heading) {
    const closed = heading.closest("details:not([open])");
    if (closed) closed.open = true;
    heading.scrollIntoView({ block: "start" });
  }

  /* Return the index of the last section whose heading has passed under the bar. */
  function current() {
    const edge = (document.getElementById("sections")?.getBoundingClientRect().bottom ?? 0) + 12;
    return Math.max(0, headings.findLastIndex((heading) => heading.getBoundingClientRect().top <= edge));
  }

  function mark() {
    const at = current();
    links.forEach((link, index) => link.toggleAttribute("data-current", index === at));
    const bar = document.getElementById("sections");
    if (bar.scrollWidth > bar.clientWidth) bar.scrollLeft = links[at].offsetLeft - bar.clientWidth / 3;
  }

  function jump(by) {
    const at = Math.min(headings.length - 1, Math.max(0, current() + by));
    const heading = headings[at];
    if (!heading) return;
    open(heading);
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }

  function save(event) {
    const row = document.querySelector(".submit-row");
    const button = row?.querySelector("[name=_continue]") ?? row?.querySelector("[type=submit]");
    if (!button) return;
    event.preventDefault();
    button.click();
  }

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "s") save(event);
    if (!event.altKey || event.ctrlKey || event.metaKey || !headings.length) return;
    if (event.key !== "PageDown" && event.key !== "PageUp") return;
    event.preventDefault();
    jump(event.key === "PageDown" ? 1 : -1);
  });

  /* Select2 gives its inputs no accessible names, and Django's list search has only a picture. */
  function name(place) {
    for (const select of place.querySelectorAll("select.admin-autocomplete")) {
      const words = select.getAttribute("aria-label") ?? select.labels[0]?.textContent.trim();
      const drawn = select.nextElementSibling?.querySelectorAll(".select2-selection, span.select2-selection__rendered, .select2-search__field") ?? [];
      for (const part of words ? drawn : []) part.setAttribute("aria-label", words);
      select.nextElementSibling?.querySelector("ul.select2-selection__rendered")?.setAttribute("role", "presentation");
    }
  }
  window.django?.jQuery?.(() => name(document));
  const logout = document.getElementById("logout-form");
  logout?.addEventListener("submit", (event) => {
    const { texts } = JSON.parse(document.getElementById("accords-page").textContent);
    if (Accords.copies.count() && !window.confirm(texts.log_out)) event.preventDefault(); else Accords.copies.clear();
  });
  const search = document.querySelector("#searchbar");
  search?.setAttribute("aria-label", document.querySelector("#toolbar [type=submit]").value);
  document.addEventListener("formset:added", (event) => setTimeout(() => name(event.target)));

  links.forEach((link, index) => link.addEventListener("click", () => headings[index] && open(headings[index])));
  document.addEventListener("keydown", (event) => {
    const keys = document.querySelector(".shortcuts[open]");
    if (event.key === "Escape" && keys) keys.open = false;
  });
  if (headings.length) {
    document.addEventListener("scroll", mark, { passive: true });
    mark();
  }
})();
