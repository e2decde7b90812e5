// Keys for the desk's suggestions. The page works without this file. No dependency, no build step.
(() => {
  const form = document.querySelector("form[data-desk]");
  if (!form) return;
  const all = [...form.querySelectorAll("[data-suspect]")];
  const status = form.querySelector("[data-said]");
  const radio = (one, value) => one.querySelector(`input[type=radio][value=${value}]`);
  const reason = (one) => one.querySelector("select");
  const words = (one) => one.querySelector("input:not([type=radio])");

  const isSaid = (one) => {
    const chosen = one.querySelector("input[type=radio]:checked");
    const way = chosen ? chosen.value : radio(one, "keep") ? "" : "keep";
    if (way === "replace") return words(one).value.trim() !== "";
    return way === "accept" || (way === "keep" && reason(one).value !== "");
  };

  const tell = () => {
    if (!status) return;
    const done = all.filter(isSaid).length;
    status.textContent = status.dataset.said.replace("{done}", done).replace("{all}", all.length);
  };

  const go = (one) => {
    const to = one || form.querySelector(".point input");
    if (to) (one ? one.querySelector("input:checked") || one.querySelector("input, select") : to).focus();
  };

  const next = (one) => {
    const later = all.slice(all.indexOf(one) + 1);
    go(later.find((other) => !isSaid(other)) || all.find((other) => !isSaid(other)));
  };

  const choose = (one, value) => {
    const way = radio(one, value);
    if (way) way.checked = true;
    if (value === "accept" && way) next(one);
    if (value === "replace" && way) words(one).focus();
    if (value === "keep") reason(one).focus();
    tell();
  };

  const keys = { a: "accept", r: "replace", d: "keep" };

  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
      return;
    }
    const one = event.target.closest("[data-suspect]");
    if (!one || event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target === words(one), picking = event.target === reason(one);
    if (event.key === "Enter" && (typing || picking)) {
      event.preventDefault(); // to the next suggestion, and not away with half the answers
      next(one);
    } else if (typing || picking) {
      return;
    } else if (keys[event.key.toLowerCase()]) {
      event.preventDefault();
      choose(one, keys[event.key.toLowerCase()]);
    } else if (event.key === "n" || event.key === "p") {
      event.preventDefault();
      const at = all.indexOf(one) + (event.key === "n" ? 1 : -1);
      if (all[at]) go(all[at]);
    }
  });

  form.addEventListener("input", (event) => {
    const one = event.target.closest("[data-suspect]");
    if (one && event.target === words(one)) radio(one, "replace").checked = true;
    if (one && event.target === reason(one) && radio(one, "keep")) radio(one, "keep").checked = true;
    tell();
  });

  const keysHelp = form.querySelector("[data-keys]");
  if (keysHelp) keysHelp.hidden = false;
  tell();
})();
