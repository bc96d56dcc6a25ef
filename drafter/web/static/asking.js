// The one way from a page to the desk: it brings the page's token along and tells when there is no connection.
const offline = document.getElementById("offline");
const token = document.querySelector('meta[name="csrf"]');

export async function ask(url, options = {}) {
  try {
    const answer = await fetch(url, { ...options, headers: { "x-csrf-token": token.content, ...options.headers } });
    offline.hidden = true;
    return answer;
  } catch (error) {
    if (error.name !== "AbortError") offline.hidden = false;
    throw error;
  }
}

// A page as the desk shows it now; null where the session has ended and the desk asks to sign in.
export async function pageAt(url) {
  const answer = await ask(url, { headers: { accept: "text/html" } });
  if (answer.status === 401 || new URL(answer.url).pathname === "/sign-in") return null;
  if (!answer.ok) throw new Error(String(answer.status));
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

// After a new sign-in in another tab, what is on this page may be sent again.
export function renewToken(page) {
  const fresh = page.querySelector('meta[name="csrf"]')?.content;
  if (!fresh || fresh === token.content) return;
  token.content = fresh;
  document.querySelectorAll('input[name="csrf"]').forEach((field) => { field.value = fresh; });
}

// Why the desk did not do it, in the reader's language.
export async function reason(answer) {
  return answer.json().then((told) => told.detail ?? "", () => "");
}

// Asks again and again while somebody looks, and at once when they look again.
export function whileSeen(seconds, work) {
  const turn = () => { if (!document.hidden) work().catch(() => {}); };
  setInterval(turn, seconds * 1000);
  document.addEventListener("visibilitychange", turn);
  addEventListener("online", turn);
}

// Puts the parts of a fresh page in place of those that are here, and the focus back to where it was.
export function swap(page, ids) {
  const focused = document.activeElement;
  const place = focused?.id ? `#${CSS.escape(focused.id)}` : focused?.getAttribute?.("href") ? `a[href="${CSS.escape(focused.getAttribute("href"))}"]` : null;
  for (const id of ids) {
    const here = document.getElementById(id);
    const there = page.getElementById(id);
    if (!here || !there) continue;
    const open = [...here.querySelectorAll("details[id][open]")].map((one) => one.id);
    there.querySelectorAll("details[id]").forEach((one) => { if (open.includes(one.id)) one.open = true; });
    here.replaceChildren(...there.childNodes);
  }
  if (place && !focused.isConnected) document.querySelector(place)?.focus({ preventScroll: true });
}
