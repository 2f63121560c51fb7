// Manage integrations: connectors, receivers with their verification and secrets, routes with their mapping.
import type { Locator, Page } from '@playwright/test';
import { choose, chosen, copied, openDashboard, openManage, rows } from '../harness/pages.ts';
import { unique } from '../harness/organization.ts';
import { screenshots } from '../harness/screenshots.ts';
import { paste } from '../harness/shell.ts';
import { expect, test } from '../harness/test.ts';

test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

/** Opens the form of a new connector on the page of its own. */
async function addConnector(page: Page): Promise<Locator> {
  await page.goto('/integrations');
  await page.locator('.page-actions').getByRole('button', { name: 'Add connector' }).click();
  const sheet = page.getByRole('dialog');
  await expect(sheet.getByRole('heading', { name: 'Add connector' })).toBeVisible();
  return sheet;
}

/** Creates what the sheet says under a code that nobody has. */
async function create(page: Page, sheet: Locator, name: string): Promise<string> {
  const code = `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}-${unique()}`;
  await sheet.locator('#manage-details').getByLabel('Name', { exact: true }).fill(name);
  await sheet.getByLabel('Code').fill(code);
  await sheet.getByRole('button', { name: 'Create connector' }).click();
  await expect(sheet.getByText(/^Everything is saved, \d/)).toBeVisible();
  return code;
}

/** The event types that the receiver takes. */
function eventType(sheet: Locator): Locator {
  return sheet.locator('#manage-receivers').getByRole('textbox', { name: 'Event type', exact: true });
}

for (const { system, secret, header } of [
  { system: 'GitHub', secret: 'It is a secret to everybody', header: 'x-hub-signature-256' },
  { system: 'Stripe', secret: 'whsec_a-secret-that-stripe-made', header: 'stripe-signature' },
  { system: 'Shopify', secret: 'shpss_0123456789abcdef', header: 'x-shopify-hmac-sha256' },
  { system: 'Slack', secret: '8f742231b10e8888abcd99yyyzzz85a5', header: 'x-slack-signature' },
  { system: 'Standard Webhooks', secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', header: 'webhook-signature' },
  { system: 'Other', secret: 'a secret of our own making', header: 'x-signature' },
]) {
  test(`${system}: the preset is set, and the copied curl line is accepted`, async ({ page, organization }) => {
    const sheet = await addConnector(page);
    // The URL and the command are handed out when somebody answers there.
    const receivers = sheet.locator('#manage-receivers');
    await expect(receivers.getByText('It is made from the code when the connector is created')).toBeVisible();
    await expect(receivers.getByText('/receive')).toHaveCount(0);
    await expect(receivers.getByRole('button', { name: /^Copy/ })).toHaveCount(0);
    // "Other" is chosen at first.
    if (system !== 'Other') await choose(sheet, 'System', system);
    await expect(chosen(sheet.getByLabel('Verification'))).toHaveText(system === 'Other' ? 'HMAC-SHA256' : system);
    const place = receivers.getByRole('combobox', { name: 'Event type', exact: true });
    await expect(chosen(place)).toHaveText(system === 'Other' ? 'Body' : 'As the preset');
    await sheet.getByLabel('Secret of the sender').fill(secret);
    const code = await create(page, sheet, system === 'Other' ? 'Billing' : system);

    await choose(sheet, 'Send from', 'curl');
    await sheet.getByRole('button', { name: 'Copy command' }).click();
    const curl = await copied(page);
    expect(curl).toContain(header);
    expect(curl).toContain(`${organization.origin}/api/v1/integration/webhooks/${code}/receive`);
    expect(curl, 'a command holds no secret').not.toContain(secret);
    expect(await paste(curl, { SECRET: secret })).toContain('"event_id":"evt_');
    await openDashboard(page);
    await expect(rows(page)).toHaveCount(1);
    await expect(rows(page).first().locator('.status')).toHaveText('Delivered');
  });
}

test('no verification is offered for a sandbox only, and says so in red', async ({ page, organization }) => {
  const sheet = await addConnector(page);
  const verification = sheet.getByLabel('Verification');
  await expect(verification.locator('option', { hasText: 'None' })).toHaveCount(0);
  await choose(sheet, 'Environment', 'Sandbox');
  await verification.selectOption('None (sandbox only)');
  const warning = sheet.locator('.banner[data-tone="fail"]');
  await expect(warning).toContainText('Anyone who knows the URL can create events');
  await expect(sheet.getByLabel('Secret of the sender')).toBeHidden();
  await expect(sheet.getByRole('heading', { name: 'Send an unsigned sample' })).toBeVisible();
  await eventType(sheet).fill('ping');
  await warning.scrollIntoViewIfNeeded();
  await screenshots(page, 'connector-without-verification');
  const code = await create(page, sheet, 'Playground');
  const answer = await fetch(`${organization.origin}/api/v1/integration/webhooks/${code}/receive`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"type":"ping"}',
  });
  expect(answer.status).toBe(202);

  // A production connector cannot take it over.
  await choose(sheet, 'Environment', 'Production');
  await sheet.getByRole('button', { name: /^Save/ }).click();
  await expect(sheet.locator('.error, .notice').first()).toBeVisible();

  // With a secret and a scheme it can, in one save.
  await sheet.getByLabel('Verification').selectOption('Bearer token');
  await sheet.getByRole('button', { name: 'Set secret' }).click();
  await sheet.getByRole('button', { name: 'Rotate secret' }).click();
  await expect(sheet.locator('.once')).toBeVisible();
  await sheet.getByRole('button', { name: 'Save 2 changes' }).click();
  await expect(sheet.locator('.dialog-foot')).toContainText('Everything is saved, ');
  await expect(sheet.locator('.dialog-head .env')).toHaveText('Production');
});

