// Search and commands, by keyboard: what is found opens from every page, and an answer that comes late shows nothing.
import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { drawer, openDashboard, rows } from '../harness/pages.ts';
import { signInAs, type Organization } from '../harness/organization.ts';
import { screenshots } from '../harness/screenshots.ts';
import { expect, test } from '../harness/test.ts';

interface Delivery {
  id: string;
  event_id: string;
  source_record_id: string;
  destination_record_id: string | null;
}

function palette(page: Page): Locator {
  return page.getByRole('dialog', { name: 'Search and commands' });
}

function field(page: Page): Locator {
  return palette(page).getByRole('combobox', { name: 'Search and commands' });
}

function options(page: Page): Locator {
  return palette(page).getByRole('option');
}

/** The option that Enter chooses, as assistive technology is told. */
async function active(page: Page): Promise<Locator> {
  const id = await field(page).getAttribute('aria-activedescendant');
  const option = palette(page).locator(`[id="${id}"]`);
  await expect(option).toHaveAttribute('aria-selected', 'true');
  return option;
}

/** Opens the palette. Its part comes right after the first screen, so the key is pressed until it is there. */
async function open(page: Page): Promise<void> {
  await expect(page.getByLabel(/^Alerts: /)).toBeVisible();
  await page.keyboard.press('Control+k');
  await expect(field(page)).toBeFocused();
}

async function deliveries(organization: Organization): Promise<Delivery[]> {
  return (await organization.client.get('deliveries')).items as Delivery[];
}

/** `count` orders that are delivered into the record store. */
async function fill(organization: Organization, count: number): Promise<Delivery[]> {
  const shop = await organization.addReceiver({ name: 'NetSuite' });
  for (let n = 1; n <= count; n += 1) expect((await shop.send({ id: `INV-${n}` })).status).toBe(202);
  await expect
    .poll(async () => (await deliveries(organization)).filter((row) => row.destination_record_id).length)
    .toBe(count);
  return deliveries(organization);
}

test('opens with the keyboard from everywhere, also while somebody types, and gives the focus back', async ({
  page,
  organization: _signedIn,
}) => {
  await openDashboard(page);
  const record = page.getByLabel('Filter by source record');
  await record.fill('order');
  await open(page);
  expect(await options(page).count()).toBeGreaterThan(8);
  await expect(await active(page)).toHaveText(/Dashboard/);
  await page.keyboard.press('Escape');
  await expect(palette(page)).toBeHidden();
  await expect(record).toBeFocused();
  await expect(record).toHaveValue('order');

  await page.getByRole('button', { name: /^Search events, records, ids/ }).click();
  await expect(field(page)).toBeFocused();
  await page.keyboard.press('Control+k');
  await expect(palette(page)).toBeHidden();

  await page.goto('/settings');
  await open(page);
  await page.keyboard.press('ArrowDown');
  await expect(await active(page)).toHaveText(/Integrations/);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await expect(await active(page)).toHaveText(/Sign out/);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/integrations');
});

test('an event, a delivery and a record open in the drawer from another page', async ({ page, organization }) => {
  const [newest, oldest] = await fill(organization, 2);
  for (const text of [newest!.id, newest!.event_id, newest!.event_id.slice(0, 30), 'INV-2', newest!.destination_record_id!]) {
    await page.goto('/settings');
    await open(page);
    await page.keyboard.insertText(text);
    await expect(options(page).first()).toContainText('Delivered');
    await expect(options(page).first().getByText(text, { exact: true })).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(`/?open=${newest!.id}`);
    await expect(drawer(page)).toContainText('INV-2');
  }
  // On the dashboard what is shown stays, and the drawer opens beside it.
  await openDashboard(page, '?range=1h');
  await open(page);
  await page.keyboard.insertText(oldest!.id);
  await expect(options(page)).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`/?range=1h&open=${oldest!.id}`);
  await expect(drawer(page)).toContainText('INV-1');
});

test('Enter before the answer opens what is found', async ({ page, organization }) => {
  const [delivery] = await fill(organization, 1);
  await openDashboard(page);
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/rpc/search', async (route) => {
    await held;
    await route.continue();
  });
  await open(page);
  await page.keyboard.insertText(delivery!.event_id);
  const asked = page.waitForRequest('**/rpc/search');
  await page.keyboard.press('Enter');
  await asked;
  await expect(palette(page).getByText('Searching…')).toBeVisible();
  release();
  await expect(page).toHaveURL(`/?open=${delivery!.id}`);
});

