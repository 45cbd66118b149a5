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

// A link to what is folded unfolds it; not every browser does that by itself.
const wanted = location.hash && document.getElementById(location.hash.slice(1));
const fold = wanted && wanted.closest("details");
if (fold && !fold.open) {
  fold.open = true;
  wanted.scrollIntoView();
}

// What is said after an act gets the focus, so that it is read out.
document.querySelector("[data-announce]")?.focus();

// A file that is too big is refused before it has crossed a slow line.
for (const input of document.querySelectorAll("input[data-bytes-max]")) {
  input.addEventListener("change", () => {
    const isTooBig = [...input.files].some((file) => file.size > Number(input.dataset.bytesMax));
    input.setCustomValidity(isTooBig ? input.dataset.tooBig : "");
    input.reportValidity();
  });
}

// A form is sent once.
document.addEventListener("submit", (event) => {
  const sender = event.target.querySelector("button[type=submit]");
  if (!sender || event.defaultPrevented) return;
  setTimeout(() => { sender.disabled = true; });
  addEventListener("pageshow", () => { sender.disabled = false; }, { once: true });
});

// Work under way, or what is waited for, is asked about again while the page is looked at; once it has come, the page
// shows it. Without script the page reloads itself, or has a link. After half an hour nothing is asked any more: an open
// page must not keep a session alive all day.
const again = async (area, until) => {
  await new Promise((resolve) => { setTimeout(resolve, Number(area.dataset.refresh) * 1000); });
  if (Date.now() > until) return undefined;
  if (document.hidden) return again(area, until);
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return again(area, until);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(area.id);
  if (!fresh?.dataset.refresh) return location.reload();
  if (fresh.innerHTML !== area.innerHTML) area.innerHTML = fresh.innerHTML;
  return again(area, until);
};
const underWay = document.querySelector("[data-refresh]");
if (underWay) again(underWay, Date.now() + 30 * 60 * 1000);
