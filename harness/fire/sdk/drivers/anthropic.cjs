// Jobs -> what `@anthropic-ai/sdk` makes of the target.
"use strict";

const { models, retry, sdk, serve } = require("./common.cjs");
const { Anthropic } = sdk("@anthropic-ai/sdk");

/** As somebody migrates: a base URL and a key, nothing else. */
function client(job, more = {}) {
  return new Anthropic({ baseURL: job.base_url, apiKey: job.api_key, ...more });
}

function told(message) {
  return {
    text: message.content.filter((b) => b.type === "text").map((b) => b.text).join(""),
    stop_reason: message.stop_reason ?? null,
    usage: message.usage ?? null,
    message,
  };
}

async function plain(job) {
  const message = await client(job).messages.create(job.request);
  return { ...told(message), request_id: message._request_id ?? null };
}

/** By the SDK's own accumulator. */
async function stream(job) {
  const pieces = [];
  const events = client(job).messages.stream(job.request).on("text", (piece) => pieces.push(piece));
  const message = await events.finalMessage();
  return { ...told(message), pieces, joined: pieces.join(""), request_id: events.request_id ?? null };
}

/** The events themselves, as one iterates over them. */
async function events(job) {
  const sent = [];
  for await (const event of await client(job).messages.create({ ...job.request, stream: true })) {
    sent.push(event);
  }
  return { events: sent };
}

/** The call, its result, and the answer that uses it; the SDK's own blocks are sent back. */
async function roundTrip(job, ask) {
  const first = await ask(job.request);
  const call = first.content.find((block) => block.type === "tool_use");
  const result = { type: "tool_result", tool_use_id: call.id, content: "17 degrees" };
  const { tool_choice: _, ...rest } = job.request;
  const messages = [
    ...job.request.messages,
    { role: "assistant", content: first.content },
    { role: "user", content: [result] },
  ];
  const second = await ask({ ...rest, messages });
  return { call, first: told(first), second: told(second) };
}

serve({
  plain,
  stream,
  events,
  tools: (job) => roundTrip(job, (request) => client(job).messages.create(request)),
  "tools-stream": (job) =>
    roundTrip(job, (request) => client(job).messages.stream(request).finalMessage()),
  "count-tokens": (job) => client(job).messages.countTokens(job.request),
  models: (job) => models(client(job), job),
  retry: (job) =>
    retry((more) => client(job, more).messages, job, told),
});
