/** What the module offers; the table in README.md says how to use it. */
export { alloc, release, heapUsed } from './heap';
export { statusPointer, hitsPointer } from './status';
export { compile, free } from './compile';
export { maxLength, stateCount, classCount, byteSize, depth } from './automaton';
export { flowsCreate, flowsFree, flowReset, flowRelease, flowCommit, tailCopy } from './flows';
export { save, restore } from './serial';
export { scanBatch, scanMore } from './batch';
export { scanBegin, scanOn } from './search';
export { maskSpans } from './spans';
export { extend } from './extend';
export { decoderOpen, decoderClose, decoderSkip, decode, decodedPointer } from './views/decoder';
export { brotliDictionary } from './views/brotli-words';
export { triggers } from './views/triggers';
export { anchors } from './anchors';
export { eventValues, eventValuesPointer } from './views/sse';
export { xorMask } from './views/mask';
