// What a page does beyond its forms, which work without it: writing before one's eyes, checking while one types, keys.
import { suggest, stopWriting } from "./suggesting.js";
import { checkWhileTyping } from "./checking.js";
import { leave } from "./leaving.js";

const body = document.body;
export const csrf = () => document.querySelector('meta[name="csrf"]').content;
const offline = document.getElementById("offline");

export async function ask(url, options = {}) {
  try {
    const answer = await fetch(url, { ...options, headers: { "x-csrf-token": csrf(), ...options.headers } });
    offline.hidden = true;
    return answer;
  } catch (error) {
    if (error.name !== "AbortError") offline.hidden = false;
    throw error;
  }
}

export async function refreshDraft() {
  const answer = await ask(`/cases/${body.dataset.case}/draft`, { headers: { accept: "text/html" } });
  if (!answer.ok) return location.reload();
  document.getElementById("draft").innerHTML = await answer.text();
  document.getElementById("told")?.remove();
  await remember();
  wireDraft();
  document.getElementById("text")?.focus({ preventScroll: true });
}

async function remember() {
  const answer = await ask(`/cases/${body.dataset.case}/state`);
  if (!answer.ok) return;
  const now = await answer.json();
  Object.assign(body.dataset, { draft: now.draft, version: now.version || "", status: now.status });
}

async function look() {
  const answer = await ask(`/cases/${body.dataset.case}/state`);
  if (answer.status === 401) return location.reload();
  const now = await answer.json();
  const { message, draft, version, status } = body.dataset;
  const wrote = String(now.message_number) !== message;
  const other = now.draft !== draft || String(now.version || "") !== version || now.status !== status;
  const busy = !document.getElementById("writing")?.hidden;
  if (wrote) document.getElementById("approve")?.setAttribute("disabled", "");
  if (wrote || (other && !busy)) {
    const typed = document.getElementById("text");
    // What somebody has typed is never replaced behind their back.
    if (!wrote && (!typed || typed.value === typed.defaultValue)) await refreshDraft();
    else document.getElementById("newer").hidden = false;
  }
}

function wireDraft() {
  checkWhileTyping(document.getElementById("approval"));
  leave();
  const form = document.getElementById("suggest");
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    suggest(form, event.submitter);
  });
}

async function refreshQueue(queue) {
  if (queue.contains(document.activeElement) && document.activeElement.matches("input, select")) return;
  const answer = await ask(queue.dataset.refresh, { headers: { accept: "text/html" } });
  if (answer.status === 401) return location.reload();
  const focused = document.activeElement?.getAttribute?.("href");
  if (answer.ok) queue.innerHTML = await answer.text();
  if (focused) queue.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
}

function every(seconds, work) {
  setInterval(() => { if (!document.hidden) work().catch(() => {}); }, seconds * 1000);
}

function neighbour(step) {
  const links = [...document.querySelectorAll(".list a, .rows a")];
  const here = links.findIndex((link) => link.getAttribute("aria-current") || link === document.activeElement);
  const next = links[here + step];
  if (!next) return;
  if (body.dataset.page === "case") next.click(); else next.focus();
}

const typing = () => document.activeElement?.matches("input, textarea, select");

document.addEventListener("keydown", (event) => {
  const control = event.ctrlKey || event.metaKey;
  const press = (id) => { event.preventDefault(); document.getElementById(id)?.click(); };
  if (event.isComposing) return;
  if (control && event.key.toLowerCase() === "j") {
    event.preventDefault();
    const form = document.getElementById("suggest");
    form?.querySelector(event.shiftKey ? "#again" : "button")?.click();
  } else if (control && event.key === "Enter") press("approve");
  else if (event.key === "Escape" && document.getElementById("writing")?.hidden === false) { event.preventDefault(); stopWriting(); }
  else if (event.altKey && event.code === "KeyJ") { event.preventDefault(); neighbour(1); }
  else if (event.altKey && event.code === "KeyK") { event.preventDefault(); neighbour(-1); }
  else if (!typing() && !control && !event.altKey) {
    if (event.key === "?") document.getElementById("shortcuts").showModal();
    else if (event.key === "e") { event.preventDefault(); document.getElementById("text")?.focus(); }
    else if (event.key === "/") { event.preventDefault(); document.getElementById("search")?.focus(); }
  }
});
document.querySelectorAll("[data-opens]").forEach((button) =>
  button.addEventListener("click", () => document.getElementById(button.dataset.opens).showModal()));
addEventListener("offline", () => { offline.hidden = false; });
addEventListener("online", () => { offline.hidden = true; });

if (body.dataset.page === "case") { wireDraft(); every(5, look); }
const queue = document.getElementById("queue");
if (queue) every(10, () => refreshQueue(queue));
