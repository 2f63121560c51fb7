// The set-up page, by which an installation gets its first administrator. The whole way is in first-webhook.spec.ts.
import { startSignalbox, type Signalbox } from '../harness/signalbox.ts';
import { expect, test as base } from '../harness/test.ts';

// A server of its own: nobody was here before.
const test = base.extend<object, { signalbox: Signalbox }>({
  signalbox: [
    async ({}, use) => {
      const signalbox = await startSignalbox();
      await use(signalbox);
      await signalbox.stop();
    },
    { scope: 'worker' },
  ],
});

test.use({ expectedProblems: [/status of (401|404)/] });

test('what is missing is said at its field, and a wrong link says what to do', async ({ page, signalbox }) => {
  await page.goto(signalbox.setupLink);
  const create = page.getByRole('button', { name: 'Create administrator and organization' });
  await expect(page.getByLabel('Your name')).toBeFocused();
  await page.getByLabel('Password').fill('short');
  await expect(page.getByText('At least 12 characters. 5 typed')).toBeVisible();
  await create.click();
  await expect(page.getByLabel('Your name')).toBeFocused();
  for (const label of ['Your name', 'Email', 'Password', 'Organization', 'Short name']) {
    await expect(page.getByLabel(label)).toHaveAttribute('aria-invalid', 'true');
  }

  // The short name follows the name until somebody says it.
  await page.getByLabel('Organization').fill('Navy Yard & Söhne');
  await expect(page.getByLabel('Short name')).toHaveValue(/^navy-yard-[a-z-]+$/);
  await page.getByLabel('Short name').fill('yard');
  await page.getByLabel('Organization').fill('Another');
  await expect(page.getByLabel('Short name')).toHaveValue('yard');

  const wrong = new URL(signalbox.setupLink);
  wrong.searchParams.set('token', 'wrong');
  await page.goto(wrong.href);
  await expect(page.getByRole('alert')).toContainText('signalbox user setup-link');
  await expect(page.getByRole('link', { name: 'Go to sign-in' })).toBeVisible();
  await expect(page.getByLabel('Your name')).toHaveCount(0);

  await page.goto(signalbox.setupLink);
  await expect(page.getByLabel('Your name')).toBeVisible();
});
