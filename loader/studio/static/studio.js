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
