// From the approval to the moment when the text leaves: the time that is left, and the copy that proves itself.
import { ask, reason } from "./asking.js";
import { fill, speak, words } from "./speaking.js";

export function leave(refresh) {
  const left = document.getElementById("left");
  if (left && !left.dataset.wired) {
    left.dataset.wired = "yes";
    const until = Date.parse(left.dataset.until);
    const tick = () => {
      if (!left.isConnected) return;
      const seconds = Math.ceil((until - Date.now()) / 1000);
      left.textContent = seconds > 0 && seconds < 3600 ? fill(words.leaves, { time: clock(seconds) }) : "";
      if (seconds > -1) setTimeout(tick, 500);
    };
    tick();
  }
  const copy = document.getElementById("copy");
  const byHand = document.getElementById("copied-by-hand");
  if (!copy || copy.dataset.wired) return;
  copy.dataset.wired = "yes";
  byHand.hidden = true;
  copy.addEventListener("click", async () => {
    const text = document.querySelector("#draft .final").textContent;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // A page that is not served over HTTPS, or a person who said no: it is done by hand, and said so.
      byHand.hidden = false;
      tell(copy, words.nocopy);
      return;
    }
    const given = new FormData();
    given.set("text_sha256", await sha256(text));
    const answer = await ask(copy.dataset.copied, { method: "POST", body: given, headers: { accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return tell(copy, answer ? await reason(answer) : words.lost);
    await refresh({ force: true });
    document.getElementById("next")?.focus();
  });
}

// What was copied is proved by its own hash; the clipboard is only there where this is.
async function sha256(text) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function clock(seconds) {
  if (seconds <= 60) return fill(words.seconds, { n: seconds });
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function tell(copy, what) {
  let told = copy.parentElement.querySelector(".hint");
  if (!told) copy.parentElement.append(told = Object.assign(document.createElement("p"), { className: "hint" }));
  told.textContent = what;
  speak(what);
}
