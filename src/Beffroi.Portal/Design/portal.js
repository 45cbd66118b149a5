// Small comforts. Every page works without them.

// On a phone the menu begins closed behind its button; without script it is open.
const button = document.querySelector(".menu-button");
const menu = document.getElementById("menu");
if (button && menu) {
  button.hidden = false;
  menu.style.display = "none";
  button.addEventListener("click", () => {
    const opens = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(opens));
    menu.style.display = opens ? "block" : "none";
  });
}

// What is said after an act gets the focus, so that it is read out.
document.querySelector("[data-announce]")?.focus();

// A form is sent once.
document.addEventListener("submit", (event) => {
  const sender = event.target.querySelector("button[type=submit]");
  if (!sender || event.defaultPrevented) return;
  setTimeout(() => { sender.disabled = true; });
  addEventListener("pageshow", () => { sender.disabled = false; }, { once: true });
});

// What is waited for is asked for again; once it has come, the page shows it. After half an hour the link remains: an
// open page must not keep a session alive all day.
const waiting = document.querySelector("[data-wait]");
if (waiting) {
  const until = Date.now() + 30 * 60 * 1000;
  const ask = async () => {
    const answer = await fetch(location.href).catch(() => null);
    const page = answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
    if (page && !page.querySelector("[data-wait]")) location.reload();
    else if (Date.now() < until) setTimeout(ask, 5000);
  };
  setTimeout(ask, 5000);
}
