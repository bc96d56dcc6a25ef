// The keyboard: everything on a page can be reached by it, and `?` lists the keys.
const part = (id) => document.getElementById(id);
const typing = () => document.activeElement?.matches("input, textarea, select");
// Other pages have keys of their own.
const HERE = ["case", "queue"].includes(document.body.dataset.page);
const press = (id) => part(id)?.click();
const enter = (id) => part(id)?.focus();

const ALONE = {
  "?": () => part("shortcuts").showModal(),
  "/": () => enter("search"),
  e: () => enter("text"),
  u: () => press("undo"),
  c: () => press("copy"),
  n: () => press("new-case"),
  f: () => {
    const facts = part("add-fact");
    if (!facts) return;
    facts.open = true;
    enter("offers");
  },
};

function neighbour(step) {
  const links = [...document.querySelectorAll(".list a[href^='/cases/'], .rows a")];
  const here = links.findIndex((link) => link.getAttribute("aria-current") || link === document.activeElement);
  const next = here < 0 && step < 0 ? links.at(-1) : links[here + step];
  if (!next) return;
  if (document.body.dataset.page === "case") next.click();
  else next.focus();
}

export function listen({ isWriting, stopWriting }) {
  const withControl = (event) => {
    if (event.key.toLowerCase() === "j") part("suggest")?.querySelector(event.shiftKey ? "#again" : "button")?.click();
    else if (event.key === "Enter") press("approve");
    else if (event.key.toLowerCase() === "s" && part("save")) press("save");
    else return false;
    return true;
  };
  const withAlt = (event) => {
    if (event.code === "KeyJ") neighbour(1);
    else if (event.code === "KeyK") neighbour(-1);
    else if (/^Digit[1-9]$/.test(event.code)) document.querySelector(`.versions a[data-number="${event.code.slice(5)}"]`)?.click();
    else return false;
    return true;
  };
  const alone = (event) => {
    if (event.key === "Escape" && isWriting() && !part("shortcuts").open) stopWriting();
    else if (!typing() && Object.hasOwn(ALONE, event.key) && (HERE || event.key === "?")) ALONE[event.key]();
    else return false;
    return true;
  };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const handled = event.ctrlKey || event.metaKey ? withControl(event) : event.altKey ? withAlt(event) : alone(event);
    if (handled) event.preventDefault();
  });
}
