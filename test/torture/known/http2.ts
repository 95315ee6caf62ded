import { BOTH, type Known } from './difference.ts';

/** Of HTTP/2. */
export const HTTP2: readonly Known[] = [
  {
    marks: ['h2-reset-*'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9113 §8.1',
    says: 'RST_STREAM before END_STREAM leaves the answer incomplete, whatever its code',
  },
  {
    marks: ['h2-head-too-long'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9113 §6.5.2',
    says: 'SETTINGS_MAX_HEADER_LIST_SIZE says what a client takes: 64 KiB',
  },
  {
    marks: ['h2-fields-more-than-128'],
    peers: ['undici'],
    way: 'accepts',
    rfc: 'RFC 9113 §6.5.2',
    says: 'the size of a head is bounded, not the number of its fields; Node takes 128 unless told otherwise',
  },
  {
    marks: ['h2-status-odd'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9110 §15',
    says: 'a status is three digits from 100 to 599',
  },
  {
    marks: ['h2-*-flood'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9113 §10.5',
    says: 'what is within the rules and costs more than it is worth may end a connection (ENHANCE_YOUR_CALM)',
  },
  {
    marks: ['h2-*-flood'],
    peers: BOTH,
    way: 'accepts',
    rfc: 'RFC 9113 §10.5',
    says: 'where a flood begins is not said',
  },
  {
    marks: ['h2-frame-too-long'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9113 §4.2',
    says: 'a frame above SETTINGS_MAX_FRAME_SIZE is an error; curl 7.88 gives an empty body',
  },
  {
    marks: ['h2-ping-answer-unasked'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 9113 §6.7',
    says: 'what to do with the answer to a PING that nobody sent is not said; Node ends the connection',
  },
  {
    marks: ['h2-priority-on-stream-0'],
    peers: BOTH,
    way: 'accepts',
    rfc: 'RFC 9113 §6.3',
    says: 'it is an error; Node ignores it, as all of PRIORITY is deprecated, and it changes no answer',
  },
  {
    marks: ['h2-altsvc-wrong'],
    peers: BOTH,
    way: 'refuses',
    rfc: 'RFC 7838 §4',
    says: 'an ALTSVC frame without an origin is ignored; Node ends the connection',
  },
  {
    marks: ['h2-field-name-wrong', 'h2-field-value-wrong'],
    peers: BOTH,
    way: 'accepts',
    rfc: 'RFC 9113 §8.2.1',
    says: 'a field with forbidden characters makes an answer malformed; Node drops the field, and none of it is in the result',
  },
];
