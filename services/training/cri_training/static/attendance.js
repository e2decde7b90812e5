// A mark that is made without a connection is kept on this phone and sent when there is one. What is
// kept are random numbers, never a name, apart for each person who signs in; sent, it is gone.
(() => {
  const told = document.getElementById("kept");
  if (!told) return;
  const shelf = `cri-attendance-${told.dataset.staff}`;
  const names = JSON.parse(told.dataset.names);
  let unsafe = false, sending = false, out = false, marks = [];

  const read = () => {
    if (unsafe) return;
    try { marks = JSON.parse(localStorage.getItem(shelf)) || []; } catch { unsafe = true; }
  };
  const write = () => {
    try {
      if (marks.length) localStorage.setItem(shelf, JSON.stringify(marks));
      else localStorage.removeItem(shelf);
    } catch { unsafe = true; }
  };
  const random = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (n) => n.toString(16).padStart(2, "0")).join("");

  const tell = (refused) => {
    const what = out ? "signedout" : unsafe ? "unsafe" : "waits";
    if (marks.length) told.textContent = told.dataset[what].replace("00", marks.length);
    else if (!told.hidden) told.textContent = told.dataset.sent;
    told.hidden = (told.hidden || refused) && !marks.length;
  };

  function show(mark, presence, missed, waiting) {
    const tag = document.querySelector(`#${mark.row} [data-state] .tag`);
    if (!tag) return;
    if (!waiting) delete tag.dataset.was;
    else tag.dataset.was ??= JSON.stringify([tag.textContent, tag.className]);
    const minutes = ["late", "left_early"].includes(presence) && missed !== "" ? `, ${told.dataset.minutes.replace("00", missed)}` : "";
    tag.textContent = names[presence] + minutes + (waiting ? ` (${told.dataset.unsent})` : "");
    tag.className = waiting ? "tag new" : ["absent", "excused"].includes(presence) ? "tag triage" : "tag ok";
  }

  function complain(mark, text, again) {
    const where = document.querySelector(`#${mark.row} [data-problem]`);
    if (!where) return;
    const words = document.createElement(again ? "a" : "span");
    if (again) words.href = location.pathname;
    words.textContent = text;
    where.replaceChildren(words);
    where.hidden = !text;
  }

  // What was refused is not kept: the list says again what it said, and the form what was typed.
  function refuse(mark, said) {
    marks = marks.filter((one) => one.nonce !== mark.nonce);
    write();
    complain(mark, said);
    if (marks.some((one) => one.row === mark.row)) return;
    const tag = document.querySelector(`#${mark.row} [data-state] .tag[data-was]`);
    if (tag) {
      [tag.textContent, tag.className] = JSON.parse(tag.dataset.was);
      delete tag.dataset.was;
    }
    const form = document.querySelector(`#${mark.row} details form.mark`);
    if (!form) return;
    for (const name of ["presence", "minutes", "reason"]) form.elements[name].value = mark[name] || "";
    form.closest("details").open = true;
  }

  function done(mark, answer) {
    marks = marks.filter((one) => one.nonce !== mark.nonce);
    if (answer.outcome === "conflict") complain(mark, answer.said, true);
    else for (const one of marks) if (one.row === mark.row && one.url === mark.url) one.seen = answer.version;
    const seen = answer.version;
    if (answer.outcome !== "conflict") for (const field of document.querySelectorAll(`#${mark.row} [name=seen]`)) field.value = seen;
    if (!marks.some((one) => one.row === mark.row)) show(mark, answer.presence, answer.missed, false);
    write();
  }

  async function send() {
    if (sending) return;
    sending = true;
    let refused = false;
    read();
    out = false;
    while (marks.length) {
      const mark = marks[0];
      const { url, row, ...fields } = mark;
      fields.csrf = document.querySelector("[name=csrf]").value;
      let answer;
      try {
        answer = await fetch(url, { method: "POST", body: new URLSearchParams(fields), redirect: "manual", headers: { Accept: "application/json" } });
      } catch { break; }
      if (answer.status === 200) done(mark, await answer.json());
      else if (answer.status === 422 || answer.status === 404) {
        refuse(mark, answer.status === 422 ? (await answer.json()).problem : told.dataset.gone);
        refused = true;
      } else { out = answer.status < 500; break; }
    }
    sending = false;
    tell(refused);
  }

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form.mark");
    if (!form) return;
    event.preventDefault();
    read();
    const data = new FormData(form, event.submitter);
    const row = form.closest(".person").id;
    const mark = { url: form.action, row, nonce: random(), made_at: new Date().toISOString() };
    for (const name of ["presence", "seen", "minutes", "reason"]) if (data.get(name)) mark[name] = data.get(name);
    marks.push(mark);
    write();
    complain(mark, "");
    show(mark, mark.presence, mark.minutes || "", true);
    form.closest("details")?.removeAttribute("open");
    send();
  });

  const find = document.getElementById("find");
  if (find) {
    find.closest("[hidden]").hidden = false;
    find.addEventListener("input", () => {
      const wanted = find.value.trim().toLocaleLowerCase();
      for (const person of document.querySelectorAll(".person")) person.hidden = !person.querySelector(".who").textContent.toLocaleLowerCase().includes(wanted);
    });
  }
  read();
  for (const mark of marks) if (mark.url.startsWith(location.href.split("#")[0])) show(mark, mark.presence, mark.minutes || "", true);
  tell();
  send();
  addEventListener("online", send);
  setInterval(() => { if (marks.length) send(); }, 15000);
})();
