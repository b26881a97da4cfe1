// Runs before everything else: sets the colour scheme before the first paint, and has fetched what this address needs beside the first
// code. A file of its own because the page's policy allows no inline script.
(function () {
  var kept = function (name) {
    try { return localStorage.getItem(name); } catch (e) { return null; /* storage blocked: follow the system */ }
  };
  var chosen = kept("stalk.scheme");
  if (chosen !== "light" && chosen !== "dark") {
    chosen = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
  document.documentElement.setAttribute("data-mantine-color-scheme", chosen);

  // What build-ahead.ts wrote; absent while the console is developed.
  var script = document.currentScript;
  var ahead = script.dataset.ahead && JSON.parse(script.dataset.ahead);
  if (!ahead) return;
  // As src/i18n/index.ts chooses.
  var language = kept("stalk.language");
  if (language !== "en" && language !== "ko") language = navigator.language.toLowerCase().indexOf("ko") === 0 ? "ko" : "en";
  var steps = location.pathname.replace(/^\/console\/?/, "").split("/").filter(Boolean);
  var found = ahead.addresses.find(function (address) {
    var wanted = address[0].split("/");
    return address[0] === "" || (wanted.length <= steps.length && wanted.every(function (step, at) { return step === "+" || step === steps[at]; }));
  });
  var texts = ahead.texts[language];
  var files = [texts.first].concat(found[1].map(function (part) { return texts[part]; }), found[2]);
  files.forEach(function (file) {
    var link = document.createElement("link");
    var sheet = /\.css$/.test(file);
    link.rel = sheet ? "preload" : "modulepreload";
    if (sheet) link.as = "style";
    // As the build's own loader asks, or the file would be fetched twice.
    link.crossOrigin = "";
    link.nonce = script.nonce;
    link.href = "/console/" + file;
    document.head.appendChild(link);
  });
})();
