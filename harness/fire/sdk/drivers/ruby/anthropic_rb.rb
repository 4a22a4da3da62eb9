# frozen_string_literal: true

# Driver of the gem `anthropic-rb`, the community's SDK. It does not add up streams, so the driver
# does that as its users do; it accepts no `tool_choice`, and it does not retry.

require_relative "jobs"
Jobs.activate("anthropic-rb")
require "anthropic"

# The scripts of the driver; each returns what a program observes.
module Scripts
  MAX_BLOCKS = 100 # of an answer; the index comes from the target

  module_function

  # Sets the gem up as after a migration: a host and a key, nothing else.
  def create(job, request, &each)
    Anthropic.setup do |config|
      config.api_host = job[:base_url]
      config.api_key = job[:api_key]
    end
    Anthropic.messages.create(**request, &each)
  end

  def summarize(message)
    {
      text: message[:content].select { |block| block[:type] == "text" }.map { |block| block[:text] }.join,
      stop_reason: message[:stop_reason],
      usage: message[:usage]
    }
  end

  def plain(job)
    summarize(create(job, job[:request]).body)
  end

  def stream(job)
    events = read_stream(job, job[:request])
    pieces = events.filter_map { |event| event.dig(:delta, :text) }
    summarize(add_up(events)).merge(pieces: pieces, joined: pieces.join)
  end

  # Returns the events of a stream as an application gets them.
  def events(job)
    {events: read_stream(job, job[:request])}
  end

  def read_stream(job, request)
    received = []
    create(job, {**request, stream: true}) { |event| received << event.body }
    received
  end

  # Adds the events of a stream up to a message.
  def add_up(events)
    message = events.find { |event| event[:type] == "message_start" }.fetch(:message)
    events.each do |event|
      case event[:type]
      when "content_block_start" then add_block(message[:content], event)
      when "content_block_delta" then add_delta(message[:content][event[:index]], event[:delta])
      when "content_block_stop" then close(message[:content][event[:index]])
      when "message_delta"
        message = message.merge(event[:delta])
        message[:usage] = message[:usage].merge(event[:usage].compact)
      end
    end
    message
  end

  def add_block(content, event)
    raise IndexError, "a block has the index #{event[:index]}" unless (0..MAX_BLOCKS) === event[:index]

    content[event[:index]] = event[:content_block]
  end

  def add_delta(block, delta)
    case delta[:type]
    when "text_delta" then block[:text] += delta[:text]
    when "input_json_delta" then block[:json] = "#{block[:json]}#{delta[:partial_json]}"
    end
  end

  # Parses the input of a call when its block is complete.
  def close(block)
    json = block.delete(:json).to_s
    block[:input] = JSON.parse(json) unless json.empty?
  end

  def tools(job)
    round_trip(job) { |request| create(job, request).body }
  end

  def tools_stream(job)
    round_trip(job) { |request| add_up(read_stream(job, request)) }
  end

  def round_trip(job, &send)
    Jobs.round_trip(job, turns: method(:turns), summarize: method(:summarize), &send)
  end

  # Returns the tool call, and the blocks of the answer with the result of the call.
  def turns(message)
    call = message[:content].find { |block| block[:type] == "tool_use" }
    raise ScenarioNotReached, "the model called no tool, which this SDK cannot force" unless call

    result = {type: "tool_result", tool_use_id: call[:id], content: Jobs::TOOL_RESULT}
    assistant = {role: "assistant", content: message[:content]}
    [call.slice(:id, :name, :input), [assistant, {role: "user", content: [result]}]]
  end
end

Jobs.serve(Scripts)
