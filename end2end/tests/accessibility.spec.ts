// What assistive technology needs, on every screen, light and dark.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { choose, drawer, openDashboard, rows } from '../harness/pages.ts';
import type { Organization } from '../harness/organization.ts';
import { startSignalbox } from '../harness/signalbox.ts';
import { expect, test } from '../harness/test.ts';

// Colours on their way from one theme to the other are nobody's: without motion they change at once.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

/** Every serious violation of `page` as it stands, in both themes; empty when there is none. */
async function violations(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    for (const { id, impact, help, nodes } of violations) {
      if (impact !== 'serious' && impact !== 'critical') continue;
      const places = nodes.map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary}`);
      found.push(`${colorScheme}, ${id} (${impact}): ${help}\n  ${places.join('\n  ')}`);
    }
  }
  return found;
}

/** One delivered, one failed, one refused. */
async function fill(organization: Organization, url: string): Promise<string> {
  const shop = await organization.addReceiver({ name: 'Shop' });
  const crm = await organization.addReceiver({ name: 'Contacts', destination: { url } });
  await shop.send({ id: 'order-1', total: '49.00' });
  await crm.send({ id: 'contact-1', name: 'Ada' }, { eventType: 'contact.created' });
  await shop.send({ id: 'order-2' }, { secret: 'another-one' });
  return crm.connectorId;
}

test.describe('before somebody is signed in', () => {
  test.use({ expectedProblems: [/status of 401/] });

  test('sign-in', async ({ page, root }) => {
    expect(root.email).toBeTruthy();
    await page.goto('/login');
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('alert')).not.toBeEmpty();
    expect(await violations(page)).toEqual([]);
  });

  test('set-up', async ({ page }) => {
    const fresh = await startSignalbox();
    await page.goto(fresh.setupLink);
    await page.getByRole('button', { name: 'Create administrator and organization' }).click();
    await expect(page.getByLabel('Your name')).toHaveAttribute('aria-invalid', 'true');
    expect(await violations(page)).toEqual([]);
    await fresh.stop();
  });
});

test('dashboard, drawer and retry dialogs', async ({ page, organization, destination }) => {
  // Each look takes seconds, and there are many.
  test.slow();
  const { url } = await destination(() => ({ status: 422, body: { error: 'no' } }));
  await openDashboard(page);
  await expect(page.getByText('No events yet')).toBeVisible();
  expect(await violations(page), 'empty').toEqual([]);
  await fill(organization, url);
  await expect(rows(page)).toHaveCount(2);
  await expect(rows(page).filter({ hasText: 'contact-1' }).locator('.status')).toHaveText('Failed');
  expect(await violations(page), 'dashboard').toEqual([]);

  await rows(page).filter({ hasText: 'contact-1' }).click();
  await expect(drawer(page).locator('.attempt')).toHaveCount(2);
  await expect(drawer(page).locator('.json')).toBeVisible();
  for (const section of await drawer(page).locator('details:not([open]) > summary').all()) await section.click();
  expect(await violations(page), 'drawer').toEqual([]);

  await drawer(page).getByRole('button', { name: 'Edit and replay' }).click();
  const modal = page.locator('dialog.retry-modal');
  await expect(modal.getByRole('textbox', { name: 'Edited payload' })).toBeVisible();
  expect(await violations(page), 'ApiRetryModal').toEqual([]);
  await choose(modal, 'Payload view', 'Request');
  expect(await violations(page), 'ApiRetryModal, request').toEqual([]);
  await page.keyboard.press('Escape');
  await expect(modal).toBeHidden();
  await page.keyboard.press('Escape');

  await rows(page).filter({ hasText: 'order-1' }).getByRole('button', { name: 'Retry' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  expect(await violations(page), 'IntegrationResendModal').toEqual([]);
  await page.keyboard.press('Escape');

  await page.goto('/?tab=errors&errors=rejections');
  await page.locator('table.grid[data-kind="errors"] tbody tr').click();
  await expect(drawer(page)).toBeVisible();
  expect(await violations(page), 'refused requests').toEqual([]);
});

test('integrations and settings', async ({ page, organization, destination }) => {
  // Each look takes seconds, and there are many.
  test.slow();
  const { url } = await destination(() => ({ status: 422, body: { error: 'no' } }));
  await page.goto('/integrations');
  await expect(page.getByText('No connectors yet')).toBeVisible();
  expect(await violations(page), 'no connectors').toEqual([]);
  const connector = await fill(organization, url);
  await page.goto('/integrations');
  await expect(page.getByRole('button', { name: 'Manage Shop', exact: true })).toBeVisible();
  expect(await violations(page), 'integrations').toEqual([]);

  await page.goto(`/integrations?connector=${connector}`);
  const sheet = page.locator('dialog.sheet');
  await expect(sheet.getByRole('heading', { name: 'Manage Contacts' })).toBeVisible();
  await sheet.getByRole('button', { name: 'Add field' }).click();
  for (const section of await sheet.locator('details:not([open]) > summary').all()) await section.click();
  expect(await violations(page), 'sheet').toEqual([]);

  await page.goto('/settings');
  await expect(page.getByRole('region', { name: 'People' }).getByRole('row').nth(1)).toBeVisible();
  await page.getByRole('button', { name: 'Add person' }).click();
  await page.getByRole('button', { name: 'Make API key' }).click();
  expect(await violations(page), 'settings').toEqual([]);
});
