// Keys that are pressed while the page's scripts are still on their way are not lost: they are pressed again then.
(() => {
  const early = [];
  const OURS = /^(?:Key[JKS]|Enter|Digit[1-9])$/;
  const keep = (event) => {
    const combined = event.ctrlKey || event.metaKey || event.altKey;
    if (!combined && event.target.matches?.("input, textarea, select")) return;
    early.push(event);
    if (combined && OURS.test(event.code)) event.preventDefault();
  };
  document.addEventListener("keydown", keep);
  document.addEventListener("desk-ready", () => {
    document.removeEventListener("keydown", keep);
    early.forEach((event) => document.dispatchEvent(new KeyboardEvent("keydown", event)));
  }, { once: true });
})();
