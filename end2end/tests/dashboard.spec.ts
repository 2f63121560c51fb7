// The dashboard: tabs, filters, ranges, the heatmap, and changes that arrive by themselves.
import { choose, drawer, expectLive, openDashboard, rows } from '../harness/pages.ts';
import { screenshots } from '../harness/screenshots.ts';
import { expect, test } from '../harness/test.ts';

test('1, 2 and 3 show the tabs, also after a reload, and stay letters while somebody types', async ({
  page,
  organization,
}) => {
  const shop = await organization.addReceiver({ name: 'Shop' });
  await shop.send({ id: 'order-1' });
  await openDashboard(page);
  await expect(rows(page)).toHaveCount(1);

  await page.keyboard.press('2');
  await expect(page.getByRole('tab', { name: 'Webhook' })).toHaveAttribute('aria-selected', 'true');
  await expect(page).toHaveURL('/?tab=webhook');
  await expect(rows(page)).toHaveCount(0);
  await page.keyboard.press('3');
  await expect(page).toHaveURL('/?tab=errors');
  await page.reload();
  await expect(page.getByRole('tab', { name: 'Errors' })).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('1');
  await expect(page.getByRole('tab', { name: 'API' })).toHaveAttribute('aria-selected', 'true');
  await expect(rows(page)).toHaveCount(1);

  await page.keyboard.press('/');
  await expect(page.getByLabel('Filter by source record')).toBeFocused();
  await page.keyboard.type('2');
  await expect(page.getByRole('tab', { name: 'API' })).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByLabel('Filter by source record')).toHaveValue('2');
});

test('filters are chips, stand in the address, survive a reload and can be taken away', async ({
  page,
  organization,
}) => {
  const shop = await organization.addReceiver({ name: 'Shop' });
  const crm = await organization.addReceiver({ name: 'Contacts' });
  await shop.send({ id: 'order-1' });
  await shop.send({ id: 'order-2' }, { eventType: 'order.paid' });
  await crm.send({ id: 'contact-1' }, { eventType: 'contact.created' });
  await openDashboard(page);
  await expect(rows(page)).toHaveCount(3);

  const chips = page.locator('.filterbar .chip');
  await page.locator('.filterbar summary').click();
  const filters = page.getByRole('group', { name: 'Filters' });
  await filters.getByLabel('Integration', { exact: true }).selectOption('Shop');
  await expect(rows(page)).toHaveCount(2);
  await page.getByRole('combobox', { name: 'Event type' }).fill('order.paid');
  await page.getByRole('combobox', { name: 'Event type' }).press('Enter');
  await expect(rows(page)).toHaveCount(1);
  await filters.getByLabel('Status', { exact: true }).selectOption('Delivered');
  await page.getByLabel('Filter by source record').fill('order-2');
  await page.getByLabel('Filter by source record').press('Enter');
  await expect(chips).toHaveText([/Integration\s*Shop/, /Event type\s*order.paid/, /Status\s*Delivered/, /Source record\s*order-2/]);
  const address = new URL(page.url()).searchParams;
  expect(Object.fromEntries(address)).toEqual({
    connector: shop.connectorId,
    type: 'order.paid',
    status: 'delivered',
    record: 'order-2',
  });

  await page.reload();
  await expect(chips).toHaveCount(4);
  await expect(rows(page)).toHaveCount(1);
  await screenshots(page, 'dashboard-filtered');
  await page.getByRole('button', { name: 'Remove filter Event type order.paid' }).click();
  await expect(chips).toHaveCount(3);
  await page.goBack();
  await expect(chips).toHaveCount(4);
  await page.getByRole('button', { name: 'Clear all' }).click();
  await expect(chips).toHaveCount(0);
  await expect(rows(page)).toHaveCount(3);
  await expect(page).toHaveURL('/');
});

test('ranges: presets, and a span of one’s own', async ({ page, organization }) => {
  const shop = await organization.addReceiver({ name: 'Shop' });
  await shop.send({ id: 'order-1' });
  await openDashboard(page);
  const ranges = page.locator('.page-actions');
  for (const [words, value] of [
    ['Last hour', '1h'],
    ['7 d', '7d'],
    ['30 d', '30d'],
  ] as const) {
    await choose(ranges, 'Date range', words);
    await expect(page).toHaveURL(`/?range=${value}`);
    await expect(rows(page)).toHaveCount(1);
    await expect(page.locator('.hitmap-row .hitmap-sum').first()).toHaveText('1');
  }
  await page.reload();
  await expect(ranges.getByRole('radio', { name: '30 d' })).toBeChecked();

  await page.locator('#range > summary').click();
  await page.getByLabel('From').fill('2024-02-29T10:00');
  await page.getByLabel('To', { exact: true }).fill('2024-02-28T10:00');
  await page.getByRole('button', { name: 'Apply range' }).click();
  await expect(page.getByText('From must be before To')).toBeVisible();
  await page.getByLabel('To', { exact: true }).fill('2024-03-01T10:00');
  await page.getByRole('button', { name: 'Apply range' }).click();
  await expect(page).toHaveURL(/from=2024-02-29T10%3A00%3A00Z&to=2024-03-01T10%3A00%3A00Z/);
  await expect(rows(page)).toHaveCount(0);
  await choose(ranges, 'Date range', '24 h');
  await expect(page).toHaveURL('/');
  await expect(rows(page)).toHaveCount(1);
});

