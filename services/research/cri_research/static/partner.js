// The token of a link stays in the fragment, which browsers never send, until a button is pressed.
(() => {
  const form = document.getElementById("by-link");
  const token = location.hash.slice(1);
  if (!form || !token) return;
  form.elements.token.value = token;
  form.hidden = false;
  document.getElementById("by-code").hidden = true;
  for (const link of document.querySelectorAll(".langs a")) link.hash = location.hash;
  form.addEventListener("submit", () => history.replaceState(null, "", location.pathname));
})();
