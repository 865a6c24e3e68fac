// Does everything that the tests' server claims to know, and fails at the first surprise.
import assert from "node:assert/strict";
import * as blob from "@vercel/blob";
import { Agent, setGlobalDispatcher } from "undici";

const { ACCESS: access, ORIGIN: origin } = process.env;
const markdown = "# Ünïcode\r\n";

// The client reads blobs from hosts below this one only; they are all at the server.
class AtTheServer extends Agent {
  dispatch(options, handler) {
    const { host } = new URL(options.origin);
    if (!host.endsWith(".blob.vercel-storage.com")) return super.dispatch(options, handler);
    const headers = { ...options.headers, host };
    return super.dispatch({ ...options, origin, headers }, handler);
  }
}
setGlobalDispatcher(new AtTheServer());

async function text(pathname, options = {}) {
  const found = await blob.get(pathname, { access, useCache: false, ...options });
  return found && new Response(found.stream).text();
}

// put, head, get
const name = "rocks/a b/María O’Neil 100% #1?.md";
const put = await blob.put(name, markdown, { access });
assert.equal(put.pathname, name);
assert.equal(put.contentType, "text/markdown");
const head = await blob.head(name);
assert.equal(head.size, Buffer.byteLength(markdown));
assert.equal(head.etag, put.etag);
assert.equal(head.url, put.url);
assert.ok(Math.abs(head.uploadedAt - Date.now()) < 60_000);
assert.deepEqual(await blob.head(put.url), head);
const got = await blob.get("rocks/plain.md", { access });
assert.equal(got, null);
await blob.put("rocks/plain.md", markdown, { access, contentType: "text/plain" });
assert.equal(await text("rocks/plain.md"), markdown);
assert.equal((await blob.get("rocks/plain.md", { access })).blob.contentType, "text/plain");
assert.equal(await text(process.env.THEIRS), "from the loader");

// names that are taken, and those that may be
await assert.rejects(blob.put("rocks/plain.md", "other", { access }), /This blob already exists/);
await blob.put("rocks/plain.md", "other", { access, allowOverwrite: true });
assert.equal(await text("rocks/plain.md"), "other");
const suffixed = await blob.put("rocks/plain.md", "third", { access, addRandomSuffix: true });
assert.match(suffixed.pathname, /^rocks\/plain-\w+\.md$/);
const { etag } = await blob.head("rocks/plain.md");
await blob.put("rocks/plain.md", "fourth", { access, ifMatch: etag });
await assert.rejects(
  blob.put("rocks/plain.md", "fifth", { access, ifMatch: etag }),
  blob.BlobPreconditionFailedError,
);

// multipart
const large = Buffer.alloc(17 * 1024 * 1024, "0123456789abcdef");
await blob.put("rocks/large.md", large, { access, multipart: true });
assert.equal((await blob.head("rocks/large.md")).size, large.length);
assert.ok(Buffer.from(await text("rocks/large.md")).equals(large));

// list
for (let number = 0; number < 5; number += 1) {
  await blob.put(`pages/${number}.md`, `${number}`, { access });
}
const pages = [];
let cursor;
do {
  const page = await blob.list({ prefix: "pages/", limit: 2, cursor });
  pages.push(page.blobs.map(({ pathname }) => pathname));
  ({ cursor } = page);
  assert.equal(page.hasMore, cursor !== undefined);
} while (cursor);
assert.deepEqual(pages, [
  ["pages/0.md", "pages/1.md"],
  ["pages/2.md", "pages/3.md"],
  ["pages/4.md"],
]);
assert.deepEqual((await blob.list({ mode: "folded" })).folders, ["ours/", "pages/", "rocks/"]);

// delete
await blob.del(["pages/0.md", (await blob.head("pages/1.md")).url, "pages/none.md"]);
assert.equal((await blob.list({ prefix: "pages/" })).blobs.length, 3);

// refusals
const token = process.env.BLOB_READ_WRITE_TOKEN;
await assert.rejects(blob.head("rocks/none.md"), blob.BlobNotFoundError);
await assert.rejects(blob.head(name, { token: `${token}x` }), blob.BlobAccessError);
await assert.rejects(
  blob.head(name, { token: "vercel_blob_rw_None_x" }),
  blob.BlobStoreNotFoundError,
);
const other = access === "private" ? "public" : "private";
await assert.rejects(
  blob.put("rocks/other.md", markdown, { access: other }),
  new RegExp(`Cannot use ${other} access on a ${access} store`),
);
assert.equal((await fetch(put.url)).status, access === "private" ? 403 : 200);

// faults, as planned by the test
await blob.put("faults/503.md", markdown, { access });
await assert.rejects(blob.put("faults/429.md", markdown, { access }), blob.BlobServiceRateLimited);
await assert.rejects(blob.put("faults/403.md", markdown, { access }), blob.BlobAccessError);
await assert.rejects(
  blob.put("faults/suspended.md", markdown, { access }),
  blob.BlobStoreSuspendedError,
);
await blob.put("faults/reset.md", markdown, { access });

await blob.put("for-the-loader.md", "from the official client", { access });
