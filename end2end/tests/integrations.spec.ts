// Manage integrations: connectors, receivers, routes.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { expectAccessible, signIn } from '../harness/console.ts';
import { screenshots } from '../harness/screenshots.ts';
import { expect, test } from '../harness/test.ts';

test.use({ expectedProblems: [/status of 4(01|09|22)/] });

const run = promisify(execFile);

/** Runs a command line as a person would who has put the secret into SECRET. */
async function shell(command: string, secret: string): Promise<string> {
  const { stdout } = await run('sh', ['-c', command], { env: { ...process.env, SECRET: secret } });
  return stdout;
}

const sheet = (page: Page) => page.locator('dialog.sheet');
const save = (page: Page) => sheet(page).locator('.dialog-foot .btn[data-variant=primary]');

async function addConnector(page: Page, system: string, name: string): Promise<void> {
  await page.goto('/integrations');
  await page.locator('.page-actions').getByRole('button', { name: 'Add connector' }).click();
  await sheet(page).locator('.segmented').getByText(system, { exact: true }).click();
  await sheet(page).getByLabel('Name').first().fill(name);
}

async function created(page: Page, name: string): Promise<void> {
  await save(page).click();
  await expect(sheet(page).getByRole('heading', { name: `Manage ${name}` })).toBeVisible();
  await expect(sheet(page).getByText(/^Everything is saved/)).toBeVisible();
}

