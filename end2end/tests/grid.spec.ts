// The grid itself: many rows of which few are in the document, keys, selection, order, and what changes mark.
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { signInAs, type Receiver } from '../harness/organization.ts';
import { copied, drawer, openDashboard, rows } from '../harness/pages.ts';
import { screenshots } from '../harness/screenshots.ts';
import { expect, test } from '../harness/test.ts';

const MANY = 1_300;

/** Sends `order-1` to `order-<count>`, some at a time: which of those arrives first is up to the network. */
async function sendMany(shop: Receiver, count: number, from = 1): Promise<void> {
  for (let first = from; first < from + count; first += 50) {
    const last = Math.min(first + 50, from + count);
    const some = Array.from({ length: last - first }, (_, at) => shop.send({ id: `order-${first + at}` }));
    for (const answer of await Promise.all(some)) expect(answer.status).toBe(202);
  }
}

/** The places of the rows in the document, counted from 1 for the first row of the list. */
async function places(page: Page): Promise<number[]> {
  const indexes = await rows(page).evaluateAll((all) => all.map((row) => Number(row.getAttribute('aria-rowindex'))));
  return indexes.map((index) => index - 1);
}

async function expectInSight(page: Page, place: number): Promise<void> {
  const row = rows(page).and(page.locator(`[aria-rowindex="${place + 1}"]`));
  await expect(row).toBeInViewport({ ratio: 0.9 });
}

function footer(page: Page) {
  return page.locator('.gridview .panel-foot');
}

/** Brings the end of the list into sight until everything is loaded. */
async function loadAll(page: Page): Promise<void> {
  await expect(async () => {
    await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
    await expect(footer(page)).toContainText('These are all', { timeout: 500 });
  }).toPass();
  // The last page came after the last scroll.
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
}

test('of many rows few are in the document, and keys reach all of them', async ({ page, organization }) => {
  const shop = await organization.addReceiver({ name: 'Shop' });
  await sendMany(shop, MANY);
  await openDashboard(page);
  const grid = page.getByRole('grid', { name: 'API log, newest first' });
  await expect(grid).toHaveAttribute('aria-rowcount', '-1');
  await expect(footer(page)).toContainText('Rows 1–100');
  await loadAll(page);
  await expect(footer(page)).toContainText('Rows 1–1,300');
  await expect(grid).toHaveAttribute('aria-rowcount', String(MANY + 1));
  expect(await rows(page).count()).toBeLessThan(80);
  await expectInSight(page, MANY);
  await screenshots(page, 'grid-end');

  // Every row once, in order, wherever the page is scrolled to.
  for (const share of [0.7, 0.3, 0.5]) {
    await page.evaluate((share) => window.scrollTo(0, document.body.scrollHeight * share), share);
    await expect(async () => {
      const middle = Math.round(MANY * share);
      const seen = await places(page);
      expect(seen).toEqual(seen.map((_, at) => seen[0]! + at));
      expect(Math.abs(seen[0]! - middle)).toBeLessThan(80);
      expect(seen.length).toBeLessThan(80);
    }).toPass();
    await expect(rows(page).first()).toBeAttached();
  }

  await page.keyboard.press('j');
  const focused = page.locator('tr[data-id]:focus');
  await expect(focused).toBeInViewport({ ratio: 0.9 });
  for (const [key, place] of [
    ['Home', 1],
    ['ArrowDown', 2],
    ['j', 3],
    ['k', 2],
    ['ArrowUp', 1],
    ['End', MANY],
    ['k', MANY - 1],
  ] as const) {
    await page.keyboard.press(key);
    await expect(focused).toHaveAttribute('aria-rowindex', String(place + 1));
    await expectInSight(page, place);
  }
  await page.keyboard.press('PageUp');
  await expect(async () => {
    const place = Number(await focused.getAttribute('aria-rowindex')) - 1;
    expect(place).toBeLessThan(MANY - 5);
    expect(place).toBeGreaterThan(MANY - 60);
  }).toPass();

  // The row with the focus scrolls out of the document; keys still act on the grid, and go on from there.
  await page.keyboard.press('End');
  await expect(focused).toHaveAttribute('aria-rowindex', String(MANY + 1));
  await page.evaluate(() => window.scrollTo(0, 0));
  await expect(grid).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await expect(focused).toHaveAttribute('aria-rowindex', String(MANY));
  await page.keyboard.press('Enter');
  await expect(drawer(page)).toContainText(/order-\d+/);
  await page.keyboard.press('Escape');
  await expect(focused).toHaveAttribute('aria-rowindex', String(MANY));
});

