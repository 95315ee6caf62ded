import type { Idioms } from './idioms.ts';

export const ruby: Idioms = {
  language: 'ruby',
  source: /\.rb$/,
  library:
    /[/\\]lib[/\\]ruby[/\\]|[/\\]gems[/\\][^/\\]+-(?:\d|[0-9a-f]{12})[^/\\]*[/\\]|^<internal:|^\(eval|[/\\]abreast_probe\.rb$/,
  packages: /^.*[/\\](?:gems|lib[/\\]ruby[/\\](?:vendor_ruby|\d+\.\d+\.\d+))[/\\]/,
  packageName: /[/\\]gems[/\\]([^/\\]+?)-(?:\d|[0-9a-f]{12})[^/\\]*[/\\]/,
  client:
    /[/\\](?:net[/\\](?:http|protocol)|open-uri|openssl|socket|resolv|uri|timeout)(?:\.rb|[/\\])|[/\\]gems[/\\](?:net-|faraday|httparty|rest-client)/,
  primitives: /^<internal:|[/\\](?:monitor|timeout|timed_stack)\.rb$|[/\\]concurrent-ruby[/\\]/,
  handedOver: { name: /^(?:join|value)$/, file: /\.rb$/ },
  putting: { name: /^(?:push|<<|enq)$/, file: /\.rb$/ },
  filling: { name: /^(?:push|<<|enq)$/, file: /\.rb$/ },
  calls: {
    child: /^(?:`|system|capture[23]e?|waitpid2?)$/,
    command: /^(?:`|system|capture[23]e?)$/,
    connect: /(?:^|[._])(?:connect|connect_internal|ssl_socket_connect)$/,
    'connection-pool': /^checkout$/,
    queue: /Queue\.(?:pop|shift|deq|push|enq|<<)$/,
    signal: /ConditionVariable\.wait$/,
    thread: /Thread\.(?:join|value)$/,
    'tls-context': /^set_default_paths$|^set_params$/,
  },
};
