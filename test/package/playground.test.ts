/** The playground, built and opened in a browser that has nothing but its files. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Browser, CHROMIUM, launch, serve } from './browser.js';
import { CI, output, root, scratch } from './support.js';

describe.skipIf(CHROMIUM === undefined && !CI)('the playground', () => {
  const outDir = scratch();
  let served: Awaited<ReturnType<typeof serve>>;
  let browser: Browser;
  let page: Page;
  const requests: string[] = [];
  const complaints: string[] = [];
  const redacted = () => page.inputValue('#redacted');
  const textOf = (id: string) => page.textContent(`#${id}`);

  beforeAll(async () => {
    await output(process.execPath, [join(root, 'scripts/build.mjs')], root);
    const configFile = join(root, 'docs/playground/vite.config.ts');
    await build({ configFile, logLevel: 'error', build: { outDir, emptyOutDir: true } });
    served = await serve(outDir);
    browser = await launch();
    page = await browser.context.newPage();
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(served.url);
    await page.waitForSelector('#findings tr');
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    served?.server.close();
    rmSync(outDir, { recursive: true, force: true });
  });

  test('shows what is in its sample, and the redacted copy', async () => {
    expect(await textOf('summary')).toMatch(/^\d+ findings\.$/);
    expect(await redacted()).toContain('Details are in *************, page 3.');
    expect(await redacted()).not.toContain('SAMPLE');
  });

  test('follows what is typed', async () => {
    await page.fill('#text', 'key: sk-proj-MADEUP0123456789 <b>café</b>');
    expect(await redacted()).toBe('key: ************************ <b>café</b>');
    expect(await page.locator('#findings tr').allTextContents()).toEqual([
      'secret-key-prefixlowobserve5–8',
      'openai-project-keycriticalobserve5–13',
    ]);
    await page.fill('#text', 'nothing');
    expect(await textOf('summary')).toBe('Nothing found.');
    expect(await page.locator('#findings tr').count()).toBe(0);
  });

  test('takes other rules, and says what is wrong with them', async () => {
    await page.fill('#text', 'a needle');
    await page.click('summary');
    await page.fill('#policy', '{"patterns": ["needle"]}');
    await page.waitForFunction('document.getElementById("redacted").value === "a ******"');
    await page.fill('#policy', '{"patterns": []}');
    await page.waitForFunction('document.getElementById("policy-error").textContent.includes("no rules")');
    expect(await page.getAttribute('#policy', 'aria-invalid')).toBe('true');
    expect(await redacted()).toBe('a ******');
  });

  test('names all it shows, and can be used from the keyboard', async () => {
    for (const name of ['Text', 'Redacted', 'Rules, as in a policy file'])
      expect(await page.getByLabel(name, { exact: true }).count()).toBe(1);
    await page.locator('#text').focus();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.id')).toBe('redacted');
  });

  test('asks nobody but the server it came from, and has no complaint', () => {
    expect(requests.length).toBeGreaterThan(1);
    expect(requests.filter((url) => !url.startsWith(served.url) && !url.startsWith('data:'))).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
