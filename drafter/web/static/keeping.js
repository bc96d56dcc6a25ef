// What somebody has typed and not kept yet: it is never replaced, and shown beside where something else takes its place.
const part = (id) => document.getElementById(id);

export function typed() {
  const text = part("text");
  return text && text.value !== text.defaultValue ? text.value : "";
}

export function isTouched(region) {
  const fields = [...region.querySelectorAll("input:not([type=hidden]), textarea")];
  return fields.some((field) => field.value !== field.defaultValue);
}

export function keepAside(text) {
  if (!text) return;
  const shown = part("kept-form").content.cloneNode(true);
  shown.querySelector(".final").textContent = text;
  part("kept").replaceChildren(shown);
  offerBack();
}

// The button is of no use without scripts, and where there is no editor.
export function offerBack() {
  const button = part("put-back");
  if (button) button.hidden = !part("text");
}

export function putInto(text) {
  const editor = part("text");
  editor.value = text;
  editor.dispatchEvent(new Event("input", { bubbles: true }));
  editor.focus({ preventScroll: true });
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("#put-back")) return;
  putInto(document.querySelector("#kept .final").textContent);
  part("kept").replaceChildren();
});

let leaving = false;
// On the window, behind those on the document that take a form into their own hands.
addEventListener("submit", (event) => { leaving = !event.defaultPrevented; });
addEventListener("beforeunload", (event) => { if (typed() && !leaving) event.preventDefault(); });