test('on the heatmap arrows move and Enter narrows the grid', async ({ page, organization, destination }) => {
  const { url } = await destination(() => ({ status: 422 }));
  const shop = await organization.addReceiver({ name: 'Shop', destination: { url } });
  const crm = await organization.addReceiver({ name: 'Contacts' });
  await shop.send({ id: 'order-1' });
  await crm.send({ id: 'contact-1' }, { eventType: 'contact.created' });
  await openDashboard(page);
  await expect(rows(page)).toHaveCount(2);

  const cells = page.locator('.hitmap-cell[data-row]');
  const filled = page.locator('.hitmap-cell[data-row]:not([data-volume="0"])');
  await expect(filled).toHaveCount(2);
  // Failures first: the shop's row is on top.
  const failing = page.locator('.hitmap-cell[data-row="0"]:not([data-fail="0"])');
  await expect(failing).toHaveCount(1);
  await expect(failing).toHaveAttribute('aria-label', /1 event, 1 failed/);

  const column = await failing.getAttribute('data-column');
  await page.locator('.hitmap-cell[tabindex="0"]').focus();
  await page.keyboard.press('Home');
  await expect(page.locator('.hitmap-cell[data-row="0"][data-column="0"]')).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('.hitmap-cell[data-row="1"][data-column="0"]')).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowUp');
  for (let at = 0; at < Number(column); at += 1) await page.keyboard.press('ArrowRight');
  await expect(failing).toBeFocused();
  await expect(page.getByRole('tooltip')).toContainText('Failed');

  await page.keyboard.press('Enter');
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page).first()).toContainText('order-1');
  await expect(page.locator('.filterbar .chip')).toHaveText([/Integration\s*Shop/, /Event type/, /Time/]);
  await expect(cells.and(page.locator('[aria-selected="true"]'))).toHaveCount(1);
  await expect(failing).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('.filterbar .chip')).toHaveCount(0);
  await expect(rows(page)).toHaveCount(2);

  await choose(page.locator('.hitmap'), 'One row for each', 'Event type');
  await expect(page).toHaveURL('/?rows=event_type');
  await expect(page.locator('.hitmap-label')).toHaveText(['order.created', 'contact.created']);
});

test('a pause keeps rows where they are; what arrives waits behind a button', async ({ page, organization }) => {
  const shop = await organization.addReceiver({ name: 'Shop' });
  await shop.send({ id: 'order-1' });
  await openDashboard(page);
  await expect(rows(page)).toHaveCount(1);

  await page.keyboard.press('l');
  await expect(page.locator('.live')).toHaveAttribute('data-live', 'paused');
  await shop.send({ id: 'order-2' });
  await shop.send({ id: 'order-3' });
  await expect(page.getByRole('button', { name: '2 new events' })).toBeVisible();
  await expect(rows(page)).toHaveCount(1);
  await page.getByRole('button', { name: '2 new events' }).click();
  await expect(rows(page)).toHaveCount(3);
  await expectLive(page);
  await expect(rows(page).first()).toContainText('order-3');
  await expect(page.locator('.hitmap-row .hitmap-sum').first()).toHaveText('3');

  // Selected rows hold the others still as well.
  await rows(page).first().getByRole('checkbox').check();
  await expect(page.locator('.live')).toHaveAttribute('data-live', 'paused');
  await shop.send({ id: 'order-4' });
  await expect(page.getByRole('button', { name: '1 new event' })).toBeVisible();
  await expect(rows(page).first()).toContainText('order-3');
  await page.keyboard.press('Escape');
  await expectLive(page);
  await expect(rows(page)).toHaveCount(4);
});