test('a secret is rotated: the new one is shown once, the former one works for a while', async ({
  page,
  organization,
}) => {
  const shop = await organization.addReceiver({ name: 'Shop' });
  await page.goto('/integrations');
  await page.getByRole('button', { name: 'Manage Shop', exact: true }).click();
  const sheet = page.getByRole('dialog');
  await sheet.getByRole('button', { name: 'Rotate secret' }).click();
  await sheet.getByRole('button', { name: 'Rotate secret' }).click();
  await sheet.getByRole('button', { name: 'Copy new secret' }).click();
  const made = await copied(page);
  expect(made.length).toBeGreaterThan(20);
  await expect(sheet.locator('#manage-receivers')).toContainText(/former.* accepted until/);
  await sheet.locator('.once').scrollIntoViewIfNeeded();
  await screenshots(page, 'secret-rotated');
  expect((await shop.send({ id: 'by-the-former' })).status).toBe(202);
  expect((await shop.send({ id: 'by-the-new' }, { secret: made })).status).toBe(202);

  await page.reload();
  await expect(sheet.getByRole('button', { name: 'Rotate secret' })).toBeVisible();
  expect(await page.content(), 'it never comes back').not.toContain(made);

  await sheet.getByRole('button', { name: 'Rotate secret' }).click();
  await sheet.getByLabel('New secret').fill('a-secret-that-somebody-chose');
  await sheet.getByLabel('Accept the former one for').selectOption('Not at all');
  await sheet.getByRole('button', { name: 'Rotate secret' }).click();
  await expect(sheet.getByLabel('New secret')).toBeHidden();
  await expect(sheet.locator('.once'), 'who chose it knows it').toBeHidden();
  expect((await shop.send({ id: 'too-late' }, { secret: made })).status).toBe(401);
  expect((await shop.send({ id: 'in-time' }, { secret: 'a-secret-that-somebody-chose' })).status).toBe(202);
});