test('an answer that was overtaken shows nothing', async ({ page, organization }) => {
  await fill(organization, 2);
  await openDashboard(page);
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/rpc/search', async (route) => {
    if ((route.request().postDataJSON() as { text: string }).text === 'INV-1') await held;
    await route.continue();
  });
  await open(page);
  const first = page.waitForRequest('**/rpc/search');
  await page.keyboard.insertText('INV-1');
  const overtaken = (await first).response();
  await field(page).fill('INV-2');
  await expect(options(page).filter({ hasText: 'INV-2' }).first()).toBeVisible();
  release();
  await overtaken;
  await field(page).press('End');
  await expect(options(page).filter({ hasText: 'INV-1' })).toHaveCount(0);
  await expect(options(page).filter({ hasText: 'INV-2' }).first()).toBeVisible();
});

test('all deliveries of a record are one choice away, at the source and at the destination', async ({
  page,
  organization,
}) => {
  const [delivery] = await fill(organization, 1);
  await openDashboard(page);
  for (const [text, chip, address] of [
    ['INV-1', 'Source record', 'record=INV-1'],
    [delivery!.destination_record_id!, 'Destination record', `destination=${delivery!.destination_record_id}`],
  ] as const) {
    await open(page);
    await page.keyboard.insertText(text);
    await options(page).filter({ hasText: 'all its deliveries' }).click();
    await expect(page).toHaveURL(`/?range=30d&${address}`);
    await expect(rows(page)).toHaveCount(1);
    await expect(page.locator('.filterbar .chip')).toContainText(chip);
  }
  await page.getByRole('button', { name: /^Remove filter Destination record/ }).click();
  await expect(page).toHaveURL('/?range=30d');
  await page.locator('.filterbar summary').click();
  const destination = page.getByRole('textbox', { name: 'Destination record' });
  await destination.fill('rec_of-nobody');
  await destination.press('Enter');
  await expect(page).toHaveURL('/?range=30d&destination=rec_of-nobody');
  await expect(rows(page)).toHaveCount(0);

  // What was looked for is offered again.
  await open(page);
  const recent = palette(page).getByRole('group', { name: 'Recent searches' }).getByRole('option');
  await expect(recent).toHaveText([delivery!.destination_record_id!, 'INV-1']);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(field(page)).toHaveValue('INV-1');
  await expect(palette(page).getByRole('group', { name: 'Source records' }).getByRole('option')).toHaveCount(2);
});

test('refused requests and connectors are found', async ({ page, organization }) => {
  const shop = await organization.addReceiver({ name: 'NetSuite' });
  expect((await shop.send({ id: 'x' }, { secret: 'wrong' })).status).toBe(401);
  await expect.poll(async () => ((await organization.client.get('rejections')).items as unknown[]).length).toBe(1);
  const [refused] = (await organization.client.get('rejections')).items as { id: string }[];
  await page.goto('/integrations');
  await open(page);
  await page.keyboard.insertText(refused!.id);
  await expect(options(page)).toContainText(['Signature wrong, NetSuite']);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`/?tab=errors&errors=rejections&open=${refused!.id}`);
  await expect(drawer(page)).toBeVisible();

  await open(page);
  await page.keyboard.insertText('suite');
  const found = palette(page).getByRole('group', { name: 'Connectors' }).getByRole('option');
  await expect(found).toContainText(['NetSuite']);
  await expect(found.locator('mark')).toHaveText('Suite');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog').getByRole('heading', { name: 'Manage NetSuite' })).toBeVisible();
  await page.keyboard.press('Control+k');
  await expect(palette(page), 'nothing opens over what may be half typed').toBeHidden();
});

test('nothing of another organization is found', async ({ page, organization, signalbox, root }) => {
  const { createOrganization } = await import('../harness/organization.ts');
  const [delivery] = await fill(organization, 1);
  const other = await createOrganization(signalbox, root);
  await signInAs(page.context(), signalbox.url, other.admin);
  await openDashboard(page);
  await open(page);
  for (const text of [delivery!.id, delivery!.event_id, 'INV-1', 'NetSuite']) {
    await field(page).fill(text);
    await expect(palette(page).getByText('Nothing found.')).toBeVisible();
  }
});

