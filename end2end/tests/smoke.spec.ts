// The first thing a newcomer sees.
import { expect, test } from '../harness/test.ts';
import { screenshots } from '../harness/screenshots.ts';

test('the console opens under its content security policy', async ({ page }) => {
  const answer = await page.goto('/');
  expect(answer?.headers()['content-security-policy']).toContain('script-src');
  await expect(page).toHaveTitle(/Signalbox/);
  // The page itself is empty: whatever is seen was put there by the compiled console.
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await screenshots(page, 'first-screen');
});

test('the set-up link leads to this server', async ({ signalbox }) => {
  expect(signalbox.setupLink.startsWith(`${signalbox.url}/setup?token=`)).toBe(true);
});
