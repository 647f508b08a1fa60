// What every page has around its content.
import { html } from "hono/html";
import { assetPath } from "./assets.ts";
import { icons } from "./icons.ts";

export type Html = ReturnType<typeof html>;

/** Whoever looks at a page, and where. */
export type Viewer = { isSignedIn: boolean; path: string };

export type Page = {
  title: string;
  content: Html;
  /** What is told to those who hear a page when it has changed. */
  summary: string;
  /** How often it is worth looking again: soon while something is under way; null for what does not change. */
  live: "active" | "idle" | null;
};

export function layout({ title, content, summary, live }: Page, viewer: Viewer | null): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="stylesheet" href="${assetPath("style.css")}">
<link rel="icon" href="${assetPath("icon.svg")}" type="image/svg+xml">
${
  live === null
    ? ""
    : html`<script src="${assetPath("live.js")}" defer></script>
`
}</head>
<body>
${icons}
<a class="skip" href="#main">Skip to the content</a>
<header><a class="brand" href="/">Tagrelay</a>${viewer === null ? "" : account(viewer)}</header>
<main id="main" data-live="${live ?? "off"}" data-summary="${summary}">
${content}
</main>
<footer><span id="news" role="status"></span><button id="pause" type="button" hidden>Pause updates</button></footer>
</body>
</html>
`;
}

function account({ isSignedIn, path }: Viewer): Html {
  if (isSignedIn)
    return html`<form method="post" action="/sign-out"><button class="plain">Sign out</button></form>`;
  return html`<a href="${signInPath(path)}">Sign in</a>`;
}

export function signInPath(path: string): string {
  return path === "/" ? "/sign-in" : `/sign-in?to=${encodeURIComponent(path)}`;
}
