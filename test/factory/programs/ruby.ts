import type { Program } from '../program.ts';
import { type Bodies, clientOf, linesOf, type Text, timeoutOf } from './text.ts';

const ALL_AT_ONCE = `
def work
  URLS.map { |url| Thread.new { get(url) } }.each(&:join)
end`;

const BODIES: Bodies = {
  none: ALL_AT_ONCE,
  'server-queues': ALL_AT_ONCE,
  loop: `
def work
  URLS.each { |url| get(url) }
end`,
  lock: `
LOCK = Mutex.new

def work
  URLS.map { |url| Thread.new { LOCK.synchronize { get(url) } } }.each(&:join)
end`,
  pool: `
def work
  waiting = Queue.new
  URLS.each { |url| waiting << url }
  waiting.close
  Array.new(K_AT_A_TIME) { Thread.new { while (url = waiting.pop) do get(url) end } }.each(&:join)
end`,
  queue: `
WAITING = Queue.new

def worker
  loop do
    url = WAITING.pop
    break if url == :done
    get(url)
  end
end

def work
  URLS.each { |url| WAITING.push(url) }
  K_AT_A_TIME.times { WAITING.push(:done) }
  Array.new(K_AT_A_TIME) { Thread.new { worker } }.each(&:join)
end`,
  'bounded-queue': `
def work
  waiting = SizedQueue.new(2)
  workers = Array.new(K_AT_A_TIME) { Thread.new { while (url = waiting.pop) do get(url) end } }
  URLS.each { |url| waiting << url }
  waiting.close
  workers.each(&:join)
end`,
  batch: `
def work
  URLS.each_slice(K_AT_A_TIME) do |some|
    some.map { |url| Thread.new { get(url) } }.each(&:join)
  end
end`,
  pages: `
def work
  page = "#{BASE}/page/first?ms=#{FIRST_MS}&n=#{URLS.size}"
  while page
    _, text = get(page)
    following = JSON.parse(text)['next']
    page = following && BASE + following
  end
end`,
  beside: `
def work
  logger = Thread.new { 5.times { get("#{BASE}/log?ms=50") } }
  URLS.map { |url| Thread.new { get(url) } }.each(&:join)
  logger.join
end`,
  'burst-after': `
def work
  URLS.each { |url| get(url) }
  URLS.map { |url| Thread.new { get(url) } }.each(&:join)
end`,
  'own-limiter': `
class Turnstile
  def initialize(places)
    @free = places
    @guard = Mutex.new
    @changed = ConditionVariable.new
  end

  def pass
    @guard.synchronize do
      @changed.wait(@guard) while @free.zero?
      @free -= 1
    end
    yield
  ensure
    @guard.synchronize do
      @free += 1
      @changed.signal
    end
  end
end

TURNSTILE = Turnstile.new(K_AT_A_TIME)

def work
  URLS.map { |url| Thread.new { TURNSTILE.pass { get(url) } } }.each(&:join)
end`,
  'own-lock': `
TOKENS = Queue.new
TOKENS << :only_one

def passing(url)
  token = TOKENS.pop
  get(url)
ensure
  TOKENS << token
end

def work
  URLS.map { |url| Thread.new { passing(url) } }.each(&:join)
end`,
  paced: `
def work
  threads = URLS.map do |url|
    one = Thread.new { get(url) }
    sleep 0.2
    one
  end
  threads.each(&:join)
end`,
  timeouts: `
def careful(url)
  get(url)
rescue StandardError => e
  e.message
end

def work
  URLS.map { |url| Thread.new { careful(url) } }.each(&:join)
end`,
};

/** A Ruby program whose units are threads. */
export function ruby(program: Program): Text {
  const { head, get } = clientOf(program);
  const source = `
require 'json'
${head}

BASE = ENV.fetch('BASE')
URLS = File.read('urls.txt').split
TIMEOUT = ${timeoutOf(program)}
FIRST_MS = ${program.delaysMs[0]}
${get}

${linesOf(BODIES, program)}

${program.login ? 'get("#{BASE}/login?ms=80")' : ''}
work
`;
  return { file: 'program.rb', language: 'ruby', source };
}
