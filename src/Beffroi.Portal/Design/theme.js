// Chooses light or dark before the page is painted: the person's choice (a cookie, which the server has written into the
// page), else the system's. Without script the page is light.
(() => {
  const root = document.documentElement;
  if (root.dataset.chosen) return;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => { root.dataset.bsTheme = dark.matches ? "dark" : "light"; };
  apply();
  dark.addEventListener("change", apply);
})();
