// GET /sign-in: asks for the API token.
import { html } from "hono/html";
import type { Page } from "./layout.ts";

export function signInPage(to: string, isWrong: boolean): Page {
  const wrong = html`<p class="reason" role="alert" id="wrong">This is not the API token.</p>`;
  const invalid = isWrong ? html` aria-invalid="true" aria-describedby="wrong"` : "";
  return {
    title: "Sign in · Tagrelay",
    summary: isWrong ? "This is not the API token" : "Sign in",
    live: null,
    content: html`<form class="sign-in" method="post" action="/sign-in"><h1>Sign in</h1>
${isWrong ? wrong : ""}
<label for="token">API token</label>
<input id="token" name="token" type="password" required autocomplete="current-password" spellcheck="false"${invalid}>
<input type="hidden" name="to" value="${to}">
<button>Sign in</button>
<p class="note">Tagrelay prints the token on its first start and keeps it in its data folder. On AWS it is the parameter TAGRELAY_API_TOKEN.</p></form>`,
  };
}
