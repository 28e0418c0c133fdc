import { CHUNK_SCHEMA } from '@spectral/capture-json';
import { FIELD_HEADERS } from './headers.js';

const { properties } = CHUNK_SCHEMA;

const answer = (description: string, schema: string) => ({
  description,
  content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } },
});
const refused = (description: string) => answer(description, 'Error');

/** OpenAPI 3.1 description of the endpoint. */
export const OPENAPI = {
  openapi: '3.1.0',
  info: {
    title: 'Spectral ingest',
    version: '1.0.0',
    description:
      'Takes plaintext from local programs and scans it. Requests are answered once their bytes are scanned.',
  },
  paths: {
    '/v1/ingest/chunk': {
      post: {
        operationId: 'ingestChunk',
        summary: 'Scan some consecutive bytes of a flow',
        security: [{}, { token: [] }],
        description:
          'Three forms: one chunk as JSON; many as JSON Lines; the bare bytes, with the other fields as header fields, which saves base64. Requests of one flow must follow each other.',
        parameters: Object.entries(FIELD_HEADERS).map(([field, name]) => ({
          in: 'header',
          name,
          required: false,
          description: `The field ${field} of an application/octet-stream chunk`,
          schema: properties[field as keyof typeof FIELD_HEADERS],
        })),
        requestBody: {
          required: true,
          content: {
            'application/json': { schema: { $ref: '#/components/schemas/Chunk' } },
            'application/x-ndjson': {
              schema: {
                type: 'string',
                description: 'One Chunk a line. Bad lines are skipped and listed in the answer.',
              },
            },
            'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
          },
        },
        responses: {
          200: answer('Scanned', 'Result'),
          400: refused('A bad field or body. Of JSON Lines, all good lines were scanned; of the other forms, nothing'),
          401: refused('No token, or a wrong one'),
          405: refused('Not POST'),
          408: { description: 'The request took too long to arrive' },
          413: refused('The chunk, line or body is too large'),
          415: refused('A media type other than the three, or a compressed body'),
          503: refused('The sensor is stopping'),
        },
      },
    },
    '/openapi.json': { get: { operationId: 'openapi', responses: { 200: { description: 'This document' } } } },
  },
  components: {
    securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    schemas: {
      Chunk: CHUNK_SCHEMA,
      Result: {
        type: 'object',
        required: ['chunks', 'bytes', 'findings', 'action'],
        properties: {
          chunks: { type: 'integer', description: 'Chunks scanned' },
          bytes: { type: 'integer', description: 'Bytes of the request body' },
          findings: { type: 'integer', description: 'Occurrences of rules' },
          action: { enum: ['observe', 'block'], description: 'The strongest action that a finding wants' },
        },
      },
      Error: {
        type: 'object',
        required: ['error'],
        properties: {
          error: { type: 'string' },
          field: { type: 'string', description: 'The field that is wrong' },
          lines: {
            type: 'array',
            description: 'Of JSON Lines: the first bad lines',
            items: {
              type: 'object',
              properties: { line: { type: 'integer' }, field: { type: 'string' }, error: { type: 'string' } },
            },
          },
          bad_lines: { type: 'integer', description: 'Of JSON Lines: number of bad lines' },
          chunks: { type: 'integer', description: 'Of JSON Lines: chunks that were scanned all the same' },
          findings: { type: 'integer' },
        },
      },
    },
  },
} as const;
