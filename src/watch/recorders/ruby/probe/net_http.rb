# supports: net/http of Ruby 2.7 to 3.4, and what is built on it: open-uri, Faraday, HTTParty, RestClient, net-http-persistent
module AbreastProbe
  # A request that comes so soon after its connection was opened is what that was opened for.
  SAME_CALL_US = 50_000

  class << self
    def observe_net_http
      @expecting = true
      observe(::Net::HTTP, :do_start, :start_begins, :start_ends)
      observe(::Net::HTTP, :connect, :connect_begins, :connect_ends)
      observe(::Net::Protocol, :ssl_socket_connect, :handshake_begins, :handshake_ends)
      observe(::Net::HTTP, :request, :request_begins, :request_ends)
      observe(::Net::HTTP, :begin_transport, :attempt_begins, :attempt_ready)
      observe(::Net::HTTPGenericRequest, :exec, :request_goes)
      observe(::Net::HTTPResponse.singleton_class, :read_status_line, nil, :answer_begins)
      observe(::Net::HTTPResponse.singleton_class, :read_new, nil, :head_read)
      observe(::Net::HTTPResponse, :reading_body, nil, :body_ends)
      observe(::Net::BufferedIO, :close, :socket_closes)
      return unless ::Addrinfo.method_defined?(:connect_internal) || ::Addrinfo.private_method_defined?(:connect_internal)
      observe(::Addrinfo.singleton_class, :foreach, :name_asked)
      observe(::Addrinfo, :connect_internal, :name_known)
    end

    def route_of(http)
      bound(@routes)[http.object_id] ||= Route.new(origin_of(http), 0)
    end

    def origin_of(http)
      secure = http.use_ssl?
      host = http.address.to_s
      host = "[#{host}]" if host.include?(':') && !host.start_with?('[')
      port = http.port == (secure ? 443 : 80) ? '' : ":#{http.port}"
      text_of("#{secure ? 'https' : 'http'}://#{host}#{port}")
    end

    def start_begins(event)
      route = route_of(event.self)
      route.origin = origin_of(event.self)
      route.call = new_call(route.origin) if route.depth.zero?
    end

    # A connection that can't be opened never gets a request: the recorder writes one that failed.
    def start_ends(event)
      route = route_of(event.self)
      return if event.self.started? || route.depth > 0
      finish(new_failure(route, route.call), error_since(route.call, 'Error'))
    end

    def new_failure(route, call)
      exchange = new_exchange(call)
      exchange.dispatched = route.connecting
      exchange
    end

    def connect_begins(event)
      route = route_of(event.self)
      start_sampler
      close_connection(route)
      route.connecting = now
      route.connected = route.dns_from = route.dns_to = route.tls_from = route.tls_to = nil
      watched.opening = route
    end

    def name_asked(_)
      route = watched.opening
      route.dns_from ||= now if route
    end

    def name_known(_)
      route = watched.opening
      route.dns_to ||= now if route && route.dns_from
    end

    def handshake_begins(event)
      route_of(event.self).tls_from = now if watched.opening
    end

    def handshake_ends(event)
      route_of(event.self).tls_to = now if watched.opening
    end

    def connect_ends(event)
      route = route_of(event.self)
      watched.opening = nil
      buffered = event.self.instance_variable_get(:@socket)
      open_connection(route, buffered) if buffered && !buffered.closed? && buffered.object_id != route.socket
    end

    def request_begins(event)
      route = route_of(event.self)
      route.depth += 1
      return if route.depth > 1
      fresh = route.call && route.made == 0 && now - (route.connected || 0) < SAME_CALL_US
      route.call = new_call(origin_of(event.self)) unless fresh && route.call.unit.equal?(watched.unit)
    end

    def request_ends(event)
      route = route_of(event.self)
      route.depth -= 1 if route.depth > 0
      return if route.depth > 0
      exchange = route.exchange
      call, route.call = route.call, nil
      if exchange.nil?
        finish(new_failure(route, call), error_since(call, 'Error')) if call && call.last.nil?
      elsif !exchange.done && exchange.answered.nil?
        finish(exchange, error_since(exchange, 'Error'))
      end
      route.exchange = nil if exchange.nil? || exchange.done
    end

    def attempt_begins(event)
      route = route_of(event.self)
      call = route.call ||= new_call(origin_of(event.self))
      before = route.exchange
      finish(before, error_since(before, 'Error')) if before && !before.done
      exchange = route.exchange = new_exchange(call)
      exchange.route = route
      describe_request(exchange, argument(event, :req))
      if route.made == 0 && route.connecting && call.called <= route.connecting
        exchange.dispatched = route.connecting
      else
        passes(exchange, 'dispatched')
      end
    end

    def describe_request(exchange, request)
      return if request.nil?
      path = request.path.to_s
      exchange.http_method = text_of(request.method)
      url = text_of(path.match?(%r{\A\w+://}) ? path : exchange.origin + path)
      exchange.url = clean_url(url)
      exchange.sources = sources_of(url)
    end

    def attempt_ready(event)
      route = route_of(event.self)
      exchange = route.exchange
      return if exchange.nil? || exchange.done || route.id.nil?
      exchange.connected = [route.connected, exchange.dispatched].max if route.made == 0
      passes(exchange, 'connected')
      rides(exchange, route)
    end

    def exchange_on(socket)
      route = @routes_by_socket[socket.object_id]
      route && route.exchange
    end

    def request_goes(event)
      passes(exchange_on(argument(event, :sock)), 'sent')
    end

    def answer_begins(event)
      passes(exchange_on(argument(event, :sock)), 'answered') if event.return_value
    end

    def head_read(event)
      response = event.return_value
      exchange = exchange_on(argument(event, :sock))
      return if response.nil? || exchange.nil? || exchange.done
      exchange.status = response.code.to_i
      exchange.answered = nil if exchange.status.between?(100, 199)
    end

    def body_ends(event)
      exchange = exchange_on(argument(event, :sock))
      return if exchange.nil? || exchange.done
      whole = event.self.instance_variable_get(:@read)
      look_into(exchange, event.self)
      finish(exchange, whole ? nil : error_since(exchange, 'closed before the body was read'))
    end

    def socket_closes(event)
      route = @routes_by_socket[event.self.object_id]
      close_connection(route) if route
    end
  end
end
