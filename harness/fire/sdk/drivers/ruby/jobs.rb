# frozen_string_literal: true

# Common parts of the Ruby drivers: reads jobs from standard input and writes replies, as JSON lines.

require "json"

Gem.use_paths(ARGV[0], [ARGV[0], *Gem.path]) # the folder into which the gem was installed

# The situation that the script tests did not occur, which is not a failure.
class ScenarioNotReached < StandardError; end

module Jobs
  TOOL_RESULT = "17 degrees"

  module_function

  # Activates the installed version of a gem: two gems have a file `anthropic`.
  def activate(name)
    (file,) = Dir[File.join(ARGV[0], "specifications", "#{name}-[0-9]*.gemspec")]
    gem(name, Gem::Specification.load(file).version)
  end

  # Runs jobs, one after the other, until standard input ends; `scripts` has a method for each.
  def serve(scripts)
    out = $stdout.dup
    $stdout.reopen($stderr) # a gem that prints must not write between the replies
    $stdin.each_line do |line|
      out.puts(JSON.generate(run(scripts, JSON.parse(line, symbolize_names: true))))
      out.flush
    end
  end

  def run(scripts, job)
    {ok: true, result: scripts.public_send(job[:script].tr("-", "_"), job)}
  rescue ScenarioNotReached => e
    {ok: false, environment: e.message}
  rescue StandardError => e
    {ok: false, error: describe(e)}
  end

  # Returns what a caller who rescues the error can read from it.
  def describe(error)
    read = ->(name) { error.public_send(name) if error.respond_to?(name) }
    bases = error.class.ancestors.grep(Class).drop(1).take_while { |base| base != StandardError }
    {
      class: error.class.name.split("::").last,
      bases: bases.map { |base| base.name.split("::").last },
      message: error.message.scrub("").slice(0, 2000),
      at: (error.backtrace.to_a.first.to_s.split("/").last if read.(:status).nil?),
      status: read.(:status),
      type: read.(:type)&.to_s,
      request_id: read.(:request_id),
      body: read.(:body)
    }.compact
  end

  # Requests a tool call and sends its result. The block sends a request; `turns` returns the call
  # of an answer, if it has one, and the messages that follow.
  def round_trip(job, turns:, summarize:)
    request = job[:request]
    first = yield(request)
    call, more = turns.call(first)
    return {call: {}, first: summarize.call(first)} unless call

    again = request.reject { |key, _| key == :tool_choice }
    second = yield(again.merge(messages: request[:messages] + more))
    {call: call, first: summarize.call(first), second: summarize.call(second)}
  end
end
