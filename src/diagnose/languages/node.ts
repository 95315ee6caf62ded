import type { Idioms } from './idioms.ts';

export const node: Idioms = {
  language: 'node',
  source: /\.[cm]?[jt]s$/,
  library:
    /[/\\]node_modules[/\\]|^(?:node:|internal\/|<(?!ipython-input-)|wasm:)|[/\\]recorders[/\\]node[/\\]|[/\\]abreast-probe\.cjs$/,
  packages: /^.*[/\\]node_modules[/\\]/,
  packageName: /^.*[/\\]node_modules[/\\]((?:@[^/\\]+[/\\])?[^/\\]+)/,
  client:
    /^node:(?:_http|http|https|net|tls|dns|_tls|internal\/(?:deps\/undici|dns|tls))|^wasm:|[/\\]undici[/\\.]/,
  calls: {
    /** Packages that call a function for so many items of a list at a time. */
    limiter:
      /^(?:p-(?:all|filter|map|props|settle|times)|async|bluebird|fastq|bottleneck|[\w-]*async-pool|(?:@supercharge\/|es6-)?promise-pool)$/,
    child: /^(?:execSync|execFileSync|spawnSync)$/,
    command: /sync$/i,
    connect: /(?:^|[._])_internal_connect$/,
    sleep: /Atomics\.wait$/,
    'tls-context': /createSecureContext|^SecureContext$/,
  },
};
