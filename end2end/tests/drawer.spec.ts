// The drawer: what was sent and what came back, and the payload in every form, to search, to copy and to keep.
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from '@playwright/test';
import { choose, copied, drawer, openDashboard, rows } from '../harness/pages.ts';
import { screenshots } from '../harness/screenshots.ts';
import { expect, test } from '../harness/test.ts';

test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

const tree = (page: Page): Locator => drawer(page).getByRole('tree', { name: 'Payload as a tree' });
const line = (page: Page, text: string | RegExp): Locator => tree(page).getByRole('treeitem').filter({ hasText: text });
const section = (page: Page, title: string): Locator =>
  drawer(page).locator('details.drawer-section', { has: page.locator('summary', { hasText: new RegExp(`^${title}`) }) });

const ORDER = {
  id: 'order-1',
  customer: { name: 'Kestrel', address: { city: 'Leeds', 'a/b': 'slash' } },
  lines: Array.from({ length: 5 }, (_, at) => ({ sku: `SKU-${at}`, parts: [{ serial: `serial-${at}` }] })),
};
// Digits that no double holds stand in the text and nowhere else.
const BODY = JSON.stringify(ORDER).replace('"id":"order-1"', '"id":"order-1","big":12345678901234567890');

test('the tree opens, folds, searches and copies', async ({ page, organization }) => {
  const shop = await organization.addReceiver({ name: 'Shop' });
  await shop.send(BODY);
  await openDashboard(page);
  await rows(page).first().click();
  await expect(line(page, '"big": 12345678901234567890')).toBeVisible();

  await test.step('all of it is folded and opened', async () => {
    await drawer(page).getByRole('button', { name: 'Collapse all' }).click();
    await expect(tree(page).getByRole('treeitem')).toHaveCount(5);
    await drawer(page).getByRole('button', { name: 'Expand all' }).click();
    await expect(line(page, '"serial-4"')).toBeVisible();
    await expect(line(page, '"city"')).toHaveAttribute('aria-level', '4');
    await line(page, '"customer"').click();
    await expect(line(page, '"customer"')).toHaveAttribute('aria-expanded', 'false');
    await expect(line(page, '"city"')).toBeHidden();
    await drawer(page).getByRole('button', { name: 'Collapse all' }).click();
  });

  await test.step('the search counts, goes on and back, and opens what is folded', async () => {
    const field = drawer(page).getByRole('searchbox', { name: 'Search the payload' });
    const found = drawer(page).locator('.json-tools [role="status"]');
    await field.fill('SERIAL-');
    await expect(found).toHaveText('1 of 5');
    await expect(line(page, '"serial-0"')).toBeInViewport();
    await expect(tree(page).locator('mark[data-current]')).toHaveText('serial-');
    await field.press('Enter');
    await expect(found).toHaveText('2 of 5');
    await expect(line(page, '"serial-1"')).toBeInViewport();
    await field.press('Shift+Enter');
    await field.press('Shift+Enter');
    await expect(found).toHaveText('5 of 5');
    await expect(line(page, '"serial-4"')).toBeInViewport();
    await drawer(page).getByRole('button', { name: 'Next match' }).click();
    await expect(found).toHaveText('1 of 5');
    await screenshots(page, 'drawer-search');
    await field.fill('nowhere');
    await expect(found).toHaveText('Not found');
    // The first Escape is for the field, the next one for the drawer.
    await field.press('Escape');
    await expect(field).toHaveValue('');
    await expect(drawer(page)).toBeVisible();
  });

  await test.step('paths and values are copied, and that is said', async () => {
    await drawer(page).getByRole('button', { name: 'Expand all' }).click();
    await line(page, '"city"').click();
    await drawer(page).getByRole('button', { name: 'Copy path' }).click();
    expect(await copied(page)).toBe('/customer/address/city');
    await expect(drawer(page).getByRole('status').filter({ hasText: 'Copied' }).first()).toBeAttached();
    await drawer(page).getByRole('button', { name: 'Copy value' }).click();
    expect(await copied(page)).toBe('Leeds');
    await line(page, '"a/b"').click();
    await drawer(page).getByRole('button', { name: 'Copy path' }).click();
    expect(await copied(page)).toBe('/customer/address/a~1b');
    await line(page, '"big"').click();
    await drawer(page).getByRole('button', { name: 'Copy value' }).click();
    expect(await copied(page)).toBe('12345678901234567890');
    await drawer(page).getByRole('button', { name: 'Copy payload' }).click();
    expect(await copied(page)).toBe(BODY);
  });

  await test.step('text and file are the bytes that came', async () => {
    await choose(drawer(page), 'Payload view', 'Text');
    expect(await drawer(page).getByLabel('Payload as text').textContent()).toBe(BODY);
    const download = page.waitForEvent('download');
    await drawer(page).getByRole('button', { name: 'Download payload' }).click();
    const file = await download;
    expect(file.suggestedFilename()).toMatch(/^evt_.*\.json$/);
    expect(await readFile(await file.path(), 'utf8')).toBe(BODY);
  });
});

