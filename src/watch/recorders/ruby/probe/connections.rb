# Connections.
module AbreastProbe
  # The connections of one Net::HTTP, one after another. `made`: exchanges on the one that is open.
  Route = Struct.new(:origin, :depth, :call, :exchange, :id, :made, :dns_from, :dns_to, :connecting, :connected, :tls_from,
                     :tls_to, :socket, :pid)

  class << self
    def open_connection(route, buffered)
      route.id = next_number(:connection)
      route.made = 0
      route.connected = now
      route.socket = buffered.object_id
      route.pid = PID.call
      bound(@routes_by_socket)[route.socket] = route
      @trace.write(line_of('connection', connection_fields(route, buffered.io)))
    end

    def connection_fields(route, io)
      fields = { 'id' => route.id, 'pid' => route.pid, 'thread' => watched.tid, 'origin' => route.origin }
      socket = io.to_io
      local = address_of(socket, :local_address)
      remote = address_of(socket, :remote_address)
      fields['local'] = local if local
      fields['remote'] = remote if remote
      fields.update('dnsFromUs' => route.dns_from, 'dnsToUs' => route.dns_to) if route.dns_to
      fields['connectingUs'] = route.dns_to || route.connecting
      fields['connectedUs'] = route.tls_from || route.connected
      secure = io.respond_to?(:ssl_version)
      fields['tlsStartUs'] = secure ? route.tls_from : nil
      fields['tlsDoneUs'] = secure ? route.tls_to : nil
      fields['tlsVersion'] = secure ? io.ssl_version : nil
      fields.update('protocol' => 'http/1.1', 'socketClass' => io.class.name)
    end

    def address_of(socket, which)
      address = socket.public_send(which)
      address.unix? ? "unix:#{address.unix_path}" : address.inspect_sockaddr
    rescue SystemCallError, IOError, NoMethodError
      nil
    end

    def close_connection(route)
      return if route.id.nil?
      @routes_by_socket.delete(route.socket)
      @trace.write(line_of('connectionClosed', 'id' => route.id, 'atUs' => now))
      route.id = route.socket = nil
    end

    # The exchange goes over the connection that is open.
    def rides(exchange, route)
      return if exchange.connection || route.id.nil?
      exchange.connection = route.id
      exchange.ordinal = route.made
      route.made += 1
    end

    # Objects are known by their numbers, which keeps none of them alive; so the oldest are forgotten.
    def bound(table)
      table.shift if table.size >= 5000
      table
    end
  end
end
