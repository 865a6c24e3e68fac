// Conveniences only: every page works without this script.
"use strict";

// "/" leads to the search, unless somebody types.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const find = document.querySelector("[data-find]");
  if (find) {
    event.preventDefault();
    find.select();
    find.focus();
  }
});

// A click elsewhere, or Escape, closes a list of weeks.
for (const list of document.querySelectorAll(".all-weeks")) {
  document.addEventListener("click", (event) => {
    if (!list.contains(event.target)) list.open = false;
  });
  list.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      list.open = false;
      list.querySelector("summary").focus();
    }
  });
}

// A long list shows its beginning first.
for (const list of document.querySelectorAll("[data-more]")) {
  const rest = [...list.children].slice(Number(list.dataset.more));
  if (rest.length < 3) continue;
  for (const each of rest) each.hidden = true;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = `Show ${rest.length} more`;
  button.addEventListener("click", () => {
    for (const each of rest) each.hidden = false;
    rest[0].querySelector("a")?.focus();
    button.remove();
  });
  list.after(button);
}

// On a narrow screen, the latest weeks are the ones to see.
for (const grid of document.querySelectorAll("[data-end]")) grid.scrollLeft = grid.scrollWidth;

// Queries: Ctrl+Enter runs, a click on a name inserts it, an error is selected.
document.documentElement.classList.add("scripted");
const editor = document.querySelector("[data-run]");
if (editor) {
  editor.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      editor.form.requestSubmit();
    }
  });
  for (const each of document.querySelectorAll("[data-insert]")) {
    each.addEventListener("click", () => {
      editor.setRangeText(each.dataset.insert, editor.selectionStart, editor.selectionEnd, "end");
      editor.focus();
    });
  }
  // JavaScript counts UTF-16 units, the server characters.
  const units = (count) => [...editor.value].slice(0, Number(count)).join("").length;
  if (editor.dataset.from) {
    editor.focus();
    editor.setSelectionRange(units(editor.dataset.from), units(editor.dataset.to));
  }
}

// The latest queries stay in this browser.
const past = document.querySelector("[data-history]");
if (past) {
  const key = "queries";
  const stored = () => {
    try {
      const found = JSON.parse(localStorage.getItem(key) || "[]");
      return Array.isArray(found) ? found.filter((each) => typeof each === "string") : [];
    } catch {
      return [];
    }
  };
  let queries = stored();
  if ("ran" in past.dataset) {
    queries = [editor.value, ...queries.filter((each) => each !== editor.value)].slice(0, 30);
    try {
      localStorage.setItem(key, JSON.stringify(queries));
    } catch {
      // A full or forbidden storage keeps no history.
    }
  }
  for (const text of queries) {
    const link = document.createElement("a");
    const code = document.createElement("code");
    code.textContent = text.replace(/\s+/g, " ");
    link.append(code);
    link.href = "#sql";
    link.addEventListener("click", () => {
      editor.value = text;
      editor.focus();
    });
    const line = document.createElement("li");
    line.append(link);
    past.querySelector("ol").append(line);
  }
  past.hidden = queries.length === 0;
  past.querySelector("button").addEventListener("click", () => {
    localStorage.removeItem(key);
    past.hidden = true;
  });
}

// A row that opens leaves the list where it was.
const place = `scroll ${location.pathname}`;
for (const each of document.querySelectorAll("[data-keep]")) {
  each.addEventListener("click", () => sessionStorage.setItem(place, String(scrollY)));
}
if (sessionStorage.getItem(place) && matchMedia("(min-width: 1000px)").matches) {
  scrollTo({ top: Number(sessionStorage.getItem(place)), behavior: "instant" });
}
sessionStorage.removeItem(place);

// A text that was typed and not sent is not lost without a question.
for (const form of document.querySelectorAll("[data-unsaved]")) {
  let typed = false;
  form.addEventListener("input", () => { typed = true; });
  form.addEventListener("submit", () => { typed = false; });
  addEventListener("beforeunload", (event) => { if (typed) event.preventDefault(); });
  // Whoever types does not mean null.
  for (const tick of form.querySelectorAll('[name^="null:"]')) {
    const field = form.elements[`value:${tick.name.slice(5)}`];
    field.addEventListener("input", () => { tick.checked = false; });
  }
}