test('a mapping is previewed while it is typed, and then does what it showed', async ({
  page,
  organization,
  destination,
}) => {
  const target = await destination(() => ({ status: 200 }));
  const shop = await organization.addReceiver({ name: 'Shop', destination: { url: target.url } });
  await shop.send({ id: 'order-1', customer: { first: 'Ada', last: 'Lovelace' }, total: 12345678901234567890n.toString() });
  await page.goto(`/integrations?connector=${shop.connectorId}`);
  const sheet = page.getByRole('dialog');
  await sheet.getByRole('button', { name: 'Add field' }).click();
  await sheet.getByLabel('Target', { exact: true }).fill('name');
  await sheet.getByLabel('Kind of source for name').selectOption('Template');
  await sheet.getByLabel('Source of name').fill('{{ payload.customer.first }} {{ payload.customer.last }}');
  await sheet.getByRole('button', { name: 'Use the newest payload' }).click();
  const result = sheet.getByLabel('Result', { exact: true });
  await expect(result).toContainText('"name": "Ada Lovelace"');

  await sheet.getByRole('button', { name: 'Add field' }).click();
  await sheet.getByLabel('Target', { exact: true }).last().fill('city');
  await sheet.getByLabel('Source of city').fill('customer.city');
  await sheet.getByLabel('city required').check();
  await expect(sheet.locator('#manage-routes .checks')).toContainText('city');
  await sheet.getByLabel('Default of city').fill('London');
  await expect(result).toContainText('"city": "London"');
  await sheet.locator('#manage-routes').scrollIntoViewIfNeeded();
  await screenshots(page, 'mapping');

  await sheet.getByRole('button', { name: /^Save/ }).click();
  await expect(sheet.getByText(/^Everything is saved, \d/)).toBeVisible();
  await shop.send({ id: 'order-2', customer: { first: 'Grace', last: 'Hopper' } });
  await expect.poll(() => target.received.length).toBe(2);
  expect(JSON.parse(target.received[1]!.body)).toEqual({ name: 'Grace Hopper', city: 'London' });

  await sheet.getByRole('button', { name: 'Use the newest payload' }).click();
  await expect(result).toContainText('"name": "Grace Hopper"');
  await sheet.getByLabel('Recent payload').selectOption({ index: 1 });
  await expect(result).toContainText('"name": "Ada Lovelace"');
});

test('a sample is signed and sent from here, and says what became of it', async ({ page, organization }) => {
  const sheet = await addConnector(page);
  await choose(sheet, 'System', 'GitHub');
  await create(page, sheet, 'GitHub');
  const receivers = sheet.locator('#manage-receivers');
  await expect(receivers.getByText('Nothing sent yet')).toBeVisible();
  for (let n = 1; n <= 2; n += 1) {
    await receivers.getByRole('button', { name: 'Sign and send sample' }).click();
    await expect(receivers.locator('.result-head')).toContainText(/Accepted.*202, it is event evt_/);
    await expect
      .poll(async () => ((await organization.client.get('deliveries')).items as unknown[]).length, 'each is an event')
      .toBe(n);
  }
  await receivers.locator('.result-head').scrollIntoViewIfNeeded();
  await screenshots(page, 'sample-sent');
  const opened = page.waitForEvent('popup');
  await receivers.getByRole('link', { name: /^Show the event/ }).click();
  await expect((await opened).locator('.drawer')).toContainText('issues');
  await (await opened).close();

  await receivers.getByLabel('Body of the sample').fill('{');
  await receivers.getByRole('button', { name: 'Sign and send sample' }).click();
  await expect(receivers.locator('.result-head')).toContainText(/Rejected.*400, body is not JSON\./);
  const refused = page.waitForEvent('popup');
  await receivers.getByRole('link', { name: /^Show the rejected request/ }).click();
  await expect((await refused).locator('.drawer')).toContainText('Body is not JSON');
});

test('a receiver that verifies nothing sends an unsigned sample', async ({ page, organization: _signedIn }) => {
  const sheet = await addConnector(page);
  await choose(sheet, 'Environment', 'Sandbox');
  await sheet.getByLabel('Verification').selectOption('None (sandbox only)');
  await eventType(sheet).fill('order.created');
  await create(page, sheet, 'Lab');
  const receivers = sheet.locator('#manage-receivers');
  await expect(receivers.getByRole('heading', { name: 'Send an unsigned sample' })).toBeVisible();
  await expect(receivers).not.toContainText(/\bsigned sample|sign and send/i);
  await receivers.getByRole('button', { name: 'Send sample', exact: true }).click();
  await expect(receivers.locator('.result-head')).toContainText('Accepted');
});

