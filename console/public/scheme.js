// Sets the colour scheme before the first paint. A file of its own because the page's policy allows no inline script.
(function () {
  var chosen = null;
  try { chosen = localStorage.getItem("stalk.scheme"); } catch (e) { /* storage blocked: follow the system */ }
  if (chosen !== "light" && chosen !== "dark") {
    chosen = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
  document.documentElement.setAttribute("data-mantine-color-scheme", chosen);
})();
