// Checks the text while it is typed; what the page shows as approvable is checked again by the desk when it is approved.
import { ask, reason } from "./asking.js";
import { fill, speak, words } from "./speaking.js";

const PAUSE_MS = 600;

export function checkWhileTyping(form) {
  if (!form || form.dataset.wired) return;
  form.dataset.wired = "yes";
  const text = form.elements.text;
  const approve = document.getElementById("approve");
  const findings = document.getElementById("findings");
  const state = document.getElementById("checking");
  let timer = 0;
  let number = 0;
  let told = verdictIn(findings);

  const later = () => {
    clearTimeout(timer);
    number += 1;
    approve.disabled = true;
    tell(words.checking);
    timer = setTimeout(check, PAUSE_MS);
  };
  text.addEventListener("input", later);
  addEventListener("online", () => { if (text.isConnected && findings.ariaBusy === "true") check(); });
  // A browser puts back what was typed before a reload.
  if (text.value !== text.defaultValue) later();

  async function check() {
    const mine = ++number;
    const given = new FormData();
    given.set("text", text.value);
    const answer = await ask(form.dataset.check, { method: "POST", body: given, headers: { accept: "text/html" } }).catch(() => null);
    // A late answer about an older text says nothing about this one.
    if (mine !== number) return;
    if (!answer?.ok) {
      const why = answer?.headers.get("content-type")?.includes("json") ? await reason(answer) : "";
      tell(`${words.unchecked} ${why}`);
      speak(words.unchecked);
      if (answer?.status !== 422) timer = setTimeout(check, 5000);
      return;
    }
    findings.innerHTML = await answer.text();
    tell("");
    approve.disabled = form.dataset.may !== "yes" || !findings.querySelector(".verdict.pass");
    const exactly = document.getElementById("exactly");
    if (exactly) exactly.hidden = approve.disabled;
    const now = verdictIn(findings);
    if (now !== told) speak(now);
    told = now;
  }

  function tell(what) {
    state.textContent = what;
    state.hidden = !what;
    findings.ariaBusy = what ? "true" : "false";
  }
}

function verdictIn(findings) {
  const verdict = findings.querySelector(".verdict");
  if (!verdict) return "";
  const found = Number(verdict.dataset.findings);
  const count = found ? ` ${fill(words.findings, { n: found })}` : "";
  return (verdict.classList.contains("pass") ? words.passes : words.rejects) + count;
}