test('commands do what they say', async ({ page, organization, destination }) => {
  const { url } = await destination(() => ({ status: 422 }));
  const shop = await organization.addReceiver({ name: 'Shop', destination: { url } });
  await shop.send({ id: 'order-1' });
  await openDashboard(page);
  const run = async (text: string) => {
    await open(page);
    await page.keyboard.insertText(text);
    await expect(await active(page)).toContainText(new RegExp(text, 'i'));
    await page.keyboard.press('Enter');
    await expect(palette(page)).toBeHidden();
  };
  await run('Pause live');
  await expect(page.locator('.live')).toHaveAttribute('data-live', 'paused');
  await run('Resume live');
  await expect(page.locator('.live')).toHaveAttribute('data-live', 'live');
  await run('Show rejected');
  await expect(page).toHaveURL('/?tab=errors&errors=rejections');
  await run('Show errors');
  await expect(page).toHaveURL('/?tab=errors');
  await expect(rows(page)).toHaveCount(1);
  await rows(page).getByRole('checkbox').check();
  await run('Retry 1 selected');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await run('Manage integrations');
  await expect(page.getByRole('heading', { name: 'Manage integrations' })).toBeVisible();
  await page.keyboard.press('Escape');
  await run('Add connector');
  await expect(page.getByRole('heading', { name: 'Add connector' })).toBeVisible();
  await page.keyboard.press('Escape');
  await run('List keys');
  await expect(page.getByRole('dialog').getByRole('heading', { name: 'Keys', exact: true })).toBeVisible();
  await page.keyboard.press('Escape');
  await run('Switch theme');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await run('Sign out');
  await expect(page).toHaveURL(/^[^?]*\/login/);
});

test('a viewer is offered no connector to add', async ({ page, organization, signalbox }) => {
  await signInAs(page.context(), signalbox.url, await organization.addPerson('Vera', 'viewer'));
  await openDashboard(page);
  await open(page);
  await expect(options(page).filter({ hasText: 'Show errors' })).toBeVisible();
  await expect(options(page).filter({ hasText: 'Add connector' })).toHaveCount(0);
});

test.describe('a search that fails', () => {
  test.use({ expectedProblems: [/status of 503/] });

  test('says why, and is asked again with Enter', async ({ page, organization }) => {
    await fill(organization, 1);
    await openDashboard(page);
    const problem = { code: 'unavailable', status: 503, title: 'Not now', detail: 'The database is busy.', fields: [] };
    await page.route('**/rpc/search', (route) =>
      route.fulfill({ status: 503, json: problem, headers: { serverfnerror: 'search' } }),
    );
    await open(page);
    await page.keyboard.insertText('INV-1');
    await expect(palette(page).getByText(/^Not now: The database is busy\. Press Enter/)).toBeVisible();
    await page.unroute('**/rpc/search');
    await page.keyboard.press('Enter');
    await expect(options(page).filter({ hasText: 'INV-1' }).first()).toBeVisible();
  });
});

test('looks as designed, and axe finds nothing', async ({ page, organization }) => {
  await fill(organization, 3);
  await openDashboard(page);
  await open(page);
  await screenshots(page, 'palette');
  await page.keyboard.insertText('INV');
  await expect(palette(page).getByRole('group', { name: 'Source records' }).getByRole('option')).toHaveCount(3);
  await screenshots(page, 'palette-found');
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    expect((await new AxeBuilder({ page }).analyze()).violations, colorScheme).toEqual([]);
  }
  await field(page).fill('nothing has this name');
  await expect(palette(page).getByText('Nothing found.')).toBeVisible();
  await screenshots(page, 'palette-nothing');
  expect((await new AxeBuilder({ page }).analyze()).violations, 'nothing').toEqual([]);

  await page.keyboard.press('Escape');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await expect(field(page)).toBeFocused();
  await palette(page).getByRole('button', { name: 'Close' }).click();
  await expect(palette(page)).toBeHidden();
});