test('54 connectors are searched, narrowed, and shown by and by', async ({ page, organization }) => {
  const { client } = organization;
  for (let n = 1; n <= 54; n += 1) {
    const name = `Vendor ${String(n).padStart(2, '0')}`;
    await client.post('connectors', { code: `vendor-${n}-${unique()}`, name });
  }
  const shop = await organization.addReceiver({ name: 'Shop' });
  for (let n = 0; n < 3; n += 1) await shop.send({ id: `x-${n}` }, { secret: 'wrong' });
  await page.goto('/integrations');
  const table = page.getByRole('grid', { name: 'Connectors, worst health first' });
  const names = table.locator('tbody tr [data-col="name"]');
  await expect(names).toHaveCount(50);
  await expect(names.first()).toContainText('Shop');
  await expect(table.locator('tbody tr').first()).toContainText(/Rejecting\s*100%/);
  await expect(page.getByText('50 of 55')).toBeVisible();
  await screenshots(page, 'integrations-54');
  await page.getByRole('button', { name: 'Show 5 more' }).click();
  await expect(names).toHaveCount(55);
  await expect(page.getByRole('button', { name: /^Show \d+ more/ })).toHaveCount(0);
  await page.getByLabel('Filter connectors').fill('vendor 5');
  await expect(names).toHaveCount(5);
  await page.getByLabel('Filter connectors').fill('');
  await choose(page.locator('main'), 'Health', 'Need attention');
  await expect(names).toHaveCount(1);
});

test('the head of the list in the sheet covers no row', async ({ page, organization }) => {
  await organization.addReceiver({ name: 'Shop' });
  await openDashboard(page);
  const sheet = await openManage(page);
  const bottom = await sheet.getByRole('columnheader', { name: 'Connector' }).evaluate((head) => head.getBoundingClientRect().bottom);
  const row = sheet.getByRole('row', { name: /Shop/ });
  expect(await row.evaluate((element) => element.getBoundingClientRect().top)).toBeGreaterThanOrEqual(bottom);
});

test('a connector is deleted only after its code was typed', async ({ page, organization }) => {
  const shop = await organization.addReceiver({ name: 'Shop' });
  await shop.send({ id: 'order-1' });
  await shop.send({ id: 'order-2' });
  await shop.send({ id: 'order-3' }, { secret: 'wrong' });
  await expect
    .poll(async () => ((await organization.client.get('deliveries?status=delivered')).items as unknown[]).length)
    .toBe(2);
  await page.goto(`/integrations?connector=${shop.connectorId}`);
  const sheet = page.locator('dialog.sheet');
  await sheet.getByRole('button', { name: 'Delete connector' }).click();
  const confirm = page.getByRole('dialog', { name: 'Delete Shop?' });
  const agree = confirm.getByRole('button', { name: 'Delete connector' });
  await expect(agree).toHaveAttribute('aria-disabled', 'true');
  await agree.click({ force: true });
  await expect(confirm).toBeVisible();
  await expect(confirm.getByRole('listitem')).toHaveText([
    /^Its address answers 404 from now on/,
    '1 receiver and 0 routes end. Their secrets are forgotten.',
    '2 deliveries and 1 rejected request of the last 30 days stay in the log.',
  ]);
  await confirm.getByRole('textbox').fill(shop.code);
  await screenshots(page, 'delete-connector');
  await agree.click();
  await expect(page.getByText('Shop is deleted')).toBeVisible();
  await expect(page.getByText('No connectors yet')).toBeVisible();
  expect((await shop.send({ id: 'order-1' })).status).toBe(404);
});

test('what other routes lead to is not deleted, and the dialog names them', async ({ page, organization, destination }) => {
  const { url } = await destination(() => ({ status: 200 }));
  await organization.addReceiver({ name: 'Shop', destination: { url } });
  await page.goto('/integrations');
  await page.getByRole('button', { name: 'Manage Shop target' }).click();
  await page.locator('dialog.sheet').getByRole('button', { name: 'Delete connector' }).click();
  const confirm = page.getByRole('dialog', { name: 'Delete Shop target?' });
  await expect(confirm.locator('.dialog-foot')).toContainText('Routes lead to it: “On to the target”.');
  await confirm.getByRole('textbox').fill((await confirm.locator('code').textContent())!);
  await expect(confirm.getByRole('button', { name: 'Delete connector' })).toHaveAttribute('aria-disabled', 'true');
});

