# Exchanges, and the calls that they are made by.
module AbreastProbe
  STEPS = %w[wanted called dispatched connected sent answered read].freeze

  # One request on the wire. Times are of the trace, nil for a step that was not passed.
  Exchange = Struct.new(:id, :call, :attempt, :because, :unit, :carrier, :connection, :ordinal, :route, :http_method,
                        :origin, :url, :wanted, :called, :dispatched, :connected, :sent, :answered, :read, :failed,
                        :status, :error, :done, :sources)

  # One call into the library: the exchange that it makes, and its retries.
  Call = Struct.new(:called, :stack, :unit, :request, :last, :origin)

  class << self
    def new_call(origin)
      here = watched
      Call.new(now, asking_stack(here.unit), here.unit, next_number(:request), nil, origin)
    end

    # The first exchange of a call, or a retry in it.
    def new_exchange(call)
      start_sampler
      here = watched
      at = now
      exchange = Exchange.new(next_number(:exchange), call, 1, 'first', call.unit, here)
      exchange.wanted = exchange.called = call.last ? at : call.called
      if call.last
        exchange.because = 'retry'
        exchange.attempt = call.last.attempt + 1
      end
      call.last = exchange
      exchange.origin = call.origin
      wanted_since_made(exchange) if call.unit && !call.unit.used
      here.carries += 1
      here.passed(at)
      release_held(here, exchange.wanted)
      @pending[exchange.id] = exchange
    end

    # The first request of a unit of work is wanted from when that was handed over.
    def wanted_since_made(exchange)
      unit = exchange.unit
      unit.used = true
      unit.number
      exchange.wanted = [unit.wanted, exchange.wanted].min
      return if unit.shelf.nil?
      count_taker(unit)
      return if unit.begun - unit.wanted < SHORTEST_QUEUE_US
      write_block(unit.thread, unit.wanted, unit.begun, { 'kind' => 'executor', 'call' => unit.type }, unit.stack, nil, unit)
    end

    def passes(exchange, step)
      return if exchange.nil? || exchange.done || exchange[step]
      at = now
      exchange[step] = at
      exchange.carrier.passed(at)
    end

    # The exchange is read, or has failed.
    def finish(exchange, error = nil)
      return if exchange.nil? || exchange.done
      exchange.done = true
      at = now
      if error
        exchange.error = error
        exchange.failed = at
      else
        exchange.answered ||= at
        exchange.read ||= at
      end
      @pending.delete(exchange.id)
      @finished_at = at
      exchange.carrier.carries -= 1
      exchange.carrier.passed(at)
      @trace.write(exchange_line(exchange))
    end

    # The name of the error that made a method of the library end, if this thread raised one in it.
    def error_since(exchange, otherwise)
      at, name = watched.raised
      at && at >= exchange.called ? name : otherwise
    end

    def exchange_line(exchange)
      fields = { 'id' => exchange.id, 'request' => exchange.call.request, 'attempt' => exchange.attempt,
                 'because' => exchange.because, 'pid' => PID.call, 'thread' => exchange.carrier.tid }
      fields['unit'] = exchange.unit.number if exchange.unit
      fields['connection'] = exchange.connection
      fields['ordinal'] = exchange.ordinal
      fields['method'] = exchange.http_method if exchange.http_method
      fields['origin'] = exchange.origin
      fields['url'] = exchange.url if exchange.url
      latest = 0
      STEPS.each do |step|
        at = exchange[step]
        if at
          @trace.lost['clamped'] += 1 if latest - at > 50
          at = latest = [at, latest].max
        end
        fields["#{step}Us"] = at
      end
      fields['failedUs'] = [exchange.failed, latest].max if exchange.failed
      fields['status'] = exchange.status
      fields['error'] = exchange.error
      fields['stack'] = exchange.call.stack if exchange.call.stack
      fields['from'] = exchange.sources if exchange.sources
      line_of('exchange', fields)
    end
  end
end
