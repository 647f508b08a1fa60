// GET /sign-in: asks for the API token.
import { html } from "hono/html";
import type { Page } from "./layout.ts";

export function signInPage(to: string, isWrong: boolean): Page {
  return {
    title: "Sign in · Tagrelay",
    summary: isWrong ? "This is not the API token" : "Sign in",
    live: null,
    content: html`<form class="sign-in" method="post" action="/sign-in"><h1>Sign in</h1>
${isWrong ? html`<p class="reason" role="alert" id="wrong">This is not the API token.</p>` : ""}
<label for="token">API token</label>
<input id="token" name="token" type="password" required autocomplete="current-password" spellcheck="false"${isWrong ? html` aria-invalid="true" aria-describedby="wrong"` : ""}>
<input type="hidden" name="to" value="${to}">
<button>Sign in</button>
<p class="note">On a machine it is told at the first start and kept in the data folder; on AWS it is the parameter TAGRELAY_API_TOKEN.</p></form>`,
  };
}
