
// The slider over budgets: scores and probabilities from quantiles that the page holds; and searching in long tables.
(function () {
  document.querySelectorAll(".search").forEach(function (box) {
    box.hidden = false;
    var rows = box.nextElementSibling.querySelectorAll("tbody tr");
    box.querySelector("input").addEventListener("input", function (event) {
      var words = event.target.value.toLowerCase().split(/\s+/);
      rows.forEach(function (row) {
        var text = row.textContent.toLowerCase();
        row.hidden = !words.every(function (word) { return text.indexOf(word) >= 0; });
      });
    });
  });
  var kept = document.getElementById("budget-data");
  if (!kept) { return; }
  var data = JSON.parse(kept.textContent);
  var range = document.getElementById("budget-range");
  var rows = document.querySelectorAll("#budget-table tbody tr");
  function between(x, xs, ys) {
    if (x <= xs[0]) { return ys[0]; }
    for (var i = 1; i < xs.length; i++) {
      if (x <= xs[i]) { return ys[i - 1] + (ys[i] - ys[i - 1]) * (x - xs[i - 1]) / ((xs[i] - xs[i - 1]) || 1); }
    }
    return ys[ys.length - 1];
  }
  function reach(target, values) {
    if (target < values[0]) { return 1; }
    if (target > values[values.length - 1]) { return 0; }
    return 1 - between(target, values, data.levels);
  }
  function words(probability) {
    var levels = data.levels;
    if (probability < levels[0] + 1e-9) { return "below 0.5%"; }
    if (probability > levels[levels.length - 1] - 1e-9) { return "above 99.5%"; }
    return Math.round(100 * probability) + "%";
  }
  function show() {
    var at = Number(range.value);
    document.getElementById("budget-said").textContent = data.budgets[at];
    range.setAttribute("aria-valuetext", data.budgets[at]);
    document.getElementById("budget-beyond").hidden = at <= data.audited;
    rows.forEach(function (row, number) {
      var values = data.rows[number][at];
      function part(name, text) { row.querySelector('[data-part="' + name + '"]').textContent = text; }
      function quantile(level) { return between(level, data.levels, values) / 100; }
      part("score", quantile(0.5).toFixed(1) + "%");
      part("interval", quantile(0.05).toFixed(0) + "\u2013" + quantile(0.95).toFixed(0) + "%");
      var input = row.querySelector("input");
      var wanted = input.value.trim() === "" ? NaN : Number(input.value);
      var known = wanted >= 0 && wanted <= 100;
      part("probability", known ? words(reach(100 * wanted, values)) : "");
      row.querySelector(".still").textContent = known ? wanted + "%" : "";
    });
  }
  document.querySelector(".track").hidden = false;
  rows.forEach(function (row) {
    row.querySelector("input").hidden = false;
    row.querySelector(".still").hidden = true;
    row.querySelector("input").addEventListener("input", show);
  });
  range.addEventListener("input", show);
  range.addEventListener("change", show);
  show();
})();
