// Answers that exist already, while somebody types. The page works without this file: they come
// before the question is sent. No dependency, no build step.
(() => {
  const form = document.getElementById("ask");
  const box = document.getElementById("existing");
  const said = document.getElementById("existing-said");
  const saving = navigator.connection && navigator.connection.saveData;
  if (!form || !box || !window.fetch || !window.AbortController || saving) return;
  const WAIT = 400, FEWEST = 10;
  const { country, question } = form.elements;
  const seen = form.elements.seen || form.appendChild(document.createElement("input"));
  Object.assign(seen, { type: "hidden", name: "seen", value: "yes", disabled: !box.firstElementChild });
  let timer = 0, asking = null, shown = "";

  const show = (html) => {
    if (html === shown) return;
    shown = html;
    box.innerHTML = html;
    const found = box.querySelector("[data-said]");
    said.textContent = found ? found.dataset.said : "";
    seen.disabled = !found;
  };

  const look = async () => {
    if (asking) asking.abort();
    asking = new AbortController();
    const words = question.value.trim();
    if (!country.value || words.length < FEWEST) return show("");
    try {
      const answer = await fetch(box.dataset.from, {
        method: "POST",
        body: new URLSearchParams({ country: country.value, question: words }),
        signal: asking.signal,
      });
      if (answer.ok) show((await answer.text()).trim());
    } catch (failed) {
      // The next letter asks again, and sending the form asks in any case.
    }
  };

  form.addEventListener("input", (typed) => {
    if (typed.target !== country && typed.target !== question) return;
    clearTimeout(timer);
    timer = setTimeout(look, WAIT);
  });
})();
