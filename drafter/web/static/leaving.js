// From the approval to the moment when the text leaves: the time that is left, and the copy that proves itself.
import { ask, refreshDraft } from "./desk.js";

export function leave() {
  const left = document.getElementById("left");
  if (left) {
    const until = Date.parse(left.dataset.until);
    const tick = () => {
      if (!left.isConnected) return;
      const seconds = Math.ceil((until - Date.now()) / 1000);
      left.textContent = seconds > 0 && seconds < 3600 ? `${seconds} s` : "";
      if (seconds > -1) setTimeout(tick, 500);
    };
    tick();
  }
  const copy = document.getElementById("copy");
  copy?.addEventListener("click", async () => {
    const text = document.querySelector(".final").textContent;
    await navigator.clipboard.writeText(text);
    const given = new FormData();
    given.set("text_sha256", copy.dataset.hash);
    const answer = await ask(copy.dataset.copied, { method: "POST", body: given });
    if (answer.ok) await refreshDraft();
    else location.reload();
  });
}
