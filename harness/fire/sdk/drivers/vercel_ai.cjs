// Driver of the Vercel AI SDK (`ai`) with its providers for OpenAI-compatible and Anthropic endpoints.
"use strict";

const { TOOL_RESULT, sdk, serve } = require("./common.cjs");

const { generateText, jsonSchema, streamText, tool } = sdk("ai");

/** Returns the model as the provider's page makes it: a base URL, a key and the model's name. */
function model(job) {
  const [baseURL, apiKey, name] = [job.base_url, job.api_key, job.request.model];
  if (job.request.max_tokens === undefined) {
    const { createOpenAICompatible } = sdk("@ai-sdk/openai-compatible");
    return createOpenAICompatible({ name: "target", baseURL, apiKey, includeUsage: true })(name);
  }
  return sdk("@ai-sdk/anthropic").createAnthropic({ baseURL: `${baseURL}/v1`, apiKey })(name);
}

/** Returns the tool of the request, in either protocol, as the AI SDK defines it. */
function tools(request) {
  const entries = (request.tools ?? []).map((one) => {
    const { name, description, parameters, input_schema } = one.function ?? one;
    return [name, tool({ description, inputSchema: jsonSchema(parameters ?? input_schema) })];
  });
  return entries.length ? { tools: Object.fromEntries(entries) } : {};
}

/** Returns the settings of a call; `toolChoice` is `required` if the request forces a call. */
function settings(job, messages, more = {}) {
  const { request } = job;
  const limit = request.max_tokens === undefined ? {} : { maxOutputTokens: request.max_tokens };
  const choice = request.tool_choice ? { toolChoice: "required" } : {};
  return { model: model(job), messages, maxRetries: 0, ...limit, ...tools(request), ...choice, ...more };
}

function summarize(result) {
  return {
    text: result.text,
    finish_reason: result.finishReason,
    usage: result.usage,
    tool_calls: result.toolCalls.map((call) => call.toolName),
  };
}

/** Reads a stream to its end; an error in it is thrown, as a caller would. */
async function sendStreamed(call) {
  let failure;
  const result = streamText({ ...call, onError: ({ error }) => (failure = error) });
  const pieces = [];
  for await (const piece of result.textStream) pieces.push(piece);
  if (failure) throw failure;
  const names = ["text", "finishReason", "usage", "toolCalls", "response"];
  const values = await Promise.all(names.map((name) => result[name]));
  return { ...Object.fromEntries(names.map((name, index) => [name, values[index]])), pieces };
}

/** Returns an empty answer in place of the SDK's error that the model called no tool. */
function withoutCall(error) {
  if (error.constructor.name !== "ToolChoiceViolationError") throw error;
  return { text: "", finishReason: "stop", usage: null, toolCalls: [] };
}

/** Requests a tool call and sends its result, with the SDK's own messages sent back. */
async function roundTrip(job, sender) {
  const first = await sender(settings(job, job.request.messages)).catch(withoutCall);
  const [call] = first.toolCalls;
  if (!call) return { call: {}, first: summarize(first) };
  const { toolCallId, toolName } = call;
  const output = { type: "text", value: TOOL_RESULT };
  const result = { role: "tool", content: [{ type: "tool-result", toolCallId, toolName, output }] };
  const turns = [...job.request.messages, ...first.response.messages, result];
  const second = await sender(settings(job, turns, { toolChoice: "auto" }));
  return {
    call: { id: toolCallId, name: toolName, args: call.input },
    first: summarize(first),
    second: summarize(second),
  };
}

async function stream(job) {
  const result = await sendStreamed(settings(job, job.request.messages));
  return { ...summarize(result), pieces: result.pieces, joined: result.pieces.join("") };
}

const scripts = {
  plain: async (job) => summarize(await generateText(settings(job, job.request.messages))),
  stream,
  tools: (job) => roundTrip(job, generateText),
  "tools-stream": (job) => roundTrip(job, sendStreamed),
};

serve({ openai: scripts, anthropic: scripts });