test('shift selects all rows from the last one to here', async ({ page, organization }) => {
  const shop = await organization.addReceiver({ name: 'Shop' });
  // As many as are in the document wherever the log begins on the page.
  await sendMany(shop, 20);
  await openDashboard(page);
  await expect(rows(page)).toHaveCount(20);
  const check = (at: number) => rows(page).nth(at).getByRole('checkbox');
  const selected = page.locator('tr[aria-selected="true"]');
  await check(3).click();
  await check(9).click({ modifiers: ['Shift'] });
  await expect(selected).toHaveCount(7);
  await expect(page.getByLabel('Select all rows shown')).toHaveJSProperty('indeterminate', true);
  // What is taken back with shift is taken back up to here.
  await check(5).click({ modifiers: ['Shift'] });
  await expect(selected).toHaveCount(2);
  await page.keyboard.press('Escape');
  await expect(selected).toHaveCount(0);

  await rows(page).nth(2).focus();
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  for (let at = 0; at < 4; at += 1) await page.keyboard.press('j');
  await page.keyboard.press('Shift+X');
  await expect(selected).toHaveCount(5);
  await page.getByLabel('Select all rows shown').check();
  await expect(selected).toHaveCount(20);
});

test('while somebody reads further down nothing moves, and what arrives is counted', async ({ page, organization }) => {
  const shop = await organization.addReceiver({ name: 'Shop' });
  await sendMany(shop, 90);
  await openDashboard(page);
  await expect(footer(page)).toContainText('Rows 1–90');
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
  await expect(page.locator('.live')).toHaveAttribute('data-live', 'paused');
  await expectInSight(page, 90);
  const before = await rows(page).last().boundingBox();
  await sendMany(shop, 250, 1_000);
  await expect(page.getByRole('button', { name: '250 new events', exact: true })).toBeVisible();
  await expect(footer(page)).toContainText('Rows 1–90');
  expect(await rows(page).last().boundingBox()).toEqual(before);
  await page.getByRole('button', { name: '250 new events' }).click();
  await expect(footer(page)).toContainText('Rows 1–340');
  await expectInSight(page, 1);
  // Those of one millisecond stand in any order.
  await expect(rows(page).first()).toContainText(/order-12\d\d/);
});

test('the log can begin with the oldest row, in the address and after a reload', async ({ page, organization }) => {
  const shop = await organization.addReceiver({ name: 'Shop' });
  for (const id of ['order-1', 'order-2', 'order-3']) await shop.send({ id });
  await openDashboard(page);
  await expect(rows(page).first()).toContainText('order-3');
  const head = page.getByRole('columnheader', { name: 'Time' });
  await expect(head).toHaveAttribute('aria-sort', 'descending');
  await head.getByRole('button').click();
  await expect(page).toHaveURL('/?sort=oldest');
  await expect(head).toHaveAttribute('aria-sort', 'ascending');
  await expect(rows(page).first()).toContainText('order-1');
  await page.reload();
  await expect(page.getByRole('grid', { name: 'API log, oldest first' })).toBeVisible();
  await expect(rows(page)).toHaveCount(3);

  // What arrives stands at the end.
  await shop.send({ id: 'order-4' });
  await expect(rows(page)).toHaveCount(4);
  await expect(rows(page).last()).toContainText('order-4');
  await head.getByRole('button').click();
  await expect(page).toHaveURL('/');
  await expect(rows(page).first()).toContainText('order-4');
});

test('a row’s id is copied with the mouse', async ({ page, context, organization }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const shop = await organization.addReceiver({ name: 'Shop' });
  await sendMany(shop, 2);
  await openDashboard(page);
  const row = rows(page).last();
  await row.hover();
  await row.getByRole('button', { name: 'Copy delivery id' }).click();
  await expect(page.getByText('Delivery id copied')).toBeVisible();
  expect(await copied(page)).toBe(await row.getAttribute('data-id'));
  await expect(drawer(page)).toBeHidden();
});

