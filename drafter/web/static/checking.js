// Checks the text while it is typed; what the page shows as approvable is checked again by the desk when it is approved.
import { ask } from "./desk.js";

const PAUSE_MS = 600;

export function checkWhileTyping(form) {
  if (!form) return;
  const text = form.elements.text;
  const approve = document.getElementById("approve");
  const findings = document.getElementById("findings");
  const mayApprove = form.dataset.may === "yes";
  let timer = 0;
  let number = 0;
  text.addEventListener("input", () => {
    clearTimeout(timer);
    approve.disabled = true;
    timer = setTimeout(check, PAUSE_MS);
  });

  async function check() {
    const mine = ++number;
    const given = new FormData();
    given.set("text", text.value);
    const answer = await ask(form.dataset.check, { method: "POST", body: given, headers: { accept: "text/html" } }).catch(() => null);
    // A late answer about an older text says nothing about this one.
    if (mine !== number || !answer?.ok) return;
    findings.innerHTML = await answer.text();
    approve.disabled = !mayApprove || !findings.querySelector(".verdict.pass");
  }
}
