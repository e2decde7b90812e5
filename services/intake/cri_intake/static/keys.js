// One key for what a page can do: every element with aria-keyshortcuts, and the rows of a table.
// The page works without this file. No dependency, no build step.
(() => {
  const OFF = "cri-keys-off";
  const sheet = document.querySelector("[data-sheet]");
  if (!sheet) return;
  const rows = [...document.querySelectorAll("[data-row]")];
  const opens = document.querySelector("[data-opens-sheet]");
  const are_on = sheet.querySelector("[data-keys-on]");
  const list = sheet.querySelector("dl");

  const named = (one) => (one.labels && one.labels[0] ? one.labels[0] : one).textContent;
  document.querySelectorAll("main [aria-keyshortcuts]").forEach((one) => {
    const key = document.createElement("dt"), words = document.createElement("dd");
    key.append(Object.assign(document.createElement("kbd"), {
      textContent: one.getAttribute("aria-keyshortcuts").toUpperCase(),
    }));
    words.className = "plain";
    words.textContent = (one.dataset.says || named(one)).replace(/\s+/g, " ").trim();
    list.append(key, words);
  });

  const show = () => { sheet.showModal(); };
  opens.hidden = false;
  opens.addEventListener("click", show);
  sheet.querySelector("[data-closes-sheet]").addEventListener("click", () => sheet.close());
  are_on.checked = !localStorage.getItem(OFF);
  are_on.addEventListener("change", () => {
    if (are_on.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "yes");
  });

  const at = () => rows.findIndex((row) => row.contains(document.activeElement));
  const go = (row) => { if (row) row.querySelector("a.q").focus(); };

  const use = (one) => {
    for (let fold = one.closest("details"); fold; fold = fold.parentElement.closest("details")) {
      fold.open = true;
    }
    if (one.matches("a[href], button")) one.click();
    else one.focus();
  };

  const act = (key) => {
    const here = at();
    if (key === "?") show();
    else if (key === "j" && rows.length) go(rows[Math.min(here + 1, rows.length - 1)]);
    else if (key === "k" && rows.length) go(rows[Math.max(here - 1, 0)]);
    else if (key === "x" && here >= 0) rows[here].querySelector("input[type=checkbox]")?.click();
    else {
      const one = document.querySelector(`main [aria-keyshortcuts="${CSS.escape(key)}"]`);
      if (!one) return false;
      use(one);
    }
    return true;
  };

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest(
      "input:not([type=checkbox], [type=radio]), select, textarea, [data-suspect]");
    if (typing || sheet.open || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (are_on.checked && act(event.key.toLowerCase())) event.preventDefault();
  });
})();
