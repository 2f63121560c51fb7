// People, API keys, organizations.
import { expectAccessible, fillSignIn, signIn } from '../harness/console.ts';
import { screenshots } from '../harness/screenshots.ts';
import { expect, test } from '../harness/test.ts';

test.use({ expectedProblems: [/status of 4(01|22)/] });

test('an API key is seen once, works, and ends when it is revoked', async ({ page, signalbox, request }) => {
  await signIn(page, signalbox);
  await page.goto('/settings');
  await page.getByRole('button', { name: 'Make API key' }).click();
  await page.locator('form').getByRole('button', { name: 'Make API key' }).click();
  await expect(page.getByText('Write a name of 1 to 100 characters.')).toBeVisible();
  await page.locator('form').getByLabel('Name').fill('Build server');
  await page.locator('form').getByRole('button', { name: 'Make API key' }).click();
  const key = (await page.locator('.once .mono').innerText()).trim();
  expect(key).toMatch(/^sbx_/);
  await screenshots(page, 'settings');
  await expectAccessible(page);

  const list = () =>
    request.get(`${signalbox.url}/api/v1/integration/connectors`, { headers: { authorization: `Bearer ${key}` } });
  expect((await list()).status()).toBe(200);

  await page.reload();
  await expect(page.getByRole('button', { name: 'Revoke Build server' })).toBeVisible();
  await expect(page.locator('.once')).toHaveCount(0);
  expect(await page.content()).not.toContain(key);
  await page.getByRole('button', { name: 'Revoke Build server' }).click();
  await page.getByRole('button', { name: 'Revoke API key' }).click();
  await expect(page.getByRole('button', { name: 'Revoke Build server' })).toHaveCount(0);
  expect((await list()).status()).toBe(401);
});

test('a viewer reads and changes nothing', async ({ page, signalbox }) => {
  await signIn(page, signalbox);
  await page.goto('/settings');
  await page.getByRole('button', { name: 'Add person' }).click();
  const form = page.locator('form');
  await form.getByLabel('Email').fill('tom@harbourline.example');
  await form.getByLabel('Name').fill('Tom Vale');
  await form.getByRole('button', { name: 'Add person' }).click();
  // Somebody without an account needs a first password: the server knows, the field says it.
  await expect(form.getByLabel('First password')).toHaveAttribute('aria-invalid', 'true');
  await form.getByLabel('First password').fill('another-horse-rail');
  await form.getByRole('button', { name: 'Add person' }).click();
  await expect(page.getByRole('button', { name: 'Remove Tom Vale' })).toBeVisible();

  await page.context().clearCookies();
  await page.goto('/login');
  await fillSignIn(page, 'tom@harbourline.example', 'another-horse-rail');
  await page.getByRole('link', { name: 'Settings' }).first().click();
  await expect(page.getByText('Settings need the admin role')).toBeVisible();
  await page.getByRole('link', { name: 'Integrations' }).first().click();
  await expect(page.getByRole('heading', { name: 'Integrations' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Add connector' })).toHaveCount(0);
});

test('a global administrator creates an organization and works in it', async ({ page, signalbox }) => {
  await signIn(page, signalbox);
  await page.goto('/settings');
  await page.getByRole('button', { name: 'Create organization' }).click();
  const form = page.locator('form');
  await form.getByLabel('Name', { exact: true }).fill('Kestrel Foods');
  await expect(form.getByLabel('Short name')).toHaveValue('kestrel-foods');
  await form.getByRole('button', { name: 'Create organization' }).click();
  await page.getByRole('button', { name: 'Switch to Kestrel Foods' }).click();
  await expect(page.locator('.page-sub')).toHaveText('Kestrel Foods');
});
