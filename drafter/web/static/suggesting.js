// Asks for a draft and shows it while it is written, also one that a colleague asked for, also after a lost connection.
import { ask, reason } from "./asking.js";
import { speak, words, fill } from "./speaking.js";
import { refresh, refreshWithNew } from "./watching.js";

const PATIENCE_S = 15;
const SHOWN_FROM_S = 3;
const MOST_TRIES = 8;
const STREAM = { accept: "text/event-stream" };

const part = (id) => document.getElementById(id);
const lines = (text) => (text ?? "").split("\n").map((line) => line.trim()).filter(Boolean);

let reading = null;
let ended = Promise.resolve();
let written = "";

export const isWriting = () => reading !== null;

export function wishOf(form, submitter) {
  const value = submitter?.value ?? "";
  const field = (name) => form.elements[name]?.value ?? "";
  const wish = {
    added: {
      authorised_offers: lines(field("offers")),
      actions_taken: lines(field("done")),
      follow_up_date: field("follow_up") || null,
    },
  };
  if (value === "sentence") wish.sentence = field("sentence");
  if (value === "shorter") wish.shorter = true;
  if (value === "warmer" || value === "firmer") wish.tone = value;
  if (value === "zh" || value === "en") wish.lang = value;
  return wish;
}

export function suggest(wish) {
  const body = JSON.stringify(wish);
  const headers = { ...STREAM, "content-type": "application/json" };
  return write((signal) => ask(part("suggest").dataset.api, { method: "POST", signal, headers, body }));
}

export function join(job) {
  return write((signal) => ask(`/api/v1/suggestions/${job}/events`, { signal, headers: STREAM }), job);
}

export async function stopWriting() {
  await ask(part("suggest").dataset.api, { method: "DELETE" }).catch(() => {});
  reading?.abort();
  await ended;
}

function write(begin, job = null) {
  if (!reading) ended = toTheEnd(begin, job);
  return ended;
}

async function toTheEnd(begin, job) {
  const joined = job !== null;
  reading = new AbortController();
  written = "";
  open();
  const clock = time();
  let failure = null;
  try {
    failure = await follow(begin, job, clock);
  } catch (error) {
    if (error.name !== "AbortError") failure = words.failed;
    else speak(words.stopped);
  }
  const stopped = reading.signal.aborted;
  clock.stop();
  reading = null;
  close();
  if (failure) return fail(failure);
  await (stopped ? refresh() : refreshWithNew({ draft: written, joined })).catch(() => {});
  (part("text") ?? part("approve") ?? document.querySelector("#handover textarea, #suggest button"))?.focus({ preventScroll: stopped });
  if (!stopped) speak(words.done);
}

// Reads until the end; returns why there is no draft, or null.
async function follow(begin, job, clock) {
  const { signal } = reading;
  let last = 0;
  for (let tries = 0; ; tries += 1) {
    try {
      const answer = await (tries === 0 ? begin(signal) : again(job, last, signal));
      if (answer.status === 404 && tries) return null; // it was finished meanwhile: the case shows it
      if (!answer.ok) return `${words.failed} ${await reason(answer)}`;
      job = answer.headers.get("x-job") ?? job;
      for await (const { id, kind, data } of events(answer.body)) {
        [last, tries] = [id, 0];
        clock.heard(kind);
        if (kind === "error") return `${words.failed} ${data.detail}`;
        if (kind === "done") written = data.draft_id ?? "";
        if (kind === "done" || kind === "stopped") return null;
        show(kind, data);
      }
    } catch (error) {
      if (error.name === "AbortError") throw error;
      if (job === null) return words.failed;
    }
    if (tries >= MOST_TRIES) return words.lost;
    step(words.resuming);
    await new Promise((go) => { setTimeout(go, 500 * (tries + 1)); });
    signal.throwIfAborted();
  }
}

const again = (job, last, signal) =>
  ask(`/api/v1/suggestions/${job}/events`, { signal, headers: { ...STREAM, "last-event-id": String(last) } });

let judged = false;

function show(kind, data) {
  if (kind === "token") {
    if (judged) part("found").replaceChildren();
    judged = false;
    step(words.writing);
    part("tokens").append(data.text);
  } else if (kind === "finding") {
    step(words.checking);
    const line = document.createElement("li");
    line.className = data.severity;
    line.append(Object.assign(document.createElement("bdi"), { textContent: data.reason }));
    part("found").append(line);
  } else if (kind === "verdict") {
    judged = true;
    const passed = data.verdict === "pass";
    step(passed ? words.passed : words.again);
    if (!passed) part("tokens").textContent = "";
  }
}

function step(text) {
  part("progress").textContent = text;
  speak(text);
}

// Tells how long it takes, and after a while that it can be stopped.
function time() {
  const began = Date.now();
  let waiting = true;
  const tick = () => {
    const seconds = Math.round((Date.now() - began) / 1000);
    if (seconds >= SHOWN_FROM_S) part("elapsed").textContent = fill(words.seconds, { n: seconds });
    if (waiting && seconds >= PATIENCE_S) { waiting = false; step(words.waiting); }
  };
  const timer = setInterval(tick, 1000);
  return { stop: () => clearInterval(timer), heard: (kind) => { if (kind === "token") waiting = false; } };
}

function open() {
  part("writing").hidden = false;
  part("writing").classList.remove("failed");
  part("stop").hidden = false;
  part("no-draft")?.setAttribute("hidden", "");
  part("tokens").textContent = part("elapsed").textContent = "";
  part("found").replaceChildren();
  held(true);
  step(words.thinking);
  if (document.activeElement === document.body || document.activeElement?.disabled) part("stop").focus({ preventScroll: true });
}

function close() {
  part("writing").hidden = true;
  part("no-draft")?.removeAttribute("hidden");
  held(false);
}

function held(yes) {
  document.querySelectorAll("#suggest button, [data-suggests], #approve").forEach((button) => {
    if (yes) button.dataset.was = button.disabled ? "off" : "on";
    button.disabled = yes || button.dataset.was === "off";
  });
}

function fail(why) {
  part("writing").hidden = false;
  part("writing").classList.add("failed");
  part("stop").hidden = true;
  step(why);
  document.querySelector("#suggest button")?.focus({ preventScroll: true });
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
      const told = block.split("\n");
      const field = (name) => told.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2));
      const [kind] = field("event");
      if (kind) yield { id: Number(field("id")[0]), kind, data: JSON.parse(field("data").join("\n")) };
    }
  }
}
