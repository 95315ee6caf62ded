/** Servers of others that tests start: each in a folder and on a port of its own, and gone when its test is over. */
export type { Daemon } from './daemon.ts';
export { commandAt } from './installed.ts';
export { freePort } from './ports.ts';
export { NO_POSTGRES, startPostgres } from './postgres.ts';
export { NO_REDIS, type RedisOptions, startRedis } from './redis.ts';
export { awsEnvironment, NO_S3, noS3, S3, S3_KINDS, type S3Kind, type S3Server, startS3 } from './s3.ts';
