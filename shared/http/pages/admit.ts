// Middleware: lets viewers in who are signed in, or everyone, and sends all others to the sign-in page.
import type { MiddlewareHandler } from "hono";
import { signInPath, type Viewer } from "./layout.ts";
import { returnPath } from "./return-path.ts";
import type { Sessions } from "./session.ts";

export type ViewerEnv = { Variables: { viewer: Viewer } };

export function admit(sessions: Sessions, isPublic: boolean): MiddlewareHandler<ViewerEnv> {
  return async (c, next) => {
    const isSignedIn = await sessions.isSignedIn(c);
    const { pathname, search } = new URL(c.req.url);
    // A form's page has the path of its action without the last part.
    const page = c.req.method === "GET" ? `${pathname}${search}` : pathname.replace(/\/[^/]*$/, "");
    const path = returnPath(page);
    if (!isPublic && !isSignedIn) return c.redirect(signInPath(path), 303);
    c.set("viewer", { isSignedIn, path });
    return next();
  };
}
