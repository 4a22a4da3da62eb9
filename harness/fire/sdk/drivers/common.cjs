// Jobs on standard input -> replies on standard output, a JSON line each. May not know any SDK.
"use strict";

const { createRequire } = require("node:module");
const { join } = require("node:path");
const { createInterface } = require("node:readline");

const MOST = 80; // requests to reach a limit

/** What the script is about did not come about, and nobody is wrong. */
class Unprovoked extends Error {}

/** The SDK, from the folder it was installed into. */
function sdk(name) {
  return createRequire(join(process.argv[2], "from.js"))(name);
}

/** What somebody who catches it can tell it by. */
function described(error) {
  const bases = [];
  for (let at = Object.getPrototypeOf(error.constructor ?? Error); at?.name; at = Object.getPrototypeOf(at)) {
    bases.push(at.name);
  }
  return {
    class: error.constructor?.name,
    bases,
    message: String(error.message).slice(0, 2000),
    at: error.status === undefined ? place(error) : undefined,
    status: error.status,
    type: error.type ?? undefined,
    request_id: error.requestID ?? undefined,
    body: error.error,
  };
}

/** Where it was raised: what an SDK stumbles over has often no words of its own. */
function place(error) {
  const line = String(error.stack).split("\n").find((each) => each.trim().startsWith("at "));
  return line?.trim().replace(/\(.*[\\/](.+?)\)$/, "($1)").slice(0, 200);
}

async function reply(scripts, job) {
  try {
    return { ok: true, result: await scripts[job.script](job) };
  } catch (error) {
    if (error instanceof Unprovoked) return { ok: false, environment: error.message };
    return { ok: false, error: described(error) };
  }
}

/** Until standard input ends, one job after the other. */
async function serve(scripts) {
  for (const name of ["log", "info", "debug"]) console[name] = console.error;
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await reply(scripts, JSON.parse(line)))}\n`);
  }
}

/** Asks until an answer took a second try: [how often, the answer]. */
async function untilRefused(ask, refused) {
  for (let asked = 1; asked <= MOST; asked += 1) {
    const answer = await ask();
    if (refused()) return [asked, answer];
  }
  throw new Unprovoked(`${MOST} requests of the limited key brought no 429`);
}

/** fetch, and how many of its answers were a 429. */
function counting() {
  let refused = 0;
  const counted = async (...given) => {
    const answer = await fetch(...given);
    if (answer.status === 429) refused += 1;
    return answer;
  };
  return [counted, () => refused];
}

async function models(api, job) {
  const ids = [];
  for await (const model of api.models.list()) ids.push(model.id);
  return { ids, one: await api.models.retrieve(job.model) };
}

/** Goes on until a request was refused, which the SDK then sends again by itself. */
async function retry(open, job, told) {
  const [fetch, refused] = counting();
  const api = open({ fetch });
  const [asked, answer] = await untilRefused(() => api.create(job.request), refused);
  return { ...told(answer), asked, retries: refused() };
}

module.exports = { models, retry, sdk, serve };
