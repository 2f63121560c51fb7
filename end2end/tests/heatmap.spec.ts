// Figures of the header and the heatmap: latency, spans of time drawn by pointer and keys, the date range by keys.
import type { Locator, Page } from '@playwright/test';
import { choose, openDashboard, rows } from '../harness/pages.ts';
import { screenshots } from '../harness/screenshots.ts';
import { expect, test } from '../harness/test.ts';

const chips = (page: Page) => page.locator('.filterbar .chip');
const cell = (page: Page, row: number, column: number) =>
  page.locator(`.hitmap-cell[data-row="${row}"][data-column="${column}"]`);
const picked = (page: Page) => page.locator('.hitmap-cell[aria-selected="true"]');

/** The number of the newest column, which is where everything that happens now goes. */
async function newest(page: Page): Promise<number> {
  return Number(await page.locator('.hitmap-cell[data-row="0"]').last().getAttribute('data-column'));
}

async function middle(place: Locator): Promise<{ x: number; y: number }> {
  const box = (await place.boundingBox())!;
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

interface Attempt {
  duration_us: number;
}

test('latency is that of the attempts, in words for both figures, and unknown without any', async ({
  page,
  organization,
  destination,
}) => {
  const { url } = await destination(() => ({ status: 200 }));
  const shop = await organization.addReceiver({ name: 'Shop', destination: { url } });
  await openDashboard(page);
  const latency = page.locator('.stat', { hasText: 'Latency, p95' });
  await expect(latency.locator('.stat-value')).toHaveText('–');

  for (let n = 0; n < 12; n += 1) await shop.send({ id: `order-${n}` });
  await expect(rows(page)).toHaveCount(12);
  await expect(rows(page).locator('.status')).toHaveText(Array(12).fill('Delivered'));
  await page.reload();
  await expect(latency.locator('.stat-value')).toHaveText(/^(<1|\d+(\.\d)?) m?s$/);
  await expect(latency.locator('.stat-note')).toHaveText(/^p50 (<1|\d+(\.\d)?) m?s$/);
  await expect(latency).toHaveAttribute('title', /95 of 100 took no longer/);

  // The same attempts, one by one.
  const listed = (await organization.client.get('deliveries?limit=50')) as { items: { id: string }[] };
  const durations: number[] = [];
  for (const { id } of listed.items) {
    const { attempts } = (await organization.client.get(`deliveries/${id}`)) as unknown as { attempts: Attempt[] };
    durations.push(...attempts.map((attempt) => attempt.duration_us));
  }
  durations.sort((one, other) => one - other);
  const { latency: found } = (await organization.client.get('dashboard/summary')) as unknown as {
    latency: { attempts: number; p50_us: number; p95_us: number };
  };
  expect(found.attempts).toBe(12);
  for (const [percent, estimate] of [
    [50, found.p50_us],
    [95, found.p95_us],
  ] as const) {
    const exact = durations[Math.ceil((durations.length * percent) / 100) - 1]!;
    expect(Math.abs(estimate - exact), `p${percent}: ${estimate} for ${exact}`).toBeLessThanOrEqual(
      Math.max(exact * 0.19, 1_000),
    );
  }
});

test('a span drawn on a row narrows the grid to the row and the time, one drawn on the axis to the time', async ({
  page,
  organization,
  destination,
}) => {
  const { url } = await destination(() => ({ status: 422 }));
  const shop = await organization.addReceiver({ name: 'Shop', destination: { url } });
  const crm = await organization.addReceiver({ name: 'Contacts' });
  await shop.send({ id: 'order-1' });
  await shop.send({ id: 'order-2' });
  await crm.send({ id: 'contact-1' }, { eventType: 'contact.created' });
  await openDashboard(page);
  await expect(rows(page)).toHaveCount(3);
  await expect(page.locator('.hitmap-row')).toHaveCount(2);
  const last = await newest(page);

  // On the failing row, back from the newest column.
  const from = await middle(cell(page, 0, last));
  const to = await middle(cell(page, 0, last - 4));
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 8 });
  await expect(page.locator('.hitmap-band[data-drawing]')).toBeVisible();
  await expect(page.getByRole('tooltip')).toContainText('2 of 2, 100%');
  await expect(page.getByRole('tooltip')).toContainText('Let go to filter');
  await expect(chips(page)).toHaveCount(0);
  await screenshots(page, 'heatmap-drawing');
  await page.mouse.up();
  await expect(chips(page)).toHaveText([/Integration\s*Shop/, /Event type\s*order.created/, /Time/]);
  await expect(rows(page)).toHaveCount(2);
  await expect(picked(page)).toHaveCount(5);
  await screenshots(page, 'heatmap-span');
  const { searchParams } = new URL(page.url());
  const minutes = (Date.parse(searchParams.get('until')!) - Date.parse(searchParams.get('since')!)) / 60_000;
  expect(minutes).toBe(5 * 30);
  await page.reload();
  await expect(picked(page)).toHaveCount(5);
  await page.getByRole('button', { name: 'Clear all' }).click();
  await expect(rows(page)).toHaveCount(3);
  await expect(page.locator('.hitmap-band')).toHaveCount(0);

  // On the axis: where nothing happened, then where everything did.
  const axis = (await page.locator('.hitmap-ticks').boundingBox())!;
  const at = (column: number) => axis.x + (axis.width * (column + 0.5)) / (last + 1);
  const y = axis.y + axis.height / 2;
  await page.mouse.move(at(2), y);
  await page.mouse.down();
  await page.mouse.move(at(6), y, { steps: 5 });
  await expect(page.getByRole('tooltip')).toContainText('All rows');
  await page.mouse.up();
  await expect(chips(page)).toHaveText([/Time/]);
  await expect(rows(page)).toHaveCount(0);
  await expect(page.locator('.hitmap-over .hitmap-band')).toBeVisible();
  await page.mouse.move(at(last - 1), y);
  await page.mouse.down();
  await page.mouse.move(at(last), y, { steps: 3 });
  await page.mouse.up();
  await expect(rows(page)).toHaveCount(3);
  await page.getByRole('button', { name: /^Remove filter Time/ }).click();
  await expect(chips(page)).toHaveCount(0);
});

