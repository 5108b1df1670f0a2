// Search by name: the list of names is a script of its own, fetched when somebody begins to type.
(function () {
  var box = document.getElementById("search"), found = document.getElementById("found"), list = null;
  function load() {
    if (list !== null || document.getElementById("names")) return;
    var script = document.createElement("script");
    script.id = "names";
    script.src = "people/names.js";
    script.onload = function () { list = window.agegapNames; show(); };
    document.head.appendChild(script);
  }
  function plain(text) {
    return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  }
  function show() {
    found.textContent = "";
    var words = plain(box.value).split(/\s+/).filter(Boolean);
    if (list === null || words.length === 0) return;
    var hits = list.filter(function (item) {
      var name = plain(item[1]);
      return words.every(function (word) { return name.indexOf(word) >= 0; });
    });
    hits.slice(0, 40).forEach(function (item) {
      var link = document.createElement("a"), line = document.createElement("li");
      link.href = "people/" + item[0] + ".html";
      link.textContent = item[1];
      line.append(link, " " + item[2]);
      found.append(line);
    });
    if (hits.length !== 1) {
      var rest = document.createElement("li");
      rest.textContent = hits.length === 0 ? "nobody of that name" : hits.length + " people";
      found.append(rest);
    }
  }
  box.addEventListener("focus", load);
  box.addEventListener("input", function () { load(); show(); });
  if (box.value) load();
})();
