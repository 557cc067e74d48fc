// The AWS SDK for JavaScript doing what crates/storage/examples/load.rs does, for
// `cargo xtask bench storage`:
//
//   node load.mjs put FOLDER PREFIX CONCURRENCY
//   node load.mjs get PREFIX FOLDER CONCURRENCY
//
// PART_BYTES and PARTS_AT_ONCE say how large files are sent; files of at most two parts are sent in
// one request.
import { createReadStream, createWriteStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import {
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  paginateListObjectsV2,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";

const { env } = process;
const Bucket = env.R2_BUCKET;
const partSize = Number(env.PART_BYTES);
const queueSize = Number(env.PARTS_AT_ONCE);
const client = new S3Client({
  endpoint: env.R2_ENDPOINT,
  region: env.R2_REGION,
  forcePathStyle: true,
  credentials: { accessKeyId: env.R2_ACCESS_KEY_ID, secretAccessKey: env.R2_SECRET_ACCESS_KEY },
});

async function put(path, prefix) {
  const Key = `${prefix}/${basename(path)}`;
  if ((await stat(path)).size > 2 * partSize) {
    const params = { Bucket, Key, Body: createReadStream(path, { highWaterMark: 1024 * 1024 }) };
    await new Upload({ client, params, partSize, queueSize }).done();
  } else {
    await client.send(new PutObjectCommand({ Bucket, Key, Body: await readFile(path) }));
  }
}

async function get(Key, folder) {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
  await pipeline(Body, createWriteStream(join(folder, basename(Key)), { flags: "wx" }));
}

async function sideBySide(items, concurrency, task) {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await task(item);
  };
  await Promise.all(Array.from({ length: Number(concurrency) }, worker));
}

const [mode, from, to, concurrency] = process.argv.slice(2);
if (mode === "put") {
  const files = (await readdir(from)).map((name) => join(from, name));
  await sideBySide(files, concurrency, (file) => put(file, to));
} else if (mode === "get") {
  const keys = [];
  for await (const page of paginateListObjectsV2({ client }, { Bucket, Prefix: `${from}/` })) {
    keys.push(...(page.Contents ?? []).map((object) => object.Key));
  }
  await sideBySide(keys, concurrency, (key) => get(key, to));
} else {
  throw new Error("say `put FOLDER PREFIX CONCURRENCY` or `get PREFIX FOLDER CONCURRENCY`");
}
