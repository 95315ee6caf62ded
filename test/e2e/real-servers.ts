import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeCertificate } from '../../src/testserver/index.ts';
import { freePort } from '../servers/ports.ts';

/** A server nobody here wrote, over HTTPS on a port of its own. */
export interface RealServer {
  readonly url: string;
  close(): Promise<void>;
}

/** go-httpbin, which drops a connection without a request after 1 s unless it is told to wait. */
export async function startGoHttpbin(command: string, folder: string): Promise<RealServer> {
  const { cert, key } = await writeCertificate(folder);
  const port = await freePort();
  const limits = ['-srv-read-header-timeout', '300s', '-srv-read-timeout', '300s'];
  const files = ['-https-cert-file', cert, '-https-key-file', key];
  return running(spawn(command, ['-host', '127.0.0.1', '-port', `${port}`, ...files, ...limits]), port);
}

/** nginx over HTTP/2, serving the files of folder/files. It ends a connection after 1,000 requests, as it does by default. */
export async function startNginx(command: string, folder: string): Promise<RealServer> {
  const { cert, key } = await writeCertificate(folder);
  const port = await freePort();
  mkdirSync(join(folder, 'files'), { recursive: true });
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join(' ');
  const workers = process.getuid?.() === 0 ? 'user root;' : '';
  writeFileSync(
    join(folder, 'nginx.conf'),
    `${workers} worker_processes 1; daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events { worker_connections 1024; }
http { access_log off; ${temporary}
  server { listen 127.0.0.1:${port} ssl http2; root ${folder}/files;
    ssl_certificate ${cert}; ssl_certificate_key ${key}; } }`,
  );
  return running(spawn(command, ['-p', folder, '-c', join(folder, 'nginx.conf')]), port);
}

async function running(child: ChildProcess, port: number): Promise<RealServer> {
  const url = `https://127.0.0.1:${port}`;
  child.stdout?.resume();
  child.stderr?.resume();
  for (let tries = 0; spawnSync('curl', ['-sko', '/dev/null', url]).status !== 0; tries++) {
    if (tries === 100 || child.exitCode !== null)
      throw new Error(`${child.spawnfile} does not answer at ${url}`);
    await sleep(100);
  }
  return {
    url,
    async close() {
      if (child.exitCode !== null || !child.kill()) return;
      await once(child, 'exit');
    },
  };
}

async function writeCertificate(folder: string): Promise<{ cert: string; key: string }> {
  const { cert, key } = await makeCertificate({});
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  writeFileSync(files.cert, cert);
  writeFileSync(files.key, key, { mode: 0o600 });
  return files;
}
