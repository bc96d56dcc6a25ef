// Asks for a draft and shows it while it is written.
import { ask, refreshDraft } from "./desk.js";

let reading = null;

const part = (id) => document.getElementById(id);

function wishOf(submitter, form) {
  const value = submitter?.value ?? "";
  const sentence = form.elements.sentence?.value ?? "";
  if (value === "sentence") return { sentence };
  if (value === "shorter") return { shorter: true };
  if (value === "warmer" || value === "firmer") return { tone: value };
  if (value === "zh" || value === "en") return { lang: value };
  return {};
}

export async function suggest(form, submitter) {
  if (reading) return;
  const words = part("words").dataset;
  reading = new AbortController();
  part("writing").hidden = false;
  part("no-draft")?.setAttribute("hidden", "");
  form.querySelectorAll("button").forEach((button) => { button.disabled = true; });
  part("approve")?.setAttribute("disabled", "");
  part("progress").textContent = words.thinking;
  part("tokens").textContent = "";
  const patience = setTimeout(() => { part("progress").textContent = words.waiting; }, 15000);
  try {
    const answer = await ask(form.dataset.api, {
      method: "POST",
      signal: reading.signal,
      headers: { accept: "text/event-stream", "content-type": "application/json" },
      body: JSON.stringify(wishOf(submitter, form)),
    });
    if (!answer.ok) throw new Error((await answer.json()).detail);
    for await (const { kind, data } of events(answer.body)) {
      clearTimeout(patience);
      if (kind === "token") {
        part("progress").textContent = words.writing;
        part("tokens").append(data.text);
      } else if (kind === "verdict") {
        const passed = data.verdict === "pass";
        part("progress").textContent = passed ? words.passed : words.again;
        if (!passed) part("tokens").textContent = "";
      } else if (kind === "error") throw new Error(data.detail);
    }
    await refreshDraft();
  } catch (error) {
    if (error.name === "AbortError") await refreshDraft().catch(() => {});
    else {
      part("progress").textContent = `${words.failed} ${error.message}`;
      form.querySelectorAll("button").forEach((button) => { button.disabled = false; });
    }
  } finally {
    clearTimeout(patience);
    reading = null;
  }
}

export async function stopWriting() {
  const form = part("suggest");
  await ask(form.dataset.api, { method: "DELETE" }).catch(() => {});
  reading?.abort();
}

async function* events(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const lines = block.split("\n");
      const kind = lines.find((line) => line.startsWith("event: "))?.slice(7);
      const data = lines.filter((line) => line.startsWith("data: ")).map((line) => line.slice(6)).join("\n");
      if (kind) yield { kind, data: JSON.parse(data) };
    }
  }
}

document.addEventListener("click", (event) => { if (event.target.closest("#stop")) stopWriting(); });
