// Jobs -> what `openai` for TypeScript makes of the target.
"use strict";

const { models, retry, sdk, serve } = require("./common.cjs");
const { OpenAI } = sdk("openai");

/** As somebody migrates: a base URL and a key, nothing else. */
function client(job, more = {}) {
  return new OpenAI({ baseURL: job.base_url, apiKey: job.api_key, ...more });
}

function told(completion) {
  const choice = completion.choices[0];
  return {
    text: choice.message.content ?? null,
    finish_reason: choice.finish_reason ?? null,
    usage: completion.usage ?? null,
    completion,
  };
}

async function plain(job) {
  const completion = await client(job).chat.completions.create(job.request);
  return { ...told(completion), request_id: completion._request_id ?? null };
}

/** By the SDK's own accumulator. */
async function stream(job) {
  const pieces = [];
  const events = client(job).chat.completions.stream(job.request);
  events.on("content", (piece) => pieces.push(piece));
  return { ...told(await events.finalChatCompletion()), pieces, joined: pieces.join("") };
}

/** The chunks themselves, as one iterates over them. */
async function events(job) {
  const sent = [];
  const request = { ...job.request, stream: true };
  for await (const chunk of await client(job).chat.completions.create(request)) sent.push(chunk);
  return { events: sent };
}

/** The call, its result, and the answer that uses it; the SDK's own message is sent back. */
async function roundTrip(job, ask) {
  const first = await ask(job.request);
  const message = sentBack(first.choices[0].message);
  const call = message.tool_calls[0];
  const result = { role: "tool", tool_call_id: call.id, content: "17 degrees" };
  const { tool_choice: _, ...rest } = job.request;
  const second = await ask({ ...rest, messages: [...job.request.messages, message, result] });
  return { call, first: told(first), second: told(second) };
}

/** The accumulator adds what it parsed, which the API has no field for. */
function sentBack(message) {
  const { parsed: _, ...back } = message;
  back.tool_calls = message.tool_calls.map(({ id, type, function: { name, arguments: given } }) => ({
    id,
    type,
    function: { name, arguments: given },
  }));
  return back;
}

serve({
  plain,
  stream,
  events,
  tools: (job) => roundTrip(job, (request) => client(job).chat.completions.create(request)),
  "tools-stream": (job) =>
    roundTrip(job, (request) => client(job).chat.completions.stream(request).finalChatCompletion()),
  models: (job) => models(client(job), job),
  retry: (job) =>
    retry((more) => client(job, more).chat.completions, job, told),
});
