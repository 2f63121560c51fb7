// Parts of the console that are downloaded when they are opened.
import { openDashboard } from '../harness/pages.ts';
import { expect, test } from '../harness/test.ts';

test.describe('a part that cannot be downloaded', () => {
  // The browser logs the lost request, and the loader why it gave up.
  test.use({ expectedProblems: [/ERR_FAILED|Failed to fetch|NetworkError/] });

  test('says so, and is there once the network is back', async ({ page, organization: _signedIn }) => {
    const part = '**/split_manage.wasm';
    await page.route(part, (route) => route.abort());
    await openDashboard(page);
    await page.getByRole('link', { name: 'Integrations', exact: true }).first().click();
    const notice = page.getByRole('alert').filter({ hasText: 'This part of the console did not load' });
    await expect(notice).toBeVisible();
    await page.unroute(part);
    await notice.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByRole('heading', { name: 'Integrations', level: 1 })).toBeVisible();
    await expect(notice).toHaveCount(0);
  });
});

test('the first screen downloads neither the editor nor Manage integrations', async ({ page, organization: _signedIn }) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await openDashboard(page);
  await expect.poll(() => asked.some((path) => path.endsWith('/split_details.wasm'))).toBe(true);
  expect(asked.filter((path) => path.endsWith('_bg.wasm'))).toHaveLength(1);
  expect(asked.filter((path) => /split_manage|^\/editor\//.test(path))).toEqual([]);
});
