// Words of a marker at once on pointing or tapping, in place of the browser's late title; and open folds in print.
(function () {
  var tip = document.getElementById("tip");
  var marks = document.querySelectorAll("svg use > title");
  marks.forEach(function (title) {
    title.parentNode.setAttribute("data-said", title.textContent);
    title.remove();
  });
  function show(event) {
    var mark = event.target.closest ? event.target.closest("[data-said]") : null;
    if (!mark) { tip.hidden = true; return; }
    tip.textContent = mark.getAttribute("data-said");
    tip.hidden = false;
    var x = Math.min(event.clientX + 12, window.innerWidth - tip.offsetWidth - 8);
    var y = event.clientY - tip.offsetHeight - 10;
    tip.style.left = Math.max(x, 4) + "px";
    tip.style.top = (y < 4 ? event.clientY + 16 : y) + "px";
  }
  document.addEventListener("pointermove", show);
  document.addEventListener("pointerdown", show);
  document.addEventListener("scroll", function () { tip.hidden = true; }, true);
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details").forEach(function (fold) { fold.open = true; });
  });
})();
