// Driver of `openai` for TypeScript.
"use strict";

const { TOOL_RESULT, models, retry, sdk, serve } = require("./common.cjs");
const { embeddings, responses } = require("./openai_responses.cjs");
const { OpenAI } = sdk("openai");

/** Returns a client as after a migration: a base URL and a key, nothing else. */
function client(job, more = {}) {
  return new OpenAI({ baseURL: job.base_url, apiKey: job.api_key, ...more });
}

function summarize(completion) {
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
  return { ...summarize(completion), request_id: completion._request_id ?? null };
}

/** Reads a stream with the SDK's own accumulator. */
async function stream(job) {
  const pieces = [];
  const events = client(job).chat.completions.stream(job.request);
  events.on("content", (piece) => pieces.push(piece));
  return { ...summarize(await accumulate(events)), pieces, joined: pieces.join("") };
}

/** Returns what the accumulator has at the end, also if the answer was cut. */
async function accumulate(events) {
  try {
    return await events.finalChatCompletion();
  } catch (error) {
    if (error.constructor.name !== "LengthFinishReasonError") throw error;
    return events.currentChatCompletionSnapshot;
  }
}

/** Returns the chunks of a stream as an application iterates over them. */
async function events(job) {
  const received = [];
  const request = { ...job.request, stream: true };
  for await (const chunk of await client(job).chat.completions.create(request)) received.push(chunk);
  return { events: received };
}

/** Requests a tool call and sends its result, with the SDK's own message sent back. */
async function roundTrip(job, send) {
  const first = await send(job.request);
  if (!first.choices[0].message.tool_calls?.length) return { call: {}, first: summarize(first) };
  const message = messageToSend(first.choices[0].message);
  const call = message.tool_calls[0];
  const result = { role: "tool", tool_call_id: call.id, content: TOOL_RESULT };
  const { tool_choice: _, ...withoutChoice } = job.request;
  const second = await send({ ...withoutChoice, messages: [...job.request.messages, message, result] });
  return { call, first: summarize(first), second: summarize(second) };
}

/** Returns the message without the fields that the accumulator adds for parsed values. */
function messageToSend(message) {
  const { parsed: _, ...back } = message;
  back.tool_calls = message.tool_calls.map(({ id, type, function: { name, arguments: given } }) => ({
    id,
    type,
    function: { name, arguments: given },
  }));
  return back;
}

const chat = {
  plain,
  stream,
  events,
  tools: (job) => roundTrip(job, (request) => client(job).chat.completions.create(request)),
  "tools-stream": (job) =>
    roundTrip(job, (request) => accumulate(client(job).chat.completions.stream(request))),
  models: (job) => models(client(job), job),
  retry: (job) =>
    retry((more) => client(job, more).chat.completions, job, summarize),
};

serve({ openai: chat, responses: responses(client), embeddings: embeddings(client) });
