// Live search. The page works without this file: it only saves a page load. No dependency, no build step.
(() => {
  const form = document.querySelector("form[data-live]"), out = document.getElementById("results");
  const say = document.getElementById("say");
  if (!form || !out || !window.fetch || !window.AbortController) return;
  if (navigator.connection && navigator.connection.saveData) return; // people who pay per megabyte
  const action = form.getAttribute("action");
  let timer, flight, last = location.search;

  const query = () => {
    const p = new URLSearchParams();
    for (const [k, v] of new FormData(form)) if (v.trim()) p.append(k, v.trim());
    const s = p.toString();
    return s ? "?" + s : "";
  };

  const count = () => {
    for (const c of document.querySelectorAll("[data-count]")) {
      const n = out.querySelector(`data[data-n="${c.dataset.count}"]`), v = n ? n.value : "0";
      c.textContent = c.dataset.name ? `${c.dataset.name} (${v})` : v;
    }
  };

  const show = async (qs, push) => {
    if (flight) flight.abort();
    const mine = flight = new AbortController();
    out.setAttribute("aria-busy", "true");
    try {
      const r = await fetch(action + (qs ? qs + "&" : "?") + "part=results", { signal: mine.signal, headers: { Accept: "text/html" } });
      if (!r.ok) throw new Error(r.status);
      out.innerHTML = await r.text(); // our own server, escaped there
      const head = out.querySelector("[data-title]");
      if (head) document.title = head.dataset.title;
      count();
      for (const a of document.querySelectorAll(".langs a")) a.search = qs;
      if (push) history[push]({ qs }, "", action + qs);
      last = qs;
      say.textContent = "";
      setTimeout(() => { say.textContent = head ? head.textContent.trim() : ""; }, 150);
    } catch (e) {
      if (e.name !== "AbortError") location.assign(action + qs); // fall back to a page load
    } finally {
      if (flight === mine) out.removeAttribute("aria-busy");
    }
  };

  const later = (wait, push) => {
    clearTimeout(timer);
    timer = setTimeout(() => { const qs = query(); if (qs !== last) show(qs, push); }, wait);
  };

  // on document: the filters sit outside the form element and belong to it by their form attribute
  document.addEventListener("input", (e) => { if (e.target.form === form && e.target.type === "search") later(300, "replaceState"); });
  document.addEventListener("change", (e) => { if (e.target.form === form && e.target.type !== "search") later(0, "pushState"); });
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    clearTimeout(timer);
    show(query(), "pushState").then(() => { const h = out.querySelector("h2"); if (h) h.focus(); });
  });
  addEventListener("popstate", () => {
    const p = new URLSearchParams(location.search);
    for (const el of form.elements) {
      if (!el.name) continue;
      if (el.type === "checkbox" || el.type === "radio") el.checked = p.getAll(el.name).includes(el.value) || (el.type === "radio" && !el.value && !p.get(el.name));
      else el.value = p.get(el.name) || "";
    }
    show(location.search, "");
  });
})();
