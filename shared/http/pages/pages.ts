// The routes of the status pages: views, signing in, and the buttons that start, cancel and retry runs.
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { etag } from "hono/etag";
import type { PageAccess, Pipeline } from "../../pipeline/pipeline.ts";
import { approveGate, changeRun, startRun } from "../../relay/change-run.ts";
import type { Relay } from "../../relay/relay.ts";
import { rollBack } from "../../relay/roll-back.ts";
import { pipelineOfRunId } from "../../run/run-id.ts";
import { emptyState } from "../../run/state.ts";
import { didYouMean } from "../../validation/did-you-mean.ts";
import { reportFailure } from "../report-failure.ts";
import { admit, type ViewerEnv } from "./admit.ts";
import { answerMessage, answerPage } from "./answer-page.ts";
import { findAsset } from "./assets.ts";
import { freshnessPage } from "./freshness-page.ts";
import { maxHistory } from "./history.ts";
import { readWanted } from "./listing.ts";
import { loadRunView } from "./load-run-view.ts";
import type { PipelineEntry } from "./pipeline-entry.ts";
import { type PipelineView, pipelinePage } from "./pipeline-page.ts";
import { pipelinesPage } from "./pipelines-page.ts";
import { readForm } from "./read-form.ts";
import { returnPath } from "./return-path.ts";
import { rolledBackPage } from "./rolled-back-page.ts";
import { runPage } from "./run-page.ts";
import { requireSameSite } from "./same-site.ts";
import { securityHeaders } from "./security-headers.ts";
import { createSessions, type Sessions } from "./session.ts";
import { signInPage } from "./sign-in-page.ts";

type Pages = Hono<ViewerEnv>;
type Admission = MiddlewareHandler<ViewerEnv>;

export function createPages(
  relay: Relay,
  readToken: () => Promise<string>,
  access: Exclude<PageAccess, "off">,
  addLocal: (pages: Pages, admitted: Admission) => void,
): Pages {
  const sessions = createSessions(readToken, relay.clock);
  const pages: Pages = new Hono();
  addLocal(pages, admit(sessions, false));
  addViews(pages, relay, admit(sessions, access === "public"));
  addSignIn(pages, sessions);
  addButtons(pages, relay, admit(sessions, false));
  addAssets(pages);
  pages.onError((error, c) => {
    const { status, detail, headers } = reportFailure(error, c, relay);
    return answerMessage(c, status, detail, headers);
  });
  return pages;
}

function addViews(pages: Pages, relay: Relay, admitted: Admission): void {
  pages.get("/", securityHeaders, admitted, etag(), async (c) => {
    const entries = await loadEntries(relay);
    const wanted = readWanted((name) => c.req.query(name));
    return answerPage(c, pipelinesPage(entries, wanted, relay.clock()), c.get("viewer"));
  });

  pages.get("/freshness", securityHeaders, admitted, etag(), async (c) => {
    const entries = await loadEntries(relay);
    const wanted = readWanted((name) => c.req.query(name));
    return answerPage(c, freshnessPage(entries, wanted, relay.clock()), c.get("viewer"));
  });

  pages.get("/pipelines/:pipeline", securityHeaders, admitted, etag(), async (c) => {
    const name = c.req.param("pipeline");
    const pipeline = relay.pipelines.get(name);
    if (pipeline === undefined) return unknownPipeline(c, relay, name);
    const viewer = c.get("viewer");
    const view = await loadPipelineView(relay, pipeline, c.req.query("before"));
    return answerPage(c, pipelinePage(view, viewer, relay.clock()), viewer);
  });

  pages.get("/runs/:run", securityHeaders, admitted, etag(), async (c) => {
    const viewer = c.get("viewer");
    const outputOf = c.req.query("output") ?? null;
    const wanted = readWanted((name) => c.req.query(name));
    const view = await loadRunView(relay, c.req.param("run"), viewer.isSignedIn, outputOf, wanted);
    if (view === null) return unknownRun(c);
    return answerPage(c, runPage(view, viewer, relay.clock()), viewer);
  });
}

async function loadEntries(relay: Relay): Promise<PipelineEntry[]> {
  const states = await relay.store.loadMany([...relay.pipelines.keys()]);
  return [...relay.pipelines.values()].map((pipeline) => ({
    pipeline,
    state: states.get(pipeline.name) ?? emptyState,
  }));
}