test('Esc gives up what is drawn, and a press that stays in its cell is a click', async ({ page, organization }) => {
  const shop = await organization.addReceiver({ name: 'Shop' });
  await shop.send({ id: 'order-1' });
  await openDashboard(page);
  await expect(rows(page)).toHaveCount(1);
  const last = await newest(page);
  const from = await middle(cell(page, 0, last));
  const to = await middle(cell(page, 0, last - 3));
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await expect(page.locator('.hitmap-band')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.locator('.hitmap-band')).toHaveCount(0);
  await page.mouse.up();
  await expect(chips(page)).toHaveCount(0);
  await expect(page).toHaveURL('/');

  // Out and back again is a span of one column, not a click that takes it back.
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await page.mouse.move(from.x, from.y, { steps: 4 });
  await page.mouse.up();
  await expect(chips(page)).toHaveCount(3);
  await expect(picked(page)).toHaveCount(1);
  await cell(page, 0, last).click();
  await expect(chips(page)).toHaveCount(0);
});

test('with the keys alone a span is drawn, given up and chosen', async ({ page, organization }) => {
  const shop = await organization.addReceiver({ name: 'Shop' });
  await shop.send({ id: 'order-1' });
  await openDashboard(page);
  await expect(rows(page)).toHaveCount(1);
  const last = await newest(page);

  await page.locator('.hitmap-cell[tabindex="0"]').focus();
  await expect(cell(page, 0, last)).toBeFocused();
  await page.keyboard.press('Shift+ArrowLeft');
  await page.keyboard.press('Shift+ArrowLeft');
  await expect(cell(page, 0, last - 2)).toBeFocused();
  await expect(page.locator('.hitmap-band[data-drawing]')).toBeVisible();
  await expect(page.locator('.hitmap [role="status"]')).toHaveText(/ drawn\. Enter filters, Escape gives up\./);
  await expect(page.getByRole('tooltip')).toContainText('Delivered');
  await page.keyboard.press('Escape');
  await expect(page.locator('.hitmap-band')).toHaveCount(0);
  await expect(page.locator('.hitmap [role="status"]')).toHaveText('');

  // An arrow without Shift gives it up as well.
  await page.keyboard.press('Shift+Home');
  await expect(cell(page, 0, 0)).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(page.locator('.hitmap-band')).toHaveCount(0);

  await page.keyboard.press('End');
  await page.keyboard.press('Shift+ArrowLeft');
  await page.keyboard.press('Shift+ArrowLeft');
  await page.keyboard.press('Enter');
  await expect(picked(page)).toHaveCount(3);
  await expect(chips(page)).toHaveText([/Integration\s*Shop/, /Event type/, /Time/]);
  await expect(rows(page)).toHaveCount(1);
  // Shift+Enter on a cell further away extends what is chosen.
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Shift+Enter');
  await expect(picked(page)).toHaveCount(4);
});

