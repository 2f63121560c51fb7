// The one-time link, signing in and out.
import { ADMIN, expectAccessible, fillSignIn, signIn } from '../harness/console.ts';
import { screenshots } from '../harness/screenshots.ts';
import { startSignalbox, type Signalbox } from '../harness/signalbox.ts';
import { expect, test as base } from '../harness/test.ts';

// The link works once: these tests need a server that nobody else has set up.
const test = base.extend<{ fresh: Signalbox }>({
  fresh: async ({}, use) => {
    const fresh = await startSignalbox();
    await use(fresh);
    await fresh.stop();
  },
  baseURL: async ({ fresh }, use) => {
    await use(fresh.url);
  },
});
test.use({ expectedProblems: [/status of 4(01|04|09|10|22|29)/] });

test('the link makes the first administrator and organization, once', async ({ page, fresh }) => {
  await page.goto(fresh.setupLink);
  const create = page.getByRole('button', { name: 'Create administrator and organization' });
  await expect(create).toBeVisible();
  await expectAccessible(page);
  await screenshots(page, 'setup');

  // Every field says what is missing, and the first one has the focus.
  await create.click();
  await expect(page.getByLabel('Your name')).toBeFocused();
  await expect(page.getByText('Use at least 12 characters.')).toBeVisible();
  await expect(page.getByLabel('Short name')).toHaveAttribute('aria-invalid', 'true');

  await page.getByLabel('Your name').fill(ADMIN.name);
  await page.getByLabel('Email').fill(ADMIN.email);
  await page.getByLabel('Password').fill(ADMIN.password);
  await page.getByLabel('Organization').fill(ADMIN.organization);
  await expect(page.getByLabel('Short name')).toHaveValue('harbourline-freight');
  await create.click();
  await expect(page.getByRole('heading', { name: 'Dashboard' })).toBeVisible();

  await page.goto(fresh.setupLink);
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(create).toBeHidden();
});

test('a wrong password is refused, the right one leads to where one wanted to go', async ({ page, fresh }) => {
  await signIn(page, fresh);
  await page.context().clearCookies();

  await page.goto('/integrations');
  await expect(page).toHaveURL(/\/login\?next=%2Fintegrations$/);
  await expectAccessible(page);
  await fillSignIn(page, ADMIN.email, 'not the password');
  await expect(page.getByRole('alert')).not.toBeEmpty();
  await expect(page.getByLabel('Password')).toHaveValue('');
  await screenshots(page, 'sign-in');
  await fillSignIn(page, ADMIN.email, ADMIN.password);
  await expect(page).toHaveURL(/\/integrations$/);
});

test('an address that leads elsewhere is not followed after signing in', async ({ page, fresh }) => {
  await signIn(page, fresh);
  await page.goto('/login?next=//example.com/');
  await expect(page.getByRole('heading', { name: 'Dashboard' })).toBeVisible();
});