/** `before` is the id of a run in the address, so it may be anything. */
async function loadPipelineView(relay: Relay, pipeline: Pipeline, before = ""): Promise<PipelineView> {
  const { name } = pipeline;
  const { state } = await relay.store.load(name);
  const newest = await relay.store.listRuns(name, maxHistory, null);
  const isRun = pipelineOfRunId(before) === name;
  const past = isRun
    ? { ...(await relay.store.listRuns(name, maxHistory, before)), before }
    : { ...newest, before: null };
  return { pipeline, state, latest: newest.runs, past };
}

const sameSiteOnly = requireSameSite((c) =>
  answerMessage(c, 403, "expected a form of this site, found a request from elsewhere"),
);

function addSignIn(pages: Pages, sessions: Sessions): void {
  pages.get("/sign-in", securityHeaders, async (c) => {
    const to = returnPath(c.req.query("to"));
    if (await sessions.isSignedIn(c)) return c.redirect(to, 303);
    return answerPage(c, signInPage(to, false), null);
  });

  pages.post("/sign-in", securityHeaders, sameSiteOnly, async (c) => {
    const form = await readForm(c.req.raw);
    if (form === null) return answerMessage(c, 400, "expected a form with the API token");
    const to = returnPath(form.get("to") ?? undefined);
    if (await sessions.signIn(c, form.get("token")?.trim() ?? "")) return c.redirect(to, 303);
    return answerPage(c, signInPage(to, true), null, 401);
  });

  pages.post("/sign-out", securityHeaders, sameSiteOnly, (c) => {
    sessions.signOut(c);
    return c.redirect("/", 303);
  });
}

function addButtons(pages: Pages, relay: Relay, admitted: Admission): void {
  pages.post("/pipelines/:pipeline/runs", securityHeaders, sameSiteOnly, admitted, async (c) => {
    const name = c.req.param("pipeline");
    const pipeline = relay.pipelines.get(name);
    if (pipeline === undefined) return unknownPipeline(c, relay, name);
    const form = await readForm(c.req.raw);
    if (form === null) return answerMessage(c, 400, "expected a form");
    const started = await startRun(relay, pipeline, form.get("from") || null);
    if (started.kind === "refused") return answerMessage(c, 409, started.reason);
    return c.redirect(`/runs/${started.run.id}`, 303);
  });

  const addChange = (change: "cancel" | "retry") =>
    pages.post(`/runs/:run/${change}`, securityHeaders, sameSiteOnly, admitted, async (c) => {
      const id = c.req.param("run");
      const changed = await changeRun(relay, id, change);
      if (changed === null) return unknownRun(c);
      if (changed.kind === "refused") return answerMessage(c, 409, changed.reason);
      return c.redirect(`/runs/${id}`, 303);
    });
  pages.post("/runs/:run/approve", securityHeaders, sameSiteOnly, admitted, async (c) => {
    const id = c.req.param("run");
    const form = await readForm(c.req.raw);
    if (form === null) return answerMessage(c, 400, "expected a form with the name of a gate");
    const changed = await approveGate(relay, id, form.get("step") ?? "");
    if (changed === null) return unknownRun(c);
    if (changed.kind === "refused") return answerMessage(c, 409, changed.reason);
    return c.redirect(`/runs/${id}`, 303);
  });

  pages.post("/runs/:run/rollback", securityHeaders, sameSiteOnly, admitted, async (c) => {
    const id = c.req.param("run");
    const rolledBack = await rollBack(relay, id);
    if (rolledBack === null) return unknownRun(c);
    if (rolledBack.kind === "refused") return answerMessage(c, 409, rolledBack.reason);
    return answerPage(c, rolledBackPage(id, rolledBack.steps), c.get("viewer"));
  });

  addChange("cancel");
  addChange("retry");
}

function addAssets(pages: Pages): void {
  pages.get("/assets/:file", securityHeaders, async (c) => {
    const asset = findAsset(c.req.path);
    if (asset === null) return answerMessage(c, 404, "no file has this name");
    return c.body(asset.text, 200, {
      "content-type": asset.type,
      "cache-control": "public, max-age=31536000, immutable",
    });
  });
}

function unknownPipeline(c: Context, relay: Relay, name: string): Promise<Response> {
  const hint = didYouMean(name, [...relay.pipelines.keys()]);
  return answerMessage(c, 404, `no pipeline has this name${hint}`);
}

function unknownRun(c: Context): Promise<Response> {
  return answerMessage(c, 404, "no run has this id");
}