test.describe('with a finger', () => {
  test.use({ hasTouch: true, viewport: { width: 390, height: 844 } });

  test('sideways draws, up and down scrolls', async ({ page, organization }) => {
    const shop = await organization.addReceiver({ name: 'Shop' });
    await shop.send({ id: 'order-1' });
    await openDashboard(page);
    await expect(rows(page)).toHaveCount(1);
    const last = await newest(page);
    await cell(page, 0, last).scrollIntoViewIfNeeded();
    const from = await middle(cell(page, 0, last));
    const to = await middle(cell(page, 0, last - 6));
    const browser = await page.context().newCDPSession(page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', x?: number, y?: number) =>
      browser.send('Input.dispatchTouchEvent', { type, touchPoints: x === undefined ? [] : [{ x, y: y! }] });

    const scrolled = () => page.evaluate(() => window.scrollY);
    const before = await scrolled();
    await touch('touchStart', from.x, from.y);
    for (let step = 1; step <= 8; step += 1) await touch('touchMove', from.x, from.y - step * 20);
    await touch('touchEnd');
    await expect.poll(scrolled).toBeGreaterThan(before + 40);
    await expect(chips(page)).toHaveCount(0);

    // What the finger threw glides on for a while.
    const back = (y: number) => (window.scrollTo(0, y), window.scrollY);
    await expect.poll(() => page.evaluate(back, before).then(scrolled)).toBe(before);
    await touch('touchStart', from.x, from.y);
    for (let step = 1; step <= 6; step += 1) await touch('touchMove', from.x + ((to.x - from.x) * step) / 6, from.y);
    await touch('touchEnd');
    await expect(picked(page)).toHaveCount(7);
    await expect(chips(page)).toHaveCount(3);
    expect(await scrolled()).toBe(before);
  });
});

test('a change touches the row it is about and no other', async ({ page, organization }) => {
  const shop = await organization.addReceiver({ name: 'Shop' });
  for (let n = 0; n < 12; n += 1) await shop.send({ id: `a-${n}` }, { eventType: 'order.busy' });
  for (let n = 0; n < 6; n += 1) await shop.send({ id: `b-${n}` }, { eventType: `order.kind${n}` });
  await openDashboard(page);
  const lines = page.locator('.hitmap-row');
  await expect(lines).toHaveCount(7);
  await expect(page.locator('.hitmap-sum').first()).toHaveText('12');

  // Under the pointer rows keep their order, also when the numbers are fetched again.
  await page.locator('.hitmap .panel-head').hover();
  await page.evaluate(() => {
    const touched = new Set<string>();
    Object.assign(window, { touched, changes: 0 });
    const note = (changes: MutationRecord[]) => {
      (window as unknown as { changes: number }).changes += changes.length;
      for (const { target } of changes) {
        const element = target instanceof Element ? target : target.parentElement;
        const row = element?.closest('.hitmap-row');
        if (row) touched.add(row.querySelector('.hitmap-label')!.textContent!);
      }
    };
    const options = { subtree: true, childList: true, attributes: true, characterData: true };
    new MutationObserver(note).observe(document.querySelector('.hitmap-grid')!, options);
  });
  await shop.send({ id: 'b-again' }, { eventType: 'order.kind3' });
  await expect(lines.filter({ hasText: 'order.kind3' }).locator('.hitmap-sum').first()).toHaveText('2');
  const touched = () => page.evaluate(() => [...(window as unknown as { touched: Set<string> }).touched]);
  expect(await touched()).toEqual([expect.stringContaining('order.kind3')]);
  // One cell of 49 in the row, and the sum.
  expect(await page.evaluate(() => (window as unknown as { changes: number }).changes)).toBeLessThan(15);

  // Other columns are other cells, and those follow as well.
  await choose(page.locator('.page-actions'), 'Date range', 'Last hour');
  await expect(page.locator('.hitmap-cell[data-row="0"]')).toHaveCount(60);
  await shop.send({ id: 'b-once-more' }, { eventType: 'order.kind3' });
  const labels = lines.filter({ hasText: 'order.kind3' }).locator('.hitmap-cell:not([data-volume="0"])');
  const events = () =>
    labels.evaluateAll((cells) =>
      cells.reduce((sum, cell) => sum + Number(/(\d+) events?,/.exec(cell.getAttribute('aria-label')!)![1]), 0),
    );
  await expect.poll(events).toBe(3);
});

test('the date range is chosen with the keys alone, and says what is wrong with it', async ({ page, organization }) => {
  const shop = await organization.addReceiver({ name: 'Shop' });
  await shop.send({ id: 'order-1' });
  await openDashboard(page);
  await expect(rows(page)).toHaveCount(1);

  await page.getByRole('radio', { name: '24 h' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(page).toHaveURL('/?range=7d');
  await page.keyboard.press('Tab');
  const summary = page.locator('#range > summary');
  await expect(summary).toBeFocused();
  await page.keyboard.press('Enter');
  const from = page.getByLabel('From', { exact: true });
  const to = page.getByLabel('To', { exact: true });
  await expect(from).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(from).toBeHidden();
  await expect(summary).toBeFocused();

  await page.keyboard.press('Enter');
  await from.fill('2999-01-01T00:00');
  await to.fill('2999-01-02T00:00');
  await to.press('Enter');
  await expect(page.getByText('From is in the future')).toBeVisible();
  await expect(from).toBeFocused();
  await expect(from).toHaveAttribute('aria-invalid', 'true');
  await expect(to).not.toHaveAttribute('aria-invalid', 'true');
  await from.fill('2024-03-01T00:00');
  await from.press('Enter');
  await expect(page.getByText('A range has 800 days at most')).toBeVisible();
  await to.fill('2024-02-01T00:00');
  await to.press('Enter');
  await expect(page.getByText('From must be before To')).toBeVisible();
  await expect(to).toBeFocused();

  // What was not applied is forgotten.
  await page.keyboard.press('Escape');
  await page.keyboard.press('Enter');
  await expect(from).not.toHaveValue('2024-03-01T00:00');
  await expect(from).not.toHaveAttribute('aria-invalid', 'true');

  // An end that lies ahead is fine: what happens until then falls into the range.
  const ahead = new Date(Date.now() + 86_400_000).toISOString().slice(0, 16);
  await from.fill(new Date(Date.now() - 86_400_000).toISOString().slice(0, 16));
  await to.fill(ahead);
  await to.press('Enter');
  await expect(from).toBeHidden();
  await expect(summary).toBeFocused();
  await expect(page).toHaveURL(new RegExp(`to=${encodeURIComponent(ahead)}`));
  await expect(rows(page)).toHaveCount(1);
  await shop.send({ id: 'order-2' });
  await expect(rows(page)).toHaveCount(2);
  await expect(page.locator('.hitmap-sum').first()).toHaveText('2');
  await page.reload();
  await expect(page.getByRole('radio', { name: 'Custom' })).toBeChecked();
  await expect(rows(page)).toHaveCount(2);
});
