// The keys of the review, and the words that are selected in a text; the forms work without it.
const part = (id) => document.getElementById(id);
const text = part("reviewed");
const ruling = part("ruling");
let selected = null;

const cards = () => [...document.querySelectorAll("[data-finding]")];
const writing = () => document.activeElement?.matches("textarea, select, input:not([type=radio], [type=checkbox])");

function go(step) {
  const all = cards();
  if (!all.length) return;
  const here = all.findIndex((card) => card.contains(document.activeElement) || card.classList.contains("here"));
  const next = all[Math.min(Math.max(here + step, 0), all.length - 1)];
  all.forEach((card) => card.classList.toggle("here", card === next));
  next.focus();
}

function say(number) {
  const all = cards();
  const card = all.find((one) => one.contains(document.activeElement) || one.classList.contains("here")) ?? all[0];
  const choice = card?.querySelectorAll("input[type=radio]")[number];
  if (!choice) return;
  choice.checked = true;
  all.forEach((one) => one.classList.toggle("here", one === card));
  card.focus();
}

function choose(outcome) {
  const choice = ruling?.querySelector(`input[name=outcome][value=${outcome}]`);
  if (!choice) return;
  choice.checked = true;
  choice.focus();
}

// Where the selection begins, in code points of the text that is shown; the small numbers are none of it.
function placeOf(range) {
  const before = document.createRange();
  before.setStart(text, 0);
  before.setEnd(range.startContainer, range.startOffset);
  return [...wordsOf(before)].length;
}

function wordsOf(range) {
  const piece = range.cloneContents();
  piece.querySelectorAll("sup").forEach((number) => number.remove());
  return piece.textContent;
}

function markMissed() {
  choose("missed");
  if (!selected) return;
  const rows = [...document.querySelectorAll("[data-missed]")];
  const row = rows.find((one) => !one.querySelector("textarea").value) ?? rows[0];
  row.querySelector("textarea").value = selected.words;
  row.querySelector("[type=hidden]").value = selected.at;
  row.closest("details")?.setAttribute("open", "");
  row.querySelector("select").focus();
}

if (text && part("marking")) {
  part("marking").hidden = false;
  document.addEventListener("selectionchange", () => {
    const now = getSelection();
    const range = now.rangeCount && !now.isCollapsed ? now.getRangeAt(0) : null;
    if (range && text.contains(range.commonAncestorContainer)) {
      const words = wordsOf(range);
      selected = words.trim() ? { words, at: placeOf(range) } : null;
    } else if (!range || !part("marking").contains(document.activeElement)) selected = writing() ? selected : null;
    part("mark-missed").disabled = !selected;
  });
  part("mark-missed").addEventListener("click", markMissed);
  document.querySelectorAll("[data-missed] textarea").forEach((words) => words.addEventListener("input", () => {
    words.closest("[data-missed]").querySelector("[type=hidden]").value = "";
  }));
}

const keys = {
  ArrowLeft: () => part("newer")?.click(),
  ArrowRight: () => part("older")?.click(),
  ArrowUp: () => go(-1),
  ArrowDown: () => go(1),
  1: () => say(0), 2: () => say(1), 3: () => say(2),
  v: () => choose("upheld"), o: () => choose("overturned"), m: markMissed,
  n: () => part("note")?.focus(),
  a: () => part("claim")?.click(),
  u: () => part("undo")?.click(),
  e: () => { part("escalation")?.setAttribute("open", ""); part("because")?.focus(); },
};

document.addEventListener("keydown", (event) => {
  if (event.isComposing || document.querySelector("dialog[open]")) return;
  const control = event.ctrlKey || event.metaKey;
  if (control && event.key === "Enter") { event.preventDefault(); part("keep")?.click(); return; }
  if (event.key === "Escape" && writing()) { document.activeElement.blur(); return; }
  if (event.key === "Enter" && document.activeElement === part("because")) { event.preventDefault(); part("escalate").click(); return; }
  if (control || event.altKey || writing()) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  // A chosen answer moves to its neighbour by the arrows, as everywhere.
  if (key.startsWith("Arrow") && (document.activeElement?.matches("input") || !ruling)) return;
  if (keys[key]) { event.preventDefault(); keys[key](); }
});

const tick = part("tick-all");
if (tick) {
  const boxes = () => document.querySelectorAll("input[name=draft]");
  tick.hidden = false;
  tick.querySelector("input").addEventListener("change", (event) => boxes().forEach((box) => { box.checked = event.target.checked; }));
}
