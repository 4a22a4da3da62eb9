// Driver of `@anthropic-ai/sdk` for TypeScript.
"use strict";

const { TOOL_RESULT, models, retry, sdk, serve } = require("./common.cjs");
const { Anthropic } = sdk("@anthropic-ai/sdk");

/** Returns a client as after a migration: a base URL and a key, nothing else. */
function client(job, more = {}) {
  return new Anthropic({ baseURL: job.base_url, apiKey: job.api_key, ...more });
}

function summarize(message) {
  return {
    text: message.content.filter((b) => b.type === "text").map((b) => b.text).join(""),
    stop_reason: message.stop_reason ?? null,
    usage: message.usage ?? null,
    message,
  };
}

async function plain(job) {
  const message = await client(job).messages.create(job.request);
  return { ...summarize(message), request_id: message._request_id ?? null };
}

/** Reads a stream with the SDK's own accumulator. */
async function stream(job) {
  const pieces = [];
  const events = client(job).messages.stream(job.request).on("text", (piece) => pieces.push(piece));
  const message = await events.finalMessage();
  return { ...summarize(message), pieces, joined: pieces.join(""), request_id: events.request_id ?? null };
}

/** Returns the events of a stream as an application iterates over them. */
async function events(job) {
  const received = [];
  for await (const event of await client(job).messages.create({ ...job.request, stream: true })) {
    received.push(event);
  }
  return { events: received };
}

/** Requests a tool call and sends its result, with the SDK's own blocks sent back. */
async function roundTrip(job, send) {
  const first = await send(job.request);
  const call = first.content.find((block) => block.type === "tool_use");
  if (!call) return { call: {}, first: summarize(first) };
  const result = { type: "tool_result", tool_use_id: call.id, content: TOOL_RESULT };
  const { tool_choice: _, ...withoutChoice } = job.request;
  const messages = [
    ...job.request.messages,
    { role: "assistant", content: first.content },
    { role: "user", content: [result] },
  ];
  const second = await send({ ...withoutChoice, messages });
  return { call, first: summarize(first), second: summarize(second) };
}

serve({
  anthropic: {
    plain,
    stream,
    events,
    tools: (job) => roundTrip(job, (request) => client(job).messages.create(request)),
    "tools-stream": (job) =>
      roundTrip(job, (request) => client(job).messages.stream(request).finalMessage()),
    "count-tokens": (job) => client(job).messages.countTokens(job.request),
    models: (job) => models(client(job), job),
    retry: (job) =>
      retry((more) => client(job, more).messages, job, summarize),
  },
});
