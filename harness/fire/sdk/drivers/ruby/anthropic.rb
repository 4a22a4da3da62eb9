# frozen_string_literal: true

# Driver of the gem `anthropic`, the official SDK.

# On JRuby the gem sends the tools of a request changed, so that a right target refuses them.
abort("the gem anthropic needs CRuby, and this is #{RUBY_ENGINE}") unless RUBY_ENGINE == "ruby"

require_relative "jobs"
Jobs.activate("anthropic")
require "anthropic"

# The scripts of the driver; each returns what a program observes.
module Scripts
  module_function

  # Returns a client as after a migration: a base URL and a key, nothing else.
  def client(job)
    Anthropic::Client.new(base_url: job[:base_url], api_key: job[:api_key])
  end

  def summarize(message)
    {
      text: message.content.select { |block| block.type == :text }.map(&:text).join,
      stop_reason: message.stop_reason,
      usage: {
        input_tokens: message.usage.input_tokens, output_tokens: message.usage.output_tokens
      }
    }
  end

  def plain(job)
    summarize(client(job).messages.create(job[:request]))
  end

  # Reads a stream with the SDK's own accumulator.
  def stream(job)
    events = client(job).messages.stream(job[:request])
    pieces = events.text.to_a
    summary = summarize(events.accumulated_message)
    summary.merge(pieces: pieces, joined: pieces.join, request_id: events.request_id)
  end

  # Returns the events of a stream as an application iterates over them.
  def events(job)
    {events: client(job).messages.stream_raw(job[:request]).map(&:to_h)}
  end

  def tools(job)
    round_trip(job) { |request| client(job).messages.create(request) }
  end

  def tools_stream(job)
    round_trip(job) { |request| client(job).messages.stream(request).accumulated_message }
  end

  def round_trip(job, &send)
    Jobs.round_trip(job, turns: method(:turns), summarize: method(:summarize), &send)
  end

  # Returns the tool call, and the SDK's own blocks with the result of the call.
  def turns(message)
    call = message.content.find { |block| block.type == :tool_use }
    return unless call

    result = {type: :tool_result, tool_use_id: call.id, content: Jobs::TOOL_RESULT}
    seen = {id: call.id, name: call.name, input: call.input}
    [seen, [{role: :assistant, content: message.content}, {role: :user, content: [result]}]]
  end
end

Jobs.serve(Scripts)
