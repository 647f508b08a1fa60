// The routes of the status pages.
import { Hono, type MiddlewareHandler } from "hono";
import { etag } from "hono/etag";
import { didYouMean } from "../../core/did-you-mean.ts";
import type { PageAccess } from "../../core/pipeline.ts";
import { emptyState } from "../../core/run.ts";
import { changeRun, startRun } from "../../relay/change-run.ts";
import type { Relay } from "../../relay/relay.ts";
import { tellFailure } from "../tell-failure.ts";
import { answerMessage, answerPage } from "./answer.ts";
import { findAsset } from "./assets.ts";
import { historyAtMost } from "./history.ts";
import { signInPath, type Viewer } from "./layout.ts";
import { pipelinePage } from "./pipeline-page.ts";
import { pipelinesPage } from "./pipelines-page.ts";
import { readForm } from "./read-form.ts";
import { readRun } from "./read-run.ts";
import { runPage } from "./run-page.ts";
import { sameSite } from "./same-site.ts";
import { securityHeaders } from "./security-headers.ts";
import { createSessions, type Sessions } from "./session.ts";
import { signInPage } from "./sign-in-page.ts";
import { wayBack } from "./way-back.ts";

type Env = { Variables: { viewer: Viewer } };

export function createPages(
  relay: Relay,
  readToken: () => Promise<string>,
  access: Exclude<PageAccess, "off">,
): Hono<Env> {
  const sessions = createSessions(readToken, relay.clock);
  const pages = new Hono<Env>();
  addViews(pages, relay, admit(sessions, access === "public"));
  addSignIn(pages, sessions);
  addChanges(pages, relay, admit(sessions, false));
  pages.get("/assets/:file", securityHeaders, async (c) => {
    const asset = findAsset(c.req.path);
    if (asset === null) return answerMessage(c, 404, "there is nothing here");
    return c.body(asset.text, 200, {
      "content-type": asset.type,
      "cache-control": "public, max-age=31536000, immutable",
    });
  });
  pages.onError((error, c) => {
    const { status, detail, headers } = tellFailure(error, c, relay);
    return answerMessage(c, status, detail, headers);
  });
  return pages;
}

/** Lets in whoever is signed in, or anyone, and sends all others to sign in. */
function admit(sessions: Sessions, isPublic: boolean): MiddlewareHandler<Env> {
  return async (c, next) => {
    const isSignedIn = await sessions.isSignedIn(c);
    const { pathname, search } = new URL(c.req.url);
    // Whoever sends a form without being signed in comes back to the page that it stands on.
    const page = c.req.method === "GET" ? `${pathname}${search}` : pathname.replace(/\/[^/]*$/, "");
    const path = wayBack(page);
    if (!isPublic && !isSignedIn) return c.redirect(signInPath(path), 303);
    c.set("viewer", { isSignedIn, path });
    return next();
  };
}

function addViews(pages: Hono<Env>, relay: Relay, admitted: MiddlewareHandler<Env>): void {
  pages.get("/", securityHeaders, admitted, etag(), async (c) => {
    const states = await relay.store.loadMany([...relay.pipelines.keys()]);
    const entries = [...relay.pipelines.values()].map((pipeline) => ({
      pipeline,
      state: states.get(pipeline.name) ?? emptyState,
    }));
    return answerPage(c, pipelinesPage(entries, relay.clock()), c.get("viewer"));
  });

  pages.get("/pipelines/:pipeline", securityHeaders, admitted, etag(), async (c) => {
    const name = c.req.param("pipeline");
    const pipeline = relay.pipelines.get(name);
    if (pipeline === undefined) return answerMessage(c, 404, noPipeline(relay, name));
    const { state } = await relay.store.load(name);
    const { runs } = await relay.store.listRuns(name, historyAtMost, null);
    const viewer = c.get("viewer");
    return answerPage(c, pipelinePage({ pipeline, state, runs }, viewer, relay.clock()), viewer);
  });

  pages.get("/runs/:run", securityHeaders, admitted, etag(), async (c) => {
    const viewer = c.get("viewer");
    const wanted = c.req.query("output") ?? null;
    const view = await readRun(relay, c.req.param("run"), viewer.isSignedIn, wanted);
    if (view === null) return answerMessage(c, 404, "there is no run of this id");
    return answerPage(c, runPage(view, viewer, relay.clock()), viewer);
  });
}

const ownFormsOnly = sameSite((c) =>
  answerMessage(c, 403, "expected a form of this site, found a request from elsewhere"),
);

function addSignIn(pages: Hono<Env>, sessions: Sessions): void {
  pages.get("/sign-in", securityHeaders, async (c) => {
    const to = wayBack(c.req.query("to"));
    if (await sessions.isSignedIn(c)) return c.redirect(to, 303);
    return answerPage(c, signInPage(to, false), null);
  });

  pages.post("/sign-in", securityHeaders, ownFormsOnly, async (c) => {
    const form = await readForm(c.req.raw);
    if (form === null) return answerMessage(c, 400, "expected a form with the API token");
    const to = wayBack(form.get("to") ?? undefined);
    if (await sessions.signIn(c, form.get("token")?.trim() ?? "")) return c.redirect(to, 303);
    return answerPage(c, signInPage(to, true), null, 401);
  });

  pages.post("/sign-out", securityHeaders, ownFormsOnly, (c) => {
    sessions.signOut(c);
    return c.redirect("/", 303);
  });
}

function addChanges(pages: Hono<Env>, relay: Relay, admitted: MiddlewareHandler<Env>): void {
  pages.post("/pipelines/:pipeline/runs", securityHeaders, ownFormsOnly, admitted, async (c) => {
    const name = c.req.param("pipeline");
    const pipeline = relay.pipelines.get(name);
    if (pipeline === undefined) return answerMessage(c, 404, noPipeline(relay, name));
    const form = await readForm(c.req.raw);
    if (form === null) return answerMessage(c, 400, "expected a form");
    const changed = await startRun(relay, pipeline, form.get("from") || null);
    if (changed.kind === "refused") return answerMessage(c, 409, changed.reason);
    return c.redirect(`/runs/${changed.run.id}`, 303);
  });

  const change = (what: "cancel" | "retry") =>
    pages.post(`/runs/:run/${what}`, securityHeaders, ownFormsOnly, admitted, async (c) => {
      const id = c.req.param("run");
      const changed = await changeRun(relay, id, what);
      if (changed === null) return answerMessage(c, 404, "there is no run of this id");
      if (changed.kind === "refused") return answerMessage(c, 409, changed.reason);
      return c.redirect(`/runs/${id}`, 303);
    });
  change("cancel");
  change("retry");
}

function noPipeline(relay: Relay, name: string): string {
  return `there is no pipeline of this name${didYouMean(name, [...relay.pipelines.keys()])}`;
}
