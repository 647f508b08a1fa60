// The frame of every page: head, header, main and footer.
import { html } from "hono/html";
import { assetPath } from "./assets.ts";
import { icons } from "./icons.ts";

export type Html = ReturnType<typeof html>;

/** The person who looks at a page, and the page's path. */
export type Viewer = { isSignedIn: boolean; path: string };

export type Page = {
  title: string;
  content: Html;
  /** Announced to screen readers when it changes. */
  summary: string;
  /** How often live.js refreshes the page: often while something is under way; null for never. */
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
${live === null ? "" : html`<script src="${assetPath("live.js")}" defer></script>\n`}</head>
<body>
${icons}
<a class="skip" href="#main">Skip to content</a>
<header><a class="brand" href="/">Tagrelay</a>${viewer === null ? "" : html`<nav><a href="/freshness">Freshness</a></nav>${account(viewer)}`}</header>
<main id="main" data-live="${live ?? "off"}" data-summary="${summary}">
${content}
</main>
<footer>${live === null ? "" : html`<span id="zone">Times are in UTC</span>`}<span id="announcer" role="status"></span><button id="pause" type="button" hidden>Pause updates</button></footer>
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
