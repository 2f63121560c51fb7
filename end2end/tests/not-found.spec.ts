// An address that leads nowhere.
import { expect, test } from '../harness/test.ts';

test('says so, and leads back', async ({ page, organization: _signedIn }) => {
  await page.goto('/nowhere/at/all?x=1');
  await expect(page.getByRole('heading', { name: 'There is no such page', level: 1 })).toBeVisible();
  await expect(page).toHaveTitle('Not found · Signalbox');
  await page.getByRole('link', { name: 'Go to the dashboard' }).click();
  await expect(page.getByRole('heading', { name: 'Dashboard', level: 1 })).toBeVisible();
  await expect(page).toHaveTitle('Dashboard · Signalbox');
});
