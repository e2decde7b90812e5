// What is typed is kept on the server while one types. Where the connection is gone the page holds
// it and says so, and sends it when the connection is back; nothing is ever left in the browser.
(() => {
  const form = document.getElementById("answer-form");
  const told = document.getElementById("kept");
  if (!form || !told) return;
  let changed = 0, saved = 0, timer = 0, sending = false, leaving = false;

  const tell = (what, time) => { told.textContent = told.dataset[what].replace("00:00", time); };
  const soon = (seconds) => { clearTimeout(timer); timer = setTimeout(keep, seconds * 1000); };

  async function keep() {
    const version = changed;
    if (version === saved || leaving) return true;
    const fields = new URLSearchParams(new FormData(form));
    fields.set("do", "keep");
    let status = 0;
    try {
      status = (await fetch(form.action, { method: "POST", body: fields, redirect: "manual", keepalive: true })).status;
    } catch { /* told below */ }
    if (status === 204) {
      saved = version;
      tell("kept", new Date().toLocaleTimeString(document.documentElement.lang, { timeStyle: "short" }));
      if (changed !== saved) soon(5);
      return true;
    }
    const gone = status >= 400 && status < 500;
    tell(gone ? "closed" : "lost");
    if (!gone) soon(10);
    return false;
  }

  form.addEventListener("input", () => { changed += 1; soon(3); });
  addEventListener("online", keep);
  document.addEventListener("visibilitychange", () => { if (document.hidden) keep(); });
  addEventListener("beforeunload", (event) => { if (changed !== saved && !leaving) event.preventDefault(); });
  form.addEventListener("submit", async (event) => {
    if (leaving || !form.requestSubmit) return;
    event.preventDefault();
    if (sending) return;
    sending = true;
    changed += 1;
    if (await keep()) {
      leaving = true;
      form.requestSubmit(event.submitter);
    } else told.focus();
    sending = false;
  });
  addEventListener("pageshow", () => { leaving = false; });
})();
