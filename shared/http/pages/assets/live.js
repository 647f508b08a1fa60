// Keeps a page up to date: requests it again while it is visible, and changes only the nodes that differ, so that focus,
// scroll position and opened sections stay.
const waitMs = { active: 2_000, idle: 20_000 };
const maxRetryWaitMs = 60_000;
const main = document.querySelector("main");
const announcer = document.getElementById("announcer");
const pause = document.getElementById("pause");

let etag = null;
let failures = 0;
let isPaused = false;
let timer;

function schedule() {
  clearTimeout(timer);
  if (isPaused || document.hidden) return;
  const wait = waitMs[main.dataset.live] ?? waitMs.idle;
  timer = setTimeout(refresh, Math.min(wait * 2 ** failures, maxRetryWaitMs));
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
    follow();
    if (failures > 0) announce("");
    failures = 0;
  } catch {
    failures += 1;
    // A single failure may be chance.
    if (failures === 2) announce("Tagrelay cannot be reached; this page may be out of date.");
  }
  schedule();
}

function show(fresh) {
  const freshMain = fresh.querySelector("main");
  if (freshMain === null) return;
  localize(freshMain);
  const before = main.dataset.summary;
  patch(main, freshMain);
  document.title = fresh.title;
  if (main.dataset.summary !== before) announce(main.dataset.summary);
}

const two = (number) => String(number).padStart(2, "0");

/** `2026-11-21 03:00`, where the reader is. */
function local(at) {
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** Pages are written in UTC. Before they are compared or seen, their instants are in the reader's time zone. */
function localize(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    if (time.classList.contains("at")) time.textContent = local(at);
    time.title = `${local(at)} (${time.title})`;
  }
}

/** The element has the role `status`, so screen readers read it aloud. */
function announce(words) {
  announcer.textContent = words;
}

const maxOutputLength = 200_000;
/** The element whose text is an output that comes live, and where it comes from. */
let followed = null;

/** Shows the output of a step under way as it comes. The browser connects again by itself. */
function follow() {
  const pre = main.querySelector("pre[data-follow]");
  if (pre === followed?.pre && pre?.dataset.follow === followed?.path) return;
  stopFollowing();
  if (pre === null || isPaused || document.hidden) return;
  const path = pre.dataset.follow;
  const source = new EventSource(path);
  followed = { pre, path, source };
  let isFirst = true;
  const add = (text) => {
    const isAtEnd = isFirst || pre.scrollTop + pre.clientHeight >= pre.scrollHeight - 8;
    // The first event begins at the start of what is shown.
    const shown = isFirst ? text : pre.textContent + text;
    isFirst = false;
    pre.textContent = shown.length > maxOutputLength ? `…${shown.slice(-maxOutputLength)}` : shown;
    if (isAtEnd) pre.scrollTop = pre.scrollHeight;
  };
  source.addEventListener("output", ({ data }) => add(JSON.parse(data).text));
  source.addEventListener("omitted", ({ data }) => add(`\n[… ${JSON.parse(data).bytes} bytes omitted …]\n`));
  source.addEventListener("failed", ({ data }) => {
    const { attempt, reason } = JSON.parse(data);
    add(`\n[attempt ${attempt}: ${reason}]\n`);
  });
  source.addEventListener("end", () => {
    // What the server shows now replaces it.
    stopFollowing();
    if (!isPaused && !document.hidden) void refresh();
  });
}

function stopFollowing() {
  followed?.source.close();
  followed = null;
}

/** Makes `old` equal to `fresh` with few changes. */
function patch(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old === followed?.pre && fresh.dataset?.follow === followed.path) return;
  if (old.nodeType !== Node.ELEMENT_NODE) {
    old.data = fresh.data;
    return;
  }
  for (const { name } of [...old.attributes]) {
    // `<details>` that the viewer opened stay open.
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
    if (same !== at && isHeld(same)) {
      while (at !== same) at = putBack(at);
    } else if (same !== at) {
      old.insertBefore(same, at);
    }
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

/** Moving a node would lose the focus or the selection in it. */
function isHeld(node) {
  const { anchorNode, focusNode } = getSelection();
  return [document.activeElement, anchorNode, focusNode].some((held) => held !== null && node.contains(held));
}

/** Makes room: a node with an id may have its counterpart later. */
function putBack(node) {
  if (!node.id) return remove(node);
  const next = node.nextSibling;
  node.parentNode.append(node);
  return next;
}

/** The counterpart of `child`, at `at` or after it: the node with the same id, or else of the same kind. */
function find(parent, at, child) {
  if (child.id) {
    for (let node = at; node !== null; node = node.nextSibling) if (node.id === child.id) return node;
    return null;
  }
  return at !== null && at.parentNode === parent && at.nodeName === child.nodeName && !at.id ? at : null;
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    clearTimeout(timer);
    stopFollowing();
  } else if (!isPaused) void refresh();
});

localize(main);
document.getElementById("zone").textContent =
  `Times are in ${Intl.DateTimeFormat().resolvedOptions().timeZone ?? "your time zone"}`;

pause.hidden = false;
pause.addEventListener("click", () => {
  isPaused = !isPaused;
  pause.textContent = isPaused ? "Resume updates" : "Pause updates";
  if (isPaused) {
    clearTimeout(timer);
    stopFollowing();
  } else void refresh();
});

follow();
schedule();
