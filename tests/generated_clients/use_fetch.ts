// Ten calls with the types of openapi-typescript and the client openapi-fetch.
import createClient from "openapi-fetch";
import type { paths } from "./accords.js";

const deal = "us-china-rare-metals";
const api = createClient<paths>({
  baseUrl: process.env.BASE!,
  headers: { Authorization: `Bearer ${process.env.TOKEN}` },
  querySerializer: { array: { style: "form", explode: false } },
});

function passed(name: string, isRight: boolean): void {
  console.log(isRight ? "ok" : "WRONG", name);
}

const beginning = await api.GET("/api/v1/changes/parties", { params: { query: { after: "now" } } });

const filtered = await api.GET("/api/v1/clauses", {
  params: { query: { agreement: [deal], type: ["tariff"], expand: ["agreement"] } },
});
const clause = filtered.data!.results[0]!;
passed("filter", clause.baseline_value === 57 && clause.value === 47 && clause.type === "tariff");

const ids: number[] = [];
let cursor: string | undefined;
let total = 0;
do {
  const { data } = await api.GET("/api/v1/clauses", { params: { query: { page_size: 2, count: "exact", cursor } } });
  ids.push(...data!.results.map((row) => row.id));
  total = data!.count!;
  cursor = data!.next ? new URL(data!.next).searchParams.get("cursor")! : undefined;
} while (cursor);
passed("all pages", ids.length === total && new Set(ids).size === total && total > 2);

const agreement = (await api.GET("/api/v1/agreements/{slug}", { params: { path: { slug: deal } } })).data!;
const citation = agreement.clauses!.flatMap((row) => row.citations!).find((one) => one.field === "value")!;
passed("nested", citation.exact.includes("47") && clause.expanded!.agreement!.title === agreement.title);

const csv = await api.GET("/api/v1/clauses.csv", { params: { query: { agreement: [deal] } }, parseAs: "text" });
passed("CSV", csv.data!.replace("\ufeff", "").startsWith("id,url,") && csv.data!.includes("soja"));

const refused = await api.GET("/api/v1/clauses", { params: { query: { obligor: "nobody" } } });
passed("problem", refused.response.status === 400 && refused.error!.errors![0]!.parameter === "obligor");

const made = await api.POST("/api/v1/parties", {
  params: { header: { "Idempotency-Key": "fetch-1" } },
  body: { slug: "fetch-ministry", name: "Ministry", kind: "organization" },
});
passed("create", made.response.status === 201 && made.data!.slug === "fetch-ministry");

const rename = (name: string, tag: string) =>
  api.PATCH("/api/v1/parties/{slug}", {
    params: { path: { slug: "fetch-ministry" }, header: { "If-Match": tag } },
    body: { name },
  });
const tag = made.response.headers.get("ETag")!;
await rename("Ministry of Trade", tag);
const stale = await rename("Ministry of Commerce", tag);
const read = await api.GET("/api/v1/parties/{slug}", { params: { path: { slug: "fetch-ministry" } } });
const again = await rename("Ministry of Commerce", read.response.headers.get("ETag")!);
passed("412 resolved", stale.response.status === 412 && again.data!.name === "Ministry of Commerce");

const bulk = await api.POST("/api/v1/parties/bulk", {
  body: {
    create: [{ slug: "fetch-ada", name: "Ada", kind: "person" }, { slug: "fetch-bob", name: "Bob", kind: "person" }],
    delete: [{ id: again.data!.id, etag: again.response.headers.get("ETag")! }],
  },
});
passed("bulk", bulk.data!.created.length === 2 && bulk.data!.deleted[0] === again.data!.id);

const calendar = await api.GET("/api/v1/renewals.ics", { params: { query: { agreement: [deal] } }, parseAs: "text" });
passed("calendar", calendar.data!.startsWith("BEGIN:VCALENDAR") && calendar.data!.includes("BEGIN:VEVENT"));

const feed = await api.GET("/api/v1/changes/parties", { params: { query: { after: beginning.data!.cursor } } });
const entries = feed.data!.results;
const names = entries.flatMap((entry) => (entry.row ? [entry.row.name] : []));
const gone = entries.filter((entry) => entry.change === "disappeared").map((entry) => entry.id);
passed("changes", names.join() === "Ada,Bob" && gone.join() === String(again.data!.id));
