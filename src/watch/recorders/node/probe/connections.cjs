// Connections, by their sockets' events.

const connections = new WeakMap();
let connectionCount = 0;

/** What is known of a socket: its times are kept from connect() on, where that was seen. */
function connectionOf(socket) {
  const known = connections.get(socket);
  if (known !== undefined) return known;
  const connection = newConnection(socket.connecting ? null : now());
  connections.set(socket, connection);
  if (!socket.connecting) connected(connection, socket, connection.connectedUs);
  connection.secures = socket.encrypted && (socket.connecting || socket.secureConnecting);
  if (connection.secures) connection.readyUs = null;
  return connection;
}

const SOCKET_EVENTS = {
  lookup(connection) {
    if (typeof connection.dnsFromUs === 'number' && connection.dnsToUs === null) connection.dnsToUs = now();
  },
  connect(connection, socket) {
    if (connection.connectedUs === null) connected(connection, socket, now());
  },
  secureConnect(connection, socket) {
    if (connection.secures && connection.tlsDoneUs === null) secured(connection, socket);
  },
  close(connection, socket) {
    if (connection.closed) return;
    connection.closed = true;
    if (connection.raw !== null) rawClosed(connection.raw, socket);
    if (connection.written) write({ kind: 'connectionClosed', id: connection.id, atUs: now() });
  },
};

const onSocketEvent = guarded('socket', (socket, name) => {
  const connection = connections.get(socket);
  if (connection !== undefined) SOCKET_EVENTS[name](connection, socket);
});

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
    /** Whether it is, or will be, in TLS that it begins itself. */
    secures: false,
    closed: false,
    /** Of a socket into which the program writes HTTP itself: what is read, and by which exchanges. */
    raw: null,
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
  connection.remote = endpoint(socket.remoteAddress, socket.remotePort) || connection.remote;
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
  overhear(net.Socket.prototype, (socket, args) => {
    if (Object.hasOwn(SOCKET_EVENTS, args[0])) onSocketEvent(socket, args[0]);
  });
}

const connecting = guarded('connect', (socket, args) => {
  if (!socket.connecting) return;
  const connection = connectionOf(socket);
  connection.connectingUs = now();
  const options = Array.isArray(args[0]) ? args[0][0] : args[0];
  const file = options && typeof options === 'object' ? options.path : options;
  if (typeof file === 'string' && !(Number(file) >= 0)) {
    connection.remote = `unix:${file}`;
    return;
  }
  const host = options && typeof options === 'object' ? options.host : undefined;
  connection.dnsFromUs = connection.dnsToUs = null;
  if (host !== undefined && !net.isIP(host)) connection.dnsFromUs = connection.connectingUs;
});