test.describe('what is wrong is said at its field', () => {
  test.use({ expectedProblems: [/status of 4(09|22)/] });

  test('by the form, and by the server', async ({ page, organization }) => {
    const shop = await organization.addReceiver({ name: 'Shop' });
    const sheet = await addConnector(page);
    const details = sheet.locator('#manage-details');
    await sheet.getByLabel('Base URL').fill('ftp://files.example.com');
    await eventType(sheet).fill('order.created');
    await sheet.getByRole('button', { name: 'Create connector' }).click();
    await expect(details.getByLabel('Name', { exact: true })).toBeFocused();
    for (const name of ['Name', 'Code', 'Base URL']) {
      const field = details.getByLabel(name, { exact: true });
      await expect(field).toHaveAttribute('aria-invalid', 'true');
      const note = await field.getAttribute('aria-describedby');
      await expect(page.locator(`[id="${note}"]`)).toHaveClass(/error/);
    }
    await expect(sheet.locator('.dialog-foot')).toContainText('Fix 3 fields to save');
    await screenshots(page, 'field-errors');

    await sheet.getByLabel('Base URL').fill('');
    await details.getByLabel('Name', { exact: true }).fill('A second shop');
    await sheet.getByLabel('Code').fill(shop.code);
    await sheet.getByRole('button', { name: 'Create connector' }).click();
    await expect(sheet.getByLabel('Code')).toHaveAttribute('aria-invalid', 'true');
    await expect(sheet.getByLabel('Code')).toBeFocused();

    await sheet.getByLabel('Code').fill(`second-${unique()}`);
    await sheet.getByRole('button', { name: 'Create connector' }).click();
    await expect(sheet.getByText(/^Everything is saved, \d/)).toBeVisible();
  });
});

test('an event type that nothing tells is said before anything is saved', async ({ page, organization }) => {
  const sheet = await addConnector(page);
  await sheet.locator('#manage-details').getByLabel('Name', { exact: true }).fill('Billing');
  const place = sheet.locator('#manage-receivers').getByRole('combobox', { name: 'Event type', exact: true });
  await place.selectOption('Nowhere');
  await sheet.getByRole('button', { name: 'Create connector' }).click();
  const pattern = sheet.locator('#manage-receivers').getByRole('textbox', { name: 'Event type', exact: true });
  await expect(pattern).toHaveAttribute('aria-invalid', 'true');
  expect((await organization.client.get('connectors')).items).toEqual([]);
});

test('what was typed is not lost by closing', async ({ page, organization }) => {
  const shop = await organization.addReceiver({ name: 'Shop' });
  await page.goto(`/integrations?connector=${shop.connectorId}`);
  const sheet = page.locator('dialog.sheet');
  await sheet.locator('#manage-details').getByLabel('Name', { exact: true }).fill('Shop in town');
  await page.keyboard.press('Escape');
  const confirm = page.getByRole('dialog', { name: 'Discard 1 change?' });
  await expect(confirm).toBeVisible();
  await confirm.getByRole('button', { name: 'Keep editing' }).click();
  await expect(sheet.locator('#manage-details').getByLabel('Name', { exact: true })).toHaveValue('Shop in town');
  await page.keyboard.press('Escape');
  await confirm.getByRole('button', { name: 'Discard 1 change' }).click();
  await expect(sheet).toBeHidden();
  await expect(page.getByRole('button', { name: 'Manage Shop', exact: true })).toBeVisible();
});

test('a retry policy says its schedule and its bounds', async ({ page, organization, destination }) => {
  const target = await destination(() => ({ status: 201, body: { id: 'INC-1' } }));
  const shop = await organization.addReceiver({ name: 'Shop', destination: { url: target.url } });
  await page.goto(`/integrations?connector=${shop.connectorId}`);
  const sheet = page.locator('dialog.sheet');
  const section = sheet.locator('#manage-destination');
  await section.locator('summary').click();
  await section.getByLabel('Max retries').fill('11');
  await sheet.getByRole('button', { name: /^Save/ }).click();
  await expect(section.getByText('Use 0 to 10 retries.')).toBeVisible();
  await expect(section.getByLabel('Max retries')).toBeFocused();
  await section.getByLabel('Max retries').fill('5');
  await section.getByText('Fixed', { exact: true }).click();
  await expect(section.getByText(/^6 tries at most\. With jitter the last one falls between 20 s and 30 s\.$/)).toBeVisible();
  await screenshots(page, 'retry-schedule');
  await section.getByLabel('Path').fill('/orders/{{ payload.id }}');
  await sheet.getByRole('button', { name: 'Save 2 changes' }).click();
  await expect(sheet.locator('.dialog-foot')).toContainText('Everything is saved, ');
  await shop.send({ id: 'order-1' });
  await expect.poll(() => target.received.map(({ path }) => path)).toEqual(['/orders/order-1']);
});
