/** AWS Lambda: the probes of `watch` as a layer. */
export { type PackedLayer, packLayer } from './layer/layer.ts';
