/* Finds answers of this pack: a list is shortened while somebody types. Old browsers run it too. */
(function () {
  var box = document.getElementById("find"), said = document.getElementById("found");
  var items = [].slice.call(document.querySelectorAll("li.a"));
  function fold(text) {
    text = text.toLowerCase();
    return text.normalize ? text.normalize("NFD").replace(/[\u0300-\u036f\u064b-\u065f]/g, "") : text;
  }
  var texts = items.map(function (item) { return fold(item.textContent); });
  document.getElementById("finder").hidden = false;
  box.oninput = function () {
    var words = fold(box.value).split(/\s+/), n = 0;
    items.forEach(function (item, at) {
      var shown = words.every(function (word) { return texts[at].indexOf(word) >= 0; });
      item.hidden = !shown;
      n += shown ? 1 : 0;
    });
    [].forEach.call(document.querySelectorAll("section.shelf"), function (shelf) {
      shelf.hidden = !shelf.querySelector("li.a:not([hidden])");
    });
    said.textContent = n;
  };
})();
