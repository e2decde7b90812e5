// Checks the rules while somebody writes, and holds whoever leaves with words unsaved.
// The page works without this file. No dependency, no build step.
(() => {
  const form = document.querySelector("form[data-editor]");
  const list = form && form.querySelector("[data-problems]"), say = form && form.querySelector("[data-say]");
  if (!list || !window.fetch || !window.AbortController) return;
  let timer, flight, unsaved = form.dataset.editor === "typed";

  const tell = () => {
    const open = list.querySelectorAll("li").length;
    say.textContent = open === 0 ? say.dataset.none : open === 1 ? say.dataset.one : say.dataset.many.replace("{n}", open);
  };

  const check = async () => {
    if (flight) flight.abort();
    const mine = flight = new AbortController(), body = new URLSearchParams(new FormData(form));
    body.set("do", "check");
    body.set("part", "problems");
    try {
      const answer = await fetch(form.action, { method: "POST", body, signal: mine.signal });
      if (!answer.ok || answer.redirected) return; // the list stays; a save says what is wrong
      list.innerHTML = await answer.text(); // our own server, escaped there
      tell();
    } catch (e) { /* away, or typed on: the list stays as it was */ }
  };

  form.addEventListener("input", () => {
    unsaved = true;
    clearTimeout(timer);
    timer = setTimeout(check, 700);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("button[name=do][value=save]"));
  });
  form.addEventListener("submit", () => { unsaved = false; });
  addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
})();
