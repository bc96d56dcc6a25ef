// Takes one of several versions of a reply, and gives back what was typed in it before.
import { keepAside, putInto, typed } from "./keeping.js";
import { fill, speak, words } from "./speaking.js";
import { refresh } from "./watching.js";

const unsaved = new Map();

export async function choose(link) {
  const before = document.body.dataset.draft;
  const { draft, number } = link.dataset;
  if (draft === before) return;
  if (typed()) unsaved.set(before, typed());
  else unsaved.delete(before);
  try {
    await refresh({ draft, force: true });
  } catch {
    return; // the banner tells that there is no connection, and nothing was changed
  }
  history.replaceState(null, "", link.href);
  const text = unsaved.get(draft);
  if (text && document.getElementById("text")) putInto(text);
  else keepAside(text);
  document.getElementById("text")?.focus({ preventScroll: true });
  speak(fill(words.version, { n: number }));
}

document.addEventListener("click", (event) => {
  const link = event.target.closest(".versions a, .compare a[data-draft]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  choose(link);
});