for (const reducedMotion of ['no-preference', 'reduce'] as const) {
  test(`a row that changes is marked once (motion: ${reducedMotion})`, async ({ page, organization, destination }) => {
    let broken = true;
    const { url } = await destination(() => ({ status: broken ? 422 : 200 }));
    const shop = await organization.addReceiver({ name: 'Shop', destination: { url } });
    await sendMany(shop, 2);
    await page.emulateMedia({ reducedMotion });
    await openDashboard(page);
    await expect(rows(page).locator('.status')).toHaveText(['Failed', 'Failed']);
    // What is there when the page opens is no news.
    await expect(page.locator('tr[data-fresh]')).toHaveCount(0);
    await page.evaluate(() => {
      const marks: string[] = [];
      const animations = new Set<string>();
      const note = (changes: MutationRecord[]) => {
        for (const { target } of changes) {
          const row = target as HTMLElement;
          if (row.dataset.fresh === undefined) continue;
          marks.push(`${row.getAttribute('aria-rowindex')} ${row.dataset.fresh}`);
          animations.add(getComputedStyle(row).animationName);
        }
      };
      const body = document.querySelector('table.grid')!;
      new MutationObserver(note).observe(body, { subtree: true, attributeFilter: ['data-fresh'] });
      Object.assign(window, { marks, animations });
    });

    broken = false;
    const id = await rows(page).last().getAttribute('data-id');
    await organization.client.post(`deliveries/${id}/retry`, {});
    await expect(rows(page).last().locator('.status')).toHaveText('Delivered');
    await expect(page.locator('tr[data-fresh]')).toHaveCount(0);
    const seen = await page.evaluate(() => {
      const { marks, animations } = window as unknown as { marks: string[]; animations: Set<string> };
      return { marks, animations: [...animations] };
    });
    // The other row did not change, and the changes of one delivery within a second are one mark.
    expect(new Set(seen.marks)).toEqual(new Set(['3 changed']));
    expect(seen.animations).toEqual(reducedMotion === 'reduce' ? ['none'] : ['fresh']);
  });
}

test('what the log lists is saved as a file for spreadsheets', async ({ page, organization }) => {
  const shop = await organization.addReceiver({ name: 'Shop' });
  await shop.send({ id: 'order-1' });
  await shop.send({ id: '=1+1' });
  await shop.send({ id: 'order-2' }, { eventType: 'order.paid' });
  await openDashboard(page, '?type=order.created');
  await expect(rows(page)).toHaveCount(2);
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export CSV' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe('deliveries.csv');
  const lines = (await readFile(await file.path(), 'utf8')).trimEnd().split('\r\n');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^id,created_at,direction,/);
  expect(lines[1]).toContain(`,"'=1+1",`);
  expect(lines[2]).toContain(',order-1,');
  await expect(page.getByText('Log exported')).toBeVisible();
});

test('columns are chosen and resized, and stay so in another browser', async ({ page, browser, organization }) => {
  const shop = await organization.addReceiver({ name: 'Shop' });
  await sendMany(shop, 2);
  await page.setViewportSize({ width: 1440, height: 900 });
  await openDashboard(page);
  const head = (name: string) => page.getByRole('columnheader', { name, exact: true });
  await expect(head('Code')).toBeVisible();
  await page.locator('.gridview-tabs summary', { hasText: 'Columns' }).click();
  await page.getByRole('checkbox', { name: 'Code' }).uncheck();
  await page.getByRole('checkbox', { name: 'Attempts' }).uncheck();
  await expect(head('Code')).toBeHidden();
  await expect(rows(page).first().locator('[data-col="code"]')).toBeHidden();
  await screenshots(page, 'grid-columns');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('checkbox', { name: 'Code' })).toBeHidden();

  const width = async (name: string) => (await head(name).boundingBox())!.width;
  const edge = (name: string) => page.getByRole('separator', { name: `Width of ${name}` });
  const before = await width('Event type');
  const box = (await edge('Event type').boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 + 60, box.y + box.height / 2, { steps: 5 });
  await page.mouse.up();
  await expect.poll(() => width('Event type')).toBeCloseTo(before + 60, -1);

  // With keys: Tab stops at the first edge, arrows go on from there.
  await edge('Time').focus();
  for (let at = 0; at < 4; at += 1) await page.keyboard.press('ArrowDown');
  await expect(edge('Source record')).toBeFocused();
  const narrow = await width('Source record');
  const saved = page.waitForResponse((response) => response.url().includes('/rpc/save_preferences') && response.ok());
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => width('Source record')).toBeCloseTo(narrow + 16, 0);
  await saved;

  const context = await browser.newContext({ baseURL: organization.origin, viewport: { width: 1440, height: 900 } });
  await signInAs(context, organization.origin, organization.admin);
  const other = await context.newPage();
  await openDashboard(other);
  await expect(other.getByRole('columnheader', { name: 'Status', exact: true })).toBeVisible();
  await expect(other.getByRole('columnheader', { name: 'Code', exact: true })).toBeHidden();
  const there = await other.getByRole('columnheader', { name: 'Event type', exact: true }).boundingBox();
  expect(there!.width).toBeCloseTo(before + 60, -1);
  await context.close();

  await edge('Event type').dblclick();
  await expect.poll(() => width('Event type')).toBeCloseTo(before, -1);
  await page.locator('.gridview-tabs summary', { hasText: 'Columns' }).click();
  await page.getByRole('button', { name: 'Reset columns and widths' }).click();
  await expect(head('Code')).toBeVisible();
});
