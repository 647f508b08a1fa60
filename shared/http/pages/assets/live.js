// Keeps a page up to date: asks for it again while it is looked at, often while something is under way, and changes
// only what has changed, so that focus, scroll and what was opened stay as they are.
const waits = { active: 2_000, idle: 20_000, failedAtMost: 60_000 };
const main = document.querySelector("main");
const news = document.getElementById("news");
const pause = document.getElementById("pause");

let etag = null;
let failures = 0;
let isPaused = false;
let timer;

function schedule() {
  clearTimeout(timer);
  if (isPaused || document.hidden) return;
  const wait = waits[main.dataset.live] ?? waits.idle;
  timer = setTimeout(refresh, Math.min(wait * 2 ** failures, Math.max(wait, waits.failedAtMost)));
}

async function refresh() {
  try {
    const response = await fetch(location.href, {
      headers: { accept: "text/html", ...(etag === null ? {} : { "if-none-match": etag }) },
      cache: "no-store",
    });
    if (response.redirected) return location.reload();
    if (response.status !== 304) {
      if (!response.ok) throw new Error(`status ${response.status}`);
      show(new DOMParser().parseFromString(await response.text(), "text/html"));
      etag = response.headers.get("etag");
    }
    if (failures > 0) tell("");
    failures = 0;
  } catch {
    failures += 1;
    // Once may be chance.
    if (failures === 2) tell("Tagrelay cannot be reached; this page may be out of date.");
  }
  schedule();
}

function show(fresh) {
  const freshMain = fresh.querySelector("main");
  if (freshMain === null) return;
  const before = main.dataset.summary;
  patch(main, freshMain);
  document.title = fresh.title;
  if (main.dataset.summary !== before) tell(main.dataset.summary);
}

function tell(words) {
  news.textContent = words;
}

/** Makes `old` the same as `fresh` with as few changes as there are. */
function patch(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== Node.ELEMENT_NODE) {
    old.data = fresh.data;
    return;
  }
  for (const { name } of [...old.attributes]) {
    // What somebody has opened stays open.
    if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  let at = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    const same = find(old, at, child);
    if (same === null) {
      old.insertBefore(document.importNode(child, true), at);
      continue;
    }
    // What stands between has gone: to remove it rather than to move the other keeps the focus there.
    while (at !== same) at = remove(at);
    patch(same, child);
    at = same.nextSibling;
  }
  while (at !== null) at = remove(at);
}

function remove(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}

/** What stood for `child` before, at `at` or after it: the one of its id, or else of its kind. */
function find(parent, at, child) {
  if (child.id) {
    for (let node = at; node !== null; node = node.nextSibling) if (node.id === child.id) return node;
    return null;
  }
  return at !== null && at.parentNode === parent && at.nodeName === child.nodeName && !at.id ? at : null;
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) clearTimeout(timer);
  else if (!isPaused) void refresh();
});

pause.hidden = false;
pause.addEventListener("click", () => {
  isPaused = !isPaused;
  pause.textContent = isPaused ? "Go on with updates" : "Pause updates";
  if (isPaused) clearTimeout(timer);
  else void refresh();
});

schedule();
