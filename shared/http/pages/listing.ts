// A list that may have hundreds of items: a form that filters and searches it, and links to its other pages. All of it
// works by the address alone.
import { html } from "hono/html";
import { pluralize } from "./describe.ts";
import type { Html } from "./layout.ts";

/** What the address asks for; unknown values are ignored. */
export type Wanted = { show: string; find: string; page: number };

export type Group<T> = { key: string; label: string; has: (item: T) => boolean };

export type ListingOptions<T> = {
  /** The path of the page; the list's own place on it, if it is not the whole page. */
  path: string;
  anchor?: string;
  /** What is searched, for the form's label: "name or image". */
  searched: string;
  noun: string;
  groups: readonly Group<T>[];
  textOf: (item: T) => string;
  perPage?: number;
  /** So many items need no form. */
  minItems?: number;
};

export type Listing<T> = { shown: readonly T[]; controls: Html; pager: Html };

const defaultPerPage = 50;
const defaultMinItems = 8;
const maxFind = 100;

export function readWanted(query: (name: string) => string | undefined): Wanted {
  const page = Number(query("page") ?? "1");
  return {
    show: query("show") ?? "",
    find: (query("find") ?? "").trim().slice(0, maxFind),
    page: Number.isSafeInteger(page) && page > 0 ? page : 1,
  };
}

/** A short list has no controls, unless they are in use. */
export function listing<T>(items: readonly T[], wanted: Wanted, options: ListingOptions<T>): Listing<T> {
  const { groups, textOf, perPage = defaultPerPage, minItems = defaultMinItems } = options;
  const find = wanted.find.toLowerCase();
  const found = find === "" ? items : items.filter((item) => textOf(item).toLowerCase().includes(find));
  const group = groups.find(({ key }) => key === wanted.show);
  const chosen = group === undefined ? found : found.filter(group.has);
  const pages = Math.max(1, Math.ceil(chosen.length / perPage));
  const page = Math.min(wanted.page, pages);
  const at = { show: group?.key ?? "", find: wanted.find, page };
  const isUsed = at.show !== "" || at.find !== "";
  const nothing =
    chosen.length > 0
      ? ""
      : html`<p class="note none">No ${options.noun} here. <a href="${addressOf(options, { show: "", find: "", page: 1 })}">Show all</a></p>`;
  return {
    shown: chosen.slice((page - 1) * perPage, page * perPage),
    controls: items.length > minItems || isUsed ? controls(found, at, options) : html``,
    pager: html`${isUsed ? nothing : ""}${pages > 1 ? pager(chosen.length, pages, at, { ...options, perPage }) : ""}`,
  };
}

function controls<T>(found: readonly T[], at: Wanted, options: ListingOptions<T>): Html {
  const { path, anchor = "", searched, groups } = options;
  const all = { key: "", label: "All", has: () => true };
  const tabs = [all, ...groups].map(({ key, label, has }) => {
    const count = found.filter(has).length;
    const isHere = key === at.show;
    if (count === 0 && !isHere && key !== "") return "";
    return html`<a href="${addressOf(options, { ...at, show: key, page: 1 })}"${isHere ? html` aria-current="true"` : ""}>${label} <span>${count}</span></a>`;
  });
  const hidden = at.show === "" ? "" : html`<input type="hidden" name="show" value="${at.show}">`;
  return html`<div class="find"><nav aria-label="Filter">${tabs}</nav><form role="search" action="${path}${anchor === "" ? "" : `#${anchor}`}">${hidden}<label><span class="unseen">Find by ${searched}</span><input type="search" name="find" value="${at.find}" maxlength="${maxFind}" placeholder="${searched}"></label> <button>Find</button></form></div>
`;
}

function pager<T>(
  count: number,
  pages: number,
  at: Wanted,
  options: ListingOptions<T> & { perPage: number },
): Html {
  const { noun, perPage } = options;
  const first = (at.page - 1) * perPage + 1;
  const link = (page: number, words: string) =>
    page < 1 || page > pages ? "" : html`<a href="${addressOf(options, { ...at, page })}">${words}</a>`;
  return html`<nav class="pager" aria-label="Pages"><span>${first} to ${Math.min(count, at.page * perPage)} of ${pluralize(count, noun)}</span>${link(at.page - 1, "Previous")}${link(at.page + 1, "Next")}</nav>
`;
}

function addressOf<T>({ path, anchor = "" }: ListingOptions<T>, { show, find, page }: Wanted): string {
  const query = new URLSearchParams({
    ...(show === "" ? {} : { show }),
    ...(find === "" ? {} : { find }),
    ...(page === 1 ? {} : { page: String(page) }),
  }).toString();
  return `${path}${query === "" ? "" : `?${query}`}${anchor === "" ? "" : `#${anchor}`}`;
}
