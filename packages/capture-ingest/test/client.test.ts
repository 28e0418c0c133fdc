import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { IngestClient } from '@spectral/capture-ingest';
import { expect, it } from 'vitest';
import { SECRET, start } from './support.js';

it('sends chunks in every form, with every field', async () => {
  const { url, alerts, gaps, sensor } = await start({ token: 'sample-token' });
  const client = new IngestClient({ url, token: 'sample-token' });
  const place = { pid: 8, comm: 'app', flow: 'f' };
  await client.send({ ...place, data: Buffer.from(SECRET.slice(0, 3)), seq: 1, time: 12.5 });
  await client.sendJson({ ...place, data: SECRET.slice(3, 6), seq: 2 });
  expect(await client.sendBatch([{ ...place, data: SECRET.slice(6), seq: 3 }, { data: 'x' }])).toMatchObject({
    chunks: 2,
    findings: 1,
  });
  await client.send({ ...place, data: 'x', lost: 5, end: true });
  expect(alerts).toMatchObject([{ pid: 8, comm: 'app' }]);
  expect(gaps).toMatchObject([{ reason: 'reported', bytes: 5 }]);
  expect(sensor.flowCount).toBe(0);
});

it('sends names that no header field can carry', async () => {
  const { url, alerts } = await start();
  const client = new IngestClient({ url });
  for (const comm of ['née', 'two\nlines', ' padded ']) await client.send({ pid: 1, comm, data: SECRET });
  expect(alerts.map(({ comm }) => comm)).toEqual(['née', 'two\nlines', ' padded ']);
});

it('says what was refused, and why', async () => {
  const { url } = await start({ token: 'sample-token' });
  const client = new IngestClient({ url, token: 'sample-token' });
  await expect(client.send({ pid: -1, data: '' })).rejects.toMatchObject({
    code: 'EREFUSED',
    status: 400,
    field: 'x-spectral-pid',
  });
  await expect(client.sendJson({ pid: -1, data: '' })).rejects.toMatchObject({ status: 400, field: 'pid' });
  await expect(new IngestClient({ url }).send({ data: '' })).rejects.toMatchObject({ code: 'EREFUSED', status: 401 });
});

it('says that nobody answers, or somebody else', async () => {
  const { url, feed } = await start();
  await feed.stop();
  await expect(new IngestClient({ url }).send({ data: '' })).rejects.toMatchObject({ code: 'EUNREACHABLE' });
  const other = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
  await expect(new IngestClient({ url: elsewhere }).send({ data: '' })).rejects.toMatchObject({
    code: 'EREFUSED',
    status: 200,
  });
  other.closeAllConnections();
  other.close();
});