test('with the keyboard alone: into the drawer, through the tree, to the next row, and back', async ({ page, organization }) => {
  const shop = await organization.addReceiver({ name: 'Shop' });
  await shop.send({ id: 'order-1', inside: { of: 'one' } });
  await shop.send({ id: 'order-2', inside: { of: 'two' } });
  await openDashboard(page);
  await expect(rows(page)).toHaveCount(2);
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await expect(drawer(page).getByRole('heading', { level: 2 })).toBeFocused();
  await expect(line(page, '"order-2"')).toBeVisible();

  await tree(page).focus();
  const current = tree(page).locator('[aria-selected="true"]');
  await expect(current).toHaveText(/^\{/);
  await page.keyboard.press('End');
  await expect(current).toHaveText('"of": "two"');
  await page.keyboard.press('ArrowLeft');
  await expect(current).toContainText('"inside": {');
  await page.keyboard.press('ArrowLeft');
  await expect(current).toHaveAttribute('aria-expanded', 'false');
  await page.keyboard.press('ArrowUp');
  await expect(current).toContainText('"id": "order-2"');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await expect(current).toHaveAttribute('aria-expanded', 'true');
  await page.keyboard.press('ArrowRight');
  await expect(current).toHaveText('"of": "two"');
  await expect(tree(page)).toHaveAttribute('aria-activedescendant', (await current.getAttribute('id'))!);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect(await copied(page)).toBe('/inside/of');
  await page.keyboard.press('Home');

  // J and K are for the rows, wherever the focus is in the drawer, which stays.
  await drawer(page).getByRole('button', { name: 'Next event (J)' }).focus();
  await page.keyboard.press('j');
  await expect(line(page, '"order-1"')).toBeVisible();
  await expect(drawer(page).getByRole('button', { name: 'Next event (J)' })).toBeFocused();
  await page.keyboard.press('k');
  await expect(line(page, '"order-2"')).toBeVisible();
  const opened = new URL(page.url()).searchParams;
  await page.keyboard.press('Escape');
  await expect(drawer(page)).toBeHidden();
  const focused = await page.evaluate(() => document.activeElement?.closest('tr')?.getAttribute('data-id'));
  expect([...opened.values()]).toContain(focused);
});

test('attempts tell what was sent and what came back', async ({ page, organization, destination }) => {
  let answers = 0;
  const lines = Array.from({ length: 1_000 }, (_, at) => `line ${at}`);
  const { url } = await destination(() => {
    answers += 1;
    if (answers === 1) return { status: 503, bytes: { type: 'application/octet-stream', of: Buffer.from([0xff, 0x00, 0x41, 0x42]) } };
    return { status: 422, body: { error: 'no', lines } };
  });
  const mapping = { fields: [{ target: 'order.number', source: { type: 'path', expression: 'id' }, required: true }] };
  const retry = { max_retries: 3, initial_delay_ms: 100, jitter: 0 };
  const shop = await organization.addReceiver({ name: 'Shop', destination: { url, retry, mapping } });
  const crm = await organization.addReceiver({ name: 'Contacts', destination: { url } });
  await shop.send({ id: 'order-1' });
  await openDashboard(page);
  await expect(rows(page).first().locator('.status')).toHaveText('Failed');
  await rows(page).first().click();
  const attempt = (number: number) => drawer(page).locator('.attempt').filter({ hasText: `Attempt ${number}` });

  const second = attempt(2);
  await expect(second.locator('.kv')).toContainText(/Address\s*127\.0\.0\.1:\d+/);
  await expect(second.locator('summary')).toContainText(/[\d.]+ ms/);
  await expect(second.getByRole('group', { name: /^Response application\/json/ })).toContainText('"error": "no"');
  // A long answer is built a piece at a time.
  await expect(second.getByText('"line 999"')).toHaveCount(0);
  await expect(second.getByRole('button', { name: 'Show 200 more lines' })).toBeVisible();
  await expect(second.getByRole('group', { name: /^Request/ })).toContainText('signalbox-attempt: 2');
  await expect(second.getByRole('group', { name: /^Body sent mapping v1/ })).toContainText('"number": "order-1"');
  await second.getByRole('button', { name: 'Copy body sent' }).click();
  expect(await copied(page)).toBe('{"order":{"number":"order-1"}}');

  await attempt(1).locator('summary').click();
  await expect(attempt(1).getByRole('group', { name: /^Response application\/octet-stream, 4 B/ })).toContainText(
    '00000000  ff 00 41 42',
  );
  await expect(attempt(1)).toContainText('..AB');

  await section(page, 'Mapping').locator('> summary').click();
  await expect(section(page, 'Mapping').getByRole('row', { name: /order\.number/ })).toContainText('id');
  await expect(section(page, 'Mapping')).toContainText('Version 1 of “On to the target”');
  await expect(section(page, 'Verification')).toContainText('passed');
  await screenshots(page, 'drawer-attempts');
  await page.keyboard.press('Escape');

  await crm.send({ id: 'contact-1' });
  await rows(page).filter({ hasText: 'contact-1' }).click();
  await expect(attempt(1)).toContainText('The body sent is the payload, byte for byte.');
  await section(page, 'Mapping').locator('> summary').click();
  await expect(section(page, 'Mapping')).toContainText('the payload was passed on byte for byte');
});

test('refused bodies are shown whatever they are', async ({ page, organization }) => {
  const shop = await organization.addReceiver({ name: 'Shop' });
  const post = (type: string, body: string | Uint8Array) =>
    fetch(shop.url, { method: 'POST', headers: { 'content-type': type }, body: body as BodyInit });
  const xml = '<order id="1">\n  <img src=x onerror=alert(1)>\n</order>';
  expect((await post('application/xml', xml)).status).toBe(415);
  expect((await post('application/x-www-form-urlencoded', 'a=1&b=%3Cb%3E')).status).toBe(415);
  const bytes = new Uint8Array(6_000).map((_, at) => (at * 7) % 256);
  bytes[0] = 0xff;
  expect((await post('image/png', bytes)).status).toBe(415);
  await openDashboard(page, '?tab=errors&errors=rejections');
  const refused = page.locator('table.grid[data-kind="errors"] tbody tr');
  await expect(refused).toHaveCount(3);

  await refused.nth(2).click();
  await expect(drawer(page).getByLabel('Payload as text')).toHaveText(xml);
  await expect(drawer(page)).toContainText('As it came in · application/xml');
  await expect(drawer(page).getByRole('radio')).toHaveCount(0);

  // The drawer stays while rows go through it.
  await drawer(page).evaluate((element) => element.setAttribute('data-same', ''));
  await page.keyboard.press('k');
  await expect(drawer(page).getByLabel('Payload as text')).toHaveText('a=1&b=%3Cb%3E');
  await page.keyboard.press('k');
  const hex = drawer(page).getByLabel('Payload as hexadecimal numbers');
  await expect(hex).toContainText('00000000  ff 07 0e 15');
  expect((await hex.textContent())!.split('\n')).toHaveLength(4_096 / 16 + 1);
  await drawer(page).getByRole('button', { name: /^Show 1\.9 kB more/ }).click();
  await expect(hex).toContainText('00001760');
  await choose(drawer(page), 'Payload view', 'Base64');
  await expect(drawer(page).getByLabel('Payload in base64')).toHaveText(Buffer.from(bytes).toString('base64'));
  const download = page.waitForEvent('download');
  await drawer(page).getByRole('button', { name: 'Download payload' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/\.bin$/);
  expect(new Uint8Array(await readFile(await file.path()))).toEqual(bytes);
  await expect(drawer(page)).toHaveAttribute('data-same', '');
  await screenshots(page, 'rejection-binary');

  await drawer(page).getByRole('button', { name: 'Manage connector' }).click();
  await expect(page.getByRole('dialog').getByRole('heading', { name: 'Manage Shop' })).toBeVisible();
});

test('once the payload is gone the drawer says since when', async ({ page, organization, destination }) => {
  const { url } = await destination(() => ({ status: 422 }));
  const shop = await organization.addReceiver({ name: 'Shop', destination: { url } });
  await shop.send({ id: 'order-1' });
  await openDashboard(page);
  await expect(rows(page).first().locator('.status')).toHaveText('Failed');
  await rows(page).first().click();
  await expect(line(page, '"order-1"')).toBeVisible();
  await page.keyboard.press('Escape');

  // A viewer's clock nine days on: what is kept for seven is gone.
  const later = new Date(Date.now() + 9 * 86_400_000);
  await page.clock.setFixedTime(later);
  await rows(page).first().click();
  const gone = drawer(page).locator('.status', { hasText: 'Payload expired' });
  await expect(gone).toBeVisible();
  const since = section(page, 'Payload').locator('time');
  const day = new Date(Date.parse((await since.getAttribute('datetime'))!));
  expect(later.getTime() - day.getTime()).toBeGreaterThan(1.9 * 86_400_000);
  expect(later.getTime() - day.getTime()).toBeLessThan(2.1 * 86_400_000);
  await expect(since).toHaveText('2 d ago');
  await expect(section(page, 'Payload').locator('summary')).toContainText('expired');
  await expect(tree(page)).toHaveCount(0);
  await screenshots(page, 'drawer-expired');
});

/** A megabyte of JSON, wide: as many small values as possible. */
function wide(): string {
  return `{"id":"wide","numbers":[${Array.from({ length: 220_000 }, (_, at) => at % 1_000).join(',')}],"last":"here"}`;
}

/** A megabyte of JSON, deep: chains of objects as deep as readers take them. */
function deep(): string {
  const chain = `${'{"a":'.repeat(120)}"deepest"${'}'.repeat(120)}`;
  return `{"id":"deep","chains":[${Array.from({ length: 1_390 }, () => chain).join(',')}]}`;
}

for (const [name, body] of [
  ['wide', wide()],
  ['deep', deep()],
] as const) {
  test(`a megabyte that is ${name} is searched and opened, and never built whole`, async ({ page, organization }) => {
    expect(body.length).toBeGreaterThan(840_000);
    const shop = await organization.addReceiver({ name: 'Shop' });
    expect((await shop.send(body)).status).toBe(202);
    await openDashboard(page);
    await rows(page).first().click();
    await expect(tree(page)).toBeVisible();
    const built = () => tree(page).locator('.json-line').count();
    expect(await built()).toBeLessThanOrEqual(100);
    await drawer(page).getByRole('button', { name: 'Expand all' }).click();
    await expect(drawer(page).getByRole('button', { name: /^Show 100 more of [\d,]+ lines/ })).toBeVisible();
    expect(await built()).toBe(100);
    const field = drawer(page).getByRole('searchbox', { name: 'Search the payload' });
    await field.fill(name === 'wide' ? 'here' : 'deepest');
    await expect(drawer(page).locator('.json-tools [role="status"]')).toHaveText(name === 'wide' ? '1 of 1' : '1 of 1,390');
    if (name === 'deep') await field.press('Shift+Enter');
    await expect(tree(page).locator('mark[data-current]')).toBeInViewport();
    expect(await built()).toBeLessThanOrEqual(100);
    await drawer(page).getByRole('button', { name: 'Copy payload' }).click();
    expect((await copied(page)).length).toBe(body.length);
    await choose(drawer(page), 'Payload view', 'Text');
    await expect(drawer(page).getByRole('button', { name: /^Show 66 kB more/ })).toBeVisible();
  });
}
