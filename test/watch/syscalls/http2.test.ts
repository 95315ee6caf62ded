import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Http2Records } from '../../../src/watch/recorders/syscalls/http2-records.ts';

/** '>33' is a record that the client wrote, '<109' one that came, '50' ms that passed: lengths without encryption. */
function streamsIn(text: string, refills = false): string | null {
  const records = new Http2Records(refills);
  let atUs = 0;
  for (const word of text.split(' ')) {
    atUs += 100;
    if (word.startsWith('>')) records.up(atUs, Number(word.slice(1)));
    else if (word.startsWith('<')) records.down(atUs, Number(word.slice(1)));
    else atUs += Number(word) * 1000;
  }
  const ms = (us: number) => Math.round(us / 1000);
  const streams = records.streams();
  return (
    streams
      ?.map(({ sentUs, answeredUs, readUs }) => `${ms(sentUs)}-${ms(answeredUs)}-${ms(readUs)}`)
      .join(' ') ?? null
  );
}

/** curl's preface, settings and window; the server's tickets, settings, window, and what acknowledges them. */
const OPENING = '>64 >58 <122 <39 >9 <13 <9';

test('each request that is answered before the next is sent is one exchange', () => {
  assert.equal(
    streamsIn(`${OPENING} 100 <59 <109 >36 100 <13 <109 >33 100 <13 <109`),
    '0-101-101 101-201-201 202-302-302',
  );
});

test('requests that were all sent before the first answer are so many at once, however their answers are mixed', () => {
  const sent = `${OPENING} >36 >33 >33 100`;
  assert.equal(streamsIn(`${sent} <59 <109 <13 <109 <13 <109 <13 <109`)?.split(' ').length, 4);
  assert.equal(streamsIn(`${sent} <59 <109 <39 <109 <109 10 <109`)?.split(' ').at(-1), '1-102-112');
});

test('frames that keep a connection going are no requests', () => {
  assert.equal(
    streamsIn(`${OPENING} 100 <59 <16384 >26 <16384 >13 <900 >17 >36 100 <13 <109`)?.split(' ').length,
    2,
  );
});

test('a request as short as two updates of windows is one where little was sent', () => {
  assert.equal(streamsIn(`${OPENING} 100 <59 <109 >26 100 <13 <109 >26 100 <13 <109`)?.split(' ').length, 3);
});

test('a frame that takes a record and a little is one answer', () => {
  const body = '<59 <4105 <16384 <9 <16384 <9 <700';
  assert.equal(streamsIn(`${OPENING} 100 ${body} >33 100 ${body}`)?.split(' ').length, 2);
});

test('no streams are reported where requests and answers can be paired in more than one way', () => {
  assert.equal(streamsIn(`${OPENING} >36 100 <59 <109 >33 <13 <13 <109 100 <109 <109`), null);
  assert.equal(streamsIn(`${OPENING} 100`), null);
  assert.equal(streamsIn('>64 >58 100 <500'), null, 'no settings: this is not HTTP/2 as it begins');
});

test('a server that puts several answers of one size into a record has answered so many', () => {
  const sent = `${OPENING} ${'>16 '.repeat(9)}100`;
  assert.equal(
    streamsIn(`${sent} <4090 ${'>16 '.repeat(10)}>13 100 <3970 ${'>16 '.repeat(10)}100 <3970`)?.split(' ')
      .length,
    30,
  );
  const paced = streamsIn(`${OPENING} 40 >18 40 >18 40 <518 40 >18 <796 40 <398`);
  assert.equal(paced, '0-121-121 41-162-162 81-162-162 162-202-202');
});

test('a client that keeps so many under way has read as many answers as it sends requests after the first', () => {
  const answers = ['<900 >28 100', '<7000 <3100 >28 >28 100', '<300 >28 100 <5000 <200'].join(' ');
  const streams = `${OPENING} >28 >28 100 ${answers}`;
  assert.equal(streamsIn(streams), null);
  assert.equal(streamsIn(streams, true)?.split(' ').length, 7);
});