test('refused requests are listed with their reason and their body', async ({ page, organization }) => {
  const shop = await organization.addReceiver({ name: 'Shop' });
  await openDashboard(page, '?tab=errors&errors=rejections');
  const refused = page.locator('table.grid[data-kind="errors"] tbody tr');
  await expect(page.getByText('No rejected requests')).toBeVisible();

  expect((await shop.send({ id: 'order-1' }, { secret: 'another-one' })).status).toBe(401);
  await expect(refused).toHaveCount(1);
  await expect(refused.first()).toContainText('Signature wrong');
  await expect(refused.first()).toContainText('401');
  const broken = '{"id": "order-2", "total": }';
  expect((await shop.send(broken)).status).toBe(400);
  await expect(refused).toHaveCount(2);
  await expect(refused.first()).toContainText('Body is not JSON');
  await expect(page.locator('.stat', { hasText: 'Rejected' })).toContainText('2');

  await refused.first().click();
  await expect(drawer(page).getByRole('heading', { name: 'Body is not JSON' })).toBeVisible();
  await expect(drawer(page).getByLabel('Payload as text')).toHaveText(broken);
  await screenshots(page, 'rejection');
  await page.reload();
  await expect(drawer(page).getByRole('heading', { name: 'Body is not JSON' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(drawer(page)).toBeHidden();
});

test('on a phone the drawer keeps its way out on the screen', async ({ page, organization, destination }) => {
  const { url } = await destination(() => ({ status: 422 }));
  const shop = await organization.addReceiver({ name: 'Shop', destination: { url } });
  await shop.send({ id: 'order-1' });
  await page.setViewportSize({ width: 390, height: 844 });
  await openDashboard(page, '?tab=errors');
  await rows(page).first().click();
  await expect(drawer(page)).toContainText('trying again will not help');
  const close = drawer(page).getByRole('button', { name: 'Close (Esc)' });
  await expect(close).toBeInViewport({ ratio: 1 });
  await close.click();
  await expect(drawer(page)).toBeHidden();
});

test.describe('when the connection breaks', () => {
  test.use({ expectedProblems: [/WebSocket connection|ERR_(CONNECTION_REFUSED|INTERNET_DISCONNECTED|NETWORK)/] });

  test('the browser is offline: it is said, and what was missed comes with the network', async ({
    page,
    context,
    organization,
  }) => {
    const shop = await organization.addReceiver({ name: 'Shop' });
    await shop.send({ id: 'order-1' });
    await openDashboard(page);
    await expect(rows(page)).toHaveCount(1);
    // "Reconnecting" lasts seconds; an observer sees it for certain.
    await page.evaluate(() => {
      const said: string[] = [];
      const live = document.querySelector('.live')!;
      const note = () => said.push(live.getAttribute('data-live')!);
      new MutationObserver(note).observe(live, { attributeFilter: ['data-live'] });
      Object.assign(window, { said });
    });

    // Nobody closes the socket: a page learns nothing from a network that is gone.
    await context.setOffline(true);
    await expect(page.locator('.live')).toHaveAttribute('data-live', 'offline');
    expect(await page.evaluate(() => (window as unknown as { said: string[] }).said)).toEqual(['reconnecting', 'offline']);
    await shop.send({ id: 'order-2' });
    await shop.send({ id: 'order-3' });
    await expect(rows(page)).toHaveCount(1);

    await context.setOffline(false);
    await expectLive(page);
    await expect(rows(page)).toHaveCount(3);
    await expect(rows(page).first()).toContainText('order-3');
    expect(await page.evaluate(() => 'said' in window), 'nothing was reloaded').toBe(true);
  });

  test('what was missed is caught up with after the server restarted', async ({ page, organization, signalbox }) => {
    const shop = await organization.addReceiver({ name: 'Shop' });
    await shop.send({ id: 'order-1' });
    await openDashboard(page);
    await expect(rows(page)).toHaveCount(1);
    await page.evaluate(() => void Object.assign(window, { notReloaded: true }));

    await signalbox.halt();
    await expect(page.locator('.live')).toHaveAttribute('data-live', /reconnecting|offline/);
    // The browser comes back only after the events: they are missed for certain.
    await page.context().setOffline(true);
    await signalbox.start();
    await shop.send({ id: 'order-2' });
    await shop.send({ id: 'order-3' });
    await expect(rows(page)).toHaveCount(1);
    await page.context().setOffline(false);

    await expect(page.locator('.live')).toHaveAttribute('data-live', 'live', { timeout: 40_000 });
    await expect(rows(page)).toHaveCount(3);
    await expect(rows(page).first()).toContainText('order-3');
    await expect(page.locator('.hitmap-row .hitmap-sum').first()).toHaveText('3');
    await shop.send({ id: 'order-4' });
    await expect(rows(page)).toHaveCount(4);
    expect(await page.evaluate(() => 'notReloaded' in window)).toBe(true);
  });
});
