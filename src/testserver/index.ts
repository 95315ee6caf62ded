/** A server to test HTTP clients against: httpbin's routes on HTTP, HTTPS and HTTP/2, faults on request, and a count of what is in flight. */
export { type Certificate, type CertificateOptions, makeCertificate } from './certificate.ts';
export type { FullStats, Seen, Stats } from './meter.ts';
export { startServer, type TestServer, type TestServerOptions } from './server.ts';
