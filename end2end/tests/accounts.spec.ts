// Who gets in, what they may do, and how they leave.
import { copied, drawer, openDashboard, rows, signIn } from '../harness/pages.ts';
import { signInAs, unique } from '../harness/organization.ts';
import { screenshots } from '../harness/screenshots.ts';
import { expect, test } from '../harness/test.ts';

// Browsers log refusals, and here they are the point.
test.use({ expectedProblems: [/status of 40[13]/], permissions: ['clipboard-read', 'clipboard-write'] });

test('a wrong password is refused, the right one leads in, signing out ends the session', async ({
  page,
  organization,
}) => {
  await page.context().clearCookies();
  await page.goto('/');
  await expect(page).toHaveURL('/login');
  await screenshots(page, 'login');

  await signIn(page, organization.admin.email, 'not the password');
  await expect(page.getByRole('alert')).toContainText(/password|sign/i);
  await expect(page.getByLabel('Password')).toHaveValue('');
  await expect(page).toHaveURL('/login');

  await signIn(page, organization.admin.email, organization.admin.password);
  await expect(page.getByRole('heading', { name: 'Dashboard' })).toBeVisible();
  const cookies = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');

  await page.locator('.topbar details.menu summary').last().click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/login/);
  await page.goto('/');
  await expect(page).toHaveURL('/login');
  const answer = await fetch(`${organization.origin}/api/v1/integration/connectors`, { headers: { cookie: cookies } });
  expect(answer.status, 'the old cookie opens nothing').toBe(401);
});

test('a session that ended elsewhere is renewed over the page, wherever one was going', async ({ page, organization }) => {
  await openDashboard(page);
  await fetch(`${organization.origin}/rpc/logout`, {
    method: 'POST',
    headers: {
      cookie: organization.admin.cookie,
      origin: organization.origin,
      'content-type': 'application/json',
    },
    body: '{}',
  });

  await page.getByRole('link', { name: 'Integrations' }).first().click();
  const again = page.getByRole('dialog', { name: 'Sign in again' });
  await again.getByLabel('Password').fill(organization.admin.password);
  await again.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(again).toBeHidden();
  await expect(page).toHaveURL('/integrations');
  await expect(page.getByRole('heading', { name: 'Integrations' })).toBeVisible();
});

