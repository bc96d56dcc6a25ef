// Keeps an open case as it is on the desk: what the debtor writes, what colleagues do, and who else looks.
import { ask, pageAt, renewToken, swap } from "./asking.js";
import { checkWhileTyping } from "./checking.js";
import { isTouched, keepAside, offerBack, typed } from "./keeping.js";
import { leave } from "./leaving.js";
import { fill, speak, words } from "./speaking.js";

const body = document.body;
const part = (id) => document.getElementById(id);
const REGIONS = ["case-head", "standing", "conversation", "handover", "customer"];
const NOTED = ["mark", "message", "draft", "version", "status"];

let shown = new URLSearchParams(location.search).get("draft") ?? "";
let busy = () => false;
let follow = async () => {};

// Shows the case as it is now; tells whether the reply was left as it is since somebody is typing in it.
export async function refresh({ draft = shown, force = false } = {}) {
  const page = await pageAt(`/cases/${body.dataset.case}?again=true${draft ? `&draft=${encodeURIComponent(draft)}` : ""}`);
  if (page === null) return signedOut();
  const left = !force && (isTouched(part("draft")) || busy());
  shown = draft;
  renewToken(page);
  swap(page, REGIONS.filter((id) => !isTouched(part(id))));
  const within = part("draft").contains(document.activeElement);
  if (!left) swap(page, ["draft"]);
  if (within && document.activeElement === body) (part("copy") ?? part("text") ?? part("next"))?.focus({ preventScroll: true });
  NOTED.forEach((name) => { body.dataset[name] = page.body.dataset[name]; });
  part("told")?.remove();
  part("newer").hidden = true;
  wire();
  return left;
}

// Shows a draft that was just written; what had been typed in the one before stays beside it, or, where somebody else
// asked for the new one, in its place.
export async function refreshWithNew({ draft, joined }) {
  if (joined && isTouched(part("draft"))) {
    await refresh();
    notice("changed");
    return;
  }
  keepAside(typed());
  await refresh({ draft, force: true });
  history.replaceState(null, "", `/cases/${body.dataset.case}`);
}

export function wire() {
  checkWhileTyping(part("approval"));
  leave(refresh);
  offerBack();
}

export function watch({ isBusy, join }) {
  busy = isBusy;
  follow = join;
  return look;
}

async function look() {
  const answer = await ask(`/cases/${body.dataset.case}/state?typing=${Boolean(typed())}`);
  if (answer.status === 401) return signedOut();
  if (!answer.ok) return;
  if (!part("signed-out").hidden) await signedInAgain();
  const now = await answer.json();
  tellWhoIsHere(now.here);
  const wrote = String(now.message_number) !== body.dataset.message;
  if (busy()) {
    if (wrote) tellOfMessage("behind");
    return;
  }
  if (now.job && part("suggest")) return follow(now.job);
  if (now.mark === body.dataset.mark) return;
  const left = await refresh();
  // A draft that was replaced on the page tells by itself that it is out of date.
  if (wrote && left) tellOfMessage("wrote");
  else if (wrote) speak(words.wrote);
  else if (left) notice("changed");
  else speak(words.colleague);
}

// The reply on the page answers a message that is no longer the newest.
function tellOfMessage(how) {
  notice(how);
  part("exactly")?.remove();
  const approve = part("approve");
  if (!approve) return;
  approve.form.dataset.may = "no";
  approve.dataset.was = "off";
  approve.disabled = true;
}

function notice(what) {
  part("newer").querySelectorAll("[data-when]").forEach((one) => { one.hidden = !one.dataset.when.split(" ").includes(what); });
  // Where a person must answer, nothing can be asked for.
  if (part("fresh") && (!part("suggest") || part("handover").children.length)) part("fresh").hidden = true;
  part("newer").hidden = false;
}

function tellWhoIsHere(others) {
  const told = others.map((one) => fill(one.typing ? words.types : words.reads, { name: `\u2068${one.name}\u2069` }));
  part("here").textContent = told.join(" ");
}

function signedOut() {
  if (!isTouched(part("main"))) return location.reload();
  part("signed-out").hidden = false;
}

async function signedInAgain() {
  const page = await pageAt(`/cases/${body.dataset.case}?again=true`);
  if (page === null) return;
  renewToken(page);
  part("signed-out").hidden = true;
}
