// What the page says aloud, once and not at every keystroke, in the words that the desk gave it.
const spoken = document.getElementById("spoken");

export const words = document.getElementById("words")?.dataset ?? {};

export function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

export function speak(text) {
  if (spoken && spoken.textContent !== text) spoken.textContent = text;
}