test('a viewer sees everything and can retry nothing', async ({ page, organization, destination }) => {
  const { url } = await destination(() => ({ status: 422 }));
  const shop = await organization.addReceiver({ name: 'Shop', destination: { url } });
  await shop.send({ id: 'order-1' });
  const viewer = await organization.addPerson(`Vera ${shop.code}`, 'viewer');
  await signInAs(page.context(), organization.origin, viewer);

  await openDashboard(page);
  await expect(rows(page).first().locator('.status')).toHaveText('Failed');
  const retry = rows(page).first().getByRole('button', { name: 'Retry' });
  await expect(retry).toBeDisabled();
  await expect(retry).toHaveAttribute('title', 'You need the operator role to retry or replay');

  await rows(page).first().click();
  for (const name of ['Edit and replay', 'Retry']) {
    await expect(drawer(page).getByRole('button', { name })).toHaveAttribute('aria-disabled', 'true');
  }
  await expect(drawer(page)).toContainText('You need the operator role to retry or replay');
  await drawer(page).getByRole('button', { name: 'Edit and replay' }).click({ force: true });
  await expect(page.getByRole('dialog')).toBeHidden();

  const id = new URL(page.url()).searchParams.get('open');
  const answer = await fetch(`${organization.origin}/api/v1/integration/deliveries/${id}/retry`, {
    method: 'POST',
    headers: { cookie: viewer.cookie, origin: organization.origin, 'content-type': 'application/json' },
    body: '{}',
  });
  expect(answer.status, 'the server says the same').toBe(403);

  await page.goto('/settings');
  await expect(page.getByText('Settings need the admin role')).toBeVisible();
  await page.goto('/integrations');
  await expect(page.getByRole('button', { name: 'Manage Shop', exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Add connector' })).toBeHidden();
});

test('an API key is shown once, works, and is refused once revoked', async ({ page, organization }) => {
  await page.goto('/settings');
  const panel = page.getByRole('region', { name: 'API keys' });
  await panel.getByRole('button', { name: 'Make API key' }).click();
  const form = panel.locator('form');
  await form.getByRole('button', { name: 'Make API key' }).click();
  await expect(form.getByLabel('Name')).toHaveAttribute('aria-invalid', 'true');
  await form.getByLabel('Name').fill('Nightly export');
  await form.getByRole('button', { name: 'Make API key' }).click();

  await expect(panel.locator('.once')).toContainText('Key Nightly export');
  await panel.getByRole('button', { name: 'Copy API key' }).click();
  const key = await copied(page);
  expect(key).toMatch(/^sbx_/);
  const ask = () =>
    fetch(`${organization.origin}/api/v1/integration/connectors`, { headers: { authorization: `Bearer ${key}` } });
  expect((await ask()).status).toBe(200);
  await screenshots(page, 'settings');

  await page.reload();
  const row = panel.getByRole('row', { name: /Nightly export/ });
  await expect(row).toBeVisible();
  await expect(panel.locator('.once')).toBeHidden();
  expect(await page.content(), 'it never comes back').not.toContain(key);

  await row.getByRole('button', { name: 'Revoke Nightly export' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke API key' }).click();
  await expect(page.getByText('Nightly export is revoked')).toBeVisible();
  expect((await ask()).status).toBe(401);
});

test('an added person can sign in with the first password', async ({ page, organization, browser }) => {
  await page.goto('/settings');
  const panel = page.getByRole('region', { name: 'People' });
  await panel.getByRole('button', { name: 'Add person' }).click();
  const form = panel.locator('form');
  await expect(form.getByLabel('Email')).toBeFocused();
  await form.getByRole('button', { name: 'Cancel' }).click();
  await expect(panel.getByRole('button', { name: 'Add person' })).toBeFocused();
  await page.keyboard.press('Enter');
  await form.getByRole('button', { name: 'Add person' }).click();
  await expect(form.getByLabel('Email')).toBeFocused();
  await expect(form.getByLabel('Email')).toHaveAttribute('aria-invalid', 'true');
  await expect(form).toContainText('Write an address like ada@example.com.');

  const email = organization.admin.email.replace('ada', 'otto');
  await form.getByLabel('Email').fill(email);
  await form.getByLabel('Name', { exact: true }).fill('Otto');
  await form.getByLabel('Role').selectOption({ label: 'Operator: reads, retries, replays' });
  await form.getByLabel('First password').fill('a first password');
  await form.getByRole('button', { name: 'Add person' }).click();
  await expect(page.getByText('Otto is added')).toBeVisible();
  await expect(panel.getByRole('row', { name: /Otto/ })).toContainText(email);

  const context = await browser.newContext({ baseURL: organization.origin });
  const tab = await context.newPage();
  await tab.goto('/login');
  await signIn(tab, email, 'a first password');
  await expect(tab.getByRole('heading', { name: 'Dashboard' })).toBeVisible();
  await expect(tab.locator('.org-switch')).toContainText(organization.name);
  await context.close();
});

test('an address that leads elsewhere is not followed after signing in', async ({ page, organization }) => {
  await page.context().clearCookies();
  await page.goto('/login?next=//example.com/');
  await signIn(page, organization.admin.email, organization.admin.password);
  await expect(page.getByRole('heading', { name: 'Dashboard' })).toBeVisible();
  await expect(page).toHaveURL(`${organization.origin}/`);
});

test('a global administrator creates an organization and works in it', async ({ page, signalbox, root, context }) => {
  await signInAs(context, signalbox.url, root);
  await page.goto('/settings');
  await page.getByRole('button', { name: 'Create organization' }).click();
  const panel = page.getByRole('region', { name: 'Organizations' });
  const name = `Kestrel ${unique()}`;
  await panel.locator('form').getByLabel('Name', { exact: true }).fill(name);
  await expect(panel.locator('form').getByLabel('Short name')).toHaveValue(name.toLowerCase().replace(' ', '-'));
  await panel.locator('form').getByRole('button', { name: 'Create organization' }).click();
  await panel.getByRole('button', { name: `Switch to ${name}` }).click();
  await expect(page.locator('.page-sub')).toHaveText(name);
});
