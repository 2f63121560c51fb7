// The bell: it says what the counts say, comes by itself, and leads to what it is about.
import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { openDashboard, rows } from '../harness/pages.ts';
import { screenshots } from '../harness/screenshots.ts';
import { expect, test } from '../harness/test.ts';

function bell(page: Page): Locator {
  return page.getByLabel(/^Alerts: /);
}

function alerts(page: Page): Locator {
  return page.locator('.alerts .alert-item');
}

test('without a reason there is none, and the list says what was looked at', async ({ page, organization }) => {
  const shop = await organization.addReceiver({ name: 'Shop' });
  for (let n = 0; n < 6; n += 1) await shop.send({ id: `order-${n}` });
  await openDashboard(page);
  await expect(bell(page)).toHaveAccessibleName('Alerts: none');
  await bell(page).click();
  await expect(page.locator('.alerts').getByText('No alerts')).toBeVisible();
  await screenshots(page, 'alerts-none');
  await page.keyboard.press('Escape');
  await expect(page.locator('.alerts')).toBeHidden();
  await expect(bell(page)).toBeFocused();
});

test('failures, refusals and dead letters alert with their numbers and lead to their rows', async ({
  page,
  organization,
  destination,
}) => {
  const { url } = await destination(({ path }) => ({ status: path === '/dead' ? 503 : 422 }));
  const failing = await organization.addReceiver({ name: 'NetSuite', destination: { url } });
  const dead = await organization.addReceiver({
    name: 'Dynamics 365',
    destination: { url, path: '/dead', retry: { max_retries: 0 } },
  });
  const refusing = await organization.addReceiver({ name: 'HubSpot' });
  for (let n = 0; n < 6; n += 1) await failing.send({ id: `INV-${n}` });
  await dead.send({ id: 'CAS-1' });
  for (let n = 0; n < 9; n += 1) await refusing.send({ id: `C-${n}` }, { secret: 'wrong' });
  await refusing.send({ id: 'C-9' });
  const settled = async () =>
    ((await organization.client.get('alerts')) as unknown as { kind: string; count: number }[]).map(
      ({ kind, count }) => `${kind} ${count}`,
    );
  await expect.poll(settled).toEqual(['failing 6', 'dead_letters 1', 'rejecting 9']);

  await openDashboard(page);
  await expect(bell(page)).toHaveAccessibleName('Alerts: 3 open');
  await bell(page).click();
  await expect(alerts(page)).toContainText([
    /100% of deliveries failed.*NetSuite · 6 of 6 · since \d/,
    /1 new dead letter.*Dynamics 365 · since \d/,
    /90% of requests rejected.*HubSpot · 9 of 10 · since \d/,
  ]);
  await screenshots(page, 'alerts');
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    expect((await new AxeBuilder({ page }).include('.topbar').analyze()).violations, colorScheme).toEqual([]);
  }

  await alerts(page).nth(0).click();
  await expect(page).toHaveURL(`/?tab=errors&range=1h&connector=${failing.connectorId}`);
  await expect(page.locator('.alerts')).toBeHidden();
  await expect(rows(page)).toHaveCount(6);
  await bell(page).click();
  await alerts(page).nth(1).click();
  await expect(page).toHaveURL(`/?tab=errors&range=7d&status=dead_letter&connector=${dead.connectorId}`);
  await expect(rows(page)).toHaveCount(1);
  await bell(page).click();
  await alerts(page).nth(2).click();
  await expect(page).toHaveURL(`/?tab=errors&errors=rejections&range=1h&connector=${refusing.connectorId}`);
  await expect(page.locator('table.grid[data-kind="errors"] tbody tr')).toHaveCount(9);
  await expect(page.locator('.filterbar .chip')).toContainText('HubSpot');
});

test('an alert comes while the page is open', async ({ page, organization, destination }) => {
  // The alerts are asked for every 15 seconds at most.
  test.slow();
  const { url } = await destination(() => ({ status: 422 }));
  const shop = await organization.addReceiver({ name: 'NetSuite', destination: { url } });
  await openDashboard(page);
  await expect(bell(page)).toHaveAccessibleName('Alerts: none');
  for (let n = 0; n < 5; n += 1) await shop.send({ id: `INV-${n}` });
  await expect(bell(page)).toHaveAccessibleName('Alerts: 1 open', { timeout: 30_000 });
});

test.describe('alerts that cannot be loaded', () => {
  test.use({ expectedProblems: [/status of 503/] });

  test('say so in the list and are asked for again', async ({ page, organization: _signedIn }) => {
    const problem = { code: 'unavailable', status: 503, title: 'Not now', detail: 'The database is busy.', fields: [] };
    await page.route('**/rpc/list_alerts', (route) =>
      route.fulfill({ status: 503, json: problem, headers: { serverfnerror: 'list_alerts' } }),
    );
    await openDashboard(page);
    await bell(page).click();
    await expect(page.locator('.alerts').getByText('Not now')).toBeVisible();
    await page.unroute('**/rpc/list_alerts');
    await page.locator('.alerts').getByRole('button', { name: 'Try again' }).click();
    await expect(page.locator('.alerts').getByText('No alerts')).toBeVisible();
  });
});