test('a connector with a receiver, and a command that signs a sample for it', async ({ page, signalbox }) => {
  await signIn(page, signalbox);
  await page.locator('.page-actions').getByRole('button', { name: 'Manage integrations' }).click();
  await sheet(page).getByRole('button', { name: 'Add connector' }).first().click();
  await sheet(page).locator('.segmented').getByText('GitHub', { exact: true }).click();
  await expect(sheet(page).locator('#connector-code')).toHaveValue('github');
  await created(page, 'GitHub');

  // The secret is seen now and never again.
  const secret = (await sheet(page).locator('.once .mono').innerText()).trim();
  expect(secret.length).toBeGreaterThanOrEqual(32);
  await expect(sheet(page).locator('.copyfield').first()).toContainText('/api/v1/integration/webhooks/github/receive');
  await expectAccessible(page, 'dialog.sheet');
  await screenshots(page, 'connector-created');

  const command = await sheet(page).locator('.code code').first().innerText();
  expect(command).not.toContain(secret);
  expect(await shell(command, secret)).toMatch(/"event_id":"evt_/);
  await expect(shell(command, 'not the secret')).resolves.not.toMatch(/"event_id"/);

  // Without a refresh it is on the dashboard.
  await sheet(page).getByRole('button', { name: 'Close', exact: true }).click();
  await expect(page.locator('table.grid tbody').getByText('issues').first()).toBeVisible();

  await page.goto('/integrations');
  await page.getByRole('button', { name: 'Manage GitHub' }).click();
  await expect(sheet(page).locator('.once')).toHaveCount(0);
  await expect(sheet(page).getByText(`current ends ${secret.slice(-4)}`)).toBeVisible();
});

test('a rotation accepts both secrets for the overlap', async ({ page, signalbox }) => {
  await signIn(page, signalbox);
  await addConnector(page, 'Stripe', 'Rotating');
  await created(page, 'Rotating');
  const first = (await sheet(page).locator('.once .mono').innerText()).trim();
  await sheet(page).getByRole('button', { name: 'Rotate secret' }).click();
  await sheet(page).getByLabel('Accept the former one for').selectOption('1 hour');
  await sheet(page).getByRole('button', { name: 'Rotate secret' }).click();
  await expect(sheet(page).locator('.once .mono')).not.toHaveText(first);
  const second = (await sheet(page).locator('.once .mono').innerText()).trim();
  await expect(sheet(page).getByText(`former ends ${first.slice(-4)}`)).toBeVisible();

  const command = await sheet(page).locator('.code code').first().innerText();
  // The second one is the same event again, and says so with the first one's id.
  const [old, current] = [await shell(command, first), await shell(command, second)];
  expect(old).toMatch(/"event_id":"evt_/);
  expect(current).toMatch(/"event_id":"evt_/);
});

test('what is wrong is said at its field, and nothing typed is lost by accident', async ({ page, signalbox }) => {
  await signIn(page, signalbox);
  await addConnector(page, 'Other', 'Checked');
  await sheet(page).getByLabel('Base URL').fill('ftp://example.com');
  await sheet(page).getByLabel('Rate limit').fill('many');
  await save(page).click();
  await expect(sheet(page).getByText('Fix 2 fields to save')).toBeVisible();
  await expect(sheet(page).getByLabel('Base URL')).toBeFocused();

  await page.keyboard.press('Escape');
  const question = page.getByRole('dialog', { name: /^Discard/ });
  await expect(question).toBeVisible();
  await question.getByRole('button', { name: 'Keep editing' }).click();
  await expect(sheet(page).getByLabel('Rate limit')).toHaveValue('many');

  await sheet(page).getByLabel('Base URL').fill('https://example.com');
  await sheet(page).getByLabel('Rate limit').fill('250');
  await created(page, 'Checked');

  // A code can be taken only once in the installation; the server says so at the field.
  await addConnector(page, 'Other', 'Checked');
  await save(page).click();
  await expect(sheet(page).locator('#connector-code')).toHaveAttribute('aria-invalid', 'true');
  await expect(sheet(page).locator('#connector-code')).toBeFocused();
});

test('no verification is for the sandbox only, and in red', async ({ page, signalbox }) => {
  await signIn(page, signalbox);
  await addConnector(page, 'Other', 'Playground');
  const verification = sheet(page).getByLabel('Verification');
  await expect(verification.locator('option', { hasText: 'None' })).toHaveCount(0);
  await sheet(page).locator('.segmented').getByText('Sandbox', { exact: true }).click();
  await verification.selectOption('None (sandbox only)');
  await expect(sheet(page).getByText('Nothing is verified')).toBeVisible();
  await sheet(page).locator('.segmented').getByText('Production', { exact: true }).click();
  await save(page).click();
  await expect(sheet(page).getByText(/Production needs verification/)).toBeVisible();
  await sheet(page).locator('.segmented').getByText('Sandbox', { exact: true }).click();
  await created(page, 'Playground');
  const command = await sheet(page).locator('.code code').first().innerText();
  expect(await shell(command, '')).toMatch(/"event_id":"evt_/);

  // Going live with a scheme is one save, although production refuses a receiver without one.
  await sheet(page).locator('.segmented').getByText('Production', { exact: true }).click();
  await verification.selectOption('Bearer token');
  await save(page).click();
  await expect(sheet(page).getByText(/^2 changes not saved/)).toBeHidden();
  await expect(sheet(page).getByText(/^Everything is saved/)).toBeVisible();
  await expect(sheet(page).getByText('none: every request is refused')).toBeVisible();
});

test.describe('with a destination', () => {
  let destination: Server;
  let bodies: string[];

  test.beforeEach(async () => {
    bodies = [];
    destination = createServer(async (request, response) => {
      let body = '';
      for await (const part of request.setEncoding('utf8')) body += part;
      if (request.method === 'POST') bodies.push(`${request.url} ${body}`);
      response.writeHead(201, { 'content-type': 'application/json' }).end('{"id":"INC-1"}');
    }).listen(0, '127.0.0.1');
    await once(destination, 'listening');
  });
  test.afterEach(() => destination.close());

  test('a route maps an event and sends it on', async ({ page, signalbox }) => {
    await signIn(page, signalbox);
    const { port } = destination.address() as AddressInfo;
    await addConnector(page, 'Other', 'Incidents');
    await sheet(page).getByLabel('Base URL').fill(`http://127.0.0.1:${port}`);
    await sheet(page).getByRole('button', { name: 'Remove', exact: true }).click();
    await created(page, 'Incidents');
    await sheet(page).getByRole('button', { name: 'Test connection' }).click();
    await expect(sheet(page).getByText('Connected')).toBeVisible();

    await addConnector(page, 'GitHub', 'Mapped');
    await created(page, 'Mapped');
    const secret = (await sheet(page).locator('.once .mono').innerText()).trim();
    const command = await sheet(page).locator('.code code').first().innerText();
    await sheet(page).getByRole('button', { name: 'Add route' }).click();
    const routes = sheet(page).locator('#manage-routes');
    await routes.getByLabel('Name').fill('To incidents');
    await routes.getByRole('button', { name: 'Add field' }).click();
    await routes.getByLabel('Target').fill('incident.title');
    await routes.getByLabel('Source of incident.title').fill('issue.(');
    await expect(routes.getByText('1 problem')).toBeVisible();
    await routes.getByLabel('Source of incident.title').fill('issue.title');
    await expect(routes.getByLabel('Result', { exact: true })).toContainText('"Found a bug"');
    await expectAccessible(page, 'dialog.sheet');
    await screenshots(page, 'route-mapping');

    const target = sheet(page).locator('#manage-destination');
    await target.getByText('HTTP', { exact: true }).click();
    await target.getByLabel('Connector', { exact: true }).selectOption('Incidents');
    await target.getByLabel('Path').fill('/incidents/{{ payload.issue.number }}');
    await target.locator('summary').click();
    await target.getByLabel('Max retries').fill('11');
    await save(page).click();
    await expect(target.getByText('Use 0 to 10 retries.')).toBeVisible();
    await target.getByLabel('Max retries').fill('5');
    await expect(target.getByText(/^6 tries at most/)).toBeVisible();
    await screenshots(page, 'route-retries');
    await save(page).click();
    await expect(sheet(page).getByText(/^Everything is saved/)).toBeVisible();

    await shell(command, secret);
    await expect.poll(() => bodies).toEqual(['/incidents/1347 {"incident":{"title":"Found a bug"}}']);
  });
});

test('a connector is deleted by typing its code', async ({ page, signalbox }) => {
  await signIn(page, signalbox);
  await addConnector(page, 'Shopify', 'Leaving');
  await created(page, 'Leaving');
  await sheet(page).getByRole('button', { name: 'Delete connector' }).click();
  const question = page.getByRole('dialog', { name: 'Delete Leaving?' });
  await expectAccessible(page, 'dialog:not(.sheet)');
  const destroy = question.getByRole('button', { name: 'Delete connector' });
  await expect(destroy).toHaveAttribute('aria-disabled', 'true');
  await question.getByRole('textbox').fill('leaving');
  await destroy.click();
  await expect(sheet(page)).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Manage Leaving' })).toHaveCount(0);
  await expectAccessible(page);
  await screenshots(page, 'integrations');
});
