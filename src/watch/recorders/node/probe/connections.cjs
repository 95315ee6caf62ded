// Connections, by their sockets' events.

const connections = new WeakMap();
let connectionCount = 0;

/** What is known of a socket: its times are kept from connect() on, where that was seen. */
function connectionOf(socket) {
  const known = connections.get(socket);
  if (known !== undefined) return known;
  const connection = newConnection(socket.connecting ? null : now());
  connections.set(socket, connection);
  const once = (event, work) => socket.prependOnceListener(event, guarded(event, work));
  if (!socket.connecting) connected(connection, socket, connection.connectedUs);
  else {
    once('lookup', () => {
      if (connection.dnsFromUs !== undefined) connection.dnsToUs = now();
    });
    once('connect', () => connected(connection, socket, now()));
  }
  if (socket.encrypted && (socket.connecting || socket.secureConnecting)) {
    connection.readyUs = null;
    once('secureConnect', () => secured(connection, socket));
  }
  once('close', () => {
    if (connection.written) write({ kind: 'connectionClosed', id: connection.id, atUs: now() });
  });
  return connection;
}

function newConnection(connectedUs) {
  return {
    id: ++connectionCount,
    written: false,
    count: 0,
    lastReadUs: null,
    connectingUs: undefined,
    dnsFromUs: undefined,
    dnsToUs: undefined,
    connectedUs,
    tlsStartUs: null,
    tlsDoneUs: null,
    tlsVersion: undefined,
    readyUs: connectedUs,
    protocol: undefined,
    local: undefined,
    remote: undefined,
  };
}

function connected(connection, socket, at) {
  connection.connectedUs = at;
  if (socket.encrypted) connection.tlsStartUs = at;
  else connection.readyUs = at;
  // Asks the kernel, which is how a recorder outside learns it too.
  connection.local = endpoint(socket.localAddress, socket.localPort);
  connection.remote = endpoint(socket.remoteAddress, socket.remotePort);
}

function secured(connection, socket) {
  connection.tlsDoneUs = connection.readyUs = now();
  connection.tlsVersion = (socket.getProtocol() || '').replace('TLSv', '') || null;
  if (socket.alpnProtocol === 'h2') connection.protocol = 'h2';
}

function endpoint(address, port) {
  if (address === undefined || port === undefined) return undefined;
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`;
}

function writeConnection(connection, socket, origin) {
  if (connection.written) return;
  connection.written = true;
  write({
    kind: 'connection',
    id: connection.id,
    pid,
    thread,
    origin,
    local: connection.local,
    remote: connection.remote,
    dnsFromUs: connection.dnsFromUs,
    dnsToUs: connection.dnsToUs,
    connectingUs: connection.connectingUs,
    connectedUs: connection.connectedUs,
    tlsStartUs: connection.tlsStartUs,
    tlsDoneUs: connection.tlsDoneUs,
    tlsVersion: connection.tlsVersion,
    protocol: connection.protocol || 'http/1.1',
    socketClass: socket && socket.constructor ? socket.constructor.name : undefined,
  });
}

/** net.Socket.prototype.connect is the one way to a connection, in every version. */
function installConnections() {
  const connect = net.Socket.prototype.connect;
  replace(net.Socket.prototype, 'connect', function (...args) {
    const result = connect.apply(this, args);
    connecting(this, args);
    return result;
  });
}

const connecting = guarded('connect', (socket, args) => {
  if (!socket.connecting) return;
  const connection = connectionOf(socket);
  connection.connectingUs = now();
  const options = Array.isArray(args[0]) ? args[0][0] : args[0];
  const host = options && typeof options === 'object' ? options.host : undefined;
  if (options && options.path) return;
  connection.dnsFromUs = connection.dnsToUs = null;
  if (host !== undefined && !net.isIP(host)) connection.dnsFromUs = connection.connectingUs;
});
