// The scripts of `openai` for TypeScript at the endpoints of Responses and embeddings.
"use strict";

const { FOLLOW_UP, ScenarioNotReached, TOOL_RESULT, retry } = require("./common.cjs");

const ENDS = ["response.completed", "response.incomplete", "response.failed"];

function summarize(response) {
  return {
    text: response.output_text ?? null,
    status: response.status ?? null,
    usage: response.usage ?? null,
    response,
  };
}

/** Reads a stream with the SDK's own accumulator. */
async function stream(api, request) {
  const pieces = [];
  const final = await accumulate(api.responses.stream(request), pieces);
  return { ...summarize(final), pieces, joined: pieces.join("") };
}

/** Returns what the accumulator has at the end, also if the answer was cut. */
async function accumulate(events, pieces = []) {
  let last = null;
  events.on("event", (event) => {
    if (event.type === "response.output_text.delta") pieces.push(event.delta);
    if (ENDS.includes(event.type)) last = event.response;
  });
  return events.finalResponse().catch((error) => {
    if (last?.status === "incomplete") return last;
    // The reference gets new events, which clients are to ignore; this version of the SDK does not.
    if (!error.message?.startsWith("Unhandled response stream event")) throw error;
    throw new ScenarioNotReached(`the target sends events that the SDK does not know: ${error.message}`);
  });
}

/** Returns the events of a stream as an application iterates over them. */
async function events(api, request) {
  const received = [];
  for await (const event of await api.responses.create({ ...request, stream: true })) {
    received.push(event);
  }
  return { events: received };
}

/** Requests a tool call and sends its result, with the SDK's own items sent back. */
async function roundTrip(request, send) {
  const first = await send(request);
  const call = first.output.find((item) => item.type === "function_call");
  if (!call) return { call: {}, first: summarize(first) };
  const result = { type: "function_call_output", call_id: call.call_id, output: TOOL_RESULT };
  const { tool_choice: _, ...withoutChoice } = request;
  const input = [...request.input, ...first.output.map(itemToSend), result];
  const second = await send({ ...withoutChoice, input });
  return { call: itemToSend(call), first: summarize(first), second: summarize(second) };
}

/** Returns an item without the values that the SDK has parsed. */
function itemToSend({ parsed_arguments: _, ...item }) {
  return item;
}

/** Continues a conversation by the id of its last response. */
async function followUp(api, request) {
  const first = await api.responses.create(request);
  const next = { ...request, input: FOLLOW_UP, previous_response_id: first.id };
  return { first: summarize(first), second: summarize(await api.responses.create(next)) };
}

/** Lets the SDK read the answer as the JSON of the format. */
async function parse(api, request) {
  const response = await api.responses.parse(request);
  return { ...summarize(response), parsed: response.output_parsed ?? null };
}

/** Returns the scripts of Responses; `client` opens a client for a job. */
function responses(client) {
  const on = (script) => (job) => script(client(job), job.request);
  return {
    plain: async (job) => {
      const response = await client(job).responses.create(job.request);
      return { ...summarize(response), request_id: response._request_id ?? null };
    },
    stream: on(stream),
    events: on(events),
    tools: on((api, request) => roundTrip(request, (next) => api.responses.create(next))),
    "tools-stream": on((api, request) =>
      roundTrip(request, (next) => accumulate(api.responses.stream(next)))),
    parse: on(parse),
    "follow-up": on(followUp),
    retry: (job) => retry((more) => client(job, more).responses, job, summarize),
  };
}

/** Returns the scripts of embeddings; the SDK asks for Base64 unless the program chooses. */
function embeddings(client) {
  const plain = async (job) => {
    const { data, model, usage } = await client(job).embeddings.create(job.request);
    return {
      embeddings: data.map((item) => Array.from(item.embedding)),
      indexes: data.map((item) => item.index),
      model,
      usage,
    };
  };
  return { plain };
}

module.exports = { embeddings, responses };
