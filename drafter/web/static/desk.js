// What a page does beyond its forms, which work without it: writing before one's eyes, checking while one types, keys.
import { pageAt, swap, whileSeen } from "./asking.js";
import "./choosing.js";
import { listen } from "./keys.js";
import { isWriting, join, stopWriting, suggest, wishOf } from "./suggesting.js";
import { refresh, watch, wire } from "./watching.js";

const part = (id) => document.getElementById(id);
const offline = part("offline");
const queue = part("queue");
const beside = part("beside");

addEventListener("offline", () => { offline.hidden = false; });
addEventListener("online", () => { offline.hidden = true; });
document.querySelectorAll("[data-opens]").forEach((button) =>
  button.addEventListener("click", () => part(button.dataset.opens).showModal()));
listen({ isWriting, stopWriting });

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.id !== "suggest" && !event.submitter?.matches("[data-suggests]")) return;
  event.preventDefault();
  suggest(wishOf(form, event.submitter));
});
document.addEventListener("click", (event) => {
  if (event.target.closest("#stop")) stopWriting();
  if (event.target.closest("#fresh")) writeFresh();
});

async function writeFresh() {
  if (isWriting()) await stopWriting();
  // Until the draft is there, what was typed stays where it is; then it is put beside.
  await refresh().catch(() => {});
  // The page may meanwhile have joined what it just stopped.
  if (isWriting()) await stopWriting();
  if (part("suggest")) suggest({});
}

if (document.body.dataset.page === "case") {
  wire();
  whileSeen(5, watch({ isBusy: isWriting, join }));
}
if (beside) {
  whileSeen(20, async () => {
    if (!beside.offsetParent) return; // a narrow page has no room for it
    const page = await pageAt(beside.dataset.refresh);
    if (page) { page.body.id = "beside"; swap(page, ["beside"]); }
  });
}
if (queue) {
  const title = document.title;
  const count = () => { document.title = `(${document.querySelector("#tabs [aria-current] .count")?.textContent ?? 0}) ${title}`; };
  count();
  whileSeen(10, async () => {
    const page = await pageAt(queue.dataset.refresh);
    if (page === null) return location.reload();
    swap(page, ["tabs", "rows"]);
    count();
  });
}
document.dispatchEvent(new Event("desk-ready"));
