// Common parts of the Node drivers: reads jobs from standard input and writes replies, as JSON lines.
"use strict";

const { createRequire } = require("node:module");
const { join } = require("node:path");
const { createInterface } = require("node:readline");

const MAX_REQUESTS = 80; // to reach a rate limit
const TOOL_RESULT = "17 degrees";
const FOLLOW_UP = "What is my dog called? Answer with the name only.";

/** The situation that the script tests did not occur, which is not a failure. */
class ScenarioNotReached extends Error {}

/** Returns the SDK from the folder into which it was installed. */
function sdk(name) {
  return createRequire(join(process.argv[2], "from.js"))(name);
}

/** Returns what a caller who catches the error can read from it. */
function describeError(error) {
  const bases = [];
  const status = error.status ?? error.statusCode; // the second one is what the AI SDK has
  for (let at = Object.getPrototypeOf(error.constructor ?? Error); at?.name; at = Object.getPrototypeOf(at)) {
    bases.push(at.name);
  }
  return {
    class: error.constructor?.name,
    bases,
    message: String(error.message).slice(0, 2000),
    at: status === undefined ? errorLocation(error) : undefined,
    status,
    type: error.type ?? undefined,
    request_id: error.requestID ?? undefined,
    body: error.error ?? error.data,
  };
}

/** Returns where it was raised: errors inside an SDK often have no message. */
function errorLocation(error) {
  const line = String(error.stack).split("\n").find((each) => each.trim().startsWith("at "));
  return line?.trim().replace(/\(.*[\\/](.+?)\)$/, "($1)").slice(0, 200);
}

async function runJob(scripts, job) {
  try {
    return { ok: true, result: await scripts[job.script](job) };
  } catch (error) {
    if (error instanceof ScenarioNotReached) return { ok: false, environment: error.message };
    return { ok: false, error: describeError(error) };
  }
}

/** Runs jobs, one after the other, until standard input ends. The scripts are by protocol. */
async function serve(scripts) {
  // An SDK that prints must not write between the replies.
  for (const name of ["log", "info", "debug"]) console[name] = console.error;
  for await (const line of createInterface({ input: process.stdin })) {
    const job = JSON.parse(line);
    process.stdout.write(`${JSON.stringify(await runJob(scripts[job.protocol], job))}\n`);
  }
}

/** Sends requests until the SDK retries one; returns how many, and the last answer. */
async function sendUntilRetried(send, refusals) {
  for (let count = 1; count <= MAX_REQUESTS; count += 1) {
    const answer = await send();
    if (refusals()) return [count, answer];
  }
  throw new ScenarioNotReached(`${MAX_REQUESTS} requests with the limited key caused no 429`);
}

/** Returns a fetch function, and a function that returns how many of its answers were a 429. */
function countingFetch() {
  let refusals = 0;
  const countRefusals = async (...given) => {
    const answer = await fetch(...given);
    if (answer.status === 429) refusals += 1;
    return answer;
  };
  return [countRefusals, () => refusals];
}

/** Lists the models and retrieves the one under test. */
async function models(api, job) {
  const ids = [];
  for await (const model of api.models.list()) ids.push(model.id);
  return { ids, one: await api.models.retrieve(job.model) };
}

/** Sends requests until one is refused, which the SDK then sends again by itself. */
async function retry(open, job, summarize) {
  const [fetch, refusals] = countingFetch();
  const api = open({ fetch });
  const [count, answer] = await sendUntilRetried(() => api.create(job.request), refusals);
  return { ...summarize(answer), asked: count, retries: refusals() };
}

module.exports = { FOLLOW_UP, ScenarioNotReached, TOOL_RESULT, models, retry, sdk, serve };
